"""What the engines take from Django's backends and the drivers without a promise.

Each undocumented name stands behind one function, which says why it is needed. Nothing else in
`geo` uses a private name of another library: the lint forbids it (SLF001, and
tests/test_architecture.py for names in strings). tests/geo/backends/test_compat.py fails on a
release that changes one of them, or a hook that the engines override.

The types are those that compilers, expressions and drivers exchange.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from typing import Any

from django.contrib.gis.db.backends.base.operations import BaseSpatialOperations
from django.contrib.gis.db.backends.utils import SpatialOperator
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.lookups import GISLookup
from django.contrib.gis.geos.libgeos import geos_version_tuple
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model, QuerySet
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

type Compiler = SQLCompiler
type Connection = BaseDatabaseWrapper
# What a driver takes: numbers, texts, bytes, dates, lists. django-stubs knows integers and texts.
type Params = tuple[Any, ...]
type Sql = tuple[str, Params]
type ModelField = Field[Any, Any]
type GeometryColumn = GeometryField[Any, Any]
# A queryset of a model, whatever its rows are.
type RowSet = QuerySet[Model, Any]


# Django's backends


def is_mariadb(connection: Connection) -> bool:
    """Returns which of two servers it is that share one vendor; the first call may ask it."""
    return bool(connection.mysql_is_mariadb)


def mysql_server_version(connection: Connection) -> tuple[int, ...]:
    """Returns the version of MySQL or MariaDB: (8, 4, 3). The first call asks the server."""
    version: tuple[int, ...] = connection.mysql_version
    return version


def know_mysql(connection: Connection) -> None:
    """Reads now what Django otherwise asks a server later, when rows may occupy the connection."""
    _ = connection.mysql_server_data, connection.features.minimum_database_version


def postgresql_server_version(connection: Connection) -> int:
    """Returns the version of PostgreSQL: 170002. The first call asks the server."""
    version: int = connection.pg_version
    return version


def with_parameters(connection: Connection, sql: str, params: object) -> str:
    """Returns a statement of PostgreSQL with its parameters as literals, for COPY takes none."""
    text: str = connection.ops.compose_sql(sql, params)
    return text


def register_functions(connection: Any) -> None:
    """Registers the functions of Django's SQLite backend on a connection of the driver."""
    # Not at the top: the driver must be chosen before (spatialite/driver.py).
    from django.db.backends.sqlite3._functions import register

    register(connection)


def init_commands(connection: Connection) -> Sequence[str]:
    """Returns the statements of OPTIONS["init_command"] of SQLite."""
    commands: Sequence[str] = connection.init_commands
    return commands


def remake_table(editor: Any, model: type[Model], deleted: ModelField) -> None:
    """Removes a field on SQLite by a new table, for Django 6.1 drops columns without a question."""
    editor._remake_table(model, delete_field=deleted)


def compiler_of(connection: Connection) -> Compiler:
    """Returns a compiler for parts of statements, outside any query."""
    compiler: Compiler = Query(None).get_compiler(connection=connection)
    return compiler


def chunks(queryset: RowSet, connection: Connection, rows: int) -> Generator[list[Any]]:
    """Yields lists of so many rows, read on this very connection, which may be no alias's.

    The cursor is open until the generator is closed: the connection can do nothing else meanwhile.
    """
    compiler = queryset.query.get_compiler(connection=connection)
    with closing(compiler.execute_sql(chunked_fetch=True, chunk_size=rows)) as found:
        for chunk in found:
            yield list(compiler.results_iter([chunk], tuple_expected=True))


def column_name(field: ModelField) -> str:
    """Returns the name of a field's column, which every field in a statement has."""
    assert field.column is not None
    return field.column


def cast_type(field: ModelField, connection: Connection) -> str:
    """Returns the database's type to which values of a field are cast."""
    return str(field.cast_db_type(connection))


def selected_geometry(connection: Connection) -> str:
    """Returns the template with which a database selects a geometry: AsBinary(%s)."""
    return str(connection.ops.select)


def operators(connection: Connection) -> Mapping[str, SpatialOperator]:
    """Returns what writes the SQL of each spatial lookup, by the lookup's name."""
    found: Mapping[str, SpatialOperator] = connection.ops.gis_operators
    return found


def band_of(lookup: GISLookup) -> Sequence[object]:
    """Returns what a spatial lookup was given besides the other side: a raster's band."""
    given: Sequence[object] = lookup.rhs_params
    return given


def geos_version() -> tuple[int, ...]:
    """Returns the version of GEOS in this process; Django documents only its use of it."""
    return tuple(geos_version_tuple())


class PlaceholdersMixin(BaseSpatialOperations):
    """Gives a DatabaseOperations one method for two of Django's, of which a release calls one."""

    def placeholder(self, field: Any, value: object, sql: str) -> str:
        """Returns the SQL for a value of a geometry field; `sql` is Django's."""
        return sql

    def get_geom_placeholder(self, f: Any, value: object, compiler: Compiler) -> str:
        """Django's hook up to 6.0."""
        above: Any = super()
        return self.placeholder(f, value, above.get_geom_placeholder(f, value, compiler))

    def get_geom_placeholder_sql(self, f: Any, value: object, compiler: Compiler) -> Sql:
        """Django's hook from 6.1 on."""
        sql, params = super().get_geom_placeholder_sql(f, value, compiler)
        return self.placeholder(f, value, sql), params


# mysqlclient


def taken_warnings(cursor: Any, connection: Any) -> Sequence[tuple[str, int, str]]:
    """Returns the server's warnings about a cursor's statement, once: level, code and text.

    mysqlclient documents neither the count nor the query.
    """
    if not cursor.warning_count:
        return ()
    cursor.warning_count = 0
    warnings: Sequence[tuple[str, int, str]] = connection.show_warnings()
    return warnings


# psycopg


def error_of(result: Any) -> Exception:
    """Returns what psycopg raises for a result of libpq, of the class of its SQLSTATE.

    Its low-level interface, which reads COPY fast, leaves that to its caller.
    """
    from psycopg.errors import error_from_result

    return error_from_result(result)
