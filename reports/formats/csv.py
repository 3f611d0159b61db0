"""Comma-separated values, RFC 4180, in UTF-8 with CRLF.

raw    for machines and checksums: column ids, unchanged values
safe   for people, the default: labels, and no cell that a spreadsheet would execute
excel  safe, with the byte order mark that Excel needs for UTF-8

NULL is empty and an empty text is `""`, in every dialect. Separator and line end can be chosen.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from reports.formats.base import (
    PROGRAMS,
    SPREADSHEETS,
    Document,
    Format,
    Offer,
    Writer,
    for_people,
    heading,
    texts,
    texts_for_people,
)
from reports.queries.result import ResultColumn

# A formula for spreadsheets, also after blanks and quotes, in any line of a cell.
FORMULA = re.compile(r"""(?:^|[\r\n])[\s"'\0]*[=+\-@\t\r\0\uff1d\uff0b\uff0d\uff20]|^[\t\r\0]""")


def neutralise(text: str) -> str:
    """Returns the text, with an apostrophe in front if a spreadsheet would execute it."""
    return f"'{text}" if FORMULA.search(text) else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Delimited:
    """A writer of separated values, called with a document.

    for_people  whether it writes labels, and neutralises formulas
    separator   between two fields
    end         of each record
    mark        the beginning of the file
    """

    for_people: bool
    separator: str = ","
    end: str = "\r\n"
    mark: str = ""

    def __call__(self, document: Document) -> Iterator[str]:
        """Yields the document, a record at a time."""
        columns = for_people(document.columns) if self.for_people else document.columns
        yield self.head(columns)
        is_text = [column.kind.is_free_text for column in columns]
        texts_of = texts_for_people if self.for_people else texts
        for row in document.rows:
            yield self.record(
                [
                    self.shown(text) if is_one and text is not None else text
                    for is_one, text in zip(is_text, texts_of(columns, row), strict=True)
                ]
            )

    def shown(self, text: str) -> str:
        """Returns a text of a row as its field shows it, before quoting."""
        return neutralise(text) if self.for_people else text

    def head(self, columns: Sequence[ResultColumn]) -> str:
        """Returns the text before the first row."""
        if self.for_people:
            return self.mark + self.record([neutralise(heading(column)) for column in columns])
        return self.mark + self.record([column.id for column in columns])

    def record(self, fields: Sequence[str | None]) -> str:
        """Returns one record with its end."""
        return self.separator.join(map(self.quoted, fields)) + self.end

    def quoted(self, text: str | None) -> str:
        """Returns one field."""
        if text is None:
            return ""
        if not text or '"' in text or self.separator in text or "\r" in text or "\n" in text:
            return '"' + text.replace('"', '""') + '"'
        return text


# Comparisons use the bytes of this dialect.
RAW = Delimited(for_people=False)
SAFE = Delimited(for_people=True)
EXCEL = Delimited(for_people=True, mark="\ufeff")
DIALECTS: dict[str, Writer] = {"safe": SAFE, "raw": RAW, "excel": EXCEL}
SEPARATORS = {text: {"separator": text} for text in ",;"} | {"tab": {"separator": "\t"}}
LINE_ENDS = {"crlf": {"end": "\r\n"}, "lf": {"end": "\n"}}
FORMAT = Format(
    name="csv",
    content_type="text/csv; charset=utf-8",
    dialects=DIALECTS,
    options={"separator": SEPARATORS, "line_end": LINE_ENDS},
    offers=[
        Offer(SPREADSHEETS, _("CSV"), _("Column labels; safe in any spreadsheet")),
        Offer(SPREADSHEETS, _("CSV for Excel"), _("As CSV, marked as UTF-8"), "excel"),
        Offer(PROGRAMS, _("Raw CSV"), _("Column ids, values as they are"), "raw"),
    ],
)
