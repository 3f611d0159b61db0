"""JSON Lines: one line a row, with the same objects as in JSON, in UTF-8."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from reports.formats.base import PROGRAMS, Document, Format, Offer
from reports.formats.json import objects


def lines(document: Document) -> Iterator[str]:
    """Yields the document, a line a row."""
    for text in objects(document):
        yield f"{text}\n"


FORMAT = Format(
    name="jsonl",
    content_type="application/x-ndjson",
    dialects={"lines": lines},
    offers=[Offer(PROGRAMS, _("JSON Lines"), _("One object per line and row"))],
)
