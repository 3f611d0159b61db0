"""The embedded engine: its driver, file and functions, whatever database is under test."""

import math
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.utils import load_backend

from geo.backends.spatialite import driver
from geo.backends.spatialite.functions.decimals import isoline_decimal, isoline_quotient
from geo.backends.spatialite.functions.lists import isoline_join
from settings.databases import parse


@pytest.fixture
def file(embedded: Path, django_db_blocker: Any) -> Iterator[Any]:
    """Returns a wrapper of the embedded database."""
    settings = parse("DATABASE_URL", f"spatialite:///{embedded}")
    defaults = {"ATOMIC_REQUESTS": False, "AUTOCOMMIT": True, "CONN_HEALTH_CHECKS": False}
    defaults |= {"OPTIONS": {}, "TIME_ZONE": None, "TEST": {}}
    defaults |= dict.fromkeys(("USER", "PASSWORD", "HOST", "PORT"), "")
    wrapper = load_backend(settings["ENGINE"]).DatabaseWrapper(defaults | settings, "embedded")
    with django_db_blocker.unblock():
        yield wrapper
        wrapper.close()


def _one(wrapper: Any, sql: str, *parameters: object) -> Any:
    with wrapper.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()[0]


def test_the_driver_orders_aggregates_and_loads_extensions(file: Any) -> None:
    file.ensure_connection()
    assert file.Database.sqlite_version_info >= driver.MINIMUM
    assert hasattr(file.connection, "enable_load_extension")
    assert file.connection.getlimit(file.Database.SQLITE_LIMIT_VARIABLE_NUMBER) >= 32766
    assert file.connection.getlimit(file.Database.SQLITE_LIMIT_COLUMN) >= 2000


@pytest.mark.parametrize("suffices", [True, False])
def test_only_djangos_backend_has_another_driver_than_the_standard_librarys(suffices: bool) -> None:
    code = (
        "import sqlite3 as standard; from geo.backends.spatialite import driver;"
        f" driver.standard_library_suffices = lambda: {suffices};"
        " context = driver.imported(); context.__enter__();"
        " from django.db.backends.sqlite3.base import Database; context.__exit__(None, None, None);"
        " import sqlite3; from sqlite3 import dbapi2;"
        " print(sqlite3 is standard, dbapi2.__name__, Database.connect is standard.connect)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == f"True sqlite3.dbapi2 {suffices}"


def test_another_limit_is_not_guessed(file: Any) -> None:
    file.ensure_connection()
    if type(file.connection).__module__.startswith("geo."):
        with pytest.raises(ValueError, match="Unknown SQLite limit 0"):
            file.connection.getlimit(0)
    else:
        assert file.connection.getlimit(0) > 0


def test_readers_do_not_wait_for_a_writer(file: Any) -> None:
    file.prepare_database()
    assert _one(file, "PRAGMA journal_mode") == "wal"
    other = file.copy()
    try:
        with file.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("DELETE FROM hostile_digit")
            assert _one(other, "SELECT count(*) FROM hostile_digit") == 10
            cursor.execute("ROLLBACK")
    finally:
        other.close()


def test_a_writer_waits_for_another(file: Any) -> None:
    assert _one(file, "PRAGMA busy_timeout") == 20_000


def test_a_transaction_that_has_read_may_write(file: Any) -> None:
    """Others wait for it from its beginning, so it does not fail."""
    file.prepare_database()
    other = file.copy()
    file.ensure_connection()
    file._start_transaction_under_autocommit()  # as atomic() begins
    try:
        assert _one(file, "SELECT count(*) FROM hostile_digit") == 10
        _one(other, "PRAGMA busy_timeout = 0")
        with pytest.raises(OperationalError, match="locked"), other.cursor() as cursor:
            cursor.execute("DELETE FROM hostile_digit")
        with file.cursor() as cursor:
            cursor.execute("DELETE FROM hostile_digit")
    finally:
        file.connection.rollback()
        other.close()


def test_renaming_goes_on_beside_the_extensions_triggers(file: Any) -> None:
    assert _one(file, "PRAGMA legacy_alter_table") == 1


def test_the_projects_own_settings_are_last(file: Any) -> None:
    own = "ATTACH ':memory:' AS other; PRAGMA busy_timeout = 7; PRAGMA legacy_alter_table = OFF"
    file.settings_dict["OPTIONS"] = {"init_command": own}
    assert _one(file, "PRAGMA busy_timeout") == 7
    assert _one(file, "PRAGMA legacy_alter_table") == 0


def test_a_default_is_quoted_as_the_driver_adapts_it(file: Any) -> None:
    editor = file.SchemaEditorClass(file)
    assert editor.quote_value(Decimal("1.50")) == "'1.50'"
    assert editor.quote_value(date(2026, 1, 2)) == "'2026-01-02'"
    assert editor.quote_value(True) == "1"


@pytest.mark.parametrize(
    ("function", "number", "wanted"),
    [
        ("ceil", 5e9 - 0.5, 5_000_000_000),
        ("floor", 5e9 + 0.5, 5_000_000_000),
        ("sqrt", 25e18, 5e9),
        ("abs", -5e9, 5e9),
        ("sign", -5e9, -1),
        ("power", 2e5, 4e10),
        ("round", 5e9 + 0.4, 5e9),
        ("sign", -5_000_000_000, -1),
        ("cot", 5_000_000_000, 1 / math.tan(5e9)),
    ],
)
def test_a_function_is_no_32_bit_one(
    function: str, number: float, wanted: float, file: Any
) -> None:
    arguments = "%s, 2" if function == "power" else "%s"
    assert _one(file, f"SELECT {function}({arguments})", number) == wanted


def test_a_snapshot_of_a_file_writes_nothing(file: Any) -> None:
    with file.snapshot() as snapshot, pytest.raises(OperationalError, match="readonly"):
        snapshot.cursor().execute("DELETE FROM hostile_digit")


@pytest.mark.parametrize(
    ("units", "scale", "number"),
    [(None, 2, None), (0, 2, 0.0), (-5, 2, -0.05), (999_999_999_999_999, 6, 999999999.999999)],
)
def test_units_become_the_float_of_that_decimal(
    units: int | None, scale: int, number: float | None
) -> None:
    assert isoline_decimal(units, scale) == number


def test_more_digits_than_a_float_tells_apart_are_a_text(file: Any) -> None:
    assert isoline_decimal(10**17 + 1, 2) == "1000000000000000.01"
    assert _one(file, "SELECT isoline_decimal(100000000000000001, 2)") == "1000000000000000.01"


@pytest.mark.parametrize(
    ("units", "count", "places", "mean"),
    [
        (None, 0, 0, None),
        (5, 0, 0, None),
        (-5, 2, 0, -3.0),
        (5, 2, 0, 3.0),
        (-5, 2, 1, -2.5),
        (1, 3, 4, 0.3333),
        (2, 3, 4, 0.6667),
        (-1, 3, 0, 0.0),
    ],
)
def test_a_quotient_is_rounded_half_away_from_zero(
    units: int | None, count: int, places: int, mean: float | None
) -> None:
    assert isoline_quotient(units, 0, count, places) == mean


@pytest.mark.parametrize(
    ("values", "up", "down"),
    [
        (None, None, None),
        ("[]", None, None),
        ("[null]", None, None),
        ('["b,c",null,"a"]', "a,b,c", "b,c,a"),
        ('["\U0001f600","\ufb01","z"]', "z,\ufb01,\U0001f600", "\U0001f600,\ufb01,z"),
        ('[""]', "", ""),
    ],
)
def test_a_list_is_joined_by_code_point_without_its_nulls(
    values: str | None, up: str | None, down: str | None
) -> None:
    assert isoline_join(values, ",", 0) == up
    assert isoline_join(values, ",", 1) == down
