"""HTML: a table in a page of its own, with complete values."""

from collections.abc import Iterator

from django.utils.html import escape
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


def page(document: Document) -> Iterator[str]:
    """Yields the page, in pieces."""
    title = escape(document.title)
    yield (
        f'<!doctype html>\n<html>\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body>\n<h1>{title}</h1>\n<table>\n<thead>\n<tr>"
    )
    columns = for_people(document.columns)
    yield "".join(f'<th scope="col">{escape(heading(column))}</th>' for column in columns)
    yield "</tr>\n</thead>\n<tbody>\n"
    for row in document.rows:
        cells = "".join(f"<td>{escape(text or '')}</td>" for text in texts_for_people(columns, row))
        yield f"<tr>{cells}</tr>\n"
    yield "</tbody>\n</table>\n</body>\n</html>\n"


FORMAT = Format(
    name="html",
    content_type="text/html; charset=utf-8",
    dialects={"page": page},
    offers=[Offer(READING, _("HTML"), _("One table in a page of its own"))],
)
