"""Django's private parts still are what reports/compat.py takes them for."""

import pytest
from django.db.models import Count, Exists, F, FilteredRelation, IntegerField, OuterRef, Q, Value
from django.db.models.expressions import Col
from django.db.models.functions import Lower

from reports import compat
from tests.authoring.models import Author, Comment, Post


def resolved(expression: object) -> object:
    return Post.objects.annotate(x=expression).query.annotations["x"]


def test_the_type_of_an_expression_or_none() -> None:
    assert isinstance(compat.output_field(resolved(Count("pk"))), IntegerField)
    assert compat.output_field(Value(object())) is None
    assert compat.output_field("no expression") is None


def test_what_an_expression_was_made_with() -> None:
    arguments, options = compat.written_arguments(resolved(Lower("title")))
    assert arguments == ("title",)
    assert options == {}
    _, options = compat.written_arguments(Count("pk", distinct=True))
    assert dict(options)["distinct"] is True


def test_the_columns_of_expressions_and_of_sub_queries() -> None:
    has = resolved(Exists(Comment.objects.filter(post=OuterRef("pk"), words__gt=F("author_id"))))
    columns = list(compat.columns_of([has]))
    assert all(isinstance(column, Col) for column in columns)
    assert ("authoring_post", "id") in {(each.alias, each.target.column) for each in columns}


def test_filtered_relations_of_a_query() -> None:
    queryset = Post.objects.annotate(
        long=FilteredRelation("comments", condition=Q(comments__words__gt=3))
    )
    assert list(compat.filtered_relations(queryset.query)) == ["long"]
    assert not compat.filtered_relations(Post.objects.all().query)


def test_a_query_sees_that_its_annotations_were_replaced() -> None:
    query = Post.objects.annotate(x=Lower("title")).values("x").query
    before = query.annotation_select["x"]
    query.annotations["x"] = after = resolved(Lower("slug"))
    assert query.annotation_select["x"] is before, "it is cached: why annotations_changed is there"
    compat.annotations_changed(query)
    assert query.annotation_select["x"] is after


@pytest.mark.parametrize(
    ("queryset", "is_of_meta", "names"),
    [
        (Post.objects.order_by("-day", "author__name"), False, ["day", "name"]),
        (Comment.objects.all(), True, ["words"]),
        (Comment.objects.order_by("words"), False, ["words"]),
        (Author.objects.all(), False, []),
    ],
)
def test_the_order_of_a_query(queryset: object, is_of_meta: bool, names: list[str]) -> None:
    found = list(compat.order_of(queryset.query.clone(), "default"))  # type: ignore[attr-defined]
    assert [order.expression.target.name for order, _ in found] == names
    assert {of_meta for _, of_meta in found} <= {is_of_meta}
