"""Database URLs of the environment."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from settings.databases import from_environment, parse

pytestmark = pytest.mark.once

SECRET = "Pa55word"


@pytest.mark.parametrize(
    ("scheme", "engine"),
    [
        ("postgis", "geo.backends.postgis"),
        ("mysql", "geo.backends.mysql"),
        ("mariadb", "geo.backends.mysql"),
    ],
)
def test_a_scheme_names_its_engine(scheme: str, engine: str) -> None:
    found = parse("DATABASE_URL", f"{scheme}://me:{SECRET}@db.example:1234/world")
    assert found["ENGINE"] == engine
    assert found["NAME"] == "world"
    assert found["SERVER"] == scheme
    assert (found["USER"], found["PASSWORD"]) == ("me", SECRET)
    assert (found["HOST"], found["PORT"]) == ("db.example", 1234)


def test_escapes_stand_for_what_a_url_cannot_hold() -> None:
    found = parse("DATABASE_URL", "postgis://m%40e:%40%3A%2F%3F%23%25@host/world")
    assert (found["USER"], found["PASSWORD"]) == ("m@e", "@:/?#%")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("spatialite:////data/world.sqlite3", "/data/world.sqlite3"),
        ("spatialite:///world.sqlite3", "world.sqlite3"),
        ("spatialite://world.sqlite3", "world.sqlite3"),
    ],
)
def test_a_file_is_named_by_its_path(url: str, name: str) -> None:
    found = parse("DATABASE_URL", url)
    assert (found["ENGINE"], found["NAME"]) == ("geo.backends.spatialite", name)


def test_default_is_a_file_where_nothing_is_said(tmp_path: Path) -> None:
    for variables in ({}, {"DATABASE_URL": ""}):
        found = from_environment(variables, tmp_path)
        assert list(found) == ["default"]
        assert found["default"]["NAME"] == str(tmp_path / "isoline.sqlite3")


def test_every_named_url_attaches_a_database(tmp_path: Path) -> None:
    found = from_environment(
        {
            "DATABASE_URL": "postgis://me@host/world",
            "DATABASE_MYSQL_URL": "mysql://me@host/world",
            "DATABASE_OLD_ONE_URL": "mariadb://me@host/world",
            "DATABASE_EMPTY_URL": "",
            "DATABASE_URLS": "no",
            "MY_DATABASE_X_URL": "no",
        },
        tmp_path,
    )
    assert list(found) == ["default", "mysql", "old_one"]


def test_default_is_attached_once(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"DATABASE_DEFAULT_URL.*use DATABASE_URL"):
        from_environment({"DATABASE_DEFAULT_URL": "postgis://me@host/world"}, tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        f"postgres://me:{SECRET}@host/world",
        f"sqlite:///{SECRET}",
        f"me:{SECRET}@host/world",
        SECRET,
        f"postgis://me:{SECRET}@host",
        f"postgis://me:{SECRET}@host/",
        f"postgis://me:{SECRET}@/world",
        f"postgis://me:{SECRET}@host:port/world",
        f"postgis://me:{SECRET}@host:99999/world",
        f"postgis://me:{SECRET}@[host/world",
        f"mysql://me:{SECRET}/x@host/world",
        f"mysql://me:{SECRET}#x@host/world",
        f"mysql://me:{SECRET}?x@host/world",
        "spatialite://",
        "spatialite:///",
    ],
)
def test_a_url_that_cannot_be_read_names_its_variable_and_no_secret(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        from_environment({"DATABASE_OLD_URL": url}, tmp_path)
    assert re.match(r"DATABASE_OLD_URL (has|must|names|needs|cannot)", str(caught.value))
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
