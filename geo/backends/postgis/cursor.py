"""A cursor that streams rows as the server finds them."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Any

from psycopg import Cursor, capabilities

from geo.backends.compat import Params

# Rows that the driver returns at a time, if it can.
CHUNK_ROWS = 500


class StreamingCursor:
    """A cursor of psycopg that uses its `stream`.

    It is not a server-side cursor: for DECLARE CURSOR the server plans no parallel workers, and
    assumes that only a tenth of the rows is read. The connection can do nothing else until it is
    closed.
    """

    def __init__(self, cursor: "Cursor[Any]") -> None:
        self._cursor = cursor
        self._rows: Any = (None for _ in ())  # has close(), as rows have

    def execute(self, query: str, params: Params | None = None) -> None:
        size = CHUNK_ROWS if capabilities.has_stream_chunked() else 1
        self._rows = self._cursor.stream(query, params, size=size)

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchmany(self, size: int) -> list[Any]:
        return list(islice(self._rows, size))

    def fetchall(self) -> list[Any]:
        return list(self._rows)

    def __iter__(self) -> Iterator[Any]:
        yield from self._rows

    def close(self) -> None:
        """Cancels the statement instead of reading the rest."""
        with closing(self._cursor), closing(self._rows):
            pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)
