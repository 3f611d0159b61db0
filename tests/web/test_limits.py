"""Limits as a reader sees them, on each server."""

import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.fixtures.served import ASGI, GTHREAD, UVICORN, Site, each_server
from tests.fixtures.sessions import Sessions

CURL_PARTIAL_FILE = 18
SOON = 5.0
SERVERS = {"gthread": GTHREAD, "asgi": ASGI, "uvicorn": UVICORN}
# Those that do not finish a download first.
STREAMING = (GTHREAD, UVICORN)


@pytest.fixture(scope="module", params=each_server(SERVERS))
def server(request: pytest.FixtureRequest) -> Any:
    """Each server in turn, on SpatiaLite."""
    return SERVERS[request.param]


def curl(*arguments: str) -> Any:
    done = subprocess.run(
        ["curl", "--silent", "--max-time", "60", "--write-out", "%{http_code}", *arguments],
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout[-3:].decode(), done.stdout[:-3].decode()


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


def words(page: str) -> str:
    return page.replace("&#x27;", "'")


def test_what_is_too_much_at_once_is_a_page_that_names_the_limit(site: Site, server: Any) -> None:
    with site.limited(export={"rows": 5, "statement_seconds": 0.5}).served(*server) as address:
        code, status, page = curl(f"{address}/reports/towns.csv")
        assert (code, status) == (0, "413")
        assert "more rows than an export may have" in page
        assert "The limit is 5 (EXPORT_LIMITS['rows'])." in words(page)
        code, status, page = curl(f"{address}/reports/slow.csv")
        assert (code, status) == (0, "503")
        assert "The limit is 0.5 (EXPORT_LIMITS['statement_seconds'])." in words(page)


def test_what_is_too_much_later_is_a_broken_transfer(site: Site, server: Any) -> None:
    with site.limited(export={"bytes": 150_000}).served(*server) as address:
        for version in ("--http1.1", "--http1.0"):
            code, status, page = curl(version, f"{address}/reports/towns.csv")
            if version == "--http1.1" and server in STREAMING:
                assert (code, status) == (CURL_PARTIAL_FILE, "200")
                continue
            assert (code, status) == (0, "413")
            assert "The limit is 150000 (EXPORT_LIMITS['bytes'])." in words(page)


def test_a_reader_who_takes_nothing_holds_no_transaction_for_longer_than_an_export_may(
    site: Site, server: Any, sessions: Sessions
) -> None:
    with site.limited(export={"seconds": 3}).served(*server) as address:
        # A byte a second: what is behind it waits in the server.
        slow = subprocess.Popen(
            ["curl", "--silent", "--limit-rate", "1", "--output", "/dev/null",
             f"{address}/reports/wide.csv"],
        )  # fmt: skip
        try:
            if sessions.has_server:
                wait_until(lambda: bool(sessions.busy()), 30)
            wait_until(lambda: not sessions.busy(), 3 + SOON)
        finally:
            slow.kill()
            slow.wait()


def test_a_page_that_thinks_too_long_says_so(site: Site, server: Any) -> None:
    with site.limited(page={"statement_seconds": 0.5}).served(*server) as address:
        begin = time.monotonic()
        code, status, page = curl(f"{address}/reports/slow/")
        assert (code, status) == (0, "503")
        assert "The limit is 0.5 (PAGE_LIMITS['statement_seconds'])." in words(page)
        assert time.monotonic() - begin < 10
