"""Spatial reports over the sample data for an account with SELECT only."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
READER, PASSWORD = "only-selects", "of a reader"
ACCOUNT = {
    "postgresql": (
        f"CREATE ROLE \"{READER}\" LOGIN PASSWORD '{PASSWORD}'",
        f'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{READER}"',
    ),
    "mysql": (
        f"CREATE USER '{READER}'@'%' IDENTIFIED BY '{PASSWORD}'",
        f"GRANT SELECT ON {{database}}.* TO '{READER}'@'%'",
    ),
}
DROP = {
    "postgresql": (f'DROP OWNED BY "{READER}"', f'DROP ROLE "{READER}"'),
    "mysql": (f"DROP USER '{READER}'@'%'",),
}
OHIO = "POLYGON((-84.8 39.1,-84.8 41.7,-80.5 42,-80.6 40.6,-82.6 38.4,-84.8 39.1))"


@pytest.fixture
def reader_url(committed: Any, database_url: str) -> Iterator[str]:
    """The URL of the database under test for that account; a file has no accounts."""
    if committed.vendor not in ACCOUNT:
        yield database_url
        return
    parts = urlsplit(database_url)
    with committed.cursor() as cursor:
        for statement in ACCOUNT[committed.vendor]:
            cursor.execute(statement.format(database=parts.path.strip("/")))
    try:
        account = f"{READER}:{PASSWORD.replace(' ', '%20')}"
        host = parts.netloc.rpartition("@")[2]
        yield parts._replace(netloc=f"{account}@{host}").geturl()
    finally:
        with committed.cursor() as cursor:
            for statement in DROP[committed.vendor]:
                cursor.execute(statement)


@pytest.mark.parametrize(
    ("slug", "parameter"),
    [
        ("routes-and-what-they-cross", f"area={OHIO}"),  # lines: GEOS decides everywhere
        ("airports-by-country", f"area={OHIO}"),  # points: it decides where a boundary is near
        ("states-by-airport-density", "within=bbox=170,50,-160,70"),
    ],
)
def test_what_geos_decides_needs_no_more(slug: str, parameter: str, reader_url: str) -> None:
    command = [sys.executable, "manage.py", "exportreport", slug, "--dialect", "raw"]
    found = [
        subprocess.run(
            [*command, "--database", database, "--param", parameter],
            cwd=ROOT,
            env=os.environ | {"DATABASE_READER_URL": reader_url},
            capture_output=True,
            text=True,
            check=False,
        )
        for database in ("reader", "default")
    ]
    assert [each.returncode for each in found] == [0, 0], found
    assert found[0].stdout == found[1].stdout
    assert found[0].stdout.count("\n") > 1
