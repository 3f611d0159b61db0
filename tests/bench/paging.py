"""The async report page beside the same page as a sync view, on the servers that people run."""

import http.client
import math
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median
from urllib.parse import urlsplit

from tests.bench.measures import table
from tests.bench.race import turns
from tests.fixtures.served import BIND, GTHREAD, GUNICORN, UVICORN, Site

# One process each, so that what differs is how it serves many readers.
SERVERS = {
    "gunicorn sync": [*GUNICORN, "-k", "sync", *BIND],
    "gunicorn gthread": GTHREAD,
    "uvicorn": [*UVICORN, "--no-access-log"],
}
# A page whose statements are short, and one that waits for the database most of its time.
SLUGS = ("planes-by-model", "cities-named-alike")
READERS = (1, 10, 50)
# Pages of a round, at least; as many for each reader.
PAGES = 30
SETTINGS = "tests.bench.pages.settings"
ASYNC, SYNC = "", "/sync"


@dataclass(slots=True, kw_only=True)
class Round:
    """Readers who take pages one after the other, all at once; what each round took."""

    address: str
    readers: int
    rates: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        """The median seconds of a page; pages per second are kept in `rates`."""
        each = math.ceil(PAGES / self.readers)
        begun = time.perf_counter()
        with ThreadPoolExecutor(self.readers) as pool:
            taken = list(pool.map(_seconds, [self.address] * self.readers * each))
        self.rates.append(len(taken) / (time.perf_counter() - begun))
        return median(taken)


def run(database: str, cases: list[str]) -> int:
    """Print a table for each report; 1 if a page was not the same both ways."""
    slugs = [slug for slug in SLUGS if not cases or any(case in slug for case in cases)]
    failures: list[str] = []
    for slug in slugs:
        table(
            f"{slug} on {database} | readers | latency, async / sync | pages a second, async / sync"
            " | async, ms | sync, ms | async, pages a second | sync, pages a second",
            [row for name in SERVERS for row in _rows(name, slug, failures)],
        )
    for failure in failures:
        print(f"failed: {failure}")
    return 1 if failures else 0


def _rows(name: str, slug: str, failures: list[str]) -> list[str]:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": SETTINGS}
    with Site(environment=environment).served(*SERVERS[name]) as address:
        ours, other = (f"{address}{way}/reports/{slug}/" for way in (ASYNC, SYNC))
        if _body(ours) != _body(other).replace(b"/sync/", b"/"):
            failures.append(f"{name} serves {slug} otherwise as a sync view")
            return []
        return [_row(name, readers, ours, other) for readers in READERS]


def _row(name: str, readers: int, ours: str, other: str) -> str:
    rounds = [Round(address=address, readers=readers) for address in (ours, other)]
    for each in rounds:  # to warm up
        each()
        each.rates.clear()
    our_seconds, other_seconds = turns(*rounds)
    our_rate, other_rate = (median(each.rates) for each in rounds)
    return (
        f"{name} | {readers} | {our_seconds / other_seconds:.2f} | {our_rate / other_rate:.2f}"
        f" | {1000 * our_seconds:.0f} | {1000 * other_seconds:.0f}"
        f" | {our_rate:.1f} | {other_rate:.1f}"
    )


def _seconds(address: str) -> float:
    begun = time.perf_counter()
    _body(address)
    return time.perf_counter() - begun


def _body(address: str) -> bytes:
    """A whole page, on a connection of its own."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=600)
    try:
        connection.request("GET", parts.path, headers={"Connection": "close"})
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, f"{address} answers {response.status}"
        return body
    finally:
        connection.close()
