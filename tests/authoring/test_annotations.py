"""Aggregates, windows, values() and sub-queries are over before the report groups and filters."""

from fractions import Fraction
from typing import Any

import pytest
from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)

from reports import Column
from reports.errors import DeclarationError
from reports.expressions import Avg, Coalesce, Count, Max, Min, Rank, RowNumber, Sum, Window
from tests.authoring.asking import answer, statement
from tests.authoring.joins import everything
from tests.authoring.models import (
    Author,
    Comment,
    Post,
)
from tests.authoring.oracle import author, grouped, lines, names, total, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("authored")]


def counted(post: Any) -> int:
    return len(words(post))


def posts(where: Any = lambda post: True) -> list[Any]:
    return [post for post in everything(Post) if where(post)]


COUNTED = Post.objects.annotate(n=Count("comments"))


# Annotated aggregates.


def test_a_filter_on_an_aggregate_is_over_before_the_groups_are_made() -> None:
    rows = answer(COUNTED.filter(n__gte=3), {"posts": Count("pk")}, group_by={"status": "status"})
    assert rows == grouped(posts(lambda p: counted(p) >= 3), lambda p: p.status, len)


def test_groups_by_an_annotated_count() -> None:
    rows = answer(COUNTED, {"posts": Count("pk")}, group_by={"n": F("n")})
    assert rows == grouped(posts(), counted, len)


def test_an_annotated_count_is_shown() -> None:
    rows = answer(COUNTED, {"pk": "pk", "n": "n"}, ordering=["-n", "pk"])
    assert rows == lines(sorted(((p.pk, counted(p)) for p in posts()), key=lambda r: (-r[1], r[0])))


def test_sums_of_an_annotated_count() -> None:
    columns = {"n": Sum("n"), "most": Max("n"), "twice": Sum(F("n") * 2), "posts": Count("pk")}
    rows = answer(COUNTED, columns, group_by={"status": "status"})
    assert rows == grouped(
        posts(),
        lambda p: p.status,
        lambda g: sum(map(counted, g)),
        lambda g: max(map(counted, g)),
        lambda g: 2 * sum(map(counted, g)),
        len,
    )


def test_an_annotated_count_beside_one_of_the_report() -> None:
    rows = answer(COUNTED, {"n": Sum("n"), "likes": Count("likes")}, group_by={"status": "status"})
    assert rows == grouped(
        posts(),
        lambda p: p.status,
        lambda g: sum(map(counted, g)),
        lambda g: sum(p.likes.count() for p in g),
    )


@pytest.mark.parametrize(
    ("expression", "of"),
    [
        (Count("pk", filter=Q(n__gte=2)), lambda g: sum(counted(p) >= 2 for p in g)),
        (Count("n", distinct=True), lambda g: len(set(map(counted, g)))),
        (
            Sum(Case(When(n__gte=2, then=Value(1)), default=Value(0))),
            lambda g: sum(counted(p) >= 2 for p in g),
        ),
        (
            Sum("n", filter=Q(status="live") | Q(n=1)),
            lambda g: total(counted(p) for p in g if p.status == "live" or counted(p) == 1),
        ),
        (Avg("n"), lambda g: Fraction(sum(map(counted, g)), len(g))),
        (Min("n") + Max("n"), lambda g: min(map(counted, g)) + max(map(counted, g))),
        (Sum(F("n") + F("pk")), lambda g: sum(counted(p) + p.pk for p in g)),
        (Coalesce(Sum("n", filter=Q(n__gte=9)), Value(0)), lambda g: 0),
        (Sum("n", filter=Q(n__gte=9), default=7), lambda g: 7),
    ],
    ids=["filter", "distinct", "case", "or", "mean", "two", "field", "coalesce", "default"],
)
def test_aggregates_over_an_annotated_count(expression: Any, of: Any) -> None:
    column = Column(expression, places=2 if isinstance(expression, Avg) else None)
    rows = answer(COUNTED, {"made": column}, group_by={"status": "status"})
    assert rows == grouped(posts(), lambda p: p.status, of)


def test_an_excluded_aggregate() -> None:
    rows = answer(COUNTED.exclude(n__gte=3), {"posts": Count("pk")}, group_by={"status": "status"})
    assert rows == grouped(posts(lambda p: counted(p) < 3), lambda p: p.status, len)


def test_a_condition_on_an_aggregate_or_on_a_row() -> None:
    queryset = COUNTED.filter(Q(n__gte=3) | Q(status="draft"))
    rows = answer(queryset, {"posts": Count("pk")}, group_by={"title": "title"})
    kept = posts(lambda p: counted(p) >= 3 or p.status == "draft")
    assert rows == grouped(kept, lambda p: p.title, len)


def test_annotations_on_both_sides_of_a_filter() -> None:
    queryset = COUNTED.filter(n__gt=0).annotate(likes_too=Count("likes", distinct=True))
    queryset = queryset.filter(status="live").annotate(twice=F("n") * 2)
    rows = answer(queryset, {"pk": "pk", "n": "n", "likes": "likes_too", "twice": "twice"})
    kept = posts(lambda p: counted(p) > 0 and p.status == "live")
    # Both joins are of one query, so that Django's first count takes every like's comments.
    many = [(p, counted(p) * max(1, p.likes.count())) for p in kept]
    assert rows == lines((p.pk, n, p.likes.count(), 2 * n) for p, n in many)


def test_an_annotated_count_with_a_filter_of_its_own() -> None:
    queryset = Post.objects.annotate(long=Count("comments", filter=Q(comments__words__gte=5)))
    rows = answer(queryset.filter(long__gte=1), {"posts": Count("pk")}, group_by={"n": F("long")})

    def long(post: Any) -> int:
        return sum(each >= 5 for each in words(post))

    assert rows == grouped(posts(lambda p: long(p) >= 1), long, len)


def test_an_alias_is_filtered_and_not_selected() -> None:
    queryset = Post.objects.alias(n=Count("comments")).filter(n__gte=3)
    rows = answer(queryset, {"pk": "pk", "title": "title"})
    assert rows == lines((p.pk, p.title) for p in posts(lambda p: counted(p) >= 3))


def test_arithmetic_of_annotations() -> None:
    queryset = COUNTED.annotate(three=F("n") * 3).annotate(more=F("three") + F("n"))
    rows = answer(
        queryset.filter(more__gte=8), {"posts": Count("pk")}, group_by={"more": F("more")}
    )
    assert rows == grouped(posts(lambda p: 4 * counted(p) >= 8), lambda p: 4 * counted(p), len)


def test_two_counts_of_a_queryset_multiply_as_django_has_them() -> None:
    queryset = Post.objects.annotate(a=Count("comments"), b=Count("likes"))
    rows = answer(queryset, {"pk": "pk", "a": "a", "b": "b"})

    def product(post: Any, one: int, other: int) -> int:
        return one * max(1, other)

    assert rows == lines(
        (
            p.pk,
            product(p, counted(p), p.likes.count()),
            product(p, p.likes.count(), counted(p)),
        )
        for p in posts()
    )


# Windows.

RANKED = Post.objects.annotate(
    r=Window(RowNumber(), partition_by=[F("author")], order_by=["day", "pk"])
)


def ranked() -> list[tuple[Any, int]]:
    found = []
    for post in posts():
        peers = [p for p in posts() if p.author_id == post.author_id]
        place = sum((p.day, p.pk) <= (post.day, post.pk) for p in peers)
        found.append((post, place))
    return found


def test_the_first_of_each_partition_in_groups() -> None:
    rows = answer(RANKED.filter(r=1), {"posts": Count("pk")}, group_by={"status": "status"})
    assert rows == grouped([p for p, r in ranked() if r == 1], lambda p: p.status, len)


def test_the_first_of_each_partition_as_rows() -> None:
    rows = answer(RANKED.filter(r=1), {"pk": "pk", "r": "r"})
    assert rows == lines((p.pk, r) for p, r in ranked() if r == 1)


def test_groups_by_a_window() -> None:
    rows = answer(RANKED, {"posts": Count("pk"), "last": Max("pk")}, group_by={"r": F("r")})
    pairs = ranked()
    assert rows == grouped(pairs, lambda pair: pair[1], len, lambda g: max(p.pk for p, _ in g))


def test_a_sum_of_a_window_with_comments_beside_it() -> None:
    columns = {"r": Sum("r"), "comments": Count("comments"), "posts": Count("pk")}
    rows = answer(RANKED, columns, group_by={"status": "status"})
    assert rows == grouped(
        ranked(),
        lambda pair: pair[0].status,
        lambda g: sum(r for _, r in g),
        lambda g: sum(counted(p) for p, _ in g),
        len,
    )


def test_a_window_over_an_annotated_count() -> None:
    queryset = COUNTED.annotate(r=Window(Rank(), order_by=F("n").desc())).filter(r__lte=3)
    rows = answer(queryset, {"pk": "pk", "n": "n", "r": "r"})
    places = [(p, 1 + sum(counted(o) > counted(p) for o in posts())) for p in posts()]
    assert rows == lines((p.pk, counted(p), r) for p, r in places if r <= 3)


def test_a_window_sees_what_a_later_filter_leaves() -> None:
    rows = answer(RANKED.filter(status="live"), {"pk": "pk", "r": "r"})
    live = posts(lambda p: p.status == "live")
    assert rows == lines(
        (
            p.pk,
            sum((o.day, o.pk) <= (p.day, p.pk) for o in live if o.author_id == p.author_id),
        )
        for p in live
    )


# Groups that values() makes.

BY_STATUS = Post.objects.values("status").annotate(n=Count("pk"))


def test_groups_of_values_are_the_rows() -> None:
    rows = answer(BY_STATUS, {"status": "status", "n": "n"}, ordering=["status"])
    assert rows == grouped(posts(), lambda p: p.status, len)


def test_groups_of_groups() -> None:
    rows = answer(
        Post.objects.values("title").annotate(n=Count("pk")),
        {"titles": Count("*")},
        group_by={"n": F("n")},
    )
    titles = [p.title for p in posts()]
    assert rows == grouped(sorted(set(titles)), titles.count, len)


def test_filtered_groups_of_values() -> None:
    rows = answer(BY_STATUS.filter(n__gte=3), {"statuses": Count("*"), "posts": Sum("n")})
    sizes = [sum(p.status == s for p in posts()) for s in ("draft", "live", "gone")]
    kept = [size for size in sizes if size >= 3]
    assert rows == lines([(len(kept), total(kept))])


def test_values_over_a_relation() -> None:
    queryset = Post.objects.values("author__name").annotate(n=Count("pk"))
    rows = answer(queryset, {"name": "author__name", "n": "n"}, ordering=["name"])
    assert rows == grouped(posts(), author, len)


def test_values_of_a_foreign_key() -> None:
    queryset = Post.objects.values("author").annotate(n=Count("pk"))
    rows = answer(queryset, {"authors": Count("*")}, group_by={"n": F("n")})
    keys = [p.author_id for p in posts()]
    assert rows == grouped(set(keys), keys.count, len)


@pytest.mark.parametrize("named", [False, True])
def test_values_list(named: bool) -> None:
    queryset = Post.objects.values_list("status", named=named).annotate(n=Count("pk"))
    rows = answer(queryset, {"status": "status", "n": "n"}, ordering=["status"])
    assert rows == grouped(posts(), lambda p: p.status, len)


def test_values_over_many_tags() -> None:
    queryset = Post.objects.values("tags__name").annotate(n=Count("pk"))
    rows = answer(queryset, {"tag": "tags__name", "n": "n"}, ordering=["tag"])
    pairs = [name for p in posts() for name in names(p) or [None]]
    assert rows == grouped(pairs, lambda name: name, len)


def test_values_of_an_annotation_then_an_aggregate() -> None:
    queryset = Post.objects.annotate(who=F("author__name")).values("who").annotate(n=Count("pk"))
    rows = answer(queryset, {"who": "who", "n": "n"}, ordering=["who"])
    assert rows == grouped(posts(), author, len)


def test_values_without_an_aggregate_are_rows_like_others() -> None:
    rows = answer(Post.objects.values("title"), {"posts": Count("*")}, group_by={"t": F("title")})
    assert rows == grouped(posts(), lambda p: p.title, len)


def test_what_values_did_not_select_is_not_there() -> None:
    with pytest.raises(DeclarationError, match="title"):
        statement(BY_STATUS, {"title": "title", "n": "n"})


# Exists and sub-queries.

LONG = Comment.objects.filter(post=OuterRef("pk"), words__gte=7)


def has_long(post: Any) -> bool:
    return any(each >= 7 for each in words(post))


@pytest.mark.parametrize("expected", [True, False])
def test_a_filter_by_exists(expected: bool) -> None:
    queryset = Post.objects.filter(Exists(LONG) if expected else ~Exists(LONG))
    rows = answer(queryset, {"posts": Count("pk")}, group_by={"status": "status"})
    assert rows == grouped(posts(lambda p: has_long(p) is expected), lambda p: p.status, len)


def test_groups_by_an_annotated_exists() -> None:
    queryset = Post.objects.annotate(has=Exists(LONG))
    rows = answer(
        queryset, {"posts": Count("pk"), "likes": Count("likes")}, group_by={"has": F("has")}
    )
    assert rows == grouped(posts(), has_long, len, lambda g: sum(p.likes.count() for p in g))


def test_groups_by_exists_itself() -> None:
    rows = answer(Post.objects.all(), {"posts": Count("pk")}, group_by={"has": Exists(LONG)})
    assert rows == grouped(posts(), has_long, len)


def test_a_sub_query_s_count_is_summed() -> None:
    inner = Comment.objects.order_by().filter(post=OuterRef("pk")).values("post")
    inner = inner.annotate(n=Count("pk")).values("n")
    queryset = Post.objects.annotate(n=Subquery(inner, output_field=IntegerField()))
    columns = {"n": Sum("n"), "likes": Count("likes"), "posts": Count("pk")}
    rows = answer(queryset, columns, group_by={"status": "status"})
    assert rows == grouped(
        posts(),
        lambda p: p.status,
        lambda g: total(counted(p) or None for p in g),
        lambda g: sum(p.likes.count() for p in g),
        len,
    )


def test_groups_by_a_sub_query_s_first_value() -> None:
    longest = Comment.objects.filter(post=OuterRef("pk")).order_by("-words").values("words")[:1]
    queryset = Post.objects.annotate(longest=Subquery(longest)).filter(status__in=["live", "gone"])
    rows = answer(queryset, {"posts": Count("pk")}, group_by={"longest": F("longest")})
    kept = posts(lambda p: p.status in ("live", "gone"))
    assert rows == grouped(kept, lambda p: max(words(p), default=None), len)


def test_exists_within_exists() -> None:
    of_friends = Comment.objects.filter(
        Exists(Author.objects.filter(pk=OuterRef("author"), active=True)), post=OuterRef("pk")
    )
    queryset = Post.objects.filter(Exists(of_friends))
    rows = answer(queryset, {"pk": "pk", "comments": Count("comments")})
    kept = posts(lambda p: any(c.author and c.author.active for c in p.comments.all()))
    assert rows == lines((p.pk, counted(p)) for p in kept)


def test_a_reference_to_the_outermost_query() -> None:
    """Comments by somebody who also wrote on the post's author's other posts."""
    elsewhere = Comment.objects.filter(
        author=OuterRef("author"), post__author=OuterRef(OuterRef("author"))
    ).exclude(post=OuterRef("post"))
    queryset = Post.objects.filter(
        Exists(Comment.objects.filter(Exists(elsewhere), post=OuterRef("pk")))
    )

    def is_met(comment: Any) -> bool:
        return any(
            other.author_id is not None
            and other.author_id == comment.author_id
            and other.post.author_id is not None
            and other.post.author_id == comment.post.author_id
            and other.post_id != comment.post_id
            for other in everything(Comment)
        )

    rows = answer(queryset, {"pk": "pk", "comments": Count("comments"), "likes": Count("likes")})
    kept = posts(lambda p: any(map(is_met, p.comments.all())))
    assert rows == lines((p.pk, counted(p), p.likes.count()) for p in kept)


def test_a_queryset_within_a_filter() -> None:
    busy = Author.objects.annotate(n=Count("posts")).filter(n__gte=2)
    rows = answer(
        Post.objects.filter(author__in=busy), {"posts": Count("pk")}, group_by={"author": "author"}
    )
    kept = posts(lambda p: p.author and p.author.posts.count() >= 2)
    assert rows == grouped(kept, author, len)
