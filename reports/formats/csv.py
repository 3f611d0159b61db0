"""Comma-separated values, RFC 4180, in UTF-8 with CRLF.

raw    for machines and checksums: column ids, values as they are
safe   for people, the default: labels, and no cell that a spreadsheet would run
excel  safe, with the byte order mark by which Excel knows UTF-8

NULL is empty and an empty text is `""`, in every dialect.
"""

import re
from collections.abc import Callable, Iterator

from reports.formats.base import Document, Format, heading, texts

END = "\r\n"
MUST_QUOTE = re.compile(r'[",\r\n]')
# What a spreadsheet takes for a formula, also behind blanks and quotes, on any line of the cell.
FORMULA = re.compile(r"""(?:^|[\r\n])[\s"'\0]*[=+\-@\t\r\0\uff1d\uff0b\uff0d\uff20]|^[\t\r\0]""")


def quote(text: str | None) -> str:
    """One field."""
    if text is None:
        return ""
    if not text or MUST_QUOTE.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def neutralise(text: str) -> str:
    """The text, led by an apostrophe if a spreadsheet would run it."""
    return f"'{text}" if FORMULA.search(text) else text


def line(fields: list[str | None]) -> str:
    """One record with its line end."""
    return ",".join(map(quote, fields)) + END


def raw(document: Document) -> Iterator[str]:
    """The dialect whose bytes are compared."""
    yield line([column.id for column in document.columns])
    for row in document.rows:
        yield line(texts(document.columns, row))


def safe(document: Document) -> Iterator[str]:
    """The dialect for people."""
    is_text = [column.kind.name == "text" for column in document.columns]
    yield line([neutralise(heading(column)) for column in document.columns])
    for row in document.rows:
        yield line(
            [
                neutralise(text) if free and text is not None else text
                for free, text in zip(is_text, texts(document.columns, row), strict=True)
            ]
        )


def excel(document: Document) -> Iterator[str]:
    """The dialect for Excel."""
    yield "\ufeff"
    yield from safe(document)


DIALECTS: dict[str, Callable[[Document], Iterator[str]]] = {
    "safe": safe,
    "raw": raw,
    "excel": excel,
}
FORMAT = Format(name="csv", content_type="text/csv; charset=utf-8", dialects=DIALECTS)
