"""Keys of every kind, windows over groups, and one row for the whole."""

from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from django.db.models import Case, Exists, F, OuterRef, TextField, Value, When

from reports import Column, Key
from reports.errors import DeclarationError
from reports.expressions import (
    Avg,
    Coalesce,
    Concat,
    Count,
    ExtractMonth,
    Max,
    Min,
    Rank,
    RowNumber,
    Sum,
    TruncMonth,
    Window,
)
from tests.authoring.asking import answer, statement
from tests.authoring.joins import everything
from tests.authoring.models import Author, Comment, Letter, Payment, PaymentLine, Post, Tag
from tests.authoring.oracle import author, grouped, lines, names, total, weights, words
from tests.hostile.oracle import rounded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("authored")]


def posts() -> list[Any]:
    return list(everything(Post))


def of_all(values: Any) -> Any:
    """What a group's posts have together."""
    return lambda group: [value for post in group for value in values(post)]


def written(found: Any) -> list[Any]:
    return list(found.posts.all())


# Keys.


def test_groups_by_a_relation_show_its_name_and_keep_its_key() -> None:
    columns = {"posts": Count("pk"), "comments": Count("comments"), "likes": Count("likes")}
    rows = answer(Post.objects.all(), columns, group_by={"author": "author"})
    by_key = sorted(
        {p.author_id: p.author for p in posts()}.items(),
        key=lambda pair: (pair[1] is None, pair[1].name if pair[1] else "", pair[0]),
    )
    assert rows == lines(
        (
            found and found.name,
            sum(p.author_id == key for p in posts()),
            sum(len(words(p)) for p in posts() if p.author_id == key),
            sum(len(weights(p)) for p in posts() if p.author_id == key),
        )
        for key, found in by_key
    )


def test_groups_by_a_foreign_key_to_another_field_than_the_key() -> None:
    rows = answer(Payment.objects.all(), {"sum": Sum("amount")}, group_by={"in": "currency"})
    assert rows == grouped(
        everything(Payment), lambda p: p.currency.name, lambda g: sum(p.amount for p in g)
    )


def test_groups_by_a_path_to_many() -> None:
    columns = {"posts": Count("pk"), "tags": Count("tags"), "likes": Count("likes")}
    rows = answer(Post.objects.all(), columns, group_by={"tag": F("tags__name")})
    pairs = [(name, p) for p in posts() for name in names(p) or [None]]
    assert rows == grouped(
        pairs,
        lambda pair: pair[0],
        len,
        lambda g: sum(name is not None for name, _ in g),
        lambda g: sum(len(weights(p)) for _, p in g),
    )


def test_groups_by_two_paths_to_many() -> None:
    rows = answer(
        Post.objects.all(),
        {"rows": Count("pk"), "weight": Sum("likes__weight")},
        group_by={"tag": F("tags__name"), "words": F("comments__words")},
    )
    triples = [
        (name, each, p)
        for p in posts()
        for name in names(p) or [None]
        for each in words(p) or [None]
    ]
    groups: dict[Any, list[Any]] = {}
    for name, each, post in triples:
        groups.setdefault((name, each), []).append(post)
    ordered = sorted(groups, key=lambda k: [(v is None, v if v is not None else 0) for v in k])
    assert rows == lines((*k, len(groups[k]), total(of_all(weights)(groups[k]))) for k in ordered)


@pytest.mark.parametrize(
    ("key", "of"),
    [
        (
            F("author__mentor__name"),
            lambda p: p.author and p.author.mentor and p.author.mentor.name,
        ),
        (
            F("author__profile__city"),
            lambda p: p.author and getattr(p.author, "profile", None) and p.author.profile.city,
        ),
        (F("review__stars"), lambda p: p.review.stars if hasattr(p, "review") else None),
        (Coalesce("author__name", Value("nobody")), lambda p: author(p) or "nobody"),
        (TruncMonth("day"), lambda p: p.day.replace(day=1)),
        (ExtractMonth("published"), lambda p: p.published and p.published.month),
        (
            Case(When(status="live", then=Value(1)), default=Value(0)),
            lambda p: int(p.status == "live"),
        ),
        (F("pk") * 0 + 7, lambda p: 7),
    ],
    ids=["self", "one to one", "child", "coalesce", "month", "instant", "case", "arithmetic"],
)
def test_groups_by_expressions(key: Any, of: Any) -> None:
    columns = {"posts": Count("pk"), "comments": Count("comments"), "likes": Count("likes")}
    rows = answer(Post.objects.all(), columns, group_by={"key": Key(key)})
    assert rows == grouped(
        posts(), of, len, lambda g: len(of_all(words)(g)), lambda g: len(of_all(weights)(g))
    )


def test_groups_by_an_annotation_over_a_foreign_key() -> None:
    queryset = Post.objects.annotate(who=F("author__name"), n=Count("comments"))
    rows = answer(queryset, {"n": Sum("n"), "posts": Count("pk")}, group_by={"who": F("who")})
    assert rows == grouped(posts(), author, lambda g: len(of_all(words)(g)), len)


def test_groups_by_a_count_and_by_a_window() -> None:
    queryset = Post.objects.annotate(n=Count("comments")).annotate(
        r=Window(Rank(), partition_by=[F("status")], order_by=F("n").desc())
    )
    rows = answer(queryset, {"posts": Count("pk")}, group_by={"r": F("r"), "n": F("n")})
    found: dict[Any, int] = {}
    for p in posts():
        peers = [o for o in posts() if o.status == p.status]
        rank = 1 + sum(len(words(o)) > len(words(p)) for o in peers)
        key = (rank, len(words(p)))
        found[key] = found.get(key, 0) + 1
    assert rows == lines((*key, n) for key, n in sorted(found.items()))


def test_keys_of_a_self_relation() -> None:
    columns = {"authors": Count("pk"), "pupils": Count("pupils"), "posts": Count("posts")}
    rows = answer(Author.objects.all(), columns, group_by={"mentor": F("mentor__name")})
    assert rows == grouped(
        everything(Author),
        lambda a: a.mentor and a.mentor.name,
        len,
        lambda g: sum(a.pupils.count() for a in g),
        lambda g: len(of_all(written)(g)),
    )


def test_keys_alone() -> None:
    rows = answer(Post.objects.all(), {}, group_by={"tag": F("tags__name")})
    assert rows == grouped({name for p in posts() for name in names(p) or [None]}, lambda n: n)


def test_what_a_key_shows_must_depend_on_it() -> None:
    with pytest.raises(DeclarationError, match=r"title.*depend"):
        statement(
            Post.objects.all(),
            {"posts": Count("pk")},
            group_by={"status": Key("status", shows="title")},
        )


@pytest.mark.parametrize(
    ("key", "shows", "of"),
    [
        ("pk", "title", lambda p: p.title),
        ("author_id", "author__name", author),
        ("author", "author__name", author),
    ],
)
def test_what_a_key_shows_depends_on_it(key: str, shows: str, of: Any) -> None:
    rows = answer(
        Post.objects.all(), {"posts": Count("pk")}, group_by={"shown": Key(key, shows=shows)}
    )
    by_key: dict[Any, list[Any]] = {}
    for post in posts():
        by_key.setdefault((of(post), post.pk if key == "pk" else post.author_id), []).append(post)
    ordered = sorted(by_key, key=lambda pair: (pair[0] is None, pair[0] or "", pair[1] or 0))
    assert rows == lines((pair[0], len(by_key[pair])) for pair in ordered)


# Windows over groups.


def test_a_rank_of_groups_by_one_path_beside_another() -> None:
    columns = {
        "comments": Count("comments"),
        "likes": Count("likes"),
        "place": Window(RowNumber(), order_by=Count("comments").desc()),
    }
    rows = answer(Post.objects.all(), columns, group_by={"status": "status"})
    found = {s: [p for p in posts() if p.status == s] for s in ("draft", "gone", "live")}
    sizes = {s: len(of_all(words)(g)) for s, g in found.items()}
    places = {s: n for n, s in enumerate(sorted(sizes, key=lambda s: (-sizes[s], s)), 1)}
    assert rows == lines(
        (s, sizes[s], len(of_all(weights)(g)), places[s]) for s, g in found.items()
    )


def test_a_window_over_the_rows_of_a_report() -> None:
    columns = {"pk": "pk", "place": Window(Rank(), order_by=["-day"]), "n": "n"}
    rows = answer(Post.objects.annotate(n=Count("comments")).filter(n__gte=1), columns)
    kept = [p for p in posts() if words(p)]
    assert rows == lines((p.pk, 1 + sum(o.day > p.day for o in kept), len(words(p))) for p in kept)


def test_means_of_windows() -> None:
    queryset = Post.objects.annotate(
        of_author=Window(Count("pk"), partition_by=[F("author")]),
    )
    rows = answer(
        queryset, {"mean": Column(Avg("of_author"), places=2)}, group_by={"status": "status"}
    )

    def mean(group: list[Any]) -> Any:
        found = [sum(o.author_id == p.author_id for o in posts()) for p in group]
        return Fraction(sum(found), len(found))

    assert rows == grouped(posts(), lambda p: p.status, mean)


# One row for the whole.


def test_aggregates_alone_are_one_row() -> None:
    columns = {"posts": Count("pk"), "first": Min("day"), "last": Max("title")}
    rows = answer(Post.objects.all(), columns)
    assert rows == lines([(8, min(p.day for p in posts()), max(p.title for p in posts()))])


def test_aggregates_of_nothing_are_one_row() -> None:
    columns = {"posts": Count("pk"), "weight": Sum("likes__weight"), "first": Min("day")}
    rows = answer(Post.objects.filter(title="nothing"), columns)
    assert rows == [("0", "NULL", "NULL")]


def test_aggregates_of_annotated_counts_are_one_row() -> None:
    queryset = Post.objects.annotate(n=Count("comments")).filter(n__gte=2)
    rows = answer(queryset, {"n": Sum("n"), "posts": Count("pk"), "likes": Count("likes")})
    kept = [p for p in posts() if len(words(p)) >= 2]
    assert rows == lines([(len(of_all(words)(kept)), len(kept), len(of_all(weights)(kept)))])


def test_aggregates_of_what_a_window_leaves() -> None:
    queryset = Post.objects.annotate(
        r=Window(RowNumber(), partition_by=[F("status")], order_by=["-day", "pk"])
    ).filter(r=1)
    rows = answer(queryset, {"posts": Count("pk"), "last": Max("day")})
    firsts = {p.status: p for p in sorted(posts(), key=lambda p: (p.day, -p.pk))}
    assert rows == lines([(3, max(p.day for p in firsts.values()))])


def test_a_grouped_report_of_nothing_has_no_row() -> None:
    queryset = Post.objects.filter(title="nothing")
    assert answer(queryset, {"posts": Count("pk")}, group_by={"status": "status"}) == []


# Columns over relations.


def test_a_column_of_a_relation_shows_its_name() -> None:
    rows = answer(Post.objects.all(), {"author": "author", "pk": "pk"}, ordering=["author", "pk"])
    ordered = sorted(
        posts(), key=lambda p: (p.author is None, author(p) or "", p.author_id or 0, p.pk)
    )
    assert rows == lines((author(p), p.pk) for p in ordered)


def test_a_column_of_a_relation_by_another_field() -> None:
    rows = answer(Payment.objects.all(), {"currency": "currency", "pk": "pk"}, ordering=["pk"])
    assert rows == lines((p.currency.name, p.pk) for p in everything(Payment))


def test_rows_that_their_key_does_not_tell_apart_are_grouped() -> None:
    columns = {"rows": Count("*"), "sum": Sum("amount")}
    rows = answer(PaymentLine.objects.all(), columns, group_by={"place": "place"})
    assert rows == grouped(
        everything(Payment), lambda p: p.place, len, lambda g: sum(p.amount for p in g)
    )


def test_a_tag_s_posts_and_their_comments() -> None:
    columns = {"posts": Count("posts"), "comments": Count("posts__comments")}
    queryset = Tag.objects.filter(Exists(Post.objects.filter(tags=OuterRef("pk"), status="live")))
    rows = answer(queryset, columns, group_by={"tag": "name"})
    kept = [t for t in everything(Tag) if any(p.status == "live" for p in written(t))]
    assert rows == grouped(
        kept,
        lambda t: t.name,
        lambda g: len(of_all(written)(g)),
        lambda g: len(of_all(words)(of_all(written)(g))),
    )


def test_comments_by_their_post_s_tags() -> None:
    columns = {"comments": Count("pk"), "words": Sum("words"), "likes": Count("post__likes")}
    rows = answer(Comment.objects.all(), columns, group_by={"tag": F("post__tags__name")})
    pairs = [(name, c) for c in everything(Comment) for name in names(c.post) or [None]]
    assert rows == grouped(
        pairs,
        lambda pair: pair[0],
        len,
        lambda g: sum(c.words for _, c in g),
        lambda g: sum(len(weights(c.post)) for _, c in g),
    )


def test_a_key_of_a_derived_table_tells_its_columns() -> None:
    """No server knows that it is one."""
    ranked = Author.objects.annotate(place=Window(Rank(), order_by="name"))
    rows = answer(ranked, {"n": Count("posts")}, group_by={"mentor": "mentor", "pk": "pk"})
    assert len(rows) == Author.objects.count()
    rows = answer(ranked, {"pk": "pk", "name": "name", "n": Count("posts")})
    assert [row[0] for row in rows] == [str(author.pk) for author in Author.objects.order_by("pk")]


def test_decimals_are_grouped_as_they_are_shown() -> None:
    rows = answer(
        Payment.objects.all(), {"n": Count("pk")}, group_by={"amount": Key("amount", places=0)}
    )
    shown = [rounded(payment.amount, 0) for payment in everything(Payment)]
    assert rows == [(str(n), str(shown.count(n))) for n in sorted(set(shown))]


def test_fields_may_have_the_names_that_a_statement_would_choose() -> None:
    rows = answer(
        Letter.objects.all(), {"c0": "c0", "k": "k0", "g": "g", "n": "v0"}, ordering=["c0", "g"]
    )
    assert rows == [("a", "2", "8", "2"), ("b", "2", "7", "1"), ("b", "1", "9", "3")]
    for queryset in (Letter.objects.all(), Letter.objects.annotate(k=Count("pk"), l0=F("g"))):
        rows = answer(
            queryset,
            {"g": Sum("g"), "v0": Max("v0"), "place": Window(Rank(), order_by=Sum("g").desc())},
            group_by={"c0": "c0"},
        )
        assert rows == [("a", "8", "2", "2"), ("b", "16", "3", "1")]


def test_a_window_may_stand_before_an_aggregate() -> None:
    columns = {
        "place": Window(Rank(), order_by="status"),
        "n": Count("pk"),
        "words": Sum("comments__words"),
    }
    for left_out in ((), ("words",)):
        shown = {name: each for name, each in columns.items() if name not in left_out}
        rows = answer(Post.objects.all(), shown, group_by={"status": "status"})
        assert [row[:3] for row in rows] == [
            (status, str(place), str(len([p for p in everything(Post) if p.status == status])))
            for place, status in enumerate(("draft", "gone", "live"), 1)
        ]


@pytest.mark.parametrize(
    ("column", "is_one"),
    [
        ("title", False),
        (Concat("status", Value("-"), "title", output_field=TextField()), False),
        ("status", True),
        (Concat("status", Value("-"), "status", output_field=TextField()), True),
        (Value(1), True),
    ],
    ids=str,
)
def test_a_column_has_one_value_in_a_group(column: Any, is_one: bool) -> None:
    asked = partial(answer, Post.objects.all(), {"found": column}, group_by={"status": "status"})
    if is_one:
        assert len(asked()) == len({post.status for post in posts()})
    else:
        with pytest.raises(DeclarationError, match=r"probe\.found: the rows of a group may differ"):
            asked()
