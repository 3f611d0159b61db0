"""Rows as a database hands many of them over at once: as bytes of UTF-8, fields between marks.

A `Wire` says how an engine's rows look on their way. It knows the marks and no report: what a field
holds, and what becomes of it, is for whoever reads the rows.
"""

import re
from collections.abc import Callable
from functools import cached_property
from typing import ClassVar

# Bytes that no UTF-8 has: before and behind a text, and behind a row.
TEXT, END_OF_TEXT, ROW = b"\xfe", b"\xff", b"\xfd"
MARKS = TEXT + END_OF_TEXT + ROW


class Wire:
    """The form of one engine's rows, in which `separator` (one byte of ASCII) parts fields.

    `line_end` is what rows are to end with at last. Clean texts need no look at what they hold: no
    separator, quote or line end is in them, or they stand in quotes already.
    """

    # Does the server part the fields itself, so that each is a column of the statement?
    parts_fields: ClassVar[bool]
    # What stands behind each row and nowhere else in clean ones.
    mark: ClassVar[bytes]

    def __init__(self, separator: bytes, line_end: bytes) -> None:
        self.separator = separator
        self.line_end = line_end

    @property
    def end(self) -> bytes:
        """All that stands behind a row."""
        return self.mark

    def clean(self, suspect: bytes, harmless: bytes) -> bytes:
        """A pattern of a clean text, as the server sends it.

        It begins with none of the bytes of a class, `suspect`, or with what the pattern `harmless`
        takes.
        """
        raise NotImplementedError

    @property
    def text(self) -> bytes:
        """A pattern of any text at all; "" where `rewritten` is not to be had."""
        return b""

    def rewritten(self, row: bytes, rewrite: Callable[[bytes], bytes]) -> bytes:
        """A row, not clean, as separated values: each of its texts rewritten."""
        raise NotImplementedError

    @property
    def row(self) -> bytes:
        """A pattern of one row, clean or not, with its end."""
        raise NotImplementedError

    def fields(self, row: bytes) -> list[bytes | None]:
        """The fields of one row, None for NULL. Raises ValueError if it is not made of fields."""
        raise NotImplementedError

    def written(self, rows: bytes) -> bytes:
        """Clean rows as separated values."""
        raise NotImplementedError


class CsvWire(Wire):
    """CSV as PostgreSQL's COPY writes it: NULL is empty and an empty text is quoted."""

    parts_fields = True
    mark = b"\n"

    def clean(self, suspect: bytes, harmless: bytes) -> bytes:
        begins = b'(?:[^"%b\r\n%b]|%b)' % (self.separator, suspect, harmless)
        bare = b'[^"%b\r\n]*+' % self.separator
        within = b'[^"\r\n]*+(?:""[^"\r\n]*+)*+'
        # COPY quotes what once ended its input.
        return b'%b%b|"(?!\\\\\\.")%b%b"|""' % (begins, bare, begins, within)

    @property
    def row(self) -> bytes:
        return b'(?:"(?:[^"]|"")*+"|[^"\n]++)*+\n'

    @cached_property
    def _field(self) -> "re.Pattern[bytes]":
        field = b'(?:("(?:[^"]|"")*+")|([^"\n%b]*+))[\n%b]'
        return re.compile(field % (self.separator, self.separator))

    def fields(self, row: bytes) -> list[bytes | None]:
        return [
            quoted[1:-1].replace(b'""', b'"') if quoted else bare or None
            for quoted, bare in self._field.findall(row)
        ]

    def written(self, rows: bytes) -> bytes:
        return rows.replace(self.mark, self.line_end)


class MarkedWire(Wire):
    """One value a row, with marks: TEXT and END_OF_TEXT about each text that is not NULL."""

    parts_fields = False
    mark = ROW

    @property
    def end(self) -> bytes:
        return self.line_end + self.mark

    def clean(self, suspect: bytes, harmless: bytes) -> bytes:
        others = b'"%b\r\n%b' % (self.separator, MARKS)
        begins = b"(?:[^%b%b]|%b)" % (others, suspect, harmless)
        return b"%b%b[^%b]*+%b" % (TEXT, begins, others, END_OF_TEXT)

    @property
    def text(self) -> bytes:
        return b"%b([^%b]*+)%b" % (TEXT, MARKS, END_OF_TEXT)

    @cached_property
    def _text(self) -> "re.Pattern[bytes]":
        return re.compile(self.text)

    def rewritten(self, row: bytes, rewrite: Callable[[bytes], bytes]) -> bytes:
        return self._text.sub(lambda found: rewrite(found[1]), row).removesuffix(ROW)

    @property
    def row(self) -> bytes:
        return b"[^%b]*+%b" % (ROW, ROW)

    @cached_property
    def _field(self) -> "re.Pattern[bytes]":
        field = b"(?:%b([^%b]*+)%b|([^%b%b]*+))%b" % (
            *(TEXT, END_OF_TEXT, END_OF_TEXT),
            *(self.separator, MARKS, self.separator),
        )
        return re.compile(field)

    def fields(self, row: bytes) -> list[bytes | None]:
        row = row.removesuffix(self.end) + self.separator
        found = list(self._field.finditer(row))
        if sum(len(each[0]) for each in found) < len(row):
            raise ValueError("A text holds bytes that no UTF-8 has.")
        return [(each[2] or None) if each[1] is None else each[1] for each in found]

    def written(self, rows: bytes) -> bytes:
        return rows.translate(None, MARKS)
