"""No download that was cut passes for whole: servers, proxies and readers of both HTTP versions."""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.cutter import Cutter, cutting
from tests.chaos.nginx import WAYS, nginx
from tests.fixtures.served import ASGI, GTHREAD, UVICORN

pytestmark = pytest.mark.once

# How many downloads are cut on each database.
CUTS = int(os.environ.get("ISOLINE_CUTS", "200"))
SEED = int(os.environ.get("ISOLINE_SEED", "2013"))
AT_ONCE = 4
REPORT = "/reports/towns.csv?dialect=raw"
SERVERS = {"gthread": GTHREAD, "asgi": ASGI, "uvicorn": UVICORN}
# Directly, or through an nginx that is set so, compressing by itself or leaving that to Isoline.
PROXIES: list[tuple[str, bool] | None] = [
    None,
    *((way, compresses) for way in WAYS for compresses in (False, True)),
]
READERS = [
    ["--http1.0"],
    ["--http1.1"],
    ["--http1.0", "--compressed"],
    ["--http1.1", "--compressed"],
]
CHAINS = len(SERVERS) * len(PROXIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """What a reader has in the end, and what curl says of it: `size` are the bytes that came."""

    exit_code: int
    status: bytes
    size: int
    encoding: bytes
    body: bytes

    @property
    def passes_for_whole(self) -> bool:
        """Whether the reader has no reason for doubt."""
        return self.exit_code == 0 and self.status == b"200"


def fetch(address: str, reader: list[str], file: Path) -> Got:
    """The report, as curl gets it."""
    done = subprocess.run(
        ["curl", "--silent", *reader, "--max-time", "60", "--output", str(file),
         "--write-out", "%{http_code} %{size_download} %header{content-encoding}",
         address + REPORT],
        capture_output=True, check=False,
    )  # fmt: skip
    body = file.read_bytes() if file.exists() else b""
    file.unlink(missing_ok=True)
    status, size, encoding = done.stdout.split(b" ")
    return Got(
        exit_code=done.returncode, status=status, size=int(size), encoding=encoding, body=body
    )


def encoding(server: str, proxy: tuple[str, bool] | None, reader: list[str]) -> bytes:
    """The encoding expected: Isoline's where the reader accepts it, else a proxy's of a stream."""
    way, compresses = proxy or (None, False)
    accepts = "--compressed" in reader
    if accepts and not compresses:
        return b"zstd"
    if server == "asgi" or "--http1.1" not in reader or way not in (None, "ours"):
        return b"identity"
    return b"gzip" if accepts else b""


@contextmanager
def chained(port: int, proxy: Any, folder: Path, most: int | None) -> Iterator[tuple[str, Any]]:
    """The address of a proxy before the server, and the cutter between them if there is one."""
    with ExitStack() as stack:
        cutter: Cutter | None = None
        if most is not None:
            cutter = stack.enter_context(cutting(port, most, SEED))
            port = cutter.port
        address = f"http://127.0.0.1:{port}"
        if proxy is not None:
            address = stack.enter_context(nginx(port, *proxy, folder))
        yield address, cutter


@pytest.fixture(scope="module", params=SERVERS)
def served(request: pytest.FixtureRequest, site: Any) -> Iterator[int]:
    """The port of each server in turn."""
    with site.served(*SERVERS[request.param]) as address:
        yield int(address.rpartition(":")[2])


@pytest.mark.parametrize("proxy", PROXIES, ids=str)
def test_a_download_that_was_cut_is_never_taken_for_whole(
    request: pytest.FixtureRequest, served: int, proxy: Any, tmp_path: Path
) -> None:
    with chained(served, proxy, tmp_path, None) as (address, _):
        found = [fetch(address, reader, tmp_path / "whole") for reader in READERS]
        whole = found[0].body
        server = request.node.callspec.params["served"]
        assert len(whole) > 200_000
        assert [(got.passes_for_whole, got.body == whole) for got in found] == [(True, True)] * 4
        assert [got.encoding for got in found] == [
            encoding(server, proxy, each) for each in READERS
        ]
        shortest = min(got.size for got in found)

    with chained(served, proxy, tmp_path, most=shortest) as (address, cutter):

        def cut(number: int) -> Got:
            return fetch(address, READERS[number % 4], tmp_path / f"cut-{number}")

        times = -(-CUTS // CHAINS)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            cuts = list(pool.map(cut, range(times)))
        assert cutter.cuts == times
    assert [got for got in cuts if got.passes_for_whole] == []
