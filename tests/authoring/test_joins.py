"""Aggregates over several paths to many: each has joins of its own."""

from fractions import Fraction
from typing import Any

import pytest
from django.db.models import Q

from reports import Column
from reports.expressions import (
    Avg,
    Count,
    Min,
    StringAgg,
    Sum,
)
from tests.authoring.asking import answer
from tests.authoring.joins import everything
from tests.authoring.models import Author, Post
from tests.authoring.oracle import grouped, lines, names, total, weights, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("authored")]


def posts() -> list[Any]:
    return list(everything(Post))


def of_all(values: Any) -> Any:
    """What a group's posts have together."""
    return lambda group: [value for post in group for value in values(post)]


def written(found: Any) -> list[Any]:
    return list(found.posts.all())


def test_comments_and_likes_side_by_side() -> None:
    columns = {
        "comments": Count("comments"),
        "likes": Count("likes"),
        "weight": Sum("likes__weight"),
        "posts": Count("pk"),
    }
    one = answer(Post.objects.filter(pk=1), columns, group_by={"slug": "slug"})
    assert one == [("alpha-1", "3", "2", "3.75", "1")]
    assert answer(Post.objects.all(), columns, group_by={"slug": "slug"}) == grouped(
        posts(),
        lambda p: p.slug,
        lambda g: len(of_all(words)(g)),
        lambda g: len(of_all(weights)(g)),
        lambda g: total(of_all(weights)(g)),
        len,
    )


def test_comments_and_likes_in_groups_of_several_posts() -> None:
    columns = {
        "comments": Count("comments"),
        "weight": Sum("likes__weight"),
        "posts": Count("pk"),
        "tags": Count("tags"),
        "first": Min("day"),
    }
    rows = answer(Post.objects.all(), columns, group_by={"status": "status"})
    assert rows == grouped(
        posts(),
        lambda p: p.status,
        lambda g: len(of_all(words)(g)),
        lambda g: total(of_all(weights)(g)),
        len,
        lambda g: len(of_all(names)(g)),
        lambda g: min(p.day for p in g),
    )


def test_comments_and_likes_of_each_post_without_groups() -> None:
    columns = {"pk": "pk", "comments": Count("comments"), "weight": Sum("likes__weight")}
    rows = answer(Post.objects.all(), columns)
    assert rows == lines((p.pk, len(words(p)), total(weights(p))) for p in posts())


def test_comments_and_likes_of_the_whole() -> None:
    columns = {
        "comments": Count("comments"),
        "likes": Count("likes"),
        "posts": Count("pk"),
        "mean": Column(Avg("likes__weight"), places=2),
    }
    rows = answer(Post.objects.filter(status="live"), columns)
    live = [p for p in posts() if p.status == "live"]
    found = [w for w in of_all(weights)(live) if w is not None]
    mean = Fraction(sum(found)) / len(found)
    assert rows == lines([(len(of_all(words)(live)), len(of_all(weights)(live)), len(live), mean)])


def test_one_path_to_many_alone() -> None:
    columns = {"n": Count("comments"), "words": Sum("comments__words"), "posts": Count("pk")}
    rows = answer(Post.objects.all(), columns, group_by={"title": "title"})
    assert rows == grouped(
        posts(),
        lambda p: p.title,
        lambda g: len(of_all(words)(g)),
        lambda g: total(of_all(words)(g)),
        len,
    )


def test_texts_over_two_paths() -> None:
    columns = {
        "tags": StringAgg("tags__name", "|"),
        "likes": StringAgg("likes__weight", "|"),
        "titles": StringAgg("title", "|"),
    }
    rows = answer(Post.objects.all(), columns, group_by={"status": "status"})
    assert rows == grouped(
        posts(),
        lambda p: p.status,
        lambda g: "|".join(sorted(of_all(names)(g))) or None,
        lambda g: "|".join(sorted(f"{w:.2f}" for w in of_all(weights)(g) if w is not None)) or None,
        lambda g: "|".join(sorted(p.title for p in g)),
    )


def test_distinct_counts_over_two_paths() -> None:
    columns = {
        "tags": Count("tags", distinct=True),
        "weights": Count("likes__weight", distinct=True),
        "sum": Sum("comments__words", distinct=True),
        "titles": Count("title", distinct=True),
    }
    rows = answer(Post.objects.all(), columns, group_by={"status": "status"})
    assert rows == grouped(
        posts(),
        lambda p: p.status,
        lambda g: len(set(of_all(names)(g))),
        lambda g: len({w for w in of_all(weights)(g) if w is not None}),
        lambda g: total(set(of_all(words)(g))),
        lambda g: len({p.title for p in g}),
    )


def test_a_filter_of_an_aggregate_over_its_own_path_and_another() -> None:
    columns = {
        "long": Count("comments", filter=Q(comments__words__gte=5)),
        "liked": Sum("comments__words", filter=Q(likes__weight__gte=1)),
        "live": Count("likes", filter=Q(status="live")),
        "posts": Count("pk", filter=Q(comments__words__gte=5)),
    }
    rows = answer(Post.objects.all(), columns, group_by={"title": "title"})

    def liked(post: Any) -> list[int]:
        heavy = [w for w in weights(post) if w is not None and w >= 1]
        return [each for each in words(post) for _ in heavy]

    def long(post: Any) -> list[int]:
        return [each for each in words(post) if each >= 5]

    assert rows == grouped(
        posts(),
        lambda p: p.title,
        lambda g: len(of_all(long)(g)),
        lambda g: total(of_all(liked)(g)),
        lambda g: len([w for p in g if p.status == "live" for w in weights(p)]),
        lambda g: len(of_all(long)(g)),
    )


def test_arithmetic_of_aggregates_over_two_paths() -> None:
    columns = {"both": Column(Count("comments") + Count("likes") * 10)}
    rows = answer(Post.objects.all(), columns, group_by={"status": "status"})
    assert rows == grouped(
        posts(),
        lambda p: p.status,
        lambda g: len(of_all(words)(g)) + 10 * len(of_all(weights)(g)),
    )


def test_to_many_of_to_many() -> None:
    columns = {
        "posts": Count("posts"),
        "comments": Count("posts__comments"),
        "weight": Sum("posts__likes__weight"),
        "authors": Count("pk"),
        "own": Count("comments"),
    }
    rows = answer(Author.objects.all(), columns, group_by={"pk": "pk"})
    assert rows == grouped(
        everything(Author),
        lambda a: a.pk,
        lambda g: len(of_all(written)(g)),
        lambda g: len(of_all(words)(of_all(written)(g))),
        lambda g: total(of_all(weights)(of_all(written)(g))),
        len,
        lambda g: sum(a.comments.count() for a in g),
    )


def test_an_aggregate_over_a_path_that_comes_back() -> None:
    columns = {"posts": Count("author__posts"), "rows": Count("pk")}
    rows = answer(Post.objects.all(), columns, group_by={"status": "status"})
    assert rows == grouped(
        posts(),
        lambda p: p.status,
        lambda g: sum(len(written(p.author)) for p in g if p.author),
        len,
    )
