"""A Markdown table in GitHub's flavour (GFM 0.29, 4.10), in UTF-8.

Text that Markdown or HTML would read as markup is escaped, and a line end is `<br>`, so that a text
stays in its cell. NULL and empty text are both an empty cell.
"""

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_lazy as _

from reports.formats.base import (
    READING,
    Document,
    Format,
    Offer,
    for_people,
    heading,
    texts_for_people,
)

MARKUP = re.compile(r"[\\`*_{}\[\]()#!|~$:@^=]")
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
HTML = re.compile("[&<>]")
LINE_END = re.compile(r"\r\n|[\r\n]")


def table(document: Document) -> Iterator[str]:
    """Yields the document, a line a row."""
    columns = for_people(document.columns)
    yield _line([escaped(heading(column)) for column in columns])
    yield _line(["---:" if column.kind.is_number else "---" for column in columns])
    marked = [column.kind.is_free_text for column in columns]
    for row in document.rows:
        yield _line(
            [
                escaped(text or "") if has_markup else text or ""
                for has_markup, text in zip(marked, texts_for_people(columns, row), strict=True)
            ]
        )


def escaped(text: str) -> str:
    """Returns the text escaped for a cell."""
    text = HTML.sub(lambda found: ENTITIES[found[0]], text)
    return LINE_END.sub("<br>", MARKUP.sub(r"\\\g<0>", text))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


FORMAT = Format(
    name="md",
    content_type="text/markdown; charset=utf-8",
    dialects={"gfm": table},
    offers=[Offer(READING, _("Markdown"), _("A table for notes and issues"))],
)
