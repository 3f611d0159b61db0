"""A database that others set up: other settings, another locale, and only SELECT granted.

On a server the database is a new one, made as its administrator might have made it; the account
that reads it may do nothing but SELECT. An embedded database has neither; its file is attached.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from reports import registry

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = [report.slug for report in registry.every() if report.slug.startswith("hostile-")]
NAME, READER, PASSWORD = "attached", "reader", "only-reads"
SETUP = {
    "postgresql": [
        f"CREATE DATABASE {NAME} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu"
        " ICU_LOCALE 'sv-SE' LOCALE 'C'",
        f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'",
    ],
    "mysql": [
        f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4 COLLATE utf8mb4_swedish_ci",
        f"CREATE USER {READER}@'%' IDENTIFIED BY '{PASSWORD}'",
        f"GRANT SELECT ON {NAME}.* TO {READER}@'%'",
    ],
}
TEARDOWN = {
    "postgresql": [f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)", f"DROP ROLE IF EXISTS {READER}"],
    "mysql": [f"DROP DATABASE IF EXISTS {NAME}", f"DROP USER IF EXISTS {READER}@'%'"],
}


def _manage(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def attached(committed: Any, badly_set: None, embedded: Path, database_url: str) -> Iterator[str]:
    """The URL of the foreign database for the read-only account."""
    if committed.vendor not in SETUP:
        yield f"spatialite:///{embedded}"
        return
    with committed.cursor() as cursor:
        for statement in (*TEARDOWN[committed.vendor], *SETUP[committed.vendor]):
            cursor.execute(statement)
    parts = urlsplit(database_url)
    url = parts._replace(path=f"/{NAME}").geturl()
    loaded = _manage("loadhostile", "--database", "attached", DATABASE_ATTACHED_URL=url)
    assert loaded.returncode == 0, loaded.stderr
    if committed.vendor == "postgresql":
        _grant(url)
    host = parts.netloc.rpartition("@")[2]
    yield parts._replace(netloc=f"{READER}:{PASSWORD}@{host}", path=f"/{NAME}").geturl()
    with committed.cursor() as cursor:
        for statement in TEARDOWN[committed.vendor]:
            cursor.execute(statement)


def _grant(url: str) -> None:
    import psycopg

    with psycopg.connect(url.replace("postgis://", "postgresql://")) as connection:
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}")


def test_a_foreign_database_gives_the_same_bytes(
    hostile: None, embedded: Path, attached: str, expected: dict[str, str]
) -> None:
    found = _manage(
        *("comparereport", *HOSTILE, "--databases", "attached", "embedded"),
        DATABASE_ATTACHED_URL=attached,
        DATABASE_EMBEDDED_URL=f"spatialite:///{embedded}",
    )
    assert found.returncode == 0, found.stdout + found.stderr
    for slug in HOSTILE:
        assert expected[slug] in found.stdout
