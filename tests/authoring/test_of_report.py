"""Shares and running totals of aggregates over several relations, and of filled periods."""

from datetime import date
from typing import Any

import pytest

from reports import Column
from reports.expressions import Count, Quotient, RunningTotal, ShareOfTotal, TruncMonth
from tests.authoring.asking import answer
from tests.authoring.models import Post
from tests.authoring.test_fill import rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("authored")]


def test_running_totals_of_two_paths_to_many() -> None:
    rows = answer(
        Post.objects.all(),
        {
            "comments": Count("comments"),
            "likes": Count("likes"),
            "so_far": RunningTotal("likes"),
            "share": Column(ShareOfTotal("comments", of=100), places=1),
            "each": Column(Quotient(Count("likes"), Count("comments")), places=2),
            "of_all": Column(ShareOfTotal("each"), places=3),
        },
        group_by={"status": "status"},
    )
    wanted, so_far = [], 0
    posts = list(Post.objects.all())
    every = sum(post.comments.count() for post in posts)
    for status in ("draft", "gone", "live"):
        here = [post for post in posts if post.status == status]
        comments = sum(post.comments.count() for post in here)
        likes = sum(post.likes.count() for post in here)
        so_far += likes
        wanted.append((status, comments, likes, so_far, round(100 * comments / every, 1)))
    assert [row[:4] for row in rows] == [tuple(map(str, row[:4])) for row in wanted]
    assert [float(row[4]) for row in rows] == [row[4] for row in wanted]
    each = [float(row[5]) for row in rows if row[5] != "NULL"]
    shares = [float(row[6]) for row in rows if row[6] != "NULL"]
    assert shares == [round(value / sum(each), 3) for value in each]


def test_a_running_total_goes_on_through_filled_months() -> None:
    rows: Any = rows_of(
        {"month": TruncMonth("day")},
        {"posts": Count("pk"), "so_far": RunningTotal("posts")},
        fill=["month"],
        queryset=Post.objects.filter(day__gte=date(2024, 1, 1)),
        ordering=["month"],
    )
    so_far = 0
    for row in rows:
        so_far += int(row[1])
        assert row[2] == str(so_far)
    assert [row[1] for row in rows] == ["1", "0", "0", "0", "1", "5"]
