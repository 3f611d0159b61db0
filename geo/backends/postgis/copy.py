"""Reads the rows of a COPY as they arrive, many at a time.

psycopg's own iteration makes each row an object and passes it through two generators, which takes
longer than the server's work.
"""

import select
from collections.abc import Generator

from psycopg import pq
from psycopg.pq.abc import PGconn, PGresult

from geo.backends.compat import error_of

BLOCK_BYTES = 64 * 1024
FIRST_BYTES = 1024
# Milliseconds to wait for more rows, and between checks of what TLS may have buffered.
LINGER, PATIENCE = 50, 1000


def copied(connection: PGconn, copy: bytes) -> Generator[bytes]:
    """Yields blocks of whole rows of a `COPY ... TO STDOUT`, on an otherwise idle pq connection.

    Raises what psycopg raises if a statement fails.
    """
    _demand(connection.exec_(copy), pq.ExecStatus.COPY_OUT)
    take, enough = connection.get_copy_data, FIRST_BYTES
    # Not select(), which fails for descriptors from 1,024 on, common on a busy server.
    arriving = select.poll()
    arriving.register(connection.socket, select.POLLIN)
    rows: list[memoryview] = []
    size = 0
    while True:
        length, row = take(1)
        if length > 0:
            rows.append(row)
            size += length
            if size >= enough:
                yield b"".join(rows)
                rows, size, enough = [], 0, min(2 * enough, BLOCK_BYTES)
        elif length < 0:
            break
        else:
            if not arriving.poll(LINGER if rows else PATIENCE) and rows:
                # Rows that have arrived do not wait long for others.
                yield b"".join(rows)
                rows, size = [], 0
            connection.consume_input()
    while result := connection.get_result():
        _demand(result, pq.ExecStatus.COMMAND_OK)
    if rows:
        yield b"".join(rows)


def _demand(result: PGresult, status: pq.ExecStatus) -> None:
    if result.status != status:
        raise error_of(result)
