"""Rows as a database hands many of them over at once: as bytes of UTF-8, fields between marks.

A `Wire` says how an engine's rows look on their way. It knows the marks and no report: what a field
holds, and what becomes of it, is for whoever reads the rows.
"""

import re
from typing import ClassVar

# Bytes that no UTF-8 has.
FIELD, TEXT, ROW = b"\xff", b"\xfe", b"\xfd"


class Wire:
    """The form of one engine's rows, in which `separator` (one byte of ASCII) parts fields.

    `clean` texts need no look at what they hold: no separator, quote or line end is in them, or
    they stand in quotes already.
    """

    # Does the server part the fields itself, so that each is a column of the statement?
    parts_fields: ClassVar[bool]
    # What ends a row.
    end: ClassVar[bytes]

    def __init__(self, separator: bytes) -> None:
        self.separator = separator

    @property
    def between(self) -> bytes:
        """What stands between two fields."""
        raise NotImplementedError

    def clean(self, first: bytes) -> bytes:
        """A pattern of a clean text that begins with what the pattern `first` takes."""
        raise NotImplementedError

    @property
    def row(self) -> bytes:
        """A pattern of one row, clean or not, with its end."""
        raise NotImplementedError

    def fields(self, row: bytes) -> list[bytes | None]:
        """The fields of one row, None for NULL."""
        raise NotImplementedError

    def written(self, rows: bytes, end: bytes) -> bytes:
        """Clean rows as separated values, each row with that end."""
        raise NotImplementedError


class CsvWire(Wire):
    """CSV as PostgreSQL's COPY writes it: NULL is empty and an empty text is quoted."""

    parts_fields = True
    end = b"\n"

    @property
    def between(self) -> bytes:
        return self.separator

    def clean(self, first: bytes) -> bytes:
        begins = b'(?!["%b\r\n])(?:%b)' % (self.separator, first)
        bare = b'[^"%b\r\n]*+' % self.separator
        within = b'[^"\r\n]*+(?:""[^"\r\n]*+)*+'
        # COPY quotes what once ended its input.
        return b'%b%b|"(?!\\\\\\.")%b%b"|""' % (begins, bare, begins, within)

    @property
    def row(self) -> bytes:
        return b'(?:"(?:[^"]|"")*+"|[^"\n]++)*+\n'

    def fields(self, row: bytes) -> list[bytes | None]:
        field = b'(?:"((?:[^"]|"")*+)"|([^"\n%b]*+))[\n%b]' % (self.separator, self.separator)
        return [
            (found[2] or None) if found[1] is None else found[1].replace(b'""', b'"')
            for found in re.finditer(field, row)
        ]

    def written(self, rows: bytes, end: bytes) -> bytes:
        return rows.replace(self.end, end)


class MarkedWire(Wire):
    """One value a row: FIELD between two fields, TEXT before each text that is not NULL."""

    parts_fields = False
    end = ROW

    @property
    def between(self) -> bytes:
        return FIELD

    def clean(self, first: bytes) -> bytes:
        others = b'"%b\r\n%b' % (self.separator, FIELD + TEXT + ROW)
        return b"%b(?![%b])(?:%b)[^%b]*+" % (TEXT, others, first, others)

    @property
    def row(self) -> bytes:
        return b"[^%b]*+%b" % (ROW, ROW)

    def fields(self, row: bytes) -> list[bytes | None]:
        return [
            field[1:] if field[:1] == TEXT else field or None
            for field in row.removesuffix(ROW).split(FIELD)
        ]

    def written(self, rows: bytes, end: bytes) -> bytes:
        parted = bytes.maketrans(FIELD, self.separator)
        return rows.replace(ROW, end).translate(parted, TEXT)
