"""Sends a report's whole result as an attachment: complete, or visibly broken.

If the server is known to break the connection when a stream fails, the export is streamed.
Otherwise it is first written to a temporary file and sent with its length: Django's own server and
others end a failed stream normally, and in HTTP/1.0 a closed connection is the normal end.
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
    """Returns the response. Raises what the export raises before its first byte is sent."""
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
    # WSGI does not report a disconnect, but gunicorn gives access to the connection.
    if (connection := request.META.get("gunicorn.socket")) is not None:
        export.watch.reader = SocketReader(connection)
    if breaks_visibly(request):
        return StreamingHttpResponse(await sync_to_async(Begun)(pieces))
    return _as_it_is(FileResponse(await sync_to_async(spooled)(pieces)))


def _as_it_is(response: HttpResponseBase) -> HttpResponseBase:
    """Keeps a proxy from compressing a file, whose length shows the reader that it is complete.

    nginx would compress it, for HTTP/1.0 readers too, and without a length such a response ends
    when the connection does. It does not compress a response with a Content-Encoding, even
    `identity`.
    """
    response.headers.setdefault("Content-Encoding", "identity")
    return response


class Begun:
    """An export that has made its first piece, so that early errors still get an error response."""

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
            # The server would have got the same error from sending more. It is nobody's fault.
            raise BrokenPipeError(errno.EPIPE, str(error)) from error

    def close(self) -> None:
        """Interrupts the statement. The server calls it at the end and after a disconnect."""
        self._pieces.close()


def spooled(pieces: Generator[bytes]) -> IO[bytes]:
    """Returns an anonymous temporary file with all pieces, positioned at its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- its sender closes it
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
    """Calls `spooled` in the request's own thread; its statement ends at a disconnect."""
    try:
        return await sync_to_async(spooled)(pieces)
    except asyncio.CancelledError:
        export.watch.stop(ReaderGone("The reader has left."))
        raise


class AsyncFile:
    """Reads a file's pieces without blocking the event loop."""

    def __init__(self, file: IO[bytes]) -> None:
        self.close = file.close
        self._read = file.read

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await asyncio.to_thread(self._read, PIECE_BYTES):
            yield piece
