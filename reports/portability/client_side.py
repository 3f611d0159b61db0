"""Refuses every use of a client-side expression but showing it.

The database has only the inputs of a ClientSideExpression: it cannot filter, order, group or
compute by the value. Such uses are refused before any SQL, also in a report of one engine.
"""

from collections.abc import Iterator

from django.db.models.expressions import BaseExpression
from django.db.models.sql import Query

from reports.errors import NotPortable
from reports.expressions.client_side import ClientSideExpression


def refuse(expression: BaseExpression, use: str) -> None:
    """Raises NotPortable if the value of an expression is computed in Python."""
    source = getattr(expression, "source", expression)  # of a reference to an annotation
    if isinstance(source, ClientSideExpression):
        raise NotPortable(
            f"{type(source).__name__} is computed row by row outside the database, and can only be"
            f" shown: it cannot be {use}. Store its value in a column when the row is written, and"
            " use that."
        )


def check(expression: BaseExpression) -> None:
    """Raises NotPortable if SQL contains an expression that is computed in Python."""
    for source in _sources(expression):
        if isinstance(source, Query):
            check_query(source, is_report=False)
            continue
        if not isinstance(expression, ClientSideExpression):
            refuse(source, "part of an aggregate or of another expression")
        check(source)


def check_query(query: Query, *, is_report: bool = True) -> None:
    """Raises NotPortable if a query does more than select a client-side expression.

    A sub-query may not even select one.
    """
    for annotation in query.annotations.values():
        check(annotation)
        if not is_report:
            refuse(annotation, "selected by a sub-query")
        if query.distinct:
            refuse(annotation, "told apart by distinct()")
    _check_filter(query.where)
    for key in query.group_by if isinstance(query.group_by, tuple) else ():
        refuse(key, "grouped by")


def _check_filter(node: object) -> None:
    for child in _sources(node):
        if isinstance(child, Query):
            check_query(child, is_report=False)
        else:
            refuse(child, "filtered by")
            _check_filter(child)


def _sources(expression: object) -> Iterator[BaseExpression]:
    """Yields the direct parts of an expression, a lookup or a condition."""
    if isinstance(expression, Query):
        yield expression
        return
    if hasattr(expression, "get_source_expressions"):
        yield from (each for each in expression.get_source_expressions() if each is not None)
    values = getattr(expression, "rhs", ())
    if isinstance(values, list | tuple):  # of `in` and `range`
        yield from (each for each in values if hasattr(each, "get_source_expressions"))
