"""Who takes a download's bytes, as the watch over its export sees them."""

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

# Pieces that are made before their reader takes them.
AHEAD = 4
# Without it (on macOS) POLLHUP, of which poll() always tells, says the same.
PEER_HAS_CLOSED = getattr(select, "POLLRDHUP", 0)


class SocketReader:
    """Whoever is at the other end of a server's connection.

    One who has shut down the writing half alone counts as gone, as for nginx and for asyncio's
    servers: from here nobody can tell it from one who has closed.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def has_gone(self) -> bool:
        """Whether the connection is closed, here or there."""
        descriptor = self._connection.fileno()
        if descriptor < 0:
            return True
        poll = select.poll()
        poll.register(descriptor, PEER_HAS_CLOSED)
        return bool(poll.poll(0))

    def disconnect(self) -> None:
        """Break the connection."""
        with suppress(OSError):
            # Not SSLSocket's, which would take TLS from under the thread that sends.
            socket.socket.shutdown(self._connection, socket.SHUT_RDWR)


class _Feed:
    """The thread that makes an export's pieces for an event loop, no more than AHEAD of it."""

    def __init__(self, pieces: Generator[bytes]) -> None:
        self.pieces: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue()
        self.room = threading.Semaphore(AHEAD)
        self._loop = asyncio.get_running_loop()
        self._made = pieces

    def run(self) -> None:
        """Every piece, then None or what went wrong."""
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

    # As a reader: of one who has gone the server tells, by cancelling whoever takes the pieces.

    def has_gone(self) -> bool:
        """Not for all that is known here."""
        return False

    def disconnect(self) -> None:
        """Wait for nobody to take a piece: the export has been stopped."""
        self.room.release()


class Flow:
    """An export's pieces for an event loop; its statement stays in one thread.

    Closed or forgotten, it ends the export.
    """

    def __init__(self, watch: ExportSupervisor, pieces: Generator[bytes]) -> None:
        """Within a running loop; `watch` is over the export that the pieces are of."""
        self._feed = watch.reader = _Feed(pieces)
        self._first: bytes | None = None
        # Whatever loses the response, its statement ends. Calling it twice does nothing.
        self.close = weakref.finalize(self, watch.stop, ReaderGone("The reader has left."))
        self.close.atexit = False
        threading.Thread(target=self._feed.run, name="isoline-export", daemon=True).start()

    async def begin(self) -> None:
        """Wait for the first piece; raises what the export raises before it."""
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
