"""Reports that were drawn and once answered wrong, as small as they were shrunk, and neighbours."""

from decimal import Decimal
from typing import Any

import pytest

from tests.authoring.draw import Counts, judge
from tests.authoring.language import Arithmetic, Choose, Compare, Field, Literal, Node
from tests.authoring.models import Author, Comment, Payment, Post
from tests.authoring.relation import Annotate, Distinct, Filter, Query, Quiet, Values
from tests.authoring.reporting import Declared, Named
from tests.authoring.subqueries import IsThere
from tests.authoring.summaries import Aggregate, Among

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("authored")]


def total(path: str, condition: Any = None) -> Aggregate:
    return Aggregate("Sum", Field(path), condition)


def among(kind: str, order: str = "", source: str = "", partition: tuple[str, ...] = ()) -> Among:
    return Among(
        kind,
        Field(source) if source else None,
        tuple(map(Field, partition)),
        (Field(order),) if order else (),
        descending=False,
    )


def equal(path: str, value: Any) -> Compare:
    return Compare(Field(path), "exact", value if isinstance(value, Node) else Literal(value))


def grouped(model: Any, *steps: Any, by: Any, **columns: Any) -> Declared:
    return Declared(Query(model, steps), columns, {"key": by})


def listed(model: Any, *steps: Any, **columns: Any) -> Declared:
    return Declared(Query(model, steps), columns)


ALPHA = equal("title", "alpha")

FOUND: dict[str, Declared] = {
    "windows of one function and two orders": Declared(
        Query(
            Post,
            (
                Filter(ALPHA),
                Annotate("by_title", among("RowNumber", "title")),
                Annotate("by_status", among("RowNumber", "status")),
            ),
        ),
        {},
        {"key": Field("status")},
        filters={"by_status": 2},
    ),
    "sums of windows of one column": grouped(
        Post,
        Annotate("of_status", among("Sum", source="pk", partition=("status",))),
        Annotate("of_all", among("Sum", source="pk")),
        by=Field("of_status"),
        least=Aggregate("Min", Field("of_all")),
    ),
    "filters on two windows of one function": listed(
        Post,
        Annotate("by_title", among("Rank", "title")),
        Annotate("by_status", among("Rank", "status")),
        Filter(equal("by_title", 1)),
        Filter(equal("by_status", Field("by_title"))),
        status=Field("status"),
    ),
    "a filter on a sum of a window beside an aggregate": grouped(
        Post,
        Annotate("of_all", among("Sum", source="pk")),
        Annotate("words", total("comments__words")),
        Filter(ALPHA),
        Filter(equal("of_all", 0)),
        by=Field("title"),
    ),
    "a warning of MySQL's before the first row": listed(
        Post,
        Annotate("stars", Field("review__stars")),
        Filter(ALPHA, exclude=True),
        Annotate("first", Aggregate("Min", Field("day"), ALPHA)),
        words=Aggregate("Count", Field("comments__words")),
        tags=total("tags__pk"),
    ),
    "values, an aggregate, and one more value": listed(
        Comment,
        Values(("post__pk",)),
        Annotate("weight", total("post__likes__weight")),
        Annotate("number", Field("words")),
        post=Field("post__pk"),
    ),
    "values grouped by what a filter of an aggregate compares with": listed(
        Payment,
        Values(("place",)),
        Annotate("all", total("currency__payments__amount")),
        Filter(equal("all", Field("amount")), exclude=True),
        place=Field("place"),
    ),
    "objects grouped by what a filter of an aggregate compares with": listed(
        Post,
        Annotate("words", total("comments__words")),
        Filter(equal("words", Field("likes__weight")), exclude=True),
        title=Field("title"),
    ),
    "values grouped by what the queryset is ordered by": listed(
        Post,
        Quiet("order_by", ("-day", "title")),
        Values(("title",)),
        Annotate("weight", total("likes__weight")),
        title=Field("title"),
        weight=Field("weight"),
    ),
    "objects grouped by what the queryset is ordered by": grouped(
        Post,
        Annotate("words", total("comments__words")),
        Quiet("order_by", ("likes__weight", "day")),
        by=Field("title"),
        rows=Aggregate("Count", None),
        words=total("words"),
    ),
    "distinct values told apart by what the queryset is ordered by": grouped(
        Post,
        Quiet("order_by", ("day",)),
        Values(("title",)),
        Distinct(),
        by=Field("title"),
        rows=Aggregate("Count", None),
    ),
    "distinct values told apart by the order of their Meta": grouped(
        Comment, Values(("post",)), Distinct(), by=Field("post"), rows=Aggregate("Count", None)
    ),
    "distinct groups told apart by the order of their Meta": grouped(
        Comment,
        Values(("post__pk",)),
        Annotate("least", Aggregate("Min", Field("post__likes__weight"))),
        Distinct(),
        by=Field("post__pk"),
        rows=Aggregate("Count", None),
    ),
    "values of a model with an order, grouped by themselves alone": listed(
        Comment, Values(("post",)), Annotate("all", total("words")), post=Field("post")
    ),
    "arithmetic of an aggregate and a field beside values": listed(
        Author,
        Values(("name",)),
        Annotate("posts", Aggregate("Count", Field("posts"))),
        Annotate("sum", Arithmetic(Field("pk"), "+", Field("posts"))),
        name=Field("name"),
    ),
    "values grouped by EXISTS": listed(
        Post,
        Values(("title",)),
        Annotate("has", IsThere(Comment, "post", Field("pk"))),
        Annotate("words", Aggregate("Count", Field("comments__words"))),
        title=Field("title"),
    ),
    "an aggregate of each row of values with a window": listed(
        Post,
        Values(("pk",)),
        Annotate("place", among("Rank", "title")),
        least=Aggregate("Min", Field("comments__words")),
        slug=Field("review__slug"),
    ),
    "an alias of a window beside an aggregate": grouped(
        Post,
        Annotate("place", among("Rank", "title")),
        Annotate("words", Aggregate("Count", Field("comments__words"))),
        Annotate("first", Choose(equal("place", 1), Field("pk"), Literal(0)), hidden=True),
        by=Field("title"),
    ),
    "a key of rows joined beside EXISTS": grouped(
        Post,
        Annotate("has", IsThere(Comment, "post", Field("pk"))),
        by=Field("comments__words"),
        rows=Aggregate("Count", Field("comments__words")),
        has=Aggregate("Max", Field("pk")),
    ),
    "EXISTS and a path to many as keys": Declared(
        Query(Post),
        {"words": Aggregate("Count", Field("comments__words"))},
        {"number": Field("comments__words"), "has": IsThere(Comment, "post", Field("pk"))},
    ),
    "a decimal that an aggregate is compared with": grouped(
        Author,
        Annotate("weight", total("posts__likes__weight")),
        Filter(equal("weight", Decimal("0.00"))),
        by=Field("name"),
    ),
    "a constant as the only key": grouped(
        Payment,
        Values(("amount",)),
        Annotate("all", total("currency__payments__amount")),
        by=Literal(0),
    ),
    "a constant as the only key, of no rows": grouped(
        Payment,
        Filter(equal("place", "nowhere")),
        by=Literal(0),
        rows=Aggregate("Count", None),
    ),
    "a constant as the only key beside two joins": grouped(
        Post, by=Literal(0), words=total("comments__words"), weight=total("likes__weight")
    ),
    "a relation as the key of distinct rows": grouped(Post, Distinct(), by=Named("author")),
    "a join of a filter, behind a window": grouped(
        Post,
        Filter(equal("comments__words", 0)),
        Annotate("place", among("Rank", "title")),
        by=Field("title"),
        words=total("comments__words"),
    ),
    "the last of two joins of filters, behind a window": grouped(
        Post,
        Filter(equal("comments__words", 0)),
        Filter(equal("comments__author__name", "ann"), exclude=True),
        Filter(Compare(Field("comments__words"), "gte", Literal(1))),
        Annotate("place", among("Rank", "title")),
        by=Field("title"),
        words=total("comments__words"),
        likes=Aggregate("Count", Field("likes__pk")),
    ),
    "joins to many of to many, behind a window": grouped(
        Author,
        Filter(Compare(Field("posts__comments__words"), "gte", Literal(1))),
        Annotate("place", among("Rank", "name")),
        by=Field("posts__title"),
        words=total("posts__comments__words"),
        tags=Aggregate("Count", Field("posts__tags__pk")),
    ),
    "tags of a filter, behind a window": listed(
        Post,
        Filter(Compare(Field("tags__name"), "gte", Literal("bio"))),
        Annotate("place", among("RowNumber", "title")),
        title=Field("title"),
        tag=Field("tags__name"),
        place=Field("place"),
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_it_is_right_now(name: str) -> None:
    counts = Counts()
    judge(FOUND[name], counts)
    assert counts.answered == 1, str(counts)
