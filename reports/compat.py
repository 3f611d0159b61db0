"""What reports take from Django and from servers without a promise, each behind one function.

Nothing else in `reports` uses a private name of another library: the lint forbids it (SLF001, and
tests/test_architecture.py for names in strings). tests/reports/test_compat.py fails on a release
that changes one of them. What the engines need is in geo/backends/compat.py; the hooks that
expressions override are in reports/expressions/base.py.
"""

import inspect
import socket
from collections.abc import Iterable, Iterator
from functools import cache
from types import FrameType
from typing import Any, TypedDict

from django.db.models import OrderBy
from django.db.models.aggregates import Aggregate
from django.db.models.aggregates import AggregateFilter as AggregateFilter
from django.db.models.aggregates import AggregateOrderBy as AggregateOrderBy
from django.db.models.aggregates import StringAggDelimiter as StringAggDelimiter
from django.db.models.expressions import BaseExpression, Col, Ref
from django.db.models.lookups import Lookup
from django.db.models.sql import Query
from django.http import HttpRequest

from geo.backends.compat import Compiler, ModelField


class Resolving(TypedDict, total=False):
    """How Django resolves an expression, apart from the query: handed on as it came."""

    allow_joins: bool
    reuse: set[str] | None
    summarize: bool
    for_save: bool


def output_field(expression: Any) -> ModelField | None:
    """Returns the type of a resolved expression; None where it has none or is no expression.

    `output_field` itself raises FieldError for an expression whose type cannot be told.
    """
    field: ModelField | None = getattr(expression, "_output_field_or_none", None)
    return field


def written_arguments(expression: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Returns the positional and named arguments that an expression was made with.

    Resolving replaces what an expression holds; what its author wrote stands nowhere else.
    """
    arguments, options = expression._constructor_args
    return arguments, options


def columns_of(expressions: Iterable[Any]) -> Iterator[Col]:
    """Yields the columns that expressions refer to, those of outer queries included.

    `flatten` does not look into sub-queries.
    """
    # The stubs lack it.
    query: Any = Query
    yield from query._gen_cols(expressions, include_external=True)


def source_of(ref: Ref) -> BaseExpression:
    """Returns the annotation that a reference names."""
    source: BaseExpression = ref.source
    return source


def name_of(ref: Ref) -> str:
    """Returns the name of the annotation that a reference names."""
    name: str = ref.refs
    return name


def parsed(expression: BaseExpression, *given: object) -> list[Any]:
    """Returns expressions of what an author gave: a text names a field, any other value is one."""
    found: list[Any] = expression._parse_expressions(*given)
    return found


def as_another[L: Lookup](lookup: Lookup, kind: type[L]) -> L:
    """Returns a resolved lookup as one of another class.

    Made again it would prepare its values, and a sub-query, a second time.
    """
    other = kind.__new__(kind)
    other.__dict__.update(lookup.__dict__)
    return other


def is_distinct(aggregate: Aggregate) -> bool:
    """Whether an aggregate takes each value once."""
    return bool(aggregate.distinct)


def condition_of(aggregate: Aggregate) -> Any:
    """Returns the condition of an aggregate's `filter=`, resolved; None if it has none."""
    return aggregate.filter and aggregate.filter.condition


def keep_group_by(compiler: Compiler) -> None:
    """Keeps a compiler from leaving out keys that a model's primary key tells."""
    compiler.collapse_group_by = lambda expressions, having: expressions


def declared_field(expression: BaseExpression) -> ModelField | None:
    """Returns the type that an expression was given; None if it finds out by itself."""
    field: ModelField | None = vars(expression).get("output_field")
    return field


def sources_changed(expression: BaseExpression) -> None:
    """Lets an expression see that its sources will be replaced: it caches what they contain."""
    for name in ("contains_aggregate", "contains_over_clause"):
        vars(expression).pop(name, None)


def filtered_relations(query: Any) -> dict[str, Any]:
    """Returns the FilteredRelations of a query, which no public attribute tells."""
    found: dict[str, Any] = query._filtered_relations
    return found


def annotations_changed(query: Any) -> None:
    """Lets a query see that its annotations were replaced: it caches those that it selects."""
    query._annotation_select_cache = None


def order_of(query: Any, database: str) -> Iterator[tuple[OrderBy, bool]]:
    """Yields what a query is ordered by, and whether its model's Meta says so.

    Names are resolved as the compiler resolves them, over relations and their models' own order.
    """
    compiler = query.get_compiler(database)
    for order, _is_selected in compiler._order_by_pairs():
        yield order, compiler._meta_ordering is not None


# XlsxWriter


@cache
def plain_worksheet() -> type:
    """Returns a class of worksheets that never take text for markup.

    XlsxWriter does if the text begins with <r>, and has no setting for it.
    """
    from xlsxwriter.worksheet import Worksheet  # it takes long, and few processes need it

    class PlainWorksheet(Worksheet):  # type: ignore[misc]  # untyped
        def _xml_rich_inline_string(self, string: str, attributes: object = ()) -> None:
            self._xml_inline_string(string, preserve=False, attributes=attributes)

    return PlainWorksheet


# Servers


def socket_of(request: HttpRequest) -> socket.socket | None:
    """Returns the connection of a request under gunicorn's WSGI workers, None under others."""
    connection: socket.socket | None = request.META.get("gunicorn.socket")
    return connection


def module_of_server(receive: object) -> str:
    """Returns the module of an ASGI server's `receive`, which tells uvicorn's implementations.

    ASGI does not name the server.
    """
    return str(getattr(receive, "__module__", ""))


# Python


def place_of_caller(depth: int) -> tuple[str, int]:
    """Returns file and line of the code that called this function, `depth` calls further out."""
    frame = inspect.currentframe()
    for _ in range(depth + 1):
        frame = frame and frame.f_back
    return (frame.f_code.co_filename, frame.f_lineno) if frame else ("", 0)


def class_of_body(frame: FrameType) -> str:
    """Returns the path of the class whose body a frame runs; "" outside of one."""
    return str(frame.f_locals.get("__qualname__", ""))
