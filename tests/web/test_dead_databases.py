"""An attached server that is down delays only its own pages, which report the error."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests import under_test
from tests.fixtures.served import GTHREAD, UVICORN, Site, free_port

pytestmark = pytest.mark.once  # the dead are attached to any database
SERVERS = {"gthread": GTHREAD, "uvicorn": UVICORN}
SCHEMES = ("postgis", "mysql", "mariadb")
# Seconds that a page may take which has nothing to do with the dead, and its own.
AT_ONCE, AT_LAST = 1.0, 10.0
# What a URL says of it, and what is so where it says nothing.
PATIENCE, UNTOLD = 2, 10
UNRELATED = [
    "/",
    "/data/",
    "/login/",
    "/reports/towns/",
    "/reports/towns/?page=2&database=default",
    "/reports/planes-by-model.csv",
    "/reports/planes-by-model.json?nonsense=1",
    "/exports/00000000-0000-4000-8000-000000000000/",
]


@pytest.fixture(scope="module")
def black_hole() -> Iterator[int]:
    """A port that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield listening.getsockname()[1]


@pytest.fixture(scope="module", params=SERVERS)
def served(request: pytest.FixtureRequest, site: Site, black_hole: int) -> Iterator[str]:
    """The address of a server with one dead database of each kind attached."""
    dead = {
        f"DATABASE_{name}_{scheme}_URL".upper(): f"{scheme}://me:pw@127.0.0.1:{end}"
        for name, end in (
            ("silent", f"{black_hole}/world?connect_timeout={PATIENCE}"),
            ("untold", f"{black_hole}/world"),
            ("closed", f"{free_port()}/world"),
        )
        for scheme in SCHEMES
    }
    with Site(environment=site.environment | dead).served(*SERVERS[request.param]) as address:
        yield address


def asked(address: str, path: str) -> tuple[int, str, float]:
    """Returns the status and text of a response, and the seconds it took."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=120)
    begin = time.monotonic()
    connection.request("GET", path, headers={"Accept": "text/html,*/*;q=0.8"})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text, time.monotonic() - begin


@pytest.mark.once
@pytest.mark.parametrize("path", UNRELATED)
def test_nobody_else_waits_for_it(served: str, path: str) -> None:
    asked(served, path)  # imports, compiled templates
    answers = [asked(served, path) for _ in range(3)]
    assert {status for status, _, _ in answers} <= {200, 400, 404}
    assert min(seconds for _, _, seconds in answers) < AT_ONCE


@pytest.mark.once
def test_the_catalogue_links_to_it_without_asking_it(served: str) -> None:
    status, page, _ = asked(served, "/")
    assert status == 200
    assert 'href="/reports/elsewhere/?database=' in page


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["silent", "closed"])
@pytest.mark.parametrize(
    "report",
    [
        pytest.param("towns/", marks=pytest.mark.once),
        pytest.param("towns.csv", marks=pytest.mark.once),
        "elsewhere/",  # not for the engine under test
    ],
)
def test_its_own_page_says_that_it_does_not_answer(
    served: str, name: str, scheme: str, report: str
) -> None:
    status, page, seconds = asked(served, f"/reports/{report}?database={name}_{scheme}")
    assert seconds < AT_LAST
    if report == "elsewhere/" and scheme == under_test.name() == "postgis":
        # Which engine this is needs no asking.
        assert status == 409
        return
    assert status == 503
    assert "did not answer" in page


@pytest.mark.once
@pytest.mark.parametrize("scheme", SCHEMES)
def test_without_a_word_it_is_waited_for_so_long_and_by_nobody_else(
    served: str, scheme: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(asked, served, f"/reports/towns/?database=untold_{scheme}")
        while not waiting.done():
            _, _, seconds = asked(served, "/reports/planes-by-model.csv")
            assert seconds < UNTOLD / 2
        status, page, seconds = waiting.result()
    assert status == 503
    assert "did not answer" in page
    assert UNTOLD - 1 < seconds < UNTOLD + AT_LAST
