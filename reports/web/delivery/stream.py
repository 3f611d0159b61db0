"""A report's whole result as an attachment: whole, or visibly broken.

Where the server is known to break the connection when a stream fails, the export is streamed.
Everywhere else it is written to a temporary file first and sent with its length: Django's own
server and others end a failed stream politely, and HTTP/1.0 has no other end than a closed
connection.
"""

import asyncio
import errno
import os
import tempfile
from collections.abc import AsyncIterator, Generator
from contextlib import closing
from typing import IO

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)

from reports.errors import ReaderGone
from reports.exports.pipeline import PIECE_BYTES, ExportPipeline
from reports.web.delivery.content_encoding import Packing
from reports.web.delivery.disconnects import Flow, SocketReader
from reports.web.delivery.server_detection import AT_END, breaks_visibly


async def attachment(
    request: HttpRequest, export: ExportPipeline, packing: Packing
) -> HttpResponseBase:
    """The response; raises what the export raises before its first byte is sent."""
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse()
    elif isinstance(request, ASGIRequest):
        response = await _of_asgi(request, export, packing.pieces(export))
    else:
        response = await _of_wsgi(request, export, packing.pieces(export))
    response.headers["Content-Type"] = packing.content_type(export)
    packing.head(response, export)
    return response


async def _of_asgi(
    request: ASGIRequest, export: ExportPipeline, pieces: Generator[bytes]
) -> HttpResponseBase:
    if breaks_visibly(request):
        flow = Flow(export.watch, pieces)
        request.scope[AT_END].callback(flow.close)
        await flow.begin()
        return StreamingHttpResponse(flow)
    file = await _spooled_until_gone(export, pieces)
    response = StreamingHttpResponse(AsyncFile(file))
    response.headers["Content-Length"] = str(file.seek(0, os.SEEK_END))
    file.seek(0)
    return _as_it_is(response)


async def _of_wsgi(
    request: HttpRequest, export: ExportPipeline, pieces: Generator[bytes]
) -> HttpResponseBase:
    # Under WSGI nobody says that a reader has gone: gunicorn lets one look.
    if (connection := request.META.get("gunicorn.socket")) is not None:
        export.watch.reader = SocketReader(connection)
    if breaks_visibly(request):
        return StreamingHttpResponse(await sync_to_async(Begun)(pieces))
    return _as_it_is(FileResponse(await sync_to_async(spooled)(pieces)))


def _as_it_is(response: HttpResponseBase) -> HttpResponseBase:
    """Keep a proxy from compressing a file whose length is how its reader knows that it is whole.

    nginx would, for readers of HTTP/1.0 too, and what had no length then would end when the
    connection does. It leaves what says that it is encoded, be it by nothing.
    """
    response.headers.setdefault("Content-Encoding", "identity")
    return response


class Begun:
    """An export whose first piece is there: what fails at once fails before the answer begins."""

    def __init__(self, pieces: Generator[bytes]) -> None:
        self._pieces = pieces
        self._first: bytes | None = next(pieces, b"")

    def __iter__(self) -> "Begun":
        return self

    def __next__(self) -> bytes:
        first, self._first = self._first, None
        try:
            return next(self._pieces) if first is None else first
        except ReaderGone as error:
            # What the server would have heard had it sent more: no failure of anybody's.
            raise BrokenPipeError(errno.EPIPE, str(error)) from error

    def close(self) -> None:
        """Interrupt the statement; the server calls it at the end, and when the reader has gone."""
        self._pieces.close()


def spooled(pieces: Generator[bytes]) -> IO[bytes]:
    """A nameless temporary file that holds all the pieces, at its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- whoever sends it closes it
    try:
        with closing(pieces):
            for piece in pieces:
                file.write(piece)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


async def _spooled_until_gone(export: ExportPipeline, pieces: Generator[bytes]) -> IO[bytes]:
    """`spooled` in the request's own thread, whose statement ends when the reader has gone."""
    try:
        return await sync_to_async(spooled)(pieces)
    except asyncio.CancelledError:
        export.watch.stop(ReaderGone("The reader has left."))
        raise


class AsyncFile:
    """The pieces of a file for an event loop, which its reading does not hold up."""

    def __init__(self, file: IO[bytes]) -> None:
        self.close = file.close
        self._read = file.read

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await asyncio.to_thread(self._read, PIECE_BYTES):
            yield piece
