"""The value of a float, and the forms in which values of any type compare the same everywhere.

A float's last bits differ between databases, which add in a different order and use a different
libm. Its value in a report is a decimal: 12 significant digits of the shortest decimal that reads
back as the float, rounded half up (away from zero).
"""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Unpack

from django.db.models import (
    DecimalField,
    DurationField,
    Expression,
    FloatField,
    Func,
    IntegerField,
    UUIDField,
    Value,
)
from django.db.models.expressions import BaseExpression
from django.db.models.sql import Query
from django.utils.dateparse import parse_duration

from geo.backends.compat import Compiler, Connection, Sql, is_mariadb
from reports.compat import Resolving
from reports.errors import NotPortable
from reports.expressions.base import OfGivenType, Portable
from reports.expressions.exact import WIDE
from reports.expressions.text.code_point import CodePoint
from reports.values.kinds import TEXT_FIELDS

SIGNIFICANT_DIGITS = 12
# The most places of a decimal in MySQL.
MOST_PLACES = 30
_SIGNIFICANT = Context(prec=SIGNIFICANT_DIGITS, rounding=ROUND_HALF_UP)


def significant(number: float) -> Decimal:
    """Returns the decimal that a float stands for. Raises ValueError for infinity and NaN."""
    decimal = _SIGNIFICANT.create_decimal(repr(number))
    if not decimal.is_finite():
        raise ValueError(f"{number} is not a number that a report can show.")
    return decimal


class Significant(OfGivenType, Func):
    """`Significant(expression, places=None)`: the decimal that a float stands for.

    It has 12 significant digits, is then rounded half up to `places`, if given, and has at most 30
    places. NULL stays NULL; infinity, NaN and 1e35 or more are errors of the statement.
    """

    arity = 1

    def __init__(self, expression: object, places: int | None = None) -> None:
        super().__init__(
            expression, output_field=DecimalField(max_digits=None, decimal_places=places)
        )
        self.places = places

    def _rounded(self, compiler: Compiler, number: str, magnitude: str) -> Sql:
        sql, params = compiler.compile(self.get_source_expressions()[0])
        decimal = number.format(sql)
        digits = f"LEAST({MOST_PLACES}, {SIGNIFICANT_DIGITS - 1} - {magnitude.format(sql)})"
        rounded = f"COALESCE(ROUND({decimal}, {digits}), {decimal})"  # zero has no magnitude
        if self.places is not None:
            rounded = f"ROUND({rounded}, {self.places})"
        return rounded, (*params, *params, *params)

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # A cast from float to numeric would keep 15 digits; the float's text has all.
        return self._rounded(
            compiler,
            "({})::float8::text::numeric",
            "FLOOR(LOG(NULLIF(ABS({}), 0)::float8))::int",
        )

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._rounded(
            compiler,
            f"CAST({{}} AS DECIMAL(65, {MOST_PLACES}))",
            "FLOOR(LOG10(NULLIF(ABS({}), 0)))",
        )

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        sql, params = compiler.compile(self.get_source_expressions()[0])
        places = MOST_PLACES if self.places is None else self.places
        return f"CAST(isoline_significant({sql}, {places}) AS NUMERIC)", params


class SortKey(Portable, Func):
    """`SortKey(expression)`: the key by which a value is sorted and compared, if not by itself.

    It is the text of a UUID (MariaDB sorts UUIDs by their parts), and a key for sums that SQLite
    stores as text because no number of its own can hold them.
    """

    arity = 1
    template = "%(expressions)s"

    def get_group_by_cols(self) -> list[BaseExpression]:
        (source,) = self.get_source_expressions()
        return [] if isinstance(source, Value) else super().get_group_by_cols()

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if isinstance(self.output_field, UUIDField) and is_mariadb(connection):
            return self.as_sql(compiler, connection, template="CAST(%(expressions)s AS CHAR(36))")
        return self.as_sql(compiler, connection)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if isinstance(self.output_field, UUIDField):
            return self.as_sql(compiler, connection)
        (source,) = self.get_source_expressions()
        if isinstance(source, Value):  # as a number it would lose its last digits
            return "isoline_sort_key(%s)", (str(source.value),)
        return self.as_sql(compiler, connection, template="isoline_sort_key(%(expressions)s)")


def needs_sort_key(expression: Any) -> bool:
    """Whether a resolved expression is compared by its SortKey."""
    return isinstance(expression.output_field, (UUIDField, *WIDE))


class Comparable(Portable, Func):
    """`Comparable(expression)`: the same value in the form that compares the same everywhere.

    When it is resolved, it becomes a CodePoint, a Significant, a SortKey or the expression itself.
    """

    arity = 1

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        (source,) = self.get_source_expressions()
        found: Expression = comparable(source.resolve_expression(query, **context))
        return found


def comparable(expression: Any) -> Expression:
    """Returns the resolved `expression` in the form that compares the same everywhere."""
    field = expression.output_field
    if isinstance(expression, CodePoint | Significant | SortKey):
        return expression
    if isinstance(field, TEXT_FIELDS):
        return CodePoint(expression)
    if isinstance(field, FloatField):
        return Significant(expression)
    return SortKey(expression) if needs_sort_key(expression) else expression


def comparable_value(expression: Any, value: Any) -> Any:
    """Returns a Python value in the form that compares with `comparable(expression)`.

    Raises NotPortable for an integer past 64 bits that is compared with a smaller type.
    """
    field = expression.output_field
    if isinstance(field, DurationField) and isinstance(value, str):
        return parse_duration(value)
    if isinstance(field, FloatField):
        return Value(significant(float(value)))
    if needs_sort_key(expression):
        return SortKey(Value(value, output_field=field))
    if isinstance(field, IntegerField) and not -(2**31) <= value < 2**31:
        if not -(2**63) <= value < 2**63:
            raise NotPortable(f"{value} is past 64 bits, and nothing that it is compared with is.")
        # Django treats a bare one as greater than every row's on some databases, even than NULL.
        return Value(value)
    # SQLite takes a bare decimal as text, which never equals a computed number.
    return Value(Decimal(value)) if isinstance(field, DecimalField) else value
