"""The receivers of downloads, and how the supervisor of an export sees them disconnect."""

import asyncio
import select
import socket
import threading
import weakref
from collections.abc import Generator
from contextlib import closing, suppress

from django.db import connections

from reports.errors import ReaderGone
from reports.exports.supervision import ExportSupervisor

# Pieces that are made before the reader takes them.
AHEAD = 4
# Without POLLRDHUP (on macOS) poll() reports POLLHUP, which means the same.
PEER_HAS_CLOSED = getattr(select, "POLLRDHUP", 0)


class SocketReader:
    """The receiver at the other end of a server's connection.

    A reader that shuts down its sending half counts as disconnected, as for nginx and asyncio's
    servers: it cannot be distinguished from one that has closed the connection.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def has_gone(self) -> bool:
        """Whether either end has closed the connection."""
        descriptor = self._connection.fileno()
        if descriptor < 0:
            return True
        poll = select.poll()
        poll.register(descriptor, PEER_HAS_CLOSED)
        return bool(poll.poll(0))

    def disconnect(self) -> None:
        """Breaks the connection."""
        with suppress(OSError):
            # SSLSocket.shutdown would remove TLS from under the thread that is sending.
            socket.socket.shutdown(self._connection, socket.SHUT_RDWR)


class _Feed:
    """The thread that makes an export's pieces for an event loop, at most AHEAD in advance."""

    def __init__(self, pieces: Generator[bytes]) -> None:
        self.pieces: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue()
        self.room = threading.Semaphore(AHEAD)
        self._loop = asyncio.get_running_loop()
        self._made = pieces

    def run(self) -> None:
        """Puts every piece into the queue, then None or the exception."""
        end: BaseException | None = None
        try:
            with closing(self._made) as pieces:
                for piece in pieces:
                    self._put(piece)
                    self.room.acquire()
        except BaseException as error:  # noqa: BLE001 -- raised where the pieces are taken
            end = error
        finally:
            connections.close_all()
        self._put(end)

    def _put(self, piece: bytes | BaseException | None) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self.pieces.put_nowait, piece)

    # As a Reader. An ASGI server reports a disconnect by cancelling the task that takes the pieces.

    def has_gone(self) -> bool:
        """Never True: a disconnect is reported by cancellation."""
        return False

    def disconnect(self) -> None:
        """Stops waiting for room, because the export has been stopped."""
        self.room.release()


class Flow:
    """An export's pieces for an event loop; its statement stays in one thread.

    Closing it, or dropping the last reference to it, ends the export.
    """

    def __init__(self, watch: ExportSupervisor, pieces: Generator[bytes]) -> None:
        """Requires a running loop; `watch` supervises the export that makes `pieces`."""
        self._feed = watch.reader = _Feed(pieces)
        self._first: bytes | None = None
        # The statement ends however the response is lost. A second call does nothing.
        self.close = weakref.finalize(self, watch.stop, ReaderGone("The client has disconnected."))
        self.close.atexit = False
        threading.Thread(target=self._feed.run, name="isoline-export", daemon=True).start()

    async def begin(self) -> None:
        """Waits for the first piece. Raises what the export raises before it."""
        try:
            self._first = await self._next()
        except StopAsyncIteration:
            self._first = b""
        except asyncio.CancelledError:
            self.close()
            raise

    def __aiter__(self) -> "Flow":
        return self

    async def __anext__(self) -> bytes:
        first, self._first = self._first, None
        return await self._next() if first is None else first

    async def _next(self) -> bytes:
        piece = await self._feed.pieces.get()
        if piece is None:
            self._feed.pieces.put_nowait(None)
            raise StopAsyncIteration
        if isinstance(piece, BaseException):
            raise piece
        self._feed.room.release()
        return piece
