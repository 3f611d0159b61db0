"""`check --database` reports settings that would make reports wrong."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.gdal.libgdal import gdal_version_info
from django.db import connection

from geo.backends.mysql import validation as mysql
from geo.backends.postgis import validation as postgis
from geo.backends.spatialite import validation as spatialite
from geo.backends.wrapper import database_wrapper

ROOT = Path(__file__).resolve().parent.parent.parent.parent


@pytest.mark.django_db
def test_the_database_under_test_passes() -> None:
    assert [message for message in connection.validation.check() if message.is_serious()] == []


@pytest.mark.django_db
def test_what_a_stock_server_does_its_own_way_is_a_warning() -> None:
    """The containers run servers with default settings; a file has no settings."""
    found = {message.id for message in connection.validation.check()}
    assert (
        found
        == {
            "postgis": {"geo.W003"},
            "mysql": {"geo.W003", "geo.W004"},
            "mariadb": {"geo.W003", "geo.W004"},
            "spatialite": set(),
        }[database_wrapper("default").engine_name]
    )


class _Answers:
    """A connection to a wrongly configured server, which ours are not."""

    alias = "wrong"

    def __init__(self, *answers: object, version: tuple[int, ...] = ()) -> None:
        self._answers = iter(answers)
        self.Database = type("Database", (), {"sqlite_version_info": version})

    @contextmanager
    def cursor(self) -> Iterator["_Answers"]:
        yield self

    def execute(self, sql: str) -> None:
        """Executes nothing."""

    def fetchone(self) -> Any:
        return next(self._answers)


def test_a_database_that_cannot_hold_every_character_is_an_error() -> None:
    (message,) = postgis.DatabaseValidation(_Answers(("LATIN1",)))._encoding()
    assert (message.id, message.obj) == ("geo.E002", "wrong")
    assert "LATIN1" in message.msg


def test_a_library_too_old_to_order_an_aggregate_is_an_error() -> None:
    (message,) = spatialite.DatabaseValidation(_Answers(version=(3, 40, 1))).check()
    assert (message.id, message.obj) == ("geo.E001", "wrong")
    assert "3.40.1" in message.msg


def test_a_small_packet_is_a_warning() -> None:
    (message,) = mysql.DatabaseValidation(_Answers((1024,)))._packet()
    assert (message.id, message.obj) == ("geo.W001", "wrong")
    assert "1024 bytes" in message.msg


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("group_concat_max_len", "1024"),
        ("time_zone", "'+02:00'"),
        ("div_precision_increment", "4"),
        ("max_sort_length", "1024"),
        ("sql_mode", "'ANSI_QUOTES'"),
        ("optimizer_switch", "'condition_pushdown_for_derived=on'"),
    ],
)
def test_a_session_that_somebody_resets_is_an_error(name: str, value: str) -> None:
    if name == "optimizer_switch" and connection.engine_name != "mariadb":
        assert all(not setting.startswith(name) for setting in mysql.SESSION)
        return
    if not isinstance(connection.validation, mysql.DatabaseValidation):
        assert not hasattr(connection.validation, "_session")
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT @@session.{name}")
        (before,) = cursor.fetchone()
        cursor.execute(f"SET SESSION {name} = {value}")
        try:
            (message,) = connection.validation._session()
        finally:
            cursor.execute(f"SET SESSION {name} = %s", [before])
    assert (message.id, message.obj) == ("geo.E003", "default")
    assert f"The session's {name} is" in message.msg


def test_old_system_libraries_are_a_warning_of_check_deploy() -> None:
    variables = os.environ | {
        "DJANGO_SETTINGS_MODULE": "settings.production",
        "SECRET_KEY": "only-for-the-suite, and long enough for --deploy: 0123456789",
        "ALLOWED_HOSTS": "example.org",
    }
    command = [sys.executable, "manage.py", "check", "--deploy"]
    found = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    is_old = gdal_version_info() < (3, 9)
    assert ("gis.W001" in found.stderr) == is_old, found.stderr
    assert ("GDAL is " in found.stderr) == is_old
    assert found.returncode == 0
