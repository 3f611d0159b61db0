"""JSON, RFC 8259: one array with an object a row, one line each, by column id, in UTF-8.

Integers, decimals and truth values are JSON's own; NULL is null; dates, instants and texts are
strings; JSON stays JSON. An integer past 2**53 and a decimal of more than 15 digits are strings
too, because programs read JSON numbers as floats, which lose further digits. A geometry of SRID
4326 is a GeoJSON object; others are well-known text.
"""

import json
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_lazy as _

from reports.formats.base import PROGRAMS, Document, Format, Offer
from reports.queries.result import ResultColumn, Row

NOTHING = "null"


def array(document: Document) -> Iterator[str]:
    """Yields the document, a piece a row."""
    separator = ""
    yield "["
    for text in objects(document):
        yield f"{separator}\n{text}"
        separator = ","
    yield "\n]\n"


def objects(document: Document) -> Iterator[str]:
    """Yields the rows as objects, each on one line."""
    names = keys(document.columns)
    for row in document.rows:
        pairs = zip(names, values(document.columns, row), strict=True)
        yield f"{{{','.join([name + value for name, value in pairs])}}}"


def keys(columns: Sequence[ResultColumn]) -> list[str]:
    """Returns the text before the value of each column."""
    return [f"{json.dumps(column.id)}:" for column in columns]


def values(columns: Sequence[ResultColumn], row: Row) -> list[str]:
    """Yields the values of a canonical row."""
    return [
        NOTHING if value is None else column.kind.json(value)
        for column, value in zip(columns, row, strict=True)
    ]


FORMAT = Format(
    name="json",
    content_type="application/json",
    dialects={"rfc8259": array},
    offers=[Offer(PROGRAMS, _("JSON"), _("An array of objects, one per row"))],
)
