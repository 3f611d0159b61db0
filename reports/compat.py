"""Django's private parts that reports cannot do without, each behind one function.

Nothing else in `reports` uses a private name of Django's: the lint forbids it (SLF001, and
tests/test_architecture.py for names in strings). tests/reports/test_compat.py fails on a release
of Django that changes one of them.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Field, OrderBy
from django.db.models.expressions import Col
from django.db.models.sql import Query


def output_field(expression: Any) -> "Field[Any, Any] | None":
    """Return the type of a resolved expression; None where it has none or is no expression.

    `output_field` itself raises FieldError for an expression whose type cannot be told.
    """
    field: Field[Any, Any] | None = getattr(expression, "_output_field_or_none", None)
    return field


def written_arguments(expression: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the positional and named arguments that an expression was made with.

    Resolving replaces what an expression holds; what its author wrote stands nowhere else.
    """
    arguments, options = expression._constructor_args
    return arguments, options


def columns_of(expressions: Iterable[Any]) -> Iterator[Col]:
    """Yield the columns that expressions refer to, those of outer queries included.

    `flatten` does not look into sub-queries.
    """
    # The stubs lack it.
    query: Any = Query
    yield from query._gen_cols(expressions, include_external=True)


def filtered_relations(query: Any) -> dict[str, Any]:
    """Return the FilteredRelations of a query, which no public attribute tells."""
    found: dict[str, Any] = query._filtered_relations
    return found


def annotations_changed(query: Any) -> None:
    """Let a query see that its annotations were replaced: it caches those that it selects."""
    query._annotation_select_cache = None


def order_of(query: Any, database: str) -> Iterator[tuple[OrderBy, bool]]:
    """Yield what a query is ordered by, and whether its model's Meta says so.

    Names are resolved as the compiler resolves them, over relations and their models' own order.
    """
    compiler = query.get_compiler(database)
    for order, _is_selected in compiler._order_by_pairs():
        yield order, compiler._meta_ordering is not None
