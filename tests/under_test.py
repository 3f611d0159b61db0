"""The database that this run of the suite is about, as a pytest plugin.

`ISOLINE_TEST_DATABASE` names it (spatialite unless set). It is a throw-away copy of a template
that holds the migrated tables and the sample data, made once for each state of data and loaders;
or, without the sample data, an empty database of one's own that `ISOLINE_TEST_URL` gives.
Each process of pytest-xdist (`-n`) has a copy; the one that hands out the tests has none.
The plugin comes first, because Django reads DATABASE_URL when its settings are imported.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import cache, partial
from pathlib import Path

import pytest

from tests.servers import NAMES, ROOT, Name, copy, locked, start, template

# What a template is made of: when one of these changes, it is made again.
SOURCES = (
    *("geo/data", "geo/loading", "geo/migrations", "geo/models.py", "geo/spherical/sphere.py"),
    *("aviation/data", "aviation/loading.py", "aviation/migrations", "aviation/models.py"),
    *("reports/migrations", "reports/models.py"),
    *("geo/backends", "script/images", "docker"),
)
SPATIALITE = "spatialite"


def name() -> str:
    """Which database is under test."""
    return os.environ.get("ISOLINE_TEST_DATABASE", SPATIALITE)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Bring the database up and put its URL where the settings look."""
    for variable in [v for v in os.environ if v.startswith("DATABASE_") and v.endswith("_URL")]:
        del os.environ[variable]
    if {"--help", "-h", "--version", "--collect-only", "--co"} & set(args):
        return
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    if getattr(early_config.known_args_namespace, "numprocesses", None) and not is_worker:
        if "ISOLINE_TEST_URL" in os.environ:
            raise pytest.UsageError("-n needs a copy for each process; ISOLINE_TEST_URL is one.")
        return
    # script/test ends its lanes by SIGTERM; like Ctrl-C, that is to leave no container behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ["DATABASE_URL"] = url()


@cache
def url() -> str:
    """The URL of this run's own copy, started if it is a server."""
    if given := os.environ.get("ISOLINE_TEST_URL"):
        return given
    return made(name())


def made(chosen: str) -> str:
    """The URL of a copy of a database with the sample data, for this process."""
    if chosen == SPATIALITE:
        return _spatialite_copy()
    for server in NAMES:
        if server == chosen:
            volume = copy(template(server, key(), partial(fill, server)))
            return start(server, volume=volume).url
    raise pytest.UsageError(
        f"ISOLINE_TEST_DATABASE is {chosen!r}; it takes {SPATIALITE}, {', '.join(NAMES)}."
    )


@cache
def key() -> str:
    """A hash of all that a template is made of."""
    digest = hashlib.sha256()
    for source in SOURCES:
        path = ROOT / source
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix != ".pyc":
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def fill(server: Name | str, url: str) -> None:
    """Migrate a database and load the sample data, in a process of its own."""
    print(f"Loading the sample data into a template for {server} ...", file=sys.stderr, flush=True)
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "settings.local"}
    for command in ("migrate", "loadworld", "loadflights"):
        subprocess.run(
            [sys.executable, "manage.py", command, "--verbosity", "0"],
            cwd=ROOT,
            env=environment,
            check=True,
        )


def _spatialite_copy() -> str:
    folder = ROOT / "var" / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{key()}.sqlite3"
    with locked("spatialite", fcntl.LOCK_EX):
        if not kept.exists():
            for stale in folder.glob("*"):
                stale.unlink()
            made = folder / "being-made.sqlite3"
            fill(SPATIALITE, f"spatialite:///{made}")
            made.rename(kept)
    path = Path(tempfile.mkdtemp(prefix="isoline-test-")) / "test.sqlite3"
    shutil.copyfile(kept, path)
    return f"spatialite:///{path}"


def pytest_unconfigure() -> None:
    """Remove the copy; a server and its volume go with the process."""
    if name() == SPATIALITE and "ISOLINE_TEST_URL" not in os.environ:
        remove(os.environ.get("DATABASE_URL"))


def remove(url: str | None) -> None:
    """Remove a copy that is a file."""
    if url:
        shutil.rmtree(Path(url.removeprefix("spatialite:///")).parent, ignore_errors=True)
