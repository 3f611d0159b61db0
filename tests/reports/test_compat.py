"""Django, the servers and Python still work as reports/compat.py assumes."""

import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import gunicorn
import pytest
from django.db import connection
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    StringAgg,
    Value,
)
from django.db.models.expressions import BaseExpression, Col, Ref
from django.db.models.functions import Lower
from django.db.models.lookups import Exact, GreaterThan
from django.db.models.sql import Query
from django.db.models.sql.datastructures import BaseTable, Join
from django.test import RequestFactory
from gunicorn.http import wsgi
from openpyxl import load_workbook
from uvicorn.protocols.http import h11_impl
from xlsxwriter import Workbook

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


def test_what_a_reference_names() -> None:
    source = Lower("title")
    ref = Ref("x", source)
    assert compat.source_of(ref) is source
    assert compat.name_of(ref) == "x"


def test_what_an_author_gives_becomes_expressions() -> None:
    field, value, same = compat.parsed(Lower("title"), "slug", 3, F("day"))
    assert field == F("slug")
    assert value == Value(3)
    assert same == F("day")


def test_a_lookup_of_another_class_has_the_same_sides() -> None:
    (lookup,) = Post.objects.filter(pk=3).query.where.children
    assert isinstance(lookup, Exact)
    other = compat.as_another(lookup, GreaterThan)
    assert type(other) is GreaterThan
    assert (other.lhs, other.rhs) == (lookup.lhs, lookup.rhs)


def test_the_options_of_an_aggregate() -> None:
    assert compat.is_distinct(Count("pk", distinct=True))
    assert not compat.is_distinct(Count("pk"))
    assert compat.condition_of(Count("pk")) is None
    aggregate = resolved(Count("pk", filter=Q(pk__gt=1)))
    assert isinstance(aggregate, Count)
    assert compat.condition_of(aggregate).children[0].rhs == 1


def test_the_parts_of_an_aggregate() -> None:
    options = {"filter": Q(pk__gt=1), "order_by": "title"}
    aggregate = resolved(StringAgg("title", Value(","), **options))
    assert isinstance(aggregate, StringAgg)
    kinds = {type(source) for source in aggregate.get_source_expressions()}
    assert {compat.AggregateFilter, compat.AggregateOrderBy, compat.StringAggDelimiter} <= kinds


def test_a_compiler_keeps_every_key_of_a_group() -> None:
    """Django omits what depends on the primary key, on databases that infer it."""
    query = Post.objects.values("pk", "title").annotate(n=Count("comments")).query
    compiler = query.get_compiler(connection=connection)
    compat.keep_group_by(compiler)
    sql, _ = compiler.as_sql()
    assert sql.partition("GROUP BY ")[2].count(",") == 1, sql


def test_the_declared_type_of_an_expression() -> None:
    field = IntegerField()
    assert compat.declared_field(Case(default=Value(1), output_field=field)) is field
    assert compat.declared_field(Case(default=Value(1))) is None


def test_an_expression_sees_that_its_sources_were_replaced() -> None:
    expression = Lower(Count("pk"))
    assert expression.contains_aggregate
    compat.sources_changed(expression)
    expression.set_source_expressions([Value("a", CharField())])
    assert not expression.contains_aggregate
    expression.set_source_expressions([Count("pk")])
    assert not expression.contains_aggregate, "it is cached: why sources_changed is there"


def test_gunicorn_tells_its_name_and_its_socket() -> None:
    request = RequestFactory().get("/")
    assert compat.socket_of(request) is None
    request.META["gunicorn.socket"] = given = object()
    assert compat.socket_of(request) is given
    assert '"gunicorn.socket"' in inspect.getsource(wsgi)
    assert gunicorn.SERVER.startswith("gunicorn")


def test_uvicorn_is_known_by_the_module_of_its_receive() -> None:
    receive = h11_impl.RequestResponseCycle.receive
    assert compat.module_of_server(receive).startswith("uvicorn.protocols.http.")
    assert compat.module_of_server(object()) == ""


def test_the_place_of_a_caller() -> None:
    def called() -> tuple[str, int]:
        return compat.place_of_caller(1)

    assert called() == (__file__, sys._getframe().f_lineno)


def test_the_class_whose_body_is_run() -> None:
    class Outer:
        frame = sys._getframe()
        name = compat.class_of_body(frame)

    assert Outer.name.endswith("<locals>.Outer")
    assert compat.class_of_body(sys._getframe()) == ""


# The methods and properties of Django's that reports replace, by class, and why.
HOOKS: dict[type, dict[str, str]] = {
    BaseExpression: {
        "_resolve_output_field": "asks `inferred_field` for the type",
        "as_sql": "writes the SQL",
        "as_sqlite": "writes it without what Django's adds for SQLite",
        "field": "is not the model's",
        "get_db_converters": "converts values that are computed here",
        "get_group_by_cols": "is what a window or a label is grouped by",
        "get_source_expressions": "names the operands",
        "get_source_fields": "leaves out operands that do not decide the type",
        "identity": "includes the operands that resolving replaces",
        "relabeled_clone": "follows a table that gets another alias",
        "resolve_expression": "calls `resolved`, and converts to `output_field=`",
        "select_format": "selects a truth value where Django expects a condition",
        "set_source_expressions": "takes the operands",
    },
    Query: {
        "get_compiler": "keeps keys in GROUP BY, and rows of no groups",
        "join": "joins a derived table instead of the model's",
        "names_to_path": "knows the columns that a derived table has",
        "set_values": "groups by what tells rows apart",
    },
    BaseTable: {
        "as_sql": "is a sub-query in FROM",
        "identity": "includes that sub-query",
        "relabeled_clone": "keeps it",
    },
    Join: {"as_sql": "joins by the primary key", "relabeled_clone": "keeps what it joins"},
}


def kinds_of(base: type) -> Iterator[type]:
    """Returns the classes of `reports` that extend a class of Django's; a Query has its own."""
    for kind in base.__subclasses__():
        if base is not BaseExpression or not issubclass(kind, Query):
            if kind.__module__.startswith("reports."):
                yield kind
            yield from kinds_of(kind)


def overridden(base: type) -> Iterator[tuple[str, Any, Any]]:
    """Returns the methods and properties that reports override: ours and Django's."""
    for path in Path(compat.__file__).parent.rglob("*.py"):
        if "migrations" not in path.parts:
            parts = path.relative_to(Path(compat.__file__).parents[1]).with_suffix("").parts
            import_module(".".join(parts).removesuffix(".__init__"))
    for kind in set(kinds_of(base)):
        others = [each for each in kind.__mro__ if each.__module__.startswith("django.")]
        for name, ours in vars(kind).items():
            is_hook = inspect.isfunction(ours) or isinstance(ours, property)
            theirs = [vars(each)[name] for each in others if name in vars(each)]
            if is_hook and theirs and not name.startswith("__"):
                yield name, ours, theirs[0]


@pytest.mark.parametrize("base", HOOKS, ids=lambda base: base.__name__)
def test_what_reports_replace_is_there_to_be_replaced(base: type) -> None:
    """If a release of Django drops a hook, Django silently stops calling it."""
    assert {name for name, _, _ in overridden(base)} == HOOKS[base].keys()


@pytest.mark.parametrize("base", HOOKS, ids=lambda base: base.__name__)
def test_what_replaces_a_hook_takes_what_django_gives_it(base: type) -> None:
    for name, ours, theirs in overridden(base):
        if not (inspect.isfunction(ours) and inspect.isfunction(theirs)):
            continue
        given = [
            name
            for name, each in inspect.signature(theirs).parameters.items()
            if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD
        ]
        inspect.signature(ours).bind(*given)  # raises TypeError
        taken = inspect.signature(ours).parameters.values()
        named = [each.name for each in taken if each.kind is each.POSITIONAL_OR_KEYWORD]
        takes_all = any(each.kind is each.VAR_POSITIONAL for each in taken)
        assert takes_all or named[: len(given)] == given, f"{ours.__qualname__}"


def test_a_worksheet_takes_no_text_for_markup() -> None:
    plain = compat.plain_worksheet()
    for hook in ("_xml_rich_inline_string", "_xml_inline_string"):
        assert callable(getattr(plain.__base__, hook)), hook
    file = BytesIO()
    with Workbook(file, {"constant_memory": True}) as book:
        book.add_worksheet("rows", plain).write_string(0, 0, "<r><t>bold</t></r>")
    (cell,) = next(load_workbook(file).active.iter_rows(values_only=True))
    assert cell == "<r><t>bold</t></r>"
