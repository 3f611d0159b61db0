"""Sends a report's whole result as an attachment: whole, or visibly broken.

A download is streamed, or spooled: written to a temporary file first and sent with its length.
The setting EXPORT_DELIVERY decides; left alone, an export is streamed where the server is known to
break the connection when a stream fails. Django's own server and others end a failed stream
politely, and HTTP/1.0 has no other end than a closed connection.
"""

import asyncio
import errno
import os
import tempfile
from collections.abc import AsyncIterator, Generator
from contextlib import closing
from typing import IO, Protocol

from asgiref.sync import async_to_sync, sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)

from reports import compat
from reports.errors import ReaderGone
from reports.exports.pipeline import PIECE_BYTES, ExportPipeline
from reports.limits import delivery
from reports.web.delivery.content_encoding import Packing
from reports.web.delivery.disconnects import Flow, SocketReader
from reports.web.delivery.server_detection import AT_END, breaks_visibly


class Delivery(Protocol):
    """A way to send an export to its reader, under WSGI and under ASGI.

    Both raise what the export raises before its first byte is sent.
    """

    def over_wsgi(self, pieces: Generator[bytes]) -> HttpResponseBase: ...

    async def over_asgi(
        self, request: ASGIRequest, export: ExportPipeline, pieces: Generator[bytes]
    ) -> HttpResponseBase: ...


class Streamed:
    """Sends an export while it is made."""

    def over_wsgi(self, pieces: Generator[bytes]) -> HttpResponseBase:
        """Return a response that the server takes piece by piece."""
        return StreamingHttpResponse(Begun(pieces))

    async def over_asgi(
        self, request: ASGIRequest, export: ExportPipeline, pieces: Generator[bytes]
    ) -> HttpResponseBase:
        """Return a response whose pieces a thread of their own makes."""
        flow = Flow(export.watch, pieces)
        if (at_end := request.scope.get(AT_END)) is not None:
            at_end.callback(flow.close)
        await flow.begin()
        return StreamingHttpResponse(flow)


class Spooled:
    """Makes an export in a temporary file, then sends it with its length."""

    def over_wsgi(self, pieces: Generator[bytes]) -> HttpResponseBase:
        """Return a response of the whole file."""
        return _as_it_is(FileResponse(spooled(pieces)))

    async def over_asgi(
        self, request: ASGIRequest, export: ExportPipeline, pieces: Generator[bytes]
    ) -> HttpResponseBase:
        """Return a response of the whole file; the statement ends when the reader leaves."""
        file = await _spooled_until_gone(export, pieces)
        response = StreamingHttpResponse(AsyncFile(file))
        response.headers["Content-Length"] = str(file.seek(0, os.SEEK_END))
        file.seek(0)
        return _as_it_is(response)


def chosen(request: HttpRequest) -> Delivery:
    """Return how this request's download is delivered."""
    match delivery().mode:
        case "stream":
            return Streamed()
        case "spool":
            return Spooled()
    return Streamed() if breaks_visibly(request) else Spooled()


def attachment(request: HttpRequest, export: ExportPipeline, packing: Packing) -> HttpResponseBase:
    """Return the response; raises what the export raises before its first byte is sent."""
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse()
    elif isinstance(request, ASGIRequest):
        # On the server's event loop, which cancels it if the reader leaves before the first byte.
        over_asgi = async_to_sync(chosen(request).over_asgi)
        response = over_asgi(request, export, packing.pieces(export))
    else:
        # Under WSGI nobody says that a reader has left: gunicorn lets one look.
        if (connection := compat.socket_of(request)) is not None:
            export.watch.reader = SocketReader(connection)
        response = chosen(request).over_wsgi(packing.pieces(export))
    response.headers["Content-Type"] = packing.content_type(export)
    packing.head(response, export)
    return response


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
        export.watch.stop(ReaderGone("The client has disconnected."))
        raise


class AsyncFile:
    """Reads a file's pieces without blocking the event loop."""

    def __init__(self, file: IO[bytes]) -> None:
        self.close = file.close
        self._read = file.read

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await asyncio.to_thread(self._read, PIECE_BYTES):
            yield piece
