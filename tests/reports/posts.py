"""A few posts with tags and remarks, and reports over them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

import reports
from reports import Column
from reports.queries.parameters import read
from reports.queries.statement import Statement
from tests.hostile.models import Post, Remark, Tag, Writer


def load() -> None:
    """Creates posts a to d: d has no value, no tag and no remark."""
    red, blue, _ = (Tag.objects.create(id=n, name=name) for n, name in enumerate("rbx", 1))
    ann = Writer.objects.create(id=7, code="A1", name="Ann")
    bob = Writer.objects.create(id=8, code="B2", name="Bob")
    Writer.objects.create(id=9, code="C3", name="Cyd")
    values: list[dict[str, Any]] = [
        {"status": "Open", "is_open": True, "level": 2, "writer": ann, "tags": [red, blue]},
        {"status": "open", "is_open": False, "writer": bob, "tags": [red]},
        {"status": "", "is_open": True, "writer": ann, "tags": [blue]},
        {},
    ]
    made = []
    for number, own in enumerate(values):
        tags = own.pop("tags", ())
        if own:
            own |= {"day": date(2024, 7, 4 + number), "price": Decimal(number)}
            own |= {"at": datetime(2024, 7, 4 + number, 23, 30, tzinfo=UTC)}
        made.append(Post.objects.create(title="abcd"[number], **own))
        made[-1].tags.set(tags)
    for post, words, by in ((0, 5, ann), (0, 50, bob), (0, 6, None), (1, 7, bob), (2, 60, None)):
        Remark.objects.create(post=made[post], words=words, by=by)


def over(rows: QuerySet[Any] | None = None, **attributes: Any) -> reports.Report:
    """Returns a report of the titles of posts."""
    meta = type("Meta", (), {"ordering": ["post"]})
    declared = {"queryset": Post.objects.all() if rows is None else rows, "Meta": meta}
    return type("Posts", (reports.Report,), declared | {"post": Column("title")} | attributes)()


def titles(report: reports.Report, **given: str | list[str]) -> str:
    """Returns the one-letter titles in a report's rows for these parameters."""
    texts = {name: [text] if isinstance(text, str) else text for name, text in given.items()}
    values = dict(read(report, texts, "default").values)
    statement = Statement(report, values, "default")
    # Not its stream, whose snapshot does not see what a test has not committed.
    return "".join(statement.canonical(row)[0] for row in statement.queryset)
