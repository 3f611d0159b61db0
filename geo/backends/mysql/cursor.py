"""A cursor that raises where the server silently truncates a value, or orders by part of it."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import DataError
from django.db.backends.mysql import base
from MySQLdb import Error
from MySQLdb.connections import Connection
from MySQLdb.cursors import BaseCursor

from geo.backends.compat import Params, taken_warnings

# Server warnings that mean a wrong result, and what to do about each.
LARGER_PACKET = (
    "Raise max_allowed_packet on the server to more than the longest text of the result."
)
REFUSED = {
    1260: LARGER_PACKET,  # GROUP_CONCAT was truncated
    1301: LARGER_PACKET,  # a text exceeded max_allowed_packet, and was truncated or became NULL
    1264: "Show a smaller number.",  # a decimal out of range became the greatest possible
    4202: "Order by a shorter text.",  # texts were compared by their first max_sort_length bytes
}


class CursorWrapper(base.CursorWrapper):
    """Django's wrapper. Raises DataError if a text was truncated, in the result or to order it."""

    def __init__(self, cursor: BaseCursor, connection: Connection) -> None:
        super().__init__(cursor)
        self._connection = connection

    def execute(self, query: str, args: Params | None = None) -> Any:
        result = super().execute(query, args)
        self._refuse_cut_texts()
        return result

    # An unbuffered cursor has its warnings only after it has been read to the end.

    def fetchone(self) -> Any:
        row = self.cursor.fetchone()
        if row is None:
            self._refuse_cut_texts()
        return row

    def fetchmany(self, size: int | None = None) -> Any:
        rows = self.cursor.fetchmany(size)
        if not rows:
            self._refuse_cut_texts()
        return rows

    def fetchall(self) -> Any:
        rows = self.cursor.fetchall()
        self._refuse_cut_texts()
        return rows

    def close(self) -> None:
        # Reading the rest may raise the same error again.
        with suppress(Error):
            self.cursor.close()

    def _refuse_cut_texts(self) -> None:
        for _, code, text in taken_warnings(self.cursor, self._connection):
            if code in REFUSED:
                raise DataError(code, f"The server cut a value ({text}). {REFUSED[code]}")


class StreamingCursor(CursorWrapper):
    """An unbuffered cursor. Closing it interrupts the statement instead of reading the rest."""

    def __init__(
        self, cursor: BaseCursor, connection: Connection, interrupt: Callable[[], None]
    ) -> None:
        super().__init__(cursor, connection)
        self._interrupt = interrupt
        self._has_more = False

    def execute(self, query: str, args: Params | None = None) -> Any:
        # The server may warn before the first row, but reports warnings after the last.
        result = base.CursorWrapper.execute(self, query, args)
        self._has_more = True
        return result

    def fetchmany(self, size: int | None = None) -> Any:
        rows = super().fetchmany(size)
        self._has_more = bool(rows)
        return rows

    def close(self) -> None:
        if self._has_more:
            self._has_more = False
            self._interrupt()
        super().close()
