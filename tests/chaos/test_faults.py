"""A database that is lost, a disk that is full, readers who are slow or many, a row too bad."""

import http.client
import os
import random
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.fixtures.served import ASGI, GTHREAD, UVICORN, Site, each_server, peak_memory
from tests.fixtures.sessions import Sessions

SEED = int(os.environ.get("ISOLINE_SEED", "2013"))
# How often the database is lost, for each server.
LOSSES = int(os.environ.get("ISOLINE_CUTS", "200")) // 40
REPORT = "/reports/names.csv?dialect=raw"
LOST = f"{REPORT}&database=lost"
SERVERS = {"gthread": GTHREAD, "asgi": ASGI, "uvicorn": UVICORN}
# A reader at this pace is still reading when everything has been sent to who is in no hurry.
SLOW = 4 * 1024 * 1024
AT_ONCE = 20
MOST_MEMORY = 1024 * 1024  # KiB
TINY_DISK = "1m"


@pytest.fixture(scope="module")
def own_site(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site with a database that a test may lose, `lost`: a copy, where it is a file."""
    url = site.environment["DATABASE_URL"]
    scheme, _, path = url.partition(":///")
    if scheme == "spatialite":
        url = f"{scheme}:///{shutil.copy(path, tmp_path_factory.mktemp('database'))}"
    return Site(environment=site.environment | {"DATABASE_LOST_URL": url})


@pytest.fixture(scope="module", params=each_server(SERVERS))
def served(request: pytest.FixtureRequest, own_site: Site) -> Iterator[str]:
    """The address of a server."""
    with own_site.served(*SERVERS[request.param]) as address:
        yield address


@pytest.fixture
def lose(sessions: Sessions, own_site: Site) -> Iterator[Callable[[], None]]:
    """Ends every session of the database under test; cuts a file, which has none, short."""
    if sessions.has_server:
        yield sessions.end_others
        return
    whole, copy = (
        Path(own_site.environment[f"DATABASE_{name}URL"].partition(":///")[2])
        for name in ("", "LOST_")
    )
    yield lambda: os.truncate(copy, 64 * 1024)
    shutil.copyfile(whole, copy)


@pytest.fixture(scope="module")
def whole(site: Site) -> bytes:
    """The report, as the command writes it."""
    command = [sys.executable, "manage.py", "exportreport", "names", "--dialect", "raw"]
    return subprocess.run(command, env=site.environment, stdout=subprocess.PIPE, check=True).stdout


def read(
    address: str, pause_at: int, meanwhile: Callable[[], None], path: str = REPORT
) -> bytes | None:
    """The body, with something done `meanwhile`; None where the reader sees that it is not all."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read(pause_at)
        meanwhile()
        body += response.read()
    except (http.client.HTTPException, OSError):
        return None
    finally:
        connection.close()
    return body if response.status == 200 else None


@pytest.mark.parametrize("number", range(LOSSES))
def test_a_database_lost_in_mid_export_is_seen_by_the_reader(
    number: int, served: str, lose: Callable[[], None], whole: bytes
) -> None:
    at = random.Random(SEED + number).randrange(len(whole) // 2)
    assert read(served, at, lose, LOST) in (None, whole)


# gunicorn's asgi worker is given a file that is finished.
@pytest.mark.parametrize("served", each_server(["gthread", "uvicorn"]), indirect=True)
def test_a_database_lost_at_once_is_missed(
    served: str, lose: Callable[[], None], whole: bytes
) -> None:
    assert read(served, 1, lose, LOST) is None


def test_a_server_survives_the_loss(served: str, whole: bytes) -> None:
    assert read(served, 1, lambda: None, LOST) == whole


def test_a_slow_reader_gets_the_whole(served: str, whole: bytes, tmp_path: Path) -> None:
    file = tmp_path / "got"
    subprocess.run(
        ["curl", "--silent", "--fail", "--limit-rate", str(SLOW), "-o", str(file), served + REPORT],
        check=True,
    )
    assert file.read_bytes() == whole


def test_twenty_at_once_are_whole_and_need_less_than_a_gigabyte(
    site: Site, whole: bytes, tmp_path: Path
) -> None:
    command = list(GTHREAD)
    command[command.index("--threads") + 1] = str(AT_ONCE)
    with site.served(*command, "--pid", str(tmp_path / "pid")) as address:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(partial(read, address, 1000), [lambda: None] * AT_ONCE))
        assert [body == whole for body in found] == [True] * AT_ONCE
        assert peak_memory(int((tmp_path / "pid").read_text())) < MOST_MEMORY


def on_a_tiny_disk(folder: Path, *command: str) -> list[str]:
    """The command, for which `folder` is a disk of one megabyte."""
    mount = f"mount -t tmpfs -o size={TINY_DISK} none {shlex.quote(str(folder))}"
    return [
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        # exec, so that the process to end is the server itself.
        f"{mount} && exec {shlex.join(command)}",
    ]


@pytest.mark.once
def test_a_command_leaves_nothing_on_a_full_disk(site: Site, whole: bytes, tmp_path: Path) -> None:
    assert len(whole) > 1024 * 1024
    export = [sys.executable, "manage.py", "exportreport", "names", "-o", str(tmp_path / "n.csv")]
    script = f"{shlex.join(export)}; echo $?; ls -A {shlex.quote(str(tmp_path))}"
    done = subprocess.run(
        on_a_tiny_disk(tmp_path, "sh", "-c", script),
        env=site.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["1"]
    assert "n.csv cannot be written: No space left on device" in done.stderr


@pytest.mark.once
def test_a_download_that_finds_the_disk_full_is_an_error(
    site: Site, whole: bytes, tmp_path: Path
) -> None:
    """A reader of HTTP/1.0 is sent a finished file, for which there is no room."""
    command = on_a_tiny_disk(tmp_path, "env", f"TMPDIR={tmp_path}", *GTHREAD)
    with site.served(*command) as address:
        for _ in range(2):
            got = subprocess.run(
                ["curl", "--silent", "--http1.0", "--write-out", "%{http_code}", address + REPORT],
                capture_output=True, check=True,
            )  # fmt: skip
            assert got.stdout[-3:] in (b"500", b"503", b"507")
            assert len(got.stdout) < 10_000
            # What is small has room: nothing was left behind.
            small = subprocess.run(
                ["curl", "--silent", "--fail", "--http1.0", f"{address}/reports/towns.csv"],
                capture_output=True, check=True,
            )  # fmt: skip
            assert len(small.stdout) > 200_000


def test_a_row_that_cannot_be_written_fails_the_whole_file(
    committed: Any, million: None, tmp_path: Path
) -> None:
    """The last of a million."""
    command = [sys.executable, "-m", "tests.hostile.process", "export", "broken-million"]
    done = subprocess.run(
        [*command, "--dialect", "raw", "-o", str(tmp_path / "million.csv")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "broken-million" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
