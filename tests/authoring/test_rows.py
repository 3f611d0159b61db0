"""The queryset is a relation: its rows are what Django yields, and the report shows those."""

from typing import Any

import pytest
from django.db import models
from django.db.models import F, Q, functions
from django.db.models.lookups import Exact

from reports.errors import NotPortable
from reports.expressions import Count, Rank, RowNumber, Sum, Upper, Window
from tests.authoring.asking import answer, statement
from tests.authoring.joins import everything
from tests.authoring.models import (
    Author,
    Comment,
    Empty,
    Like,
    Payment,
    Post,
    Review,
    Tag,
    VisiblePost,
)
from tests.authoring.oracle import author, grouped, lines, names, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("authored")]


def counted(post: Any) -> int:
    return len(words(post))


def posts(where: Any = lambda post: True) -> list[Any]:
    return [post for post in everything(Post) if where(post)]


COUNTED = Post.objects.annotate(n=Count("comments"))


# Joins that a filter makes.


def commenters(post: Any) -> list[Any]:
    return [comment.author_id for comment in post.comments.all()]


@pytest.mark.parametrize(
    ("queryset", "times"),
    [
        (Post.objects.filter(author=None), lambda p: p.author is None),
        (
            Post.objects.filter(author__mentor__isnull=True),
            lambda p: not (p.author and p.author.mentor),
        ),
        (Post.objects.exclude(author__name="ann"), lambda p: author(p) != "ann"),
        (Post.objects.exclude(published__isnull=True), lambda p: p.published is not None),
        (
            Post.objects.filter(~Q(author__mentor__name="ann")),
            lambda p: not (p.author and p.author.mentor and p.author.mentor.name == "ann"),
        ),
        (
            Post.objects.filter(Q(status="live") ^ Q(title="alpha")),
            lambda p: (p.status == "live") != (p.title == "alpha"),
        ),
        (Post.objects.filter(comments__isnull=True), lambda p: not words(p)),
        (Post.objects.filter(comments__isnull=False), lambda p: len(words(p))),
        (Post.objects.exclude(comments__isnull=True), lambda p: bool(words(p))),
        (Post.objects.filter(comments__author=2), lambda p: commenters(p).count(2)),
        (Post.objects.exclude(comments__author=2), lambda p: 2 not in commenters(p)),
        (
            Post.objects.exclude(comments__author__name="bob", tags__name="art"),
            lambda p: not (2 in commenters(p) and "art" in names(p)),
        ),
        (
            Post.objects.filter(Q(comments__words__gte=7) | Q(tags__name="cod")),
            lambda p: sum(
                (each is not None and each >= 7) or name == "cod"
                for each in words(p) or [None]
                for name in names(p) or [None]
            ),
        ),
        (
            Post.objects.filter(pk__in=Comment.objects.filter(words__gte=7).values("post")),
            lambda p: any(each >= 7 for each in words(p)),
        ),
        (
            Post.objects.filter(tags__in=Tag.objects.filter(name__in=["art", "bio"])),
            lambda p: len({"art", "bio"} & set(names(p))),
        ),
        (Post.objects.filter(author__posts__title="gamma"), lambda p: author(p) == "bob"),
        (
            Post.objects.filter(review__stars__gte=4),
            lambda p: hasattr(p, "review") and p.review.stars >= 4,
        ),
        (Post.objects.filter(review=None), lambda p: not hasattr(p, "review")),
        (Post.objects.filter(author__profile__city="oslo"), lambda p: p.author_id == 1),
        (
            Post.objects.filter(comments__author=F("author")),
            lambda p: p.author_id and commenters(p).count(p.author_id),
        ),
    ],
)
def test_filters_of_a_queryset(queryset: Any, times: Any) -> None:
    """Each post is there as many times as the filter's joins match."""
    rows = [p for p in posts() for _ in range(int(times(p) or 0))]
    assert sorted(p.pk for p in queryset.all()) == [p.pk for p in rows]
    columns = {"rows": Count("pk"), "likes": Count("likes"), "posts": Count("pk", distinct=True)}
    assert answer(queryset, columns, group_by={"status": "status"}) == grouped(
        rows,
        lambda p: p.status,
        len,
        lambda g: sum(p.likes.count() for p in g),
        lambda g: len({p.pk for p in g}),
    )


def test_a_filter_over_many_gives_a_row_for_each_that_matches() -> None:
    queryset = Post.objects.filter(comments__words__gte=3)
    rows = answer(queryset, {"pk": "pk", "title": "title"})
    assert rows == lines((p.pk, p.title) for p in posts() for each in words(p) if each >= 3)


def test_counts_over_a_filter_over_many() -> None:
    queryset = Post.objects.filter(comments__words__gte=3)
    columns = {
        "rows": Count("pk"),
        "posts": Count("pk", distinct=True),
        "comments": Count("comments"),
        "words": Sum("comments__words"),
    }
    rows = answer(queryset, columns, group_by={"status": "status"})
    pairs = [(p, each) for p in posts() for each in words(p) if each >= 3]
    assert rows == grouped(
        pairs,
        lambda pair: pair[0].status,
        len,
        lambda g: len({p.pk for p, _ in g}),
        len,
        lambda g: sum(each for _, each in g),
    )


def test_one_filter_over_many_and_two() -> None:
    one = Post.objects.filter(comments__words__gte=7, comments__author__name="bob")
    two = Post.objects.filter(comments__words__gte=7).filter(comments__author__name="bob")
    columns = {"pk": "pk"}
    comments = [(p, c) for p in posts() for c in p.comments.all()]
    assert answer(one, columns) == lines(
        (p.pk,) for p, c in comments if c.words >= 7 and c.author and c.author.name == "bob"
    )
    assert answer(two, columns) == lines(
        (p.pk,)
        for p, c in comments
        for other in p.comments.all()
        if c.words >= 7 and other.author and other.author.name == "bob"
    )


def test_exclude_over_many_leaves_no_row_twice() -> None:
    queryset = Post.objects.exclude(comments__words__gte=5)
    rows = answer(queryset, {"posts": Count("pk"), "tags": Count("tags")}, group_by={"s": "status"})
    kept = posts(lambda p: not any(each >= 5 for each in words(p)))
    assert rows == grouped(kept, lambda p: p.status, len, lambda g: sum(len(names(p)) for p in g))


def test_likes_of_posts_filtered_over_their_comments() -> None:
    queryset = Post.objects.filter(comments__words__gte=5)
    rows = answer(
        queryset, {"likes": Count("likes"), "rows": Count("pk")}, group_by={"s": "status"}
    )
    matched = [p for p in posts() for each in words(p) if each >= 5]
    assert rows == grouped(
        matched, lambda p: p.status, lambda g: sum(p.likes.count() for p in g), len
    )


def test_an_annotated_aggregate_makes_one_row_of_a_post_again() -> None:
    queryset = Post.objects.filter(comments__words__gte=3).annotate(n=Count("comments"))
    rows = answer(
        queryset, {"posts": Count("pk"), "all": Count("comments")}, group_by={"n": F("n")}
    )
    kept = [(p, sum(each >= 3 for each in words(p))) for p in posts()]
    assert rows == grouped(
        [pair for pair in kept if pair[1]],
        lambda pair: pair[1],
        len,
        lambda g: sum(counted(p) for p, _ in g),
    )


# distinct(), slices, combinations.


def test_distinct_rows_of_a_filter_over_many() -> None:
    queryset = Post.objects.filter(tags__name__in=["art", "bio", "cod"]).distinct()
    rows = answer(queryset, {"posts": Count("pk")}, group_by={"status": "status"})
    assert rows == grouped(posts(names), lambda p: p.status, len)


def test_distinct_values() -> None:
    queryset = Post.objects.values("title", "status").distinct()
    assert answer(queryset, {"pairs": Count("*")}) == lines(
        [(len({(p.title, p.status) for p in posts()}),)]
    )


def test_distinct_values_in_groups() -> None:
    queryset = Post.objects.values("title", "status").distinct()
    rows = answer(queryset, {"pairs": Count("*")}, group_by={"title": F("title")})
    pairs = {(p.title, p.status) for p in posts()}
    assert rows == grouped(pairs, lambda pair: pair[0], len)


@pytest.mark.parametrize(
    ("queryset", "word"),
    [
        (Post.objects.order_by("pk")[:3], "slice"),
        (Post.objects.filter(pk=1).union(Post.objects.filter(pk=2)), "union"),
        (Post.objects.filter(pk=1).intersection(Post.objects.all()), "intersection"),
        (Post.objects.all().difference(Post.objects.filter(pk=2)), "difference"),
    ],
    ids=["slice", "union", "intersection", "difference"],
)
def test_rows_that_no_filter_can_reach_are_refused(queryset: Any, word: str) -> None:
    with pytest.raises(NotPortable, match=word):
        statement(queryset, {"pk": "pk"})


# Managers, inheritance, and what changes no row.


def test_a_model_s_own_order_is_not_the_report_s() -> None:
    rows = answer(
        Comment.objects.all(), {"comments": Count("pk")}, group_by={"post": F("post__title")}
    )
    assert rows == grouped(everything(Comment), lambda c: c.post.title, len)


def test_a_queryset_s_order_changes_nothing() -> None:
    queryset = COUNTED.order_by("-n", "author__name")
    rows = answer(queryset, {"posts": Count("pk")}, group_by={"n": F("n")})
    assert rows == answer(COUNTED, {"posts": Count("pk")}, group_by={"n": F("n")})


@pytest.mark.parametrize("queryset", [Post.objects.all(), COUNTED], ids=["objects", "counted"])
def test_an_order_over_many_repeats_rows_as_django_does(queryset: Any) -> None:
    ordered = queryset.order_by("likes__weight")
    assert len(ordered) > len(queryset)
    rows = answer(ordered, {"posts": Count("*")}, group_by={"title": "title"})
    assert rows == grouped(ordered, lambda p: p.title, len)


def test_a_manager_and_a_queryset_of_the_author_s_own() -> None:
    live = grouped(posts(lambda p: p.status == "live"), lambda p: p.title, len)
    columns, group_by = {"posts": Count("pk")}, {"title": "title"}
    assert answer(VisiblePost.objects.all(), columns, group_by=group_by) == live
    assert answer(Post.objects.visible(), columns, group_by=group_by) == live


def test_a_proxy_is_rows_of_its_table() -> None:
    queryset = VisiblePost.objects.annotate(n=Count("comments"))
    rows = answer(queryset, {"pk": "pk", "n": "n", "likes": Count("likes")}, ordering=["pk"])
    live = posts(lambda p: p.status == "live")
    assert rows == lines((p.pk, counted(p), p.likes.count()) for p in live)


def test_a_model_in_two_tables() -> None:
    columns = {"title": "title", "stars": "stars", "n": Count("comments"), "likes": Count("likes")}
    rows = answer(Review.objects.all(), columns, ordering=["-stars", "title"])
    reviews = sorted(everything(Review), key=lambda r: (-r.stars, r.title))
    assert rows == lines((r.title, r.stars, counted(r), r.likes.count()) for r in reviews)


def test_groups_of_a_model_in_two_tables() -> None:
    queryset = Review.objects.annotate(n=Count("comments")).filter(n__gte=1)
    rows = answer(queryset, {"reviews": Count("pk"), "n": Sum("n")}, group_by={"stars": "stars"})
    assert rows == grouped(
        everything(Review), lambda r: r.stars, len, lambda g: sum(map(counted, g))
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda q: q.select_related("author"),
        lambda q: q.prefetch_related("tags"),
        lambda q: q.only("title"),
        lambda q: q.defer("title", "day"),
        lambda q: q.reverse(),
        lambda q: q.using("default"),
    ],
    ids=["select_related", "prefetch_related", "only", "defer", "reverse", "using"],
)
def test_what_changes_no_row(change: Any) -> None:
    queryset = change(COUNTED.filter(n__gte=1))
    rows = answer(queryset, {"pk": "pk", "day": "day", "n": "n"})
    assert rows == lines((p.pk, p.day, counted(p)) for p in posts(counted))


def test_rows_of_an_empty_table() -> None:
    empty = Empty.objects.annotate(n=Count("pk"))
    assert answer(empty, {"name": "name"}) == []
    assert answer(empty.filter(n__gte=1), {"n": Sum("n")}, group_by={"name": "name"}) == []
    assert answer(empty, {"rows": Count("pk"), "sum": Sum("number")}) == [("0", "NULL")]


def test_none() -> None:
    assert answer(Post.objects.none(), {"pk": "pk"}) == []
    assert answer(Post.objects.none(), {"posts": Count("pk")}) == [("0",)]
    assert answer(COUNTED.none(), {"posts": Count("pk")}, group_by={"n": F("n")}) == []
    assert answer(COUNTED.none(), {"posts": Count("pk"), "sum": Sum("n")}) == [("0", "NULL")]
    assert answer(Post.objects.none().distinct(), {"posts": Count("pk")}) == [("0",)]


@pytest.mark.parametrize(
    "number",
    [
        Window(RowNumber(), partition_by="status", order_by="pk"),
        models.Window(functions.RowNumber(), partition_by="status", order_by="pk"),
    ],
    ids=["ours", "Django's"],
)
def test_a_filter_on_a_window_that_is_no_annotation(number: Any) -> None:
    first = Exact(number, 1)
    least = {
        status: min(p.pk for p in posts() if p.status == status)
        for status in {p.status for p in posts()}
    }
    kept = posts(lambda p: p.pk == least[p.status])
    rows = answer(
        Post.objects.filter(first), {"posts": Count("pk")}, group_by={"author": F("author_id")}
    )
    assert rows == grouped(kept, lambda p: p.author_id, len)


# Names.


@pytest.mark.parametrize("name", ["c0", "k0", "l0", "s0", "g", "g0", "k", "c0_place", "n"])
def test_an_annotation_may_have_any_name(name: str) -> None:
    queryset = Post.objects.annotate(**{name: Count("comments")})
    rows = answer(queryset, {"x": Sum(name), "posts": Count("pk")}, group_by={"key": F(name)})
    assert rows == grouped(posts(), counted, lambda g: sum(map(counted, g)), len)
    rows = answer(queryset.filter(**{f"{name}__gte": 1}), {"pk": "pk", name: name})
    assert rows == lines((p.pk, counted(p)) for p in posts(counted))


def test_names_that_differ_in_case_alone() -> None:
    """They are one name to MySQL and SQLite."""
    shouted = Post.objects.annotate(TITLE=Upper("title")).distinct()
    rows = answer(shouted, {"title": "title", "TITLE": "TITLE"}, ordering=["title"])
    assert rows == lines((t, t.upper()) for t in sorted(p.title for p in posts()))


def test_other_models_have_rows_too() -> None:
    rows = answer(Tag.objects.annotate(n=Count("posts")).filter(n=0), {"name": "name", "n": "n"})
    assert rows == [("dig", "0")]
    rows = answer(
        Like.objects.annotate(n=Count("post__comments")).filter(n=0), {"title": "post__title"}
    )
    likes = [like for like in everything(Like) if not counted(like.post)]
    assert rows == lines((like.post.title,) for like in likes)
    rows = answer(
        Payment.objects.values("currency").annotate(sum=Sum("amount")).filter(sum__gt=3),
        {"currency": "currency", "sum": "sum"},
        ordering=["sum"],
    )
    sums: dict[str, Any] = {}
    for payment in everything(Payment):
        sums[payment.currency_id] = sums.get(payment.currency_id, 0) + payment.amount
    assert rows == lines(sorted(((k, v) for k, v in sums.items() if v > 3), key=lambda r: r[1]))


def test_a_filter_of_groups_beside_a_window() -> None:
    """MariaDB forgets HAVING where a window stands beside ORDER BY NULL, which Django writes."""
    ranked = (
        Author.objects.annotate(n=Sum("posts"))
        .filter(Q(name="alpha") | Q(n=0))
        .annotate(place=Window(Rank(), order_by="name"))
    )
    assert list(ranked) == []
    assert answer(ranked, {"n": Count("pk")}, group_by={"name": "name"}) == []


def test_a_difference_below_zero_of_a_rank() -> None:
    """Ranks are unsigned on MySQL, and so are the columns of a PositiveIntegerField."""
    ranked = Post.objects.annotate(place=Window(Rank(), order_by="title"))
    rows = answer(ranked, {"less": F("place") - F("pk")}, ordering=["less"])
    everyone = posts()
    places = {p.pk: 1 + sum(o.title < p.title for o in everyone) for p in everyone}
    assert rows == lines((n,) for n in sorted(places[p.pk] - p.pk for p in everyone))
