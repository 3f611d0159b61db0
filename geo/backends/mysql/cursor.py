"""A cursor that does not let the server cut a value short, or order by a part of it, in silence."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import DataError
from django.db.backends.mysql import base
from MySQLdb import Error

# Server warnings that mean that a result is not what was asked for, and what to do about each.
LARGER_PACKET = (
    "Raise max_allowed_packet on the server to more than the longest text of the result."
)
REFUSED = {
    1260: LARGER_PACKET,  # GROUP_CONCAT was cut
    1301: LARGER_PACKET,  # a text passed max_allowed_packet and was cut, or became NULL
    1264: "Show a smaller number.",  # a decimal out of range was cut to the greatest there is
    4202: "Order by a shorter text.",  # texts were compared by their first max_sort_length bytes
}


class CursorWrapper(base.CursorWrapper):
    """Django's wrapper; raises DataError when a text was cut, in the result or to order it."""

    def __init__(self, cursor: Any, connection: Any) -> None:
        super().__init__(cursor)
        self._connection = connection

    def execute(self, query: str, args: Any = None) -> Any:
        result = super().execute(query, args)
        self._refuse_cut_texts()
        return result

    # An unbuffered cursor knows its warnings once it has been read to the end.

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
        # What was left to read may be the error that has just been raised, once more.
        with suppress(Error):
            self.cursor.close()

    def _refuse_cut_texts(self) -> None:
        if not self.cursor.warning_count:
            return
        self.cursor.warning_count = 0
        for _, code, text in self._connection.show_warnings():
            if code in REFUSED:
                raise DataError(code, f"The server cut a value ({text}). {REFUSED[code]}")


class StreamingCursor(CursorWrapper):
    """Unbuffered: what is left of its rows when it is closed is not read but interrupted."""

    def __init__(self, cursor: Any, connection: Any, interrupt: Callable[[], None]) -> None:
        super().__init__(cursor, connection)
        self._interrupt = interrupt
        self._has_more = False

    def execute(self, query: str, args: Any = None) -> Any:
        # The server may warn before the first row, and tells what it warned of after the last.
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
