"""Processes with more than 1,024 open files, like a server with many readers."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.crowded import HELD
from tests.fixtures.served import GTHREAD, UVICORN, Site, each_server
from tests.fixtures.sessions import Sessions

SERVERS = {"gthread": GTHREAD, "uvicorn": UVICORN}
CROWDED = [sys.executable, "-m", "tests.fixtures.crowded"]
EXPORT = [sys.executable, "manage.py", "exportreport", "names", "--dialect", "raw"]
LEFT_WITHIN = 5.0


@pytest.fixture(scope="module")
def whole(site: Site) -> bytes:
    """The report as a process with few files writes it."""
    return subprocess.run(EXPORT, env=site.environment, stdout=subprocess.PIPE, check=True).stdout


@pytest.fixture(scope="module", params=each_server(SERVERS))
def crowded(
    request: pytest.FixtureRequest, site: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a server with so many open files."""
    command = [*CROWDED, *SERVERS[request.param]]
    with site.served(*command) as address:
        yield address


def test_a_command_writes_the_same(site: Site, whole: bytes) -> None:
    found = subprocess.run(
        [*CROWDED, *EXPORT, "--verbosity", "2"],
        env=site.environment, capture_output=True, check=True,
    )  # fmt: skip
    # By the way that waits on the connection's own socket, where there is one.
    assert b"the database writes the lines" in found.stderr
    assert found.stdout == whole


def test_a_download_is_the_same(crowded: str, whole: bytes) -> None:
    found = subprocess.run(
        ["curl", "--silent", "--fail", f"{crowded}/reports/names.csv?dialect=raw"],
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    assert found.stdout == whole


def test_a_reader_who_leaves_is_seen(crowded: str, sessions: Sessions, tmp_path: Path) -> None:
    slow = subprocess.Popen(
        ["curl", "--silent", "--output", str(tmp_path / "got"), f"{crowded}/reports/slow.csv"]
    )
    if sessions.has_server:
        wait_until_busy(sessions, is_busy=True)
    else:
        time.sleep(1)
    slow.terminate()
    slow.wait()
    wait_until_busy(sessions, is_busy=False)


def wait_until_busy(sessions: Sessions, *, is_busy: bool) -> None:
    end = time.monotonic() + LEFT_WITHIN + 25 * is_busy
    while bool(sessions.busy()) != is_busy:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_so_many_files_are_more_than_select_knows() -> None:
    script = "import os; print(os.open(os.devnull, os.O_RDONLY))"
    command = [*CROWDED, sys.executable, "-c", script]
    assert int(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout) >= HELD
