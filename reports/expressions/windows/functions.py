"""Window functions: ranks and neighbours. They are used only in a Window."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, Unpack

from django.db.models import Expression, Func, Value
from django.db.models.expressions import BaseExpression
from django.db.models.functions import window as functions
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, Sql
from reports import compat
from reports.compat import Resolving
from reports.errors import DeclarationError
from reports.expressions.base import OfGivenType, Portable
from reports.expressions.conversion.literals import Literal
from reports.expressions.text.code_point import CodePoint


class WindowFunction(Portable, Func):
    """A window function.

    goes_by_rows   whether equal rows have different values, so that the order must be total
    takes_frame    whether the value depends on the window's frame
    """

    window_compatible = True
    goes_by_rows = True
    takes_frame = False
    over: Any = None

    @property
    def name(self) -> str:
        return type(self).__name__

    def get_source_expressions(self) -> list[BaseExpression]:
        return [*super().get_source_expressions(), self.over]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        *sources, self.over = exprs
        super().set_source_expressions(sources)

    def get_source_fields(self) -> list[Any]:
        return [compat.output_field(source) for source in self.source_expressions[:1]]

    def as_sql(self, compiler: Compiler, connection: Connection, *args: Any, **extra: Any) -> Sql:
        if self.over is None:
            raise DeclarationError(f"{self.name} stands in a Window: Window({self.name}(...), ...)")
        sql, params = super().as_sql(compiler, connection, *args, **extra)
        over, over_params = compiler.compile(self.over)
        return f"{sql}{over}", (*params, *over_params)


class RowNumber(WindowFunction, functions.RowNumber):
    """1 for the first row of the partition, 2 for the second ..."""


class Rank(WindowFunction, functions.Rank):
    """One more than the number of rows before; equal rows have the same rank."""

    goes_by_rows = False


class DenseRank(WindowFunction, functions.DenseRank):
    """One more than the number of different ranks before."""

    goes_by_rows = False


class PercentRank(WindowFunction, functions.PercentRank):
    """(Rank - 1) / (rows - 1), 0 for a single row. A float: a column needs places."""

    goes_by_rows = False


class CumeDist(WindowFunction, functions.CumeDist):
    """The share of rows up to this one and its equals. A float: a column needs places."""

    goes_by_rows = False


class Ntile(WindowFunction, functions.Ntile):
    """`Ntile(n)`: the number, from 1, of one of n parts of nearly equal size, larger ones first."""


class _ValueOfRow(WindowFunction):
    """The value of an expression in another row."""

    def __init__(self, expression: object, *options: object, **extra: object) -> None:
        # PostgreSQL, among others, must know that a literal is a text.
        super().__init__(CodePoint(expression), *options, **extra)


class FirstValue(_ValueOfRow, functions.FirstValue):
    """The value in the frame's first row, NULL or not."""

    takes_frame = True


class LastValue(_ValueOfRow, functions.LastValue):
    """The value in the frame's last row, NULL or not."""

    takes_frame = True


class NthValue(_ValueOfRow, functions.NthValue):
    """`NthValue(expression, nth)`: the value in the frame's nth row; NULL if it has fewer."""

    takes_frame = True


class _Neighbour(_ValueOfRow):
    """The value of a row at a distance, or a default if there is no such row."""

    def __init__(
        self, expression: object, offset: int = 1, default: object = None, **extra: object
    ) -> None:
        super().__init__(expression, offset, **extra)
        self.default = default

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        default = self.default
        if default is None:
            return resolved
        value, offset, _over = resolved.get_source_expressions()
        if not hasattr(default, "resolve_expression"):
            kind = Literal if isinstance(default, date | datetime | time) else Value
            default = kind(default, output_field=value.output_field)
        default = default.resolve_expression(query, **context)
        # Whether the row exists: MariaDB supports no default, and COALESCE would hide a NULL.
        there = type(self)(Value(1), offset.value).resolve_expression(query, **context)
        return _OrDefault(there, default, resolved, output_field=value.output_field)


class _OrDefault(OfGivenType, Func):
    """A neighbour's value, or the default if there is no neighbour."""

    arity = 3

    def as_sql(self, compiler: Compiler, connection: Connection, *_: object, **__: object) -> Sql:
        (there, there_params), (default, default_params), (value, params) = map(
            compiler.compile, self.get_source_expressions()
        )
        sql = f"CASE WHEN {there} IS NULL THEN {default} ELSE {value} END"
        return sql, (*there_params, *default_params, *params)


class Lag(_Neighbour, functions.Lag):
    """`Lag(expression, offset=1, default=None)`: the value `offset` rows before, NULL or not.

    The default applies if there is no such row.
    """


class Lead(_Neighbour, functions.Lead):
    """`Lead(expression, offset=1, default=None)`: the value `offset` rows after, NULL or not.

    The default applies if there is no such row.
    """
