"""Rows in bulk: bytes of UTF-8, with marks between fields.

A `RowFormat` describes how an engine sends rows. It knows marks, not reports: the reader of the
rows decides what a field means.
"""

import re
from functools import cached_property
from typing import ClassVar

# Bytes that never occur in UTF-8: before and after a text, and after a row.
TEXT, END_OF_TEXT, ROW = b"\xfe", b"\xff", b"\xfd"


class RowFormat:
    """The format of one engine's rows. `separator`, an ASCII byte, stands between fields."""

    # Whether the server separates the fields, so that each is a column of the statement.
    parts_fields: ClassVar[bool]
    # Whether texts and rows are marked. Otherwise they are CSV.
    is_marked: ClassVar[bool]
    # Matches one row with its end.
    row: ClassVar["re.Pattern[bytes]"]

    def __init__(self, separator: bytes, *, has_void_days: bool = False) -> None:
        """`has_void_days`: whether the driver reads an invalid day, such as 0000-00-00, as NULL."""
        self.separator = separator
        self.has_void_days = has_void_days

    def fields(self, row: bytes) -> list[bytes | None]:
        """Returns the fields of one row, None for NULL. Raises ValueError for anything else."""
        raise NotImplementedError


class CsvRowFormat(RowFormat):
    """CSV as PostgreSQL's COPY writes it: NULL is empty, and an empty text is quoted."""

    parts_fields = True
    is_marked = False
    row = re.compile(b'(?:"(?:[^"]|"")*+"|[^"\n]++)*+\n')

    @cached_property
    def _field(self) -> "re.Pattern[bytes]":
        field = b'(?:("(?:[^"]|"")*+")|([^"\n%b]*+))[\n%b]'
        return re.compile(field % (self.separator, self.separator))

    def fields(self, row: bytes) -> list[bytes | None]:
        return [
            quoted[1:-1].replace(b'""', b'"') if quoted else bare or None
            for quoted, bare in self._field.findall(row)
        ]


class MarkedRowFormat(RowFormat):
    """One value a row, with TEXT and END_OF_TEXT around each text that is not NULL."""

    parts_fields = False
    is_marked = True
    row = re.compile(b"[^%b]*+%b" % (ROW, ROW))

    @cached_property
    def _field(self) -> "re.Pattern[bytes]":
        field = b"(?:%b([^%b]*+)%b|([^%b%b]*+))%b" % (
            *(TEXT, END_OF_TEXT, END_OF_TEXT),
            *(self.separator, TEXT + END_OF_TEXT + ROW, self.separator),
        )
        return re.compile(field)

    def fields(self, row: bytes) -> list[bytes | None]:
        row = row.removesuffix(ROW) + self.separator
        found = list(self._field.finditer(row))
        if sum(len(each[0]) for each in found) < len(row):
            raise ValueError("A text contains bytes that are not UTF-8.")
        return [(each[2] or None) if each[1] is None else each[1] for each in found]
