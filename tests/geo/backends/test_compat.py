"""Django's backends and the drivers still work as the engines assume.

Every engine is looked at, whatever database is under test: no server is needed for that.
"""

import inspect
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from typing import Any

import psycopg
import pytest
from django.contrib.gis.db.models.lookups import GISLookup
from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import TextField, Value
from django.db.models.functions import Lower
from MySQLdb.connections import Connection as MySQLConnection
from MySQLdb.cursors import BaseCursor
from psycopg import pq

from geo.backends import compat
from tests.hostile.models import PointShape

ENGINES = ("postgis", "mysql", "spatialite")
# Django's SQLite engine keeps the driver that it finds first, and this module chooses it.
import_module("geo.backends.spatialite.base")
# What the engines replace of Django's classes, by module and class, and why.
HOOKS: dict[str, dict[str, dict[str, str]]] = {
    "base": {
        "CursorWrapper": {
            "__init__": "keeps the connection, whose warnings it reads",
            "close": "works after the connection has been closed, and without reading the rest",
            "execute": "refuses truncated texts; keeps lookup tables alive",
        },
        "DatabaseWrapper": {
            "SchemaEditorClass": "gives columns a collation",
            "__init__": "adds what a connection remembers",
            "chunked_cursor": "streams the rows of a snapshot",
            "close": "closes streaming cursors first",
            "create_cursor": "makes the cursors above",
            "features_class": "adds features",
            "get_connection_params": "sets time limits and the encoding",
            "get_new_connection": "registers functions",
            "init_connection_state": "sets the session",
            "ops_class": "adds SQL",
            "pool": "is not used by snapshots",
            "prepare_database": "sets WAL",
            "validation_class": "adds checks",
        },
    },
    "compiler": {
        "SQLCompiler": {
            "as_sql": "compiles until every question is answered",
            "execute_sql": "begins to read",
            "pre_sql_setup": "keeps MariaDB from wrong groups",
        },
        "SQLInsertCompiler": {"as_sql": "as above", "execute_sql": "as above"},
        "SQLDeleteCompiler": {"as_sql": "as above", "execute_sql": "as above"},
        "SQLAggregateCompiler": {"as_sql": "as above", "execute_sql": "as above"},
        "SQLUpdateCompiler": {
            "as_sql": "as above",
            "execute_returning_sql": "begins to read",
            "execute_sql": "as above",
        },
    },
    "features": {
        "DatabaseFeatures": {
            "supports_logical_xor": "XOR of a NULL is NULL on MySQL",
        }
    },
    "operations": {
        "DatabaseOperations": {
            "Adapter": "sends well-known binary",
            "compiler_module": "names the compilers above",
            "from_text": "reads well-known binary",
            "select_extent": "selects what Django reads, not well-known binary",
            "geo_db_type": "declares the SRID of a column of MySQL",
            "get_db_converters": "leaves values that are computed in Python alone",
            "get_geom_placeholder": "says how a geometry is read",
            "get_geometry_converter": "reads well-known binary",
            "gis_operators": "adds the exact predicates",
            "select": "selects well-known binary",
        }
    },
    "schema": {
        "DatabaseSchemaEditor": {
            "_iter_column_sql": "adds the collation of a column of PostgreSQL",
            "quote_value": "has the adapters of the driver",
            "remove_field": "rebuilds the table, because SpatiaLite's triggers forbid DROP COLUMN",
            "table_sql": "adds the collation of a table of MySQL",
        }
    },
    "validation": {"DatabaseValidation": {"check": "adds checks"}},
}
# Each supported release of Django has one of them, under which its overriding method is found.
OF_A_RELEASE = {"get_geom_placeholder_sql": "get_geom_placeholder"}


def overridden(kind: type) -> Iterator[tuple[str, Any, Any]]:
    """Returns the names that a class of an engine overrides: ours and Django's."""
    others = [base for base in kind.__mro__ if not base.__module__.startswith("geo.")]
    others.remove(object)
    for own in set(kind.__mro__).difference(others) - {object}:
        for name, ours in vars(own).items():
            theirs = [vars(base)[name] for base in others if name in vars(base)]
            if theirs and (name == "__init__" or not name.startswith("__")):
                yield name, ours, theirs[0]


def engine_classes(module: str, name: str) -> list[type]:
    modules = [import_module(f"geo.backends.{engine}.{module}") for engine in ENGINES]
    return [getattr(each, name) for each in modules if hasattr(each, name)]


EVERY_CLASS = [(module, name) for module, classes in HOOKS.items() for name in classes]


@pytest.mark.parametrize(("module", "name"), EVERY_CLASS)
def test_what_the_engines_replace_is_there_to_be_replaced(module: str, name: str) -> None:
    """If a release of Django drops a hook, Django silently stops calling it."""
    found = {hook for kind in engine_classes(module, name) for hook, _, _ in overridden(kind)}
    assert {OF_A_RELEASE.get(hook, hook) for hook in found} == HOOKS[module][name].keys()


@pytest.mark.parametrize(("module", "name"), EVERY_CLASS)
def test_what_replaces_a_hook_takes_what_django_gives_it(module: str, name: str) -> None:
    for kind in engine_classes(module, name):
        for hook, ours, theirs in overridden(kind):
            if hook == "__init__" or not (inspect.isfunction(ours) and inspect.isfunction(theirs)):
                continue
            taken = inspect.signature(ours).parameters
            if any(each.kind is each.VAR_POSITIONAL for each in taken.values()):
                continue  # handed on as it came
            assert list(taken) == list(inspect.signature(theirs).parameters), f"{kind}.{hook}"


@pytest.mark.django_db
def test_the_version_of_the_server() -> None:
    match connection.vendor:
        case "mysql":
            compat.know_mysql(connection)
            assert compat.is_mariadb(connection) == (connection.engine_name == "mariadb")
            assert compat.mysql_server_version(connection) > (8, 0, 0)
        case "postgresql":
            assert compat.postgresql_server_version(connection) >= 140000
        case _:
            assert not hasattr(connection, "mysql_is_mariadb")
            assert not hasattr(connection, "pg_version")


@pytest.mark.django_db
def test_the_parameters_of_a_copy_are_literals() -> None:
    if connection.vendor != "postgresql":
        assert not hasattr(connection.ops, "compose_sql")
        return
    connection.ensure_connection()
    written = compat.with_parameters(connection, "SELECT %s, %s", ("it's", 1))
    assert written == "SELECT 'it''s', 1"


def test_functions_of_django_are_registered() -> None:
    with closing(sqlite3.connect(":memory:")) as file:
        compat.register_functions(file)
        assert file.execute("SELECT POWER(2, 3), SIGN(-2)").fetchone() == (8.0, -1)


def test_a_compiler_for_parts_of_statements() -> None:
    compiler = compat.compiler_of(connection)
    assert compiler.compile(Lower(Value("a", TextField())))[1] == ("a",)


@pytest.mark.django_db
def test_rows_come_in_lists_on_the_given_connection() -> None:
    first = 1_000_000
    PointShape.objects.bulk_create(
        PointShape(pk=first + n, shape=Point(n, n, srid=4326)) for n in range(5)
    )
    rows = PointShape.objects.filter(pk__gte=first).order_by("pk").values_list("shape")
    with closing(compat.chunks(rows, connection, 2)) as found:
        chunks = list(found)
    assert [len(chunk) for chunk in chunks] == [2, 2, 1]
    assert chunks[2] == [(Point(4, 4, srid=4326),)]


def test_columns_and_their_types() -> None:
    field = PointShape._meta.pk
    assert compat.column_name(field) == "id"
    assert compat.cast_type(field, connection)
    assert compat.selected_geometry(connection) % "g"


def test_spatial_lookups_have_operators_and_other_values() -> None:
    assert "intersects" in compat.operators(connection)
    rows = PointShape.objects.filter(shape__intersects=Point(0, 0, srid=4326))
    (lookup,) = rows.query.where.children
    assert isinstance(lookup, GISLookup)
    assert list(compat.band_of(lookup)) == []


def test_the_version_of_geos() -> None:
    assert compat.geos_version() >= (3, 8, 0)


def test_warnings_of_mysql_are_counted_by_cursors_and_shown_by_connections() -> None:
    cursor = BaseCursor(None)
    assert compat.taken_warnings(cursor, None) == ()
    assert cursor.warning_count == 0
    assert callable(MySQLConnection.show_warnings)


def test_psycopg_reads_a_copy_and_makes_errors_of_results() -> None:
    for name in ("exec_", "get_copy_data", "consume_input", "get_result", "socket"):
        assert hasattr(pq.PGconn, name), name
    assert "result" in inspect.signature(psycopg.errors.error_from_result).parameters
