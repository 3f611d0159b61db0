"""A report's whole result as an attachment: whole, or visibly broken.

Where the server is known to break the connection when a stream fails, the export is streamed.
Everywhere else it is written to a temporary file first and sent with its length: Django's own
server and others end a failed stream politely, HTTP/1.0 has no other end than a closed connection,
and under ASGI the database connection of a stream would change threads.
"""

import asyncio
import os
import tempfile
import threading
from collections.abc import AsyncIterator, Generator
from contextlib import closing
from typing import IO

from asgiref.sync import sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)

from reports.export import PIECE_BYTES, Export
from reports.web.packing import Packing
from reports.web.proxies import is_behind_http10

# Seen to reset the connection when a chunked response fails (curl then exits with 18).
BREAKING_SERVERS = ("gunicorn/",)


async def attachment(request: HttpRequest, export: Export, packing: Packing) -> HttpResponseBase:
    """The response; raises what the export raises before its first byte is sent."""
    response = await _response(request, packing.pieces(export), packing.content_type(export))
    packing.head(response, export)
    return response


async def _response(
    request: HttpRequest, pieces: Generator[bytes], content_type: str
) -> HttpResponseBase:
    if request.method == "HEAD":
        return HttpResponse(content_type=content_type)
    if breaks_visibly(request):
        begun = await sync_to_async(Begun)(pieces)
        response: HttpResponseBase = StreamingHttpResponse(begun, content_type=content_type)
    elif isinstance(request, ASGIRequest):
        file = await _spooled_until_gone(pieces)
        response = StreamingHttpResponse(AsyncFile(file), content_type=content_type)
        response.headers["Content-Length"] = str(file.seek(0, os.SEEK_END))
        file.seek(0)
    else:
        file = await sync_to_async(spooled)(pieces, threading.Event())
        response = FileResponse(file, content_type=content_type)
    return response


def breaks_visibly(request: HttpRequest) -> bool:
    """Whether a reader sees that a stream on this connection failed."""
    return (
        request.META.get("SERVER_SOFTWARE", "").startswith(BREAKING_SERVERS)
        and request.META.get("SERVER_PROTOCOL") == "HTTP/1.1"
        and not isinstance(request, ASGIRequest)
        and not is_behind_http10(request.META)
    )


class Begun:
    """An export whose first piece is there: what fails at once fails before the answer begins."""

    def __init__(self, pieces: Generator[bytes]) -> None:
        self._pieces = pieces
        self._first: bytes | None = next(pieces, b"")

    def __iter__(self) -> "Begun":
        return self

    def __next__(self) -> bytes:
        first, self._first = self._first, None
        return next(self._pieces) if first is None else first

    def close(self) -> None:
        """Cancel the statement; the server calls it at the end, and when the reader has gone."""
        self._pieces.close()


def spooled(pieces: Generator[bytes], reader_has_gone: threading.Event) -> IO[bytes]:
    """A nameless temporary file that holds all the pieces, at its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- whoever sends it closes it
    try:
        with closing(pieces):
            for piece in pieces:
                if reader_has_gone.is_set():
                    raise RequestAborted
                file.write(piece)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


async def _spooled_until_gone(pieces: Generator[bytes]) -> IO[bytes]:
    """`spooled` in the request's own thread, which hears of a reader who has gone."""
    reader_has_gone = threading.Event()
    try:
        return await sync_to_async(spooled)(pieces, reader_has_gone)
    except asyncio.CancelledError:
        reader_has_gone.set()
        raise


class AsyncFile:
    """The pieces of a file for an event loop, which its reading does not hold up."""

    def __init__(self, file: IO[bytes]) -> None:
        self.close = file.close
        self._read = file.read

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await asyncio.to_thread(self._read, PIECE_BYTES):
            yield piece
