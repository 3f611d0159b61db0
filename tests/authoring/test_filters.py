"""Filters that a report declares: they narrow the queryset's rows, whatever made these."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.db.models import Exists, F, OuterRef

from reports import filters
from reports.expressions import Count, RowNumber, Sum, Window
from tests.authoring.asking import answer
from tests.authoring.joins import everything
from tests.authoring.models import Comment, Payment, Post, VisiblePost
from tests.authoring.oracle import author, grouped, lines, names, weights, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("authored")]


def least(path: str) -> filters.Filter:
    return filters.Minimum(path, number=forms.IntegerField)


def posts(where: Any = lambda post: True) -> list[Any]:
    return [post for post in everything(Post) if where(post)]


@pytest.mark.parametrize("asked", [None, 0, 2, 3, 9])
def test_a_filter_of_an_annotated_count(asked: int | None) -> None:
    rows = answer(
        Post.objects.annotate(n=Count("comments")),
        {"posts": Count("pk"), "likes": Count("likes")},
        group_by={"status": "status"},
        busy=least("n"),
        values={"busy": asked},
    )
    kept = posts(lambda p: asked is None or len(words(p)) >= asked)
    assert rows == grouped(kept, lambda p: p.status, len, lambda g: sum(len(weights(p)) for p in g))


def test_a_filter_of_an_annotated_count_without_groups() -> None:
    rows = answer(
        Post.objects.annotate(n=Count("comments")),
        {"pk": "pk", "n": "n"},
        busy=least("n"),
        values={"busy": 3},
    )
    assert rows == lines((p.pk, len(words(p))) for p in posts(lambda p: len(words(p)) >= 3))


def test_a_filter_of_a_window_leaves_its_numbers() -> None:
    queryset = Post.objects.annotate(r=Window(RowNumber(), order_by=["day", "pk"]))
    rows = answer(queryset, {"pk": "pk", "r": "r"}, late=least("r"), values={"late": 6})
    ordered = sorted(posts(), key=lambda p: (p.day, p.pk))
    numbers = {p.pk: n for n, p in enumerate(ordered, 1)}
    assert rows == lines((p.pk, numbers[p.pk]) for p in posts() if numbers[p.pk] >= 6)


def test_a_filter_of_a_field_leaves_the_window_s_numbers() -> None:
    """The window is the queryset's, and the filter is over the queryset's rows."""
    queryset = Post.objects.annotate(r=Window(RowNumber(), order_by=["day", "pk"]))
    status = filters.Choice("status", choices=[("live", "Live")])
    rows = answer(queryset, {"pk": "pk", "r": "r"}, status=status, values={"status": "live"})
    ordered = sorted(posts(), key=lambda p: (p.day, p.pk))
    assert rows == lines(sorted((p.pk, n) for n, p in enumerate(ordered, 1) if p.status == "live"))


def test_a_filter_of_a_window_in_groups() -> None:
    queryset = Comment.objects.annotate(
        r=Window(RowNumber(), partition_by=[F("post")], order_by=["-words", "pk"])
    )
    rows = answer(
        queryset,
        {"comments": Count("pk"), "words": Sum("words")},
        group_by={"title": F("post__title")},
        later=least("r"),
        values={"later": 2},
    )
    kept = []
    for post in posts():
        kept += sorted(post.comments.all(), key=lambda c: (-c.words, c.pk))[1:]
    assert rows == grouped(kept, lambda c: c.post.title, len, lambda g: sum(c.words for c in g))


def test_a_filter_of_groups_that_values_made() -> None:
    rows = answer(
        Post.objects.values("title").annotate(n=Count("pk")),
        {"title": "title", "n": "n"},
        ordering=["title"],
        often=least("n"),
        values={"often": 2},
    )
    titles = [p.title for p in posts()]
    often = {title for title in titles if titles.count(title) >= 2}
    assert rows == grouped(often, lambda t: t, lambda g: titles.count(g[0]))


def test_a_filter_of_the_whole() -> None:
    rows = answer(
        Post.objects.annotate(n=Count("comments")),
        {"posts": Count("pk"), "n": Sum("n")},
        busy=least("n"),
        values={"busy": 9},
    )
    assert rows == [("0", "NULL")]


def test_a_filter_of_a_text_beside_an_aggregate() -> None:
    rows = answer(
        Post.objects.annotate(n=Count("comments")),
        {"pk": "pk", "n": "n"},
        who=filters.Choice("author__name", choices=[("ann", "Ann")]),
        values={"who": "ann"},
    )
    assert rows == lines((p.pk, len(words(p))) for p in posts(lambda p: author(p) == "ann"))


def test_two_choices_over_one_path_to_many_are_both_there() -> None:
    choices = [(name, name) for name in ("art", "bio", "cod")]
    rows = answer(
        Post.objects.all(),
        {"pk": "pk", "comments": Count("comments")},
        one=filters.Choice("tags__name", choices=choices),
        other=filters.Choice("tags__name", choices=choices),
        values={"one": "art", "other": "bio"},
    )
    kept = posts(lambda p: {"art", "bio"} <= set(names(p)))
    assert rows == lines((p.pk, len(words(p))) for p in kept)


def test_a_filter_over_many_has_the_rows_that_a_manager_leaves_out() -> None:
    gone = VisiblePost._base_manager.filter(status="gone")
    tag = filters.Choice("tags__name")
    rows = answer(gone, {"pk": "pk"}, tag=tag, values={"tag": "cod"})
    assert rows == lines((p.pk,) for p in posts(lambda p: p.status == "gone" and "cod" in names(p)))
    (field,) = tag.named("tag").fields(gone).values()
    assert [text for text, _ in field.choices if text] == ["art", "bio", "cod"]


def test_a_choice_of_a_foreign_key_to_another_field() -> None:
    rows = answer(
        Payment.objects.all(),
        {"pk": "pk"},
        currency=filters.Choice("currency", choices=[("EUR", "euro")]),
        values={"currency": "EUR"},
    )
    assert rows == lines((p.pk,) for p in everything(Payment) if p.currency_id == "EUR")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "UTC"])
def test_days_of_a_date_are_its_own(zone: str) -> None:
    day = date(2024, 7, 4)
    rows = answer(
        Post.objects.all(),
        {"pk": "pk"},
        day=filters.DateRange("day", zone=ZoneInfo(zone)),
        values={"day_from": day, "day_to": day},
    )
    assert rows == lines((p.pk,) for p in posts(lambda p: p.day == day))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "UTC"])
def test_days_of_an_instant_are_the_zone_s(zone: str) -> None:
    day = date(2024, 7, 4)
    rows = answer(
        Post.objects.annotate(n=Count("comments")),
        {"pk": "pk", "n": "n"},
        published=filters.DateRange("published", zone=ZoneInfo(zone)),
        values={"published_from": day, "published_to": day},
    )
    kept = posts(lambda p: p.published and p.published.astimezone(ZoneInfo(zone)).date() == day)
    assert rows == lines((p.pk, len(words(p))) for p in kept)


def test_a_filter_beside_exists_and_a_join() -> None:
    queryset = Post.objects.filter(comments__words__gte=3).filter(
        Exists(Comment.objects.filter(post=OuterRef("pk"), author=None))
    )
    rows = answer(
        queryset,
        {"rows": Count("pk"), "likes": Count("likes")},
        group_by={"status": "status"},
        from_=least("pk"),
        values={"from_": 2},
    )
    kept = [
        p
        for p in posts(lambda p: p.pk >= 2 and any(c.author is None for c in p.comments.all()))
        for each in words(p)
        if each >= 3
    ]
    assert rows == grouped(kept, lambda p: p.status, len, lambda g: sum(len(weights(p)) for p in g))


def test_a_filter_over_many_is_another_than_the_queryset_s_behind_a_window() -> None:
    choices = [("art", "Art"), ("bio", "Bio")]
    rows = answer(
        Post.objects.filter(tags__name="art").annotate(
            place=Window(RowNumber(), order_by=["day", "pk"])
        ),
        {"pk": "pk", "tag": "tags__name"},
        other=filters.Choice("tags__name", choices=choices),
        values={"other": "bio"},
    )
    assert rows == lines((p.pk, "art") for p in posts() if {"art", "bio"} <= set(names(p)))
    assert rows
