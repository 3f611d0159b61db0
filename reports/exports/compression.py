"""Bytes on their way through gzip or zstd, by a file's suffix or by what a reader accepts.

The same pieces give the same bytes: nothing in them tells when or where they were made.
"""

import sys
import zlib
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

if sys.version_info >= (3, 14):
    from compression.zstd import CompressionParameter, ZstdCompressor
else:
    from backports.zstd import CompressionParameter, ZstdCompressor

GZIP_WINDOW = zlib.MAX_WBITS | 16  # with gzip's head and its CRC at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Compression:
    """A way to make bytes fewer.

    coding        its name in HTTP
    suffix        what a file's name ends with
    content_type  the media type of such a file
    """

    coding: str
    suffix: str
    content_type: str
    compressor: Callable[[], Any]
    flush_block: int

    def compressed(self, pieces: Generator[bytes]) -> Generator[bytes]:
        """The pieces, compressed; the first goes out by itself, so that a reader sees a beginning.

        An error in the pieces goes through, and nothing is written behind it: whoever unpacks what
        came so far is told that it breaks off.
        """
        compressor = self.compressor()
        with closing(pieces):
            for number, piece in enumerate(pieces):
                packed = compressor.compress(piece)
                if not number:
                    packed += compressor.flush(self.flush_block)
                if packed:
                    yield packed
        yield compressor.flush()


GZIP = Compression(
    coding="gzip",
    suffix="gz",
    content_type="application/gzip",
    compressor=lambda: zlib.compressobj(wbits=GZIP_WINDOW),
    flush_block=zlib.Z_SYNC_FLUSH,
)
ZSTD = Compression(
    coding="zstd",
    suffix="zst",
    content_type="application/zstd",
    compressor=lambda: ZstdCompressor(options={CompressionParameter.checksum_flag: 1}),
    flush_block=ZstdCompressor.FLUSH_BLOCK,
)
# The better first.
COMPRESSIONS = (ZSTD, GZIP)
BY_SUFFIX = {each.suffix: each for each in COMPRESSIONS}
