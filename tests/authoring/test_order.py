"""The order is total, and pages found by their place are the stream, each row once."""

from typing import Any

import pytest
from django.db.models import Exists, F, OuterRef

from reports.expressions import Count, Rank, RowNumber, Sum, Window
from tests.authoring.asking import answer, filed, paged, statement, streamed
from tests.authoring.joins import everything
from tests.authoring.models import Author, Comment, Payment, PaymentLine, Post
from tests.authoring.oracle import lines, names, weights, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("authored")]
SIZES = (1, 2, 3, 5)


def demand(found: Any, wanted: list[tuple[str, ...]]) -> None:
    """Demand these rows, in any order, and that a file and pages of every size are the stream."""
    rows = streamed(found)
    assert filed(found) == rows
    assert sorted(rows) == sorted(wanted)
    for size in SIZES:
        assert paged(found, size) == rows


def test_a_row_for_each_comment() -> None:
    found = statement(Post.objects.all(), {"title": "title", "words": "comments__words"})
    wanted = [(p.title, each) for p in everything(Post) for each in words(p) or [None]]
    demand(found, lines(wanted))


def test_a_row_for_each_comment_in_a_declared_order() -> None:
    columns = {"title": "title", "words": "comments__words"}
    found = statement(Post.objects.all(), columns, ordering=["-words", "title"])
    wanted = [(p.title, each) for p in everything(Post) for each in words(p) or [None]]
    wanted.sort(key=lambda row: (row[1] is None, -(row[1] or 0), row[0]))
    assert streamed(found) == lines(wanted)
    demand(found, lines(wanted))


def test_a_row_for_each_pair_of_what_is_joined() -> None:
    columns = {"words": "comments__words", "weight": "likes__weight", "tag": "tags__name"}
    wanted = [
        (each, weight, name)
        for p in everything(Post)
        for each in words(p) or [None]
        for weight in weights(p) or [None]
        for name in names(p) or [None]
    ]
    demand(statement(Post.objects.all(), columns), lines(wanted))


def test_rows_of_to_many_of_to_many() -> None:
    columns = {"name": "name", "title": "posts__title", "words": "posts__comments__words"}
    wanted = [
        (a.name, p and p.title, each)
        for a in everything(Author)
        for p in a.posts.all() or [None]
        for each in (words(p) if p else []) or [None]
    ]
    demand(statement(Author.objects.all(), columns), lines(wanted))


def test_rows_over_a_join_of_the_queryset_s_filter() -> None:
    queryset = Post.objects.filter(comments__words__gte=3)
    wanted = [(p.title, each) for p in everything(Post) for each in words(p) if each >= 3]
    demand(statement(queryset, {"title": "title", "words": "comments__words"}), lines(wanted))


def test_rows_that_are_level_in_all_that_is_shown() -> None:
    found = statement(Comment.objects.all(), {"words": "words"}, ordering=["words"])
    wanted = lines(sorted((c.words,) for c in everything(Comment)))
    assert streamed(found) == wanted
    demand(found, wanted)


def test_level_rows_over_a_join_to_many() -> None:
    columns = {"status": "status", "comment": "comments"}
    found = statement(Post.objects.all(), columns, ordering=["status"])
    rows = [(p.status, c and c.pk) for p in everything(Post) for c in p.comments.all() or [None]]
    demand(found, lines(rows))


@pytest.mark.parametrize("columns", [("place",), ("amount",), ("amount", "currency_id")])
def test_rows_of_a_view_whose_key_is_repeated(columns: tuple[str, ...]) -> None:
    found = statement(PaymentLine.objects.all(), {name: name for name in columns})
    wanted = [tuple(getattr(p, name) for name in columns) for p in everything(Payment)]
    demand(found, lines(wanted))


def test_rows_of_a_view_in_a_declared_order() -> None:
    columns = {"currency": "currency_id", "amount": "amount"}
    found = statement(PaymentLine.objects.all(), columns, ordering=["-currency", "amount"])
    wanted = [(p.currency_id, p.amount) for p in everything(Payment)]
    wanted.sort(key=lambda row: row[1])
    wanted.sort(key=lambda row: row[0], reverse=True)
    assert streamed(found) == lines(wanted)
    demand(found, lines(wanted))


def test_rows_that_values_grouped() -> None:
    queryset = Post.objects.values("title", "author").annotate(n=Count("pk"))
    found = statement(queryset, {"title": "title", "n": "n"}, ordering=["-n"])
    pairs = [(p.title, p.author_id) for p in everything(Post)]
    demand(found, lines((title, pairs.count((title, who))) for title, who in set(pairs)))


def test_rows_with_a_sub_total_in_the_order() -> None:
    queryset = Post.objects.annotate(n=Sum("comments__words"))
    found = statement(queryset, {"n": "n", "likes": Count("likes")}, ordering=["-likes", "n"])
    rows = [(sum(words(p)) if words(p) else None, len(weights(p))) for p in everything(Post)]
    rows.sort(key=lambda row: (-row[1], row[0] is None, row[0] or 0))
    assert streamed(found) == lines(rows)
    demand(found, lines(rows))


def test_groups_with_joins_of_their_own_in_the_order() -> None:
    columns = {"comments": Count("comments"), "weight": Sum("likes__weight")}
    found = statement(
        Post.objects.all(), columns, group_by={"title": "title"}, ordering=["-weight", "comments"]
    )
    groups: dict[str, list[Any]] = {}
    for post in everything(Post):
        groups.setdefault(post.title, []).append(post)
    rows = []
    for title, group in groups.items():
        known = [w for p in group for w in weights(p) if w is not None]
        rows.append((title, sum(len(words(p)) for p in group), sum(known) if known else None))
    rows.sort(key=lambda row: (row[2] is None, -(row[2] or 0), row[1], row[0]))
    assert streamed(found) == lines(rows)
    demand(found, lines(rows))


def test_groups_of_an_annotated_count_in_pages() -> None:
    queryset = Post.objects.annotate(n=Count("comments"))
    columns = {"posts": Count("pk")}
    found = statement(
        queryset, columns, group_by={"n": F("n"), "author": "author"}, ordering=["-posts"]
    )
    keys = [(len(words(p)), p.author_id) for p in everything(Post)]
    by_pk = {a.pk: a.name for a in everything(Author)}
    demand(
        found,
        lines((n, by_pk.get(who), keys.count((n, who))) for n, who in set(keys)),
    )


def test_rows_that_a_window_left_in_pages() -> None:
    queryset = Comment.objects.annotate(
        r=Window(RowNumber(), partition_by=[F("post")], order_by=["-words", "pk"])
    ).filter(r__lte=2)
    found = statement(queryset, {"title": "post__title", "words": "words"}, ordering=["title"])
    wanted = []
    for post in everything(Post):
        best = sorted(post.comments.all(), key=lambda c: (-c.words, c.pk))[:2]
        wanted += [(post.title, c.words) for c in best]
    demand(found, lines(wanted))


def test_distinct_rows_in_pages() -> None:
    queryset = Post.objects.filter(tags__name__in=["art", "bio"]).distinct()
    found = statement(queryset, {"title": "title"}, ordering=["title"])
    wanted = sorted((p.title,) for p in everything(Post) if {"art", "bio"} & set(names(p)))
    assert streamed(found) == lines(wanted)
    demand(found, lines(wanted))


def test_the_order_of_a_reversed_queryset_is_the_report_s() -> None:
    found = statement(Post.objects.order_by("title").reverse(), {"pk": "pk"}, ordering=["pk"])
    wanted = lines((p.pk,) for p in everything(Post))
    assert streamed(found) == wanted
    demand(found, wanted)


def test_pages_go_on_behind_groups_by_a_sub_query() -> None:
    """Their place is compared outside: in HAVING it would be grouped by once more."""
    has = Exists(Comment.objects.filter(post=OuterRef("pk")))
    columns = {"words": Sum("comments__words"), "place": Window(Rank(), order_by="title")}
    rows = answer(
        Post.objects.all(),
        columns,
        group_by={"has": has, "title": "title"},
        ordering=["has", "words"],
    )
    assert len(rows) == 6
