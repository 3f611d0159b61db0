"""A TCP proxy that ends connections early, as broken networks and dying servers do."""

import random
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 16 * 1024
# SO_LINGER of no seconds: closing resets the connection.
RESET = struct.pack("ii", 1, 0)


class Cutter:
    """Passes on what a client and a server say, until `most` bytes of the server's at the latest.

    Where it stops is drawn for each connection, and whether it ends as if all were said (FIN) or
    breaks off (RST).
    """

    def __init__(self, target: int, most: int, seed: int) -> None:
        """`target` is a port of this machine; `most` is less than the shortest whole answer."""
        self.cuts = 0
        self._target = target
        self._most = most
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    def serve(self) -> None:
        """Until `close`."""
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                with self._lock:
                    at, resets = self._random.randrange(1, self._most), self._random.random() < 0.5
                threading.Thread(
                    target=self._pass_on, args=(client, at, resets), daemon=True
                ).start()

    def close(self) -> None:
        """Accept nobody any more."""
        # Closing alone does not wake up who waits in accept().
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _pass_on(self, client: socket.socket, at: int, resets: bool) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target)) as server:
            asking = threading.Thread(target=_pump, args=(client, server), daemon=True)
            asking.start()
            is_cut = _pump(server, client, at) == at
            if is_cut:
                with self._lock:
                    self.cuts += 1
            if is_cut and resets:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            with suppress(OSError):
                client.shutdown(socket.SHUT_RD if is_cut and resets else socket.SHUT_RDWR)
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            # A connection is not closed while a thread still listens to it.
            asking.join()


def _pump(source: socket.socket, sink: socket.socket, most: int | None = None) -> int:
    """Bytes that were passed on before either end closed, `most` at most."""
    passed = 0
    with suppress(OSError):
        while most is None or passed < most:
            piece = source.recv(PIECE if most is None else min(PIECE, most - passed))
            if not piece:
                break
            sink.sendall(piece)
            passed += len(piece)
    return passed


@contextmanager
def cutting(target: int, most: int, seed: int) -> Iterator[Cutter]:
    """A cutter at work before the server at port `target`."""
    cutter = Cutter(target, most, seed)
    thread = threading.Thread(target=cutter.serve, daemon=True)
    thread.start()
    try:
        yield cutter
    finally:
        cutter.close()
        thread.join()
