"""Databases of a release migrate forward. Released migrations are never edited.

The rows in tests/fixtures/0.1.0.json are rows that 0.1.0 wrote, by table and column. Values that
JSON lacks are objects: {"wkb": hexadecimal}, {"bytes": hexadecimal}, {"json": value}.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.gis.geos import GEOSGeometry
from django.core.management import call_command
from django.db import connections
from django.db.models import BinaryField, JSONField

from reports.models import Export
from reports.queries.request import ReportRequest

ROOT = Path(__file__).resolve().parent.parent
ROWS = json.loads((ROOT / "tests" / "fixtures" / "0.1.0.json").read_text())
ALIAS = "released"
CREATE = {
    "postgresql": f"CREATE DATABASE {ALIAS} TEMPLATE template0",
    "mysql": f"CREATE DATABASE {ALIAS}",
}
DROP = {
    "postgresql": f"DROP DATABASE IF EXISTS {ALIAS} WITH (FORCE)",
    "mysql": f"DROP DATABASE IF EXISTS {ALIAS}",
}
# SQL of a geometry and of other bytes, for one parameter.
BYTES = {
    "postgresql": ("ST_GeomFromWKB(%s, 4326)", "%s"),
    "mysql": ("ST_GeomFromWKB(_binary %s)", "_binary %s"),
    "sqlite": ("GeomFromWKB(%s, 4326)", "%s"),
}
# The SHA-256 of each migration that a release contained.
RELEASED = {
    "geo/migrations/0001_initial.py": (
        "eba7a5c59a0b7557221a8795d648dd51498b60d9e3bb1dcfc3abde216276d5ab"
    ),
    "reports/migrations/0001_initial.py": (
        "3463e54267a7c2ea3dbb4c9cfab733e14966817c9983f2511cf370d6a113c542"
    ),
}


@pytest.fixture
def empty(committed: Any, tmp_path: Path, monkeypatch: Any) -> Iterator[Any]:
    """A connection to a new database of the engine under test, without tables."""
    settings = dict(committed.settings_dict)
    if committed.vendor in CREATE:
        settings["NAME"] = ALIAS
        with committed.cursor() as cursor:
            cursor.execute(DROP[committed.vendor])
            cursor.execute(CREATE[committed.vendor])
    else:
        settings["NAME"] = str(tmp_path / "released.sqlite3")
    monkeypatch.setitem(connections.settings, ALIAS, settings)
    connection = connections[ALIAS]
    yield connection
    connection.close()
    del connections[ALIAS]
    if committed.vendor in DROP:
        with committed.cursor() as cursor:
            cursor.execute(DROP[committed.vendor])


def _insert(connection: Any, table: str, row: dict[str, Any]) -> None:
    placeholders, params = zip(*(_sql(connection, value) for value in row.values()), strict=True)
    columns = ", ".join(map(connection.ops.quote_name, row))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {connection.ops.quote_name(table)} ({columns})"
            f" VALUES ({', '.join(placeholders)})",
            params,
        )


def _sql(connection: Any, value: Any) -> tuple[str, Any]:
    """Returns the SQL of a value of the fixture, and its parameter."""
    geometry, binary = BYTES[connection.vendor]
    match value:
        case {"wkb": digits}:
            return geometry, bytes.fromhex(digits)
        case {"bytes": digits}:
            return binary, bytes.fromhex(digits)
        case {"json": document}:
            return "%s", json.dumps(document)
    return "%s", value


def _read(field: Any, value: Any) -> Any:
    """Returns a model's value in the form of the fixture."""
    match value:
        case None:
            return None
        case GEOSGeometry():
            return {"wkb": bytes(value.wkb).hex()}
        case UUID():
            return value.hex
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
        case Decimal():
            return str(value)
    if isinstance(field, BinaryField):
        return {"bytes": bytes(value).hex()}
    return {"json": value} if isinstance(field, JSONField) else value


def test_the_rows_of_the_first_release_are_read_after_migrating(empty: Any) -> None:
    for migration in (["auth"], ["isoline", "0001"], ["isoline_geo", "0001"]):
        call_command("migrate", *migration, database=ALIAS, verbosity=0)
    for table, rows in ROWS.items():
        for row in rows:
            _insert(empty, table, row)

    call_command("migrate", database=ALIAS, verbosity=0)

    models = {model._meta.db_table: model for model in apps.get_models()}
    for table, rows in ROWS.items():
        found = [
            {
                field.column: _read(field, getattr(each, field.attname))
                for field in each._meta.fields
            }
            for each in models[table]._base_manager.using(ALIAS)
        ]
        # A column that was added later is not in the fixture.
        kept = [{column: row[column] for column in rows[0]} for row in found]
        assert sorted(kept, key=json.dumps) == sorted(rows, key=json.dumps), table
    for export in Export.objects.using(ALIAS):
        assert ReportRequest.from_dict(export.request).slug == export.report


@pytest.mark.parametrize("path", RELEASED)
def test_released_migrations_are_unchanged(path: str) -> None:
    found = hashlib.sha256((ROOT / path).read_bytes()).hexdigest()
    assert found == RELEASED[path], (
        f"{path} was released, and databases have applied it: restore it, and add a new migration."
    )
