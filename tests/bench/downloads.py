"""Downloads from the server that people run: their first bytes, and many at once."""

import http.client
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

from tests.bench.measures import MB, Bench, at_most, table
from tests.bench.race import turns
from tests.bench.sales import Sales
from tests.fixtures.served import GTHREAD, Site, peak_memory

AT_ONCE = 20
FIRST_BYTES, MEMORY = 100.0, 1000.0  # ms, MB


def measure(bench: Bench) -> None:
    """Print the table; a download that is not whole is a failure."""
    rows = bench.rows // 20
    pid = bench.folder / "pid"
    command = ["tests.bench.wsgi" if part == "settings.wsgi" else part for part in GTHREAD]
    command[command.index("--threads") + 1] = str(AT_ONCE)
    path = f"/reports/{Sales.slug}.csv"
    with Site(environment=dict(os.environ)).served(*command, "--pid", str(pid)) as address:
        first = partial(_first_bytes, address, path)
        first()
        (seconds,) = turns(first)
        begun = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            few = f"{address}{path}?at_least={bench.rows - rows}"
            sizes = set(pool.map(_size, [few] * AT_ONCE))
        took = time.perf_counter() - begun
        memory = peak_memory(int(pid.read_text()))
    if len(sizes) != 1 or not min(sizes):
        bench.failures.append(f"of {AT_ONCE} downloads at once some were not whole")
    table(
        "Isoline behind gunicorn's threads | | at most |",
        [
            f"first bytes of {bench.rows:,} rows, ms"
            f" | {at_most(1000 * seconds, FIRST_BYTES, '.0f')}",
            f"{AT_ONCE} downloads at once of {rows:,} rows in {took:.0f} s, MB in all"
            f" | {at_most(1024 * memory / MB, MEMORY, '.0f')}",
        ],
    )


def _first_bytes(address: str, path: str) -> float:
    """Seconds from the request to the first byte of the body; then the reader leaves."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        begun = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        response.read(1)
        seconds = time.perf_counter() - begun
        assert response.status == 200, f"{path} answers {response.status}"
        return seconds
    finally:
        connection.close()


def _size(address: str) -> int:
    """The bytes of a whole download, 0 if it was cut."""
    command = ["curl", "--silent", "--fail", "--output", os.devnull]
    found = subprocess.run(
        [*command, "--write-out", "%{size_download}", address],
        stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    return 0 if found.returncode else int(found.stdout)
