"""Medians and percentiles of groups, exact on every database."""

from fractions import Fraction
from typing import Any, Self

from django.db.models import DateField, DateTimeField, IntegerField, TimeField

from geo.backends.compat import Compiler, Connection, ModelField, Sql
from reports.errors import DeclarationError, NotPortable
from reports.expressions.aggregates.general import Count
from reports.expressions.aggregates.statistics import FromGroup, OfGroup
from reports.expressions.base import RoundedOnce
from reports.expressions.exact import (
    WIDE,
    composed,
    has_column,
    let,
    scale_of,
)

# With a greater one, 30 digits of a quotient would not decide every half.
MOST_DENOMINATOR = 10**9
QUOTIENT_SCALE = 60
# The types as which MySQL and MariaDB read instants, dates and times from text.
TIMES = {DateTimeField: "DATETIME(6)", DateField: "DATE", TimeField: "TIME(6)"}


class _Listed(OfGroup):
    """The values that are not NULL: an array, or an ordered text with commas."""

    name = "Median or Percentile"
    arity = 2  # the values, and the key that orders them
    allow_distinct = False
    window_compatible = False
    template = "%(function)s(%(expressions)s)%(filter)s"
    arg_joiner = " ORDER BY "

    def unordered(self) -> Self:
        """Returns the same for the values only."""
        copy = self.copy()
        copy.set_source_expressions([self.source, *self.get_source_expressions()[2:]])
        return copy

    def as_postgresql(self, compiler: Compiler, connection: Connection, **extra: object) -> Sql:
        return self.unordered().as_sql(compiler, connection, function="ARRAY_AGG", **extra)

    def as_mysql(self, compiler: Compiler, connection: Connection, **extra: object) -> Sql:
        # Complete or an error: see geo/backends/mysql/cursor.py.
        return self.as_sql(compiler, connection, function="GROUP_CONCAT", **extra)


class Percentile(RoundedOnce, FromGroup):
    """`Percentile(expression, p, discrete=False)`: the value below which the share `p` of them is.

    `p` is from 0 to 1: a Decimal, a Fraction, or a float or text that is read as a decimal. The
    value is interpolated between the two nearest, at `p * (n - 1)` of n values counted from 0. For
    integers and decimals that is exact, and rounded once, half up, to `places`, which a report's
    column sets; for floats it is a float.

    With `discrete=True` it is one of the values: the first at which the share of the values up to
    it is `p` or more. That also works for dates, times and instants.

    Ignores NULLs; NULL for none.
    """

    arity = 2

    def __init__(
        self,
        expression: object,
        p: object,
        discrete: bool = False,
        *,
        filter: object = None,  # noqa: A002 -- Django's name
        default: object = None,
        places: int | None = None,
    ) -> None:
        super().__init__(
            _Listed(expression, expression, filter=filter), Count(expression, filter=filter)
        )
        self.share = _share(p)
        self.is_discrete = discrete
        self.default = default
        self.places = places

    def check(self) -> None:
        field = self.group.source.output_field
        if not isinstance(field, tuple(TIMES)):
            scale_of(self, self.group.source)
        elif not self.is_discrete:
            raise NotPortable(
                f"{type(self).__name__} cannot interpolate a {type(field).__name__}: say"
                " Percentile(..., discrete=True), which gives one of the values."
            )
        if not has_column(self.group.source):
            raise DeclarationError(
                f"{type(self).__name__} takes a value that rows have, not {self.group.source!r},"
                " which is the same for all of them."
            )

    def inferred_field(self) -> ModelField | None:
        return self.group.source.output_field if self.is_discrete else super().inferred_field()

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        p, of = self.share.as_integer_ratio()
        if self.is_discrete:
            value = _ranked(f"GREATEST(({p}::bigint * {{1}} + {of - 1}) / {of}, 1)")
        else:
            at = f"{p}::bigint * ({{1}} - 1)"
            low, high = _ranked(f"{at} / {of} + 1"), _ranked(f"({at} + {of - 1}) / {of} + 1")
            rest = f"MOD({at}, {of})"
            if self.scale is None:
                value = f"{low} + ({high} - {low}) * {rest} / {of}"
            else:
                total = f"{low}::numeric * ({of} - {rest}) + {high}::numeric * {rest}"
                exact = f"CAST({total} AS numeric(1000, {QUOTIENT_SCALE}))"
                value = f"ROUND({exact} / {of}, {self.places})"
        # In a sub-query only the group's list is sorted, not all rows.
        return composed(self, compiler, f"(SELECT {value} FROM UNNEST({{0}}) isoline_value)")  # noqa: S608 -- compiled

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        p, of = self.share.as_integer_ratio()
        if self.is_discrete:
            rank = f"GREATEST(({p} * {{1}} + {of - 1}) DIV {of}, 1)"
            value = f"SUBSTRING_INDEX(SUBSTRING_INDEX({{0}}, ',', {rank}), ',', -1)"
            return composed(self, compiler, self._read(value))
        at = f"{p} * ({{1}} - 1)"
        # The two nearest values, or the wanted value and the one before it.
        until = f"SUBSTRING_INDEX({{0}}, ',', ({at} + {of - 1}) DIV {of} + 1)"
        pair = composed(self, compiler, f"SUBSTRING_INDEX({until}, ',', -2)")
        names = {
            "pair": ("VARCHAR(200)", *pair),
            "rest": ("BIGINT", *composed(self, compiler, f"MOD({at}, {of})")),
        }
        low = self._read("SUBSTRING_INDEX(`let`.pair, ',', 1)")
        high = self._read("SUBSTRING_INDEX(`let`.pair, ',', -1)")
        rest = f"IF(`let`.rest = 0, {of}, `let`.rest)"
        if self.scale is None:
            body = f"{low} + ({high} - {low}) * {rest} / {of}"
        else:
            body = f"ROUND(({low} * ({of} - {rest}) + {high} * {rest}) / {of}, {self.places})"
        return let(self, connection, [names], body)

    def _read(self, text: str) -> str:
        """Returns the SQL of a value read from its text."""
        field = self.group.source.output_field
        for kind, name in TIMES.items():
            if isinstance(field, kind):
                return f"CAST({text} AS {name})"
        if self.scale is None:
            return f"({text} + 0e0)"
        if isinstance(field, IntegerField) and self.is_discrete and not isinstance(field, WIDE):
            return f"CAST({text} AS SIGNED)"
        return f"CAST({text} AS DECIMAL(65, {self.scale}))"

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        p, of = self.share.as_integer_ratio()
        group = self.group
        assert isinstance(group, _Listed)
        values = group.unordered()
        field = self.group.source.output_field
        if self.is_discrete and isinstance(field, WIDE):
            sql, params = values.units(
                compiler, connection, f"isoline_percentile_units({{}}, {p}, {of})"
            )
            return f"isoline_decimal({sql}, {self.scale})", params
        if self.is_discrete or self.scale is None:
            function = "isoline_percentile_disc" if self.is_discrete else "isoline_percentile_real"
            return values.as_sql(
                compiler,
                connection,
                function=function,
                template=f"%(function)s(%(expressions)s, {p}, {of})%(filter)s",
            )
        return values.units(
            compiler,
            connection,
            f"isoline_percentile_cont({{}}, {p}, {of}, {self.scale}, {self.places})",
        )


class Median(Percentile):
    """`Median(expression)`: `Percentile(expression, 0.5)`: half of the values are below it."""

    def __init__(self, expression: object, **options: Any) -> None:
        super().__init__(expression, Fraction(1, 2), **options)


def _ranked(rank: str) -> str:
    """Returns the value at a rank, from 1, among those of `isoline_value` on PostgreSQL."""
    # The share at the middle of a rank, where the last bits of a quotient have no effect.
    share = f"(2 * ({rank}) - 1)::float8 / NULLIF(2 * {{1}}, 0)"
    return f"PERCENTILE_DISC({share}) WITHIN GROUP (ORDER BY isoline_value)"


def _share(p: Any) -> Fraction:
    """Returns the share as it was written. Raises DeclarationError for an invalid one."""
    try:
        share = Fraction(repr(p)) if isinstance(p, float) else Fraction(p)
    except (TypeError, ValueError, OverflowError):
        share = Fraction(-1)
    if not 0 <= share <= 1 or share.denominator > MOST_DENOMINATOR or isinstance(p, bool):
        raise DeclarationError(
            f"A percentile's share is a number from 0 to 1 of at most nine decimal places, such as"
            f" '0.9', not {p!r}."
        )
    return share
