"""The name and version of an engine, and its read-only snapshot connection."""

import re
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections

from geo.backends.wrapper import database_wrapper


@pytest.mark.django_db
def test_an_engine_tells_its_name_and_version() -> None:
    wrapper = database_wrapper("default")
    assert wrapper.engine_name in {"postgis", "mysql", "mariadb", "spatialite"}
    assert re.match(r"(PostgreSQL|MySQL|MariaDB|SQLite) \d+\.\d+", wrapper.server_version)


def test_another_engine_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(connections), "__getitem__", lambda *_: object())
    with pytest.raises(ImproperlyConfigured, match="'other' uses builtins; reports need one of"):
        database_wrapper("other")


@pytest.mark.django_db
def test_a_snapshot_is_a_connection_of_its_own_and_closed_behind_it() -> None:
    with database_wrapper("default").snapshot() as snapshot:
        assert snapshot is not connections["default"]
        assert snapshot.connection is not connection.connection
    assert snapshot.connection is None


@pytest.mark.django_db
def test_a_snapshot_that_fails_is_closed_too() -> None:
    held: list[Any] = []
    with pytest.raises(ZeroDivisionError), database_wrapper("default").snapshot() as snapshot:
        held.append(snapshot)
        raise ZeroDivisionError
    assert held[0].connection is None
