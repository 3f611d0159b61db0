"""Records of downloads on real servers show how each download ended."""

import hashlib
import http.client
import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils import timezone

from reports.models import Export
from tests.fixtures.served import GTHREAD, UVICORN, Site, each_server
from tests.web.conftest import wait_until

SERVERS = {"gthread": GTHREAD, "uvicorn": UVICORN}
TOWNS = "/reports/towns.csv"
# More than the buffers between a server and its reader hold.
NAMES = "/reports/names.csv"
State = Export.State


@pytest.fixture(scope="module", params=each_server(SERVERS))
def served(request: pytest.FixtureRequest, site: Site) -> Iterator[str]:
    """The address of a server."""
    with site.served(*SERVERS[request.param]) as address:
        yield address


def told(address: str, token: str) -> dict[str, Any]:
    with urlopen(f"{address}/exports/{token}/") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def test_whoever_has_it_all_can_make_sure(alone: Any, served: str) -> None:
    with urlopen(served + TOWNS) as response:
        body, token = response.read(), response.headers["X-Export-Id"]
    record = told(served, token)
    assert (record["state"], record["bytes"]) == ("complete", len(body))
    assert record["sha256"] == hashlib.sha256(body).hexdigest()
    assert record["rows"] == body.count(b"\r\n") - 1
    with urlopen(f"{served}{TOWNS}.manifest.json?export={token}") as answer:
        assert json.load(answer) == record


def test_a_download_that_breaks_is_told_as_failed(alone: Any, served: str) -> None:
    with pytest.raises((http.client.IncompleteRead, HTTPError)):
        urlopen(f"{served}/reports/breaks-late.csv").read()
    record = wait_until(Export.objects.exclude(state=State.RUNNING).first)
    assert (record.report, record.state, record.sha256) == ("breaks-late", State.FAILED, "")
    assert re.fullmatch("[0-9a-f]{12}", record.error)
    assert record.rows > 1000


def test_a_reader_who_goes_is_told_as_cancelled(alone: Any, served: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(served).netloc)
    connection.request("GET", NAMES)
    wait_until(Export.objects.first)
    connection.close()
    record = wait_until(Export.objects.exclude(state=State.RUNNING).first)
    assert (record.state, record.error, record.slot) == (State.CANCELLED, "", None)


@contextmanager
def held(address: str, cookie: str = "") -> Iterator[http.client.HTTPResponse]:
    """Starts a download whose reader stops reading."""
    # urllib would ask for a connection that is closed, on which nothing is streamed.
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    try:
        connection.request("GET", NAMES, headers={"Cookie": cookie})
        yield connection.getresponse()
    finally:
        connection.close()


@pytest.fixture
def cookie(alone: Any, gunicorn: str) -> Iterator[str]:
    """Returns the session cookie of a signed-in user."""
    # The suite's own hasher is not the site's.
    password = PBKDF2PasswordHasher().encode("of a reader", "salt", iterations=1)
    user = get_user_model()._default_manager.create(username="reader", password=password)
    cookies = CookieJar()
    opener = build_opener(HTTPCookieProcessor(cookies))
    with opener.open(f"{gunicorn}/login/") as page:
        (token,) = set(re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page.read().decode()))
    form = {"username": "reader", "password": "of a reader", "csrfmiddlewaretoken": token}
    opener.open(f"{gunicorn}/login/", urlencode(form).encode()).close()
    yield "; ".join(f"{each.name}={each.value}" for each in cookies)
    user.delete()


def test_two_downloads_of_a_user_run_at_a_time(cookie: str, gunicorn: str) -> None:
    as_reader = partial(Request, headers={"Cookie": cookie})
    with held(gunicorn, cookie) as first, held(gunicorn, cookie):
        with pytest.raises(HTTPError) as refused:
            urlopen(as_reader(gunicorn + TOWNS))
        assert refused.value.code == 429
        assert int(refused.value.headers["Retry-After"]) > 0
        assert "EXPORT_LIMITS['max_concurrent_per_user']" in refused.value.read().decode()
        refused.value.close()
        urlopen(gunicorn + TOWNS).close()
        key = first.headers["X-Export-Id"]
        with urlopen(as_reader(f"{gunicorn}/exports/{key}/")) as answer:
            assert json.load(answer)["state"] == "running"
    ended = Export.objects.filter(report="names", state=State.CANCELLED)
    wait_until(lambda: ended.count() == 2)
    with urlopen(as_reader(gunicorn + TOWNS)) as response:
        assert response.status == 200


def test_a_download_of_a_server_that_was_killed_is_told_as_lost(
    alone: Any, site: Site, gunicorn: str, tmp_path: Path
) -> None:
    command = [*GTHREAD, "--pid", str(tmp_path / "pid")]
    with site.served(*command) as address, held(address) as response:
        master = int((tmp_path / "pid").read_text())
        workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for process in (master, *map(int, workers)):
            os.kill(process, signal.SIGKILL)
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()
    token = response.headers["X-Export-Id"]
    assert told(gunicorn, token)["state"] == "running"
    # A minute later.
    Export.objects.update(seen=timezone.now() - timedelta(seconds=61))
    assert told(gunicorn, token)["state"] == "lost"
    with urlopen(gunicorn + TOWNS) as whole:
        whole.read()
    assert not Export.objects.filter(slot__isnull=False).exists()
