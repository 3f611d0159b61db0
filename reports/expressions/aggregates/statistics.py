"""Aggregates of numbers: exact and rounded once for integers and decimals, native for floats."""

from datetime import timedelta
from typing import Any, Unpack

from django.db.models import (
    DecimalField,
    DurationField,
    Expression,
    FloatField,
    Func,
    IntegerField,
    Value,
)
from django.db.models.aggregates import Aggregate
from django.db.models.expressions import Col
from django.db.models.functions import Coalesce
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, ModelField, Sql
from reports import compat
from reports.compat import Resolving
from reports.expressions.aggregates.general import Count
from reports.expressions.base import Portable, RoundedOnce
from reports.expressions.exact import (
    WIDE,
    Names,
    WideDecimalField,
    WideIntegerField,
    composed,
    let,
    scale_of,
    unit_sql,
    units_sql,
    whole_sql,
)
from reports.expressions.temporal.intervals import Duration, Microseconds

# Digits after the point in divisions. They decide halves correctly for any group of fewer than
# 10**(30 - places) rows.
DIVISION_SCALE = 30
# Digits of decimals that SQLite can sum over 2**33 rows within 64 bits.
NARROW_DIGITS = 9
# Types whose numbers have at most 32 bits, so that their squares fit in 64.
SHORT_INTEGERS = (
    *("SmallIntegerField", "IntegerField", "PositiveSmallIntegerField", "PositiveIntegerField"),
    *("SmallAutoField", "AutoField"),
)


class OfGroup(Portable, Aggregate):
    """An aggregate of a group's numbers, from which a public expression computes its result."""

    arity = 1
    allow_distinct = True
    distinct: bool

    @property
    def source(self) -> Any:
        return self.get_source_expressions()[0]

    @property
    def scale(self) -> int | None:
        """Returns the decimal places of the numbers, None for floats."""
        return scale_of(self, self.source)

    @property
    def is_short(self) -> bool:
        """Whether the numbers are those of a column of integers of at most 32 bits."""
        field = self.source.output_field
        return isinstance(self.source, Col) and field.get_internal_type() in SHORT_INTEGERS

    def units(self, compiler: Compiler, connection: Connection, template: str) -> Sql:
        """Returns SQLite's aggregate of exact numbers' integer units: `{}` in the template."""
        units = units_sql(self.source.output_field, "%(expressions)s", connection)
        template = template.format(f"%(distinct)s{units}") + "%(filter)s"
        return Aggregate.as_sql(self, compiler, connection, template=template)


class _Sum(OfGroup):
    """The sum; in units of the last place where a database has no exact decimals."""

    function = "SUM"
    name = "Sum"

    def as_sqlite(self, compiler: Compiler, connection: Connection, **extra: object) -> Sql:
        if self.scale is None:
            return self.as_sql(compiler, connection, **extra)
        if self._is_narrow:
            return self.units(compiler, connection, "SUM({})")
        if self.distinct or isinstance(self.source.output_field, WIDE):
            return self.units(compiler, connection, "isoline_sum({})")
        high, high_params = self.units(compiler, connection, "SUM({} >> 32)")
        low, low_params = self.units(compiler, connection, "SUM({} & 4294967295)")
        return f"isoline_total({high}, {low})", (*high_params, *low_params)

    @property
    def _is_narrow(self) -> bool:
        """Whether 64 bits hold the sum of any possible number of rows."""
        field = self.source.output_field
        if isinstance(field, DecimalField):
            return field.max_digits is not None and field.max_digits <= NARROW_DIGITS
        return self.is_short


class _Squares(OfGroup):
    """The sum of squares of exact numbers; of decimals if 64 bits may not hold a square."""

    function = "SUM"
    name = "StdDev or Variance"
    arity = 2
    allow_distinct = False
    window_compatible = False

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        kind = "bigint" if self.is_short else "numeric"
        return self.as_sql(compiler, connection, arg_joiner=f"::{kind} * ")

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        is_long = isinstance(self.source.output_field, IntegerField) and not self.is_short
        return self.as_sql(compiler, connection, arg_joiner=" * 1.0 * " if is_long else " * ")


WHOLE = "DECIMAL(65, 0)"


def _whole(name: str, sql: str) -> Names:
    """Returns a name for `let`, of a whole number."""
    return {name: (WHOLE, f"CAST({sql} AS {WHOLE})", ())}


def _newton(near: str) -> str:
    return f"GREATEST(FLOOR((`let`.{near} + {whole_sql('`let`.square', f'`let`.{near}')}) / 2), 1)"


# From a square to its root, rounded down. A double has 16 correct digits. Each of Newton's steps
# doubles them and is not below the root; two steps reach it or the next number.
ROOT = (
    _whole("near", "GREATEST(SQRT(`let`.square), 1)"),
    _whole("nearer", _newton("near")),
    _whole("above", _newton("nearer")),
    _whole("doubled", "`let`.above - (`let`.above * `let`.above > `let`.square)"),
)


class FromGroup(Portable, Func):
    """A number computed from aggregates of one expression's values in a group."""

    default: Any = None
    # Whether durations are allowed; the result is then a duration.
    takes_durations = False

    @property
    def group(self) -> OfGroup:
        group: OfGroup = self.get_source_expressions()[0]
        return group

    @property
    def scale(self) -> int | None:
        """Returns the decimal places of the group's numbers, None for floats."""
        return scale_of(self, self.group.source)

    def check(self) -> None:
        """Raises NotPortable for values of an unsupported type."""
        scale_of(self, self.group.source)

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        assert isinstance(resolved, FromGroup)
        if self.takes_durations and isinstance(resolved.group.source.output_field, DurationField):
            return self._of_durations().resolve_expression(query, **context)
        resolved.check()
        if (default := resolved.default) is None:
            return resolved
        if hasattr(default, "resolve_expression"):
            default = default.resolve_expression(query, **context)
        else:
            default = Value(default, output_field=resolved.output_field)
        resolved.default = None
        return Coalesce(resolved, default, output_field=resolved.output_field)

    def _of_durations(self) -> Expression:
        """The same of their microseconds, as a duration."""
        args, kwargs = compat.written_arguments(self)
        options = {name: value for name, value in kwargs.items() if name != "output_field"}
        if isinstance(self, RoundedOnce):
            options["places"] = 0
        if isinstance(default := options.get("default"), timedelta):
            options["default"] = default // timedelta(microseconds=1)
        elif default is not None:
            options["default"] = Microseconds(default)
        of, *others = args or [options.pop("expression")]
        return Duration(type(self)(Microseconds(of), *others, **options))


class Sum(FromGroup):
    """`Sum(expression)`: the sum, exact for integers and decimals; NULL for none.

    It has no limit: a sum of integers is an integer of any size. On SQLite the numbers themselves
    are exact to 15 digits. Floats are summed as doubles. The sum of durations is a duration, exact
    to the microsecond. Raises NotPortable for anything else.
    """

    arity = 1
    takes_durations = True
    template = "%(expressions)s"

    def __init__(
        self,
        expression: object,
        *,
        distinct: bool = False,
        filter: object = None,  # noqa: A002 -- Django's name
        default: object = None,
        order_by: object = None,
        **options: object,
    ) -> None:
        summed = _Sum(expression, distinct=distinct, filter=filter, order_by=order_by)
        super().__init__(summed, **options)
        self.default = default

    def inferred_field(self) -> ModelField | None:
        if self.scale is None:
            return FloatField()
        if isinstance(self.group.source.output_field, IntegerField):
            return WideIntegerField()
        return WideDecimalField(self.scale)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **extra: Any) -> Sql:
        if not self.scale:
            return self.as_sql(compiler, connection, **extra)
        return composed(self, compiler, f"isoline_decimal({{0}}, {self.scale})")


class Avg(RoundedOnce, FromGroup):
    """`Avg(expression)`: the mean; of integers and decimals rounded half up to `places`.

    A report's column sets `places`. The quotient of the exact sum and the count is rounded once,
    away from zero. The mean of floats is a float, that of durations a duration in whole
    microseconds. NULL for none.
    """

    arity = 2
    takes_durations = True

    def __init__(
        self,
        expression: object,
        *,
        distinct: bool = False,
        filter: object = None,  # noqa: A002 -- Django's name
        default: object = None,
        order_by: object = None,
        places: int | None = None,
        **options: object,
    ) -> None:
        super().__init__(
            _Sum(expression, distinct=distinct, filter=filter, order_by=order_by),
            Count(expression, distinct=distinct, filter=filter),
            **options,
        )
        self.default = default
        self.places = places

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if self.scale is None:
            return composed(self, compiler, "({0} / NULLIF({1}, 0))")
        return composed(
            self,
            compiler,
            f"ROUND(CAST({{0}} AS numeric(1000, {DIVISION_SCALE})) / NULLIF({{1}}, 0),"
            f" {self.places})",
        )

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # div_precision_increment is 30 in every session. Division by zero is NULL without NULLIF,
        # which fails in some sub-queries (see `let`).
        quotient = "({0} / {1})" if self.scale is None else f"ROUND({{0}} / {{1}}, {self.places})"
        return composed(self, compiler, quotient)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if self.scale is None:
            return composed(self, compiler, "({0} / NULLIF({1}, 0))")
        return composed(
            self, compiler, f"isoline_quotient({{0}}, {self.scale}, {{1}}, {self.places})"
        )


class Variance(RoundedOnce, FromGroup):
    """`Variance(expression, sample=False)`: the mean squared distance from the mean.

    It is that of the population, or with `sample=True` the estimate from a sample, which is NULL
    for one row. NULL for none. For integers and decimals it is computed exactly and rounded once,
    half up, to `places`, which a report's column sets; for floats it is a float. The statement
    fails if 65 digits cannot hold the square of the sum (MySQL and MariaDB).
    """

    arity = 3
    is_root = False

    def __init__(
        self,
        expression: object,
        sample: bool = False,
        *,
        distinct: bool = False,
        filter: object = None,  # noqa: A002 -- Django's name
        default: object = None,
        order_by: object = None,
        places: int | None = None,
        **options: object,
    ) -> None:
        super().__init__(
            _Sum(expression, filter=filter, order_by=order_by),
            Count(expression, filter=filter),
            _Squares(expression, expression, filter=filter, distinct=distinct),
            **options,
        )
        self.is_sample = sample
        self.default = default
        self.places = places

    def _float(self, compiler: Compiler, connection: Connection, template: str) -> Sql:
        return self.group.as_sql(compiler, connection, template=template + "%(filter)s")

    def _native(self, compiler: Compiler, connection: Connection) -> Sql:
        function = ("VAR", "STDDEV")[self.is_root] + ("_POP", "_SAMP")[self.is_sample]
        return self._float(compiler, connection, f"{function}(%(expressions)s)")

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if self.scale is None:
            return self._native(compiler, connection)
        numerator = "({1} * {2} - CAST({0} AS numeric) * {0})"
        denominator = f"NULLIF({{1}}::numeric * ({{1}} - {int(self.is_sample)}), 0)"
        if self.is_root:
            # Whole numbers: a root of 60 places shows which one it exceeds.
            square = f"DIV(4 * {numerator} * 1e{2 * self.places}, {denominator})"
            units = f"DIV(TRUNC(SQRT(CAST({square} AS numeric(1000, 60)))) + 1, 2)"
        else:
            doubled = f"2 * {numerator} * 1e{self.places} + {denominator}"
            units = f"DIV({doubled}, 2 * {denominator})"
        return composed(self, compiler, f"({units} * {unit_sql(self.places)})")

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if self.scale is None:
            return self._native(compiler, connection)
        # In units of the last place, or of its square.
        total, squares = (
            f"CAST({{0}} * {10**self.scale} AS {WHOLE})",
            f"CAST({{2}} * {100**self.scale} AS {WHOLE})",
        )
        group = {
            "total": (WHOLE, *composed(self, compiler, total)),
            "count": (WHOLE, *composed(self, compiler, "{1}")),
            "squares": (WHOLE, *composed(self, compiler, squares)),
        }
        numerator = "(`let`.count * `let`.squares - `let`.total * `let`.total)"
        denominator = f"(`let`.count * (`let`.count - {int(self.is_sample)}) * {100**self.scale})"
        # Twice the shown units, rounded down, tell which way to round.
        if not self.is_root:
            doubled = whole_sql(f"2 * {numerator} * {10**self.places}", denominator)
            names = [group, _whole("doubled", doubled)]
        else:
            square = whole_sql(f"4 * {numerator} * {100**self.places}", denominator)
            names = [group, _whole("square", square), *ROOT]
        # Not multiplied by a decimal of many places: with a long number the product is silently
        # zero.
        units = f"FLOOR((`let`.doubled + 1) / 2) / {10**self.places}"
        return let(self, connection, names, f"CAST({units} AS DECIMAL(65, {self.places}))")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        less = int(self.is_sample)
        if self.scale is None:
            sql, params = self._float(
                compiler, connection, f"isoline_variance_real(%(expressions)s, {less})"
            )
            return (f"SQRT({sql})" if self.is_root else sql), params
        sql, params = self.group.units(compiler, connection, "isoline_moments({})")
        return (
            f"isoline_variance({sql}, {self.scale}, {less}, {self.places}, {int(self.is_root)})",
            params,
        )


class StdDev(Variance):
    """`StdDev(expression, sample=False)`: the square root of the variance.

    It is exact and rounded once if Variance is, and NULL if that is.
    """

    is_root = True
