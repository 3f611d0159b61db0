"""Columns computed from another column of the same report: its share of the total, its sum.

They take the other column's id. `of_report` returns the expression for the report, whose columns
and order it needs.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Unpack

from django.db.models import (
    DecimalField,
    Expression,
    F,
    FloatField,
    Func,
    IntegerField,
    OrderBy,
    RowRange,
)
from django.db.models.expressions import BaseExpression
from django.db.models.sql import Query

from reports.compat import Resolving
from reports.errors import DeclarationError
from reports.expressions.aggregates.general import AnyValue
from reports.expressions.aggregates.statistics import Sum
from reports.expressions.base import Portable
from reports.expressions.numbers.functions import Quotient, Round
from reports.expressions.rounding import Significant, comparable
from reports.expressions.windows.window import Window


class OfReport:
    """Base class: an expression of the report (reports.report.Report) that declares it."""

    def __init__(self, column: str, *, partition_by: Any = ()) -> None:
        self.column = column
        self.partition_by = [partition_by] if isinstance(partition_by, str) else [*partition_by]

    def of_report(self, report: object) -> BaseExpression:
        """Returns the expression for this report. Raises DeclarationError if that is impossible."""
        raise NotImplementedError

    def _value(self, report: Any) -> Any:
        column = _column(self, report, self.column, report.columns)
        if _has_window(column.expression):
            raise _error(
                self,
                report,
                f"takes a column of the rows' own values, and {self.column!r} depends on other"
                " rows. Name the column that it is made of",
            )
        return _Number(column.expression, self, column.places)

    def _partition(self, report: Any) -> list[Any]:
        known = report.keys | report.columns
        return [_column(self, report, name, known).expression for name in self.partition_by]


class ShareOfTotal(OfReport):
    """`ShareOfTotal("revenue")`: a row's share of the column's sum over all rows of the report.

    It is from 0 to 1 if no value is negative, rounded half up to the column's places. NULL if the
    value is NULL or the sum is 0. `partition_by=` takes ids of other columns or keys: the sum is
    then over the rows with equal values of them. All rows that the filters leave count, on every
    page. `ShareOfTotal("revenue", of=100)` is a percentage.
    """

    def __init__(
        self, column: str, *, partition_by: Any = (), of: int = 1, places: int | None = None
    ) -> None:
        super().__init__(column, partition_by=partition_by)
        self.of = of
        self.places = places

    def rounded(self, places: int) -> "ShareOfTotal":
        """Returns the same, rounded to `places`."""
        return ShareOfTotal(self.column, partition_by=self.partition_by, of=self.of, places=places)

    def of_report(self, report: object) -> Any:
        value = self._value(report)
        window = Window(Sum(_OfRow(value)), partition_by=self._partition(report))
        total = _OverRows(window)
        share = value if self.of == 1 else value * self.of
        return Quotient(share, total, places=self.places)


class RunningTotal(OfReport):
    """`RunningTotal("revenue")`: the sum of the column's values up to this row.

    The order is `Meta.ordering` and then the keys, a total order, or `order_by=`: ids of columns or
    keys, `-` before one for descending, then the keys. The sum starts again where one of
    `partition_by=`, also ids, changes. NULLs are ignored; before the first value the total is NULL.
    """

    def __init__(self, column: str, *, partition_by: Any = (), order_by: Any = None) -> None:
        super().__init__(column, partition_by=partition_by)
        self.order_by = [order_by] if isinstance(order_by, str) else order_by

    def of_report(self, report: object) -> BaseExpression:
        window = Window(
            Sum(_OfRow(self._value(report))),
            partition_by=self._partition(report),
            order_by=list(self._order(report)),
            frame=RowRange(None, 0),
        )
        return _OverRows(window)

    def _order(self, report: Any) -> Iterator[OrderBy]:
        known = report.keys | report.columns
        declared = report.options.ordering if self.order_by is None else self.order_by
        names = [name.removeprefix("-") for name in declared]
        for name, term in zip(names, declared, strict=True):
            column = _column(self, report, name, known)
            if column.expression is self:
                raise _error(self, report, f"cannot be in the order of itself ({name!r})")
            if isinstance(column.expression, RunningTotal):
                raise _error(self, report, f"cannot be in the order of {name!r}, a running total")
            for expression in _terms(report, column):
                yield OrderBy(expression, descending=term.startswith("-"))
        for name, key in report.keys.items():
            if name not in names:
                yield from map(OrderBy, _terms(report, key))


def in_report(expression: Any, report: Any) -> BaseExpression:
    """Returns the expression of a column in the report."""
    return expression.of_report(report) if isinstance(expression, OfReport) else expression


def _terms(report: Any, column: Any) -> Iterator[Any]:
    """Returns the report's order by this column: of a key, first by what it shows."""
    if shows := getattr(column, "shows", ""):
        yield AnyValue(F(shows))
    yield _Shown(in_report(column.expression, report), column.places)


def _column(asked_by: OfReport, report: Any, name: str, known: Any) -> Any:
    if name not in known:
        raise _error(
            asked_by, report, f"names {name!r}, which is no column. Columns: {', '.join(known)}"
        )
    return known[name]


def _error(asked_by: OfReport, report: Any, words: str) -> DeclarationError:
    found = (name for name, each in report.columns.items() if each.expression is asked_by)
    return DeclarationError(
        f"{report.slug}.{next(found, asked_by.column)}: {type(asked_by).__name__} {words}."
    )


def _has_window(expression: BaseExpression) -> bool:
    if isinstance(expression, OfReport):
        return True
    parts: Iterable[Any] = expression.flatten() if hasattr(expression, "flatten") else ()
    return any(getattr(part, "contains_over_clause", False) for part in parts)


class _OfRow(Portable, Func):
    """A row's value, which may be a group's aggregate, as the operand of a window."""

    arity = 1
    template = "%(expressions)s"
    contains_aggregate = False

    def get_group_by_cols(self) -> list[BaseExpression]:
        (source,) = self.get_source_expressions()
        found: list[Any] = source.get_group_by_cols()
        return found


class _OverRows(Portable, Func):
    """A window over the rows of the report, which adds nothing to GROUP BY."""

    arity = 1
    template = "%(expressions)s"
    contains_aggregate = False

    def get_group_by_cols(self) -> list[BaseExpression]:
        return []


class _Number(Portable, Func):
    """A column's number. When it is resolved it becomes exact: a float as it is shown."""

    arity = 1

    def __init__(self, expression: Any, asked_by: OfReport, places: int | None) -> None:
        super().__init__(expression)
        self.asked_by = asked_by
        self.places = places

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        source: Expression
        (source,) = super().resolved(query, **context).get_source_expressions()
        field = source.output_field
        if isinstance(field, FloatField):
            return Round(source, self.places or 0).resolve_expression()
        if isinstance(field, IntegerField | DecimalField):
            return source
        raise DeclarationError(
            f"{type(self.asked_by).__name__} takes a column of numbers, and"
            f" {self.asked_by.column!r} is a {type(field).__name__}."
        )


class _Shown(Portable, Func):
    """A value as the report orders by it: a float as it is shown."""

    arity = 1

    def __init__(self, expression: Any, places: int | None) -> None:
        super().__init__(expression)
        self.places = places

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        (source,) = super().resolved(query, **context).get_source_expressions()
        if isinstance(source.output_field, FloatField):
            return Significant(source, self.places)
        found: Expression = comparable(source)
        return found
