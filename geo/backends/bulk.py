"""Rows as a database hands many of them over at once: as bytes of UTF-8, fields between marks.

A `RowFormat` says how an engine's rows look on their way. It knows the marks and no report: what a
field holds, and what becomes of it, is for whoever reads the rows.
"""

import re
from functools import cached_property
from typing import ClassVar

# Bytes that no UTF-8 has: before and behind a text, and behind a row.
TEXT, END_OF_TEXT, ROW = b"\xfe", b"\xff", b"\xfd"


class RowFormat:
    """The form of one engine's rows, in which `separator` (one byte of ASCII) parts fields."""

    # Does the server part the fields itself, so that each is a column of the statement?
    parts_fields: ClassVar[bool]
    # Are texts and rows between marks? Otherwise they are CSV.
    is_marked: ClassVar[bool]
    # A pattern of one row with its end.
    row: ClassVar["re.Pattern[bytes]"]

    def __init__(self, separator: bytes, *, has_void_days: bool = False) -> None:
        """`has_void_days`: is a day that is none, such as 0000-00-00, NULL to the driver?"""
        self.separator = separator
        self.has_void_days = has_void_days

    def fields(self, row: bytes) -> list[bytes | None]:
        """The fields of one row, None for NULL. Raises ValueError if it is not made of fields."""
        raise NotImplementedError


class CsvWire(RowFormat):
    """CSV as PostgreSQL's COPY writes it: NULL is empty and an empty text is quoted."""

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


class MarkedWire(RowFormat):
    """One value a row, with marks: TEXT and END_OF_TEXT about each text that is not NULL."""

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
            raise ValueError("A text holds bytes that no UTF-8 has.")
        return [(each[2] or None) if each[1] is None else each[1] for each in found]
