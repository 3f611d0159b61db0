"""A reader who goes away ends the statement within two seconds, whatever stands between."""

import os
import random
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.chaos.nginx import nginx
from tests.fixtures.served import ASGI, GTHREAD, UVICORN, Site, each_server
from tests.fixtures.sessions import Sessions

SEED = int(os.environ.get("ISOLINE_SEED", "2013"))
# How often a reader leaves in mid-stream, for each server and proxy.
LEAVES = int(os.environ.get("ISOLINE_CUTS", "200")) // 40
WITHIN = 2.0  # seconds
SERVERS = {"gthread": GTHREAD, "asgi": ASGI, "uvicorn": UVICORN}
SLOW, LONG = "/reports/slow.csv", "/reports/wide.csv"
WAL_READ_LOCKS = range(123, 128)  # bytes of its shared memory
RESET = struct.pack("ii", 1, 0)


def close(connection: socket.socket) -> None:
    connection.close()


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.close()


def close_half(connection: socket.socket) -> None:
    """As `nc -N` does behind its last byte: it would still read, which nobody can know."""
    connection.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="module", params=each_server(SERVERS))
def served(request: pytest.FixtureRequest, site: Site) -> Iterator[int]:
    """The port of each server in turn."""
    with site.served(*SERVERS[request.param]) as address:
        yield int(address.rpartition(":")[2])


@pytest.fixture(params=[None, "default", "ours"], ids=str)
def address(request: pytest.FixtureRequest, served: int, tmp_path: Path) -> Iterator[str]:
    """The server's own, or that of a proxy that asks in HTTP/1.0, or in 1.1 as we tell it to."""
    with ExitStack() as stack:
        if request.param is None:
            yield f"http://127.0.0.1:{served}"
        else:
            yield stack.enter_context(nginx(served, request.param, False, tmp_path))


@pytest.fixture
def at_work(sessions: Sessions, site: Site) -> Callable[[], int]:
    """How many exports are in the middle of a statement, or hold a snapshot."""
    if sessions.has_server:
        return lambda: len(sessions.busy())
    path = site.environment["DATABASE_URL"].partition(":///")[2]
    return lambda: snapshots(path)


def snapshots(path: str) -> int:
    """How many locks of readers stand on a SQLite file in WAL mode (walformat.html, 2.3)."""
    index = Path(f"{path}-shm")
    if not index.exists():
        return 0
    number = index.stat().st_ino
    found = 0
    for line in Path("/proc/locks").read_text().splitlines():
        *_, place, first, _last = line.split()
        is_there = int(place.rpartition(":")[2]) == number
        found += is_there and int(first) in WAL_READ_LOCKS
    return found


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


def ask(address: str, path: str) -> socket.socket:
    """The connection on which the request was sent."""
    netloc = urlsplit(address).netloc
    host, _, port = netloc.partition(":")
    connection = socket.create_connection((host, int(port)), timeout=60)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {netloc}\r\n\r\n".encode())
    return connection


def test_before_the_first_row(address: str, at_work: Callable[[], int]) -> None:
    with ask(address, SLOW):
        wait_until(lambda: at_work() > 0, 30)
        time.sleep(0.5)
        assert at_work() > 0
    wait_until(lambda: at_work() == 0, WITHIN)


@pytest.mark.parametrize("leave", [reset, close_half])
def test_in_whichever_way(leave: Any, served: int, at_work: Callable[[], int]) -> None:
    with ask(f"http://127.0.0.1:{served}", SLOW) as connection:
        wait_until(lambda: at_work() > 0, 30)
        leave(connection)
        wait_until(lambda: at_work() == 0, WITHIN)


# gunicorn's asgi worker is given a file that is finished.
@pytest.mark.parametrize("served", each_server(["gthread", "uvicorn"]), indirect=True)
@pytest.mark.parametrize("number", range(LEAVES))
@pytest.mark.parametrize("way", [None, "ours"], ids=str)
def test_in_mid_stream(
    number: int, way: str | None, served: int, at_work: Callable[[], int], tmp_path: Path
) -> None:
    most = random.Random(SEED + number).randrange(1, 2_000_000)
    with ExitStack() as stack:
        address = f"http://127.0.0.1:{served}"
        if way is not None:
            address = stack.enter_context(nginx(served, way, False, tmp_path))
        with ask(address, LONG) as connection:
            take(connection, most)
            assert at_work() > 0
            (close, reset)[number % 2](connection)
        wait_until(lambda: at_work() == 0, WITHIN)


def take(connection: socket.socket, most: int) -> None:
    """Read so many bytes of an answer that has more."""
    while most > 0:
        piece = connection.recv(min(most, 65536))
        assert piece, "the answer has ended"
        most -= len(piece)


def test_a_server_of_one_thread_answers_the_next_one(
    site: Site, at_work: Callable[[], int]
) -> None:
    command = list(GTHREAD)
    command[command.index("--threads") + 1] = "1"
    with site.served(*command) as address:
        with ask(address, SLOW):
            wait_until(lambda: at_work() > 0, 30)
        begin = time.monotonic()
        with ask(address, "/data/") as next_one:
            assert next_one.recv(12) == b"HTTP/1.1 200"
        assert time.monotonic() - begin < WITHIN
