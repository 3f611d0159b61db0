"""Compressed files are complete or visibly broken, reproducible, and begin at once."""

import gzip
import os
import subprocess
import sys
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from reports.exports.compression import BY_SUFFIX, COMPRESSIONS, GZIP, ZSTD, Compression
from tests.fixtures.hostile import ROOT

pytestmark = pytest.mark.once

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECES = [os.urandom(500).hex().encode() * 100 for _ in range(5)]
UNPACKERS: dict[str, Any] = {"gzip": gzip.decompress, "zstd": zstd.decompress}
BEGINNINGS: dict[str, Any] = {
    "gzip": lambda: zlib.decompressobj(zlib.MAX_WBITS | 16),
    "zstd": zstd.ZstdDecompressor,
}
each = pytest.mark.parametrize("compression", COMPRESSIONS, ids=lambda found: found.coding)


def _pieces() -> Generator[bytes]:
    yield from PIECES


@each
def test_what_is_packed_is_what_is_unpacked(compression: Compression) -> None:
    packed = b"".join(compression.compressed(_pieces()))
    assert UNPACKERS[compression.coding](packed) == b"".join(PIECES)
    assert len(packed) < len(b"".join(PIECES)) / 10


@each
def test_two_runs_give_the_same_bytes(compression: Compression) -> None:
    first, second = (b"".join(compression.compressed(_pieces())) for _ in range(2))
    assert first == second


def test_gzip_names_neither_a_file_nor_a_time() -> None:
    packed = b"".join(GZIP.compressed(_pieces()))
    assert packed[:8] == b"\x1f\x8b\x08" + b"\0" * 5


@each
def test_a_reader_has_the_first_piece_before_the_second_is_made(compression: Compression) -> None:
    made = 0

    def counted() -> Generator[bytes]:
        nonlocal made
        for piece in PIECES:
            made += 1
            yield piece

    packed = compression.compressed(counted())
    assert BEGINNINGS[compression.coding]().decompress(next(packed)) == PIECES[0]
    assert made == 1


@each
def test_what_breaks_off_is_not_taken_for_whole(compression: Compression) -> None:
    def breaking() -> Generator[bytes]:
        yield PIECES[0]
        raise KeyError

    packed = b""
    with pytest.raises(KeyError):
        for piece in compression.compressed(breaking()):
            packed += piece
    assert packed
    with pytest.raises((EOFError, zstd.ZstdError)):
        UNPACKERS[compression.coding](packed)


@each
def test_who_stops_reading_ends_the_pieces(compression: Compression) -> None:
    pieces: Any = _pieces()
    packed = compression.compressed(pieces)
    next(packed)
    packed.close()
    assert pieces.gi_frame is None


@each
def test_nothing_is_a_whole_file_too(compression: Compression) -> None:
    packed = b"".join(compression.compressed(part for part in ()))
    assert UNPACKERS[compression.coding](packed) == b""


def _export(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "manage.py", "exportreport", *arguments],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip


def test_the_command_goes_by_the_name_of_the_file(hostile: None, tmp_path: Path) -> None:
    plain = _export("hostile-values", "--format", "json").stdout
    assert plain.startswith(b"[\n{")
    for suffix, compression in BY_SUFFIX.items():
        path = tmp_path / f"values.json.{suffix}"
        found = _export("hostile-values", "-o", str(path))
        assert (found.returncode, found.stderr) == (0, b"")
        assert UNPACKERS[compression.coding](path.read_bytes()) == plain


def test_a_format_that_was_asked_for_goes_before_the_name(hostile: None, tmp_path: Path) -> None:
    path = tmp_path / "values.json.gz"
    assert _export("hostile-values", "--format", "tsv", "-o", str(path)).returncode == 0
    assert gzip.decompress(path.read_bytes()).startswith(b"Text\tOwner\t")


@pytest.mark.parametrize("suffix", ["xlsx", "parquet"])
def test_what_is_compressed_is_not_compressed_again(suffix: str, tmp_path: Path) -> None:
    found = _export("hostile-values", "-o", str(tmp_path / f"values.{suffix}.gz"))
    assert found.returncode == 2
    assert f"{suffix} is compressed already: name the file without .gz" in found.stderr.decode()
    assert list(tmp_path.iterdir()) == []


def test_zstd_is_told_when_bytes_were_changed() -> None:
    packed = bytearray(b"".join(ZSTD.compressed(_pieces())))
    packed[-1] ^= 1
    with pytest.raises(zstd.ZstdError):
        zstd.decompress(bytes(packed))
