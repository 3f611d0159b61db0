"""Compression with gzip or zstd, chosen by a file's suffix or by what the client accepts.

The same input gives the same bytes: headers contain no time and no name.
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

GZIP_WINDOW = zlib.MAX_WBITS | 16  # with gzip's header, and its CRC at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Compression:
    """A compression format.

    coding        its name in HTTP
    suffix        the suffix of a file's name
    content_type  the media type of such a file
    """

    coding: str
    suffix: str
    content_type: str
    compressor: Callable[[], Any]
    flush_block: int

    def compressed(self, pieces: Generator[bytes]) -> Generator[bytes]:
        """Yields the compressed pieces. The first is flushed, so that a download starts at once.

        An error in the pieces is passed on, and nothing is written after it: the stream has no end
        marker, so that decompressing it fails.
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
# In order of preference.
COMPRESSIONS = (ZSTD, GZIP)
BY_SUFFIX = {each.suffix: each for each in COMPRESSIONS}
