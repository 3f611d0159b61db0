"""Periods in which nothing happened."""

from datetime import UTC, date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F

from reports import Column, Report, filters
from reports.errors import DeclarationError, LimitReached
from reports.expressions import (
    Avg,
    Count,
    Max,
    StringAgg,
    Sum,
    TruncDay,
    TruncMonth,
    TruncWeek,
    Window,
)
from reports.queries.fill import periods
from reports.queries.statement import Statement
from tests.authoring.asking import paged, streamed
from tests.authoring.models import Post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("authored")]
BERLIN = ZoneInfo("Europe/Berlin")


def rows_of(
    group_by: dict[str, Any],
    columns: dict[str, Any],
    *,
    fill: list[str],
    values: dict[str, Any] | None = None,
    **attributes: Any,
) -> Any:
    """The rows of a report of posts that is filled, its pages compared."""
    declared = {name: c if isinstance(c, Column) else Column(c) for name, c in columns.items()}
    ordering = attributes.pop("ordering", ())
    meta = type("Meta", (), {"fill": fill, "ordering": ordering, "permission": None})
    names = {"queryset": Post.objects.all(), "group_by": group_by, "Meta": meta}
    probe = type("Probe", (Report,), names | declared | attributes)
    found = Statement(probe(), values or {}, "default")
    rows = streamed(found)
    assert paged(found) == rows
    return rows


def months(first: date, last: date) -> list[date]:
    found, at = [], first
    while at <= last:
        found.append(at)
        at = date(at.year + at.month // 12, at.month % 12 + 1, 1)
    return found


def month_of(post: Any) -> date:
    return post.day.replace(day=1)


def test_months_between_the_first_and_the_last_row() -> None:
    rows = rows_of(
        {"month": TruncMonth("day")},
        {"posts": Count("pk"), "words": Sum("comments__words"), "most": Max("comments__words")},
        fill=["month"],
    )
    posts = list(Post.objects.all())
    wanted = []
    for month in months(min(map(month_of, posts)), max(map(month_of, posts))):
        here = [post for post in posts if month_of(post) == month]
        words = [comment.words for post in here for comment in post.comments.all()]
        wanted.append((month, len(here), sum(words), max(words, default=None)))
    assert rows == [tuple("NULL" if v is None else str(v) for v in row) for row in wanted]


def test_each_combination_of_the_other_keys_has_every_month() -> None:
    rows = rows_of(
        {"month": TruncMonth("day"), "author": "author"},
        {
            "posts": Count("pk"),
            "comments": Count("comments"),
            "likes": Count("likes"),
            "titles": StringAgg("title", ","),
            "mean": Column(Avg("comments__words"), places=1),
        },
        fill=["month"],
        ordering=["author", "month"],
    )
    posts = list(Post.objects.select_related("author"))
    authors = {post.author for post in posts}
    every = months(min(map(month_of, posts)), max(map(month_of, posts)))
    assert len(rows) == len(authors) * len(every)
    counted = [(row[0], row[1]) for row in rows if row[2] != "0"]
    assert sorted(counted) == sorted(
        {(str(month_of(p)), p.author.name if p.author else "NULL") for p in posts}
        if len({a.name for a in authors if a}) == len([a for a in authors if a])
        else [
            (str(month), author.name if author else "NULL")
            for month, author in {(month_of(p), p.author) for p in posts}
        ]
    )
    assert {row[2:] for row in rows if row[2] == "0"} == {("0", "0", "0", "NULL", "NULL")}


def test_a_filter_s_bounds_are_those_of_the_periods() -> None:
    rows = rows_of(
        {"month": TruncMonth("published", tzinfo=BERLIN)},
        {"posts": Count("pk")},
        fill=["month"],
        when=filters.DateRange("published", zone=BERLIN),
        values={"when_from": date(2024, 1, 15), "when_to": date(2024, 8, 2)},
    )
    assert [row[0] for row in rows] == [f"2024-{month:02}-01" for month in range(1, 9)]
    assert sum(int(row[1]) for row in rows) == 5


def test_bounds_without_rows_fill_too() -> None:
    rows = rows_of(
        {"week": TruncWeek("day")},
        {"posts": Count("pk")},
        fill=["week"],
        when=filters.DateRange("day"),
        values={"when_from": date(1999, 12, 30), "when_to": date(2000, 1, 3)},
    )
    assert rows == [("1999-12-27", "0"), ("2000-01-03", "0")]


@pytest.mark.parametrize(("zone", "found"), [(BERLIN, ["1999-12"]), (UTC, ["1999-12", "2000-01"])])
def test_the_last_day_of_a_filter_ends_in_the_zone_of_the_key(zone: Any, found: list[str]) -> None:
    rows = rows_of(
        {"month": TruncMonth("published", tzinfo=BERLIN)},
        {"posts": Count("pk")},
        fill=["month"],
        when=filters.DateRange("published", zone=zone),
        values={"when_from": date(1999, 12, 30), "when_to": date(1999, 12, 31)},
    )
    assert rows == [(f"{month}-01", "0") for month in found]


def test_no_rows_and_no_bounds_fill_nothing() -> None:
    rows = rows_of(
        {"day": "day"}, {"posts": Count("pk")}, fill=["day"], queryset=Post.objects.none()
    )
    assert rows == []


def test_rows_without_a_period_stay() -> None:
    rows = rows_of(
        {"month": TruncMonth("published"), "status": "status"},
        {"posts": Count("pk")},
        fill=["month"],
    )
    without = [row for row in rows if row[0] == "NULL"]
    assert without == [("NULL", "draft", "2")]
    assert len({row[0] for row in rows} - {"NULL"}) * 3 == len(rows) - 1


def test_windows_are_over_what_is_filled() -> None:
    rows = rows_of(
        {"day": TruncDay("day")},
        {"posts": Count("pk"), "of": Window(Count("*"))},
        fill=["day"],
        queryset=Post.objects.filter(day__gte=date(2024, 6, 30)),
    )
    assert [row[1:] for row in rows] == [
        ("1", "6"),
        *[("0", "6")] * 2,
        ("1", "6"),
        ("3", "6"),
        ("1", "6"),
    ]


def test_too_many_periods_are_refused() -> None:
    with pytest.raises(LimitReached, match="would add 11,682 rows"):
        rows_of(
            {"day": "day"},
            {"posts": Count("pk")},
            fill=["day"],
            when=filters.DateRange("day"),
            values={"when_from": date(2000, 1, 1), "when_to": date(2031, 12, 31)},
        )


@pytest.mark.parametrize(
    ("group_by", "fill", "words"),
    [
        ({"status": "status"}, ["status"], "takes keys that are days"),
        ({"status": "status"}, ["posts"], "names 'posts'; it takes keys of group_by: status"),
        ({"n": F("author__id")}, ["n"], "takes keys that are days"),
    ],
)
def test_only_periods_are_filled(group_by: Any, fill: list[str], words: str) -> None:
    with pytest.raises(DeclarationError, match=words):
        rows_of(group_by, {"posts": Count("pk")}, fill=fill)


def test_periods_end_with_the_calendar() -> None:
    assert list(periods(date(9999, 11, 5), date(9999, 12, 31), "month")) == [
        date(9999, 11, 1),
        date(9999, 12, 1),
    ]
    assert list(periods(date(9999, 12, 30), date(9999, 12, 31), "day"))[-1] == date(9999, 12, 31)
