"""Exact functions of numbers: rounding, division, remainders."""

from typing import Unpack

from django.db.models import DecimalField, Expression, Func, IntegerField
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, ModelField, Sql
from reports.compat import Resolving
from reports.errors import DeclarationError, NotPortable
from reports.expressions.base import Portable, RoundedOnce
from reports.expressions.exact import (
    WIDE,
    WideDecimalField,
    WideIntegerField,
    composed,
    let,
    scale_of,
    units_sql,
    whole_sql,
)

# Digits before and after the point of the decimal that MySQL and MariaDB make of a float.
FLOAT_DIGITS, FLOAT_PLACES = 35, 30
# Digits of a float beyond FLOAT_PLACES have no effect on these places.
MOST_FLOAT_PLACES = 12
MOST_PLACES = 30


class _Number(Portable, Func):
    """A function of numbers; NULL if one of them is."""

    takes_floats = True

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        for source in resolved.get_source_expressions():
            if scale_of(self, source) is None and not self.takes_floats:
                raise NotPortable(
                    f"{type(self).__name__} is exact and takes no floats: cast them to"
                    " DecimalField(max_digits=15, decimal_places=...), or Round them first."
                )
        return resolved

    @property
    def fields(self) -> list[ModelField]:
        return [source.output_field for source in self.get_source_expressions()]

    @property
    def scales(self) -> list[int | None]:
        return [scale_of(self, source) for source in self.get_source_expressions()]

    @property
    def widest(self) -> int:
        """Returns the most decimal places of the numbers, none of which is a float."""
        return max(scale or 0 for scale in self.scales)

    @property
    def are_integers(self) -> bool:
        return all(isinstance(field, IntegerField) for field in self.fields)

    @property
    def are_narrow_integers(self) -> bool:
        """Whether SQLite certainly stores these as integers."""
        return self.are_integers and not any(isinstance(field, WIDE) for field in self.fields)

    @property
    def are_decimals_of_sqlite(self) -> bool:
        """Whether SQLite certainly stores these as floats of 15 digits."""
        return not self.are_integers and not any(
            scale is None or isinstance(field, WIDE)
            for scale, field in zip(self.scales, self.fields, strict=True)
        )

    def of_exact(self, compiler: Compiler, connection: Connection, template: str) -> Sql:
        """Returns the template with its first number exact: a float as its shortest decimal."""
        if self.scales[0] is not None:
            return composed(self, compiler, template)
        if connection.vendor == "postgresql":
            exact = "({0})::float8::text::numeric"
        else:
            # MySQL and MariaDB would truncate larger numbers with a warning; this raises an error.
            number = f"({{0}} * IF(ABS({{0}}) < 1e{FLOAT_DIGITS}, 1, 1e308))"
            exact = f"CAST({number} AS DECIMAL({FLOAT_DIGITS + FLOAT_PLACES}, {FLOAT_PLACES}))"
        return composed(self, compiler, template.replace("{0}", exact))


class Round(_Number):
    """`Round(number, precision=0)`: rounded half up (away from zero) to so many decimal places.

    Negative places round to tens and hundreds. Integers stay integers; decimals, and floats by
    their shortest text (2.675 becomes 2.68), become decimals. Floats take at most 12 places, and
    floats of 1e35 or more are an error on MySQL and MariaDB.
    """

    arity = 1

    def __init__(self, expression: object, precision: int = 0, **options: object) -> None:
        if not isinstance(precision, int) or abs(precision) > MOST_PLACES:
            raise DeclarationError(
                f"Round takes a whole number of places, up to {MOST_PLACES}, not {precision!r}."
            )
        super().__init__(expression, **options)
        self.places = precision

    def inferred_field(self) -> ModelField | None:
        if self.scales[0] is None and self.places > MOST_FLOAT_PLACES:
            raise NotPortable(
                f"Round takes a float to {MOST_FLOAT_PLACES} places at most, not {self.places}."
            )
        return WideIntegerField() if self.are_integers else WideDecimalField(max(self.places, 0))

    @property
    def _is_round(self) -> bool:
        return self.are_integers and self.places >= 0

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        template = "{0}" if self._is_round else f"ROUND(({{0}})::numeric, {self.places})"
        return self.of_exact(compiler, connection, template)

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        number = "CAST({0} AS DECIMAL(65, 0))" if self.are_integers else "{0}"
        template = "{0}" if self._is_round else f"ROUND({number}, {self.places})"
        return self.of_exact(compiler, connection, template)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if self._is_round:
            return composed(self, compiler, "{0}")
        if not self.are_decimals_of_sqlite:
            return composed(self, compiler, f"isoline_round({{0}}, {self.places})")
        # As floats, quotients of 15 digits by powers of ten are distinct from their halves.
        units = units_sql(self.fields[0], "{0}", connection)
        dropped = max(self.widest - self.places, 0)
        power = f"/ 1e{self.widest - dropped}" if self.places >= 0 else f"* 1e{-self.places}"
        return composed(self, compiler, f"(ROUND({units} / 1e{dropped}) {power})")


class _ToInteger(_Number):
    """A neighbouring integer of a number."""

    arity = 1
    step: str  # from the truncated number, on SQLite
    output_field = WideIntegerField()

    def as_sql(self, compiler: Compiler, connection: Connection, *_: object, **__: object) -> Sql:
        # PostgreSQL would convert an integer to a float.
        template = "{0}" if self.are_integers else f"{self.function}({{0}})"
        return self.of_exact(compiler, connection, template)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        template = f"isoline_{self.function}({{0}})".lower()
        if self.are_integers:
            template = "{0}"
        elif self.are_decimals_of_sqlite:
            template = f"(CAST({{0}} AS INTEGER) {self.step})"  # a cast truncates towards zero
        return composed(self, compiler, template)


class Floor(_ToInteger):
    """`Floor(number)`: the greatest integer not above the number."""

    function = "FLOOR"
    step = "- ({0} < CAST({0} AS INTEGER))"


class Ceil(_ToInteger):
    """`Ceil(number)`: the least integer not below the number."""

    function = "CEIL"
    step = "+ ({0} > CAST({0} AS INTEGER))"


class Abs(_Number):
    """`Abs(number)`: the number without its sign, of the same type.

    It is an error for the least integer of 64 bits.
    """

    function = "ABS"
    arity = 1

    def inferred_field(self) -> ModelField | None:
        (field,), (scale,) = self.fields, self.scales
        if not isinstance(field, DecimalField) or field.decimal_places is not None:
            return field
        assert scale is not None
        return WideDecimalField(scale)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        function = "isoline_abs" if isinstance(self.fields[0], WIDE) else "ABS"
        return composed(self, compiler, f"{function}({{0}})")


class Sign(_Number):
    """`Sign(number)`: -1, 0 or 1."""

    function = "SIGN"
    arity = 1
    output_field = IntegerField()

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return composed(self, compiler, "SIGN({0})::integer")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return composed(self, compiler, "isoline_sign({0})")


class _Division(_Number):
    """A division of two integers or decimals; NULL by zero."""

    arity = 2
    takes_floats = False

    def once(self, compiler: Compiler, connection: Connection, template: str) -> Sql:
        """Returns the template for MySQL and MariaDB, with aggregates that are computed once."""
        # A window would apply to the rows of the derived table.
        if not self.contains_aggregate or self.contains_over_clause:
            return composed(self, compiler, template)
        kind = f"DECIMAL(65, {self.widest})"
        names = {
            "dividend": (kind, *composed(self, compiler, "{0}")),
            "divisor": (kind, *composed(self, compiler, "{1}")),
        }
        return let(self, connection, [names], template.format("`let`.dividend", "`let`.divisor"))


class Mod(_Division):
    """`Mod(a, b)`: the remainder, with the sign of `a`; NULL by zero.

    For integers it is an integer, otherwise a decimal with the larger number of places.
    """

    def inferred_field(self) -> ModelField | None:
        return WideIntegerField() if self.are_integers else WideDecimalField(self.widest)

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return composed(self, compiler, "MOD({0}, NULLIF({1}, 0))")

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return composed(self, compiler, "MOD({0}, {1})")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if self.are_narrow_integers:
            return composed(self, compiler, "({0} %% {1})")
        return composed(self, compiler, f"isoline_mod({{0}}, {{1}}, {self.widest})")


class IntegerDivision(_Division):
    """`IntegerDivision(a, b)`: the quotient truncated towards zero: -7 by 2 is -3; NULL by zero.

    The least integer of 64 bits divided by -1 is an error on PostgreSQL, MySQL and MariaDB.
    """

    output_field = WideIntegerField()

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if self.are_narrow_integers:
            return composed(self, compiler, "(({0})::bigint / NULLIF({1}, 0))")
        return composed(self, compiler, "DIV({0}, NULLIF({1}, 0))")

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if self.are_narrow_integers:
            return composed(self, compiler, "({0} DIV {1})")
        return self.once(compiler, connection, whole_sql("{0}", "{1}"))

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if self.are_narrow_integers:
            return composed(self, compiler, "({0} / {1})")
        return composed(self, compiler, f"isoline_integer_division({{0}}, {{1}}, {self.widest})")


class Quotient(RoundedOnce, _Division):
    """`Quotient(a, b)`: `a` divided by `b`, rounded once, half up (away from zero), to `places`.

    A report's column sets `places`. NULL by zero. The statement fails if 65 digits cannot hold `2 *
    a * 10**places` (MySQL and MariaDB).
    """

    scale = 0

    def __init__(self, dividend: object, divisor: object, *, places: int | None = None) -> None:
        super().__init__(dividend, divisor)
        self.places = places

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # With 60 places every half is distinct from its neighbours.
        return composed(
            self,
            compiler,
            f"ROUND(CAST({{0}} AS numeric(1000, 60)) / NULLIF({{1}}, 0), {self.places})",
        )

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # The 30 places of a quotient are already rounded.
        doubled = f"(2.0 * ABS({{0}}) * {10**self.places} + ABS({{1}}))"
        units = whole_sql(doubled, "(2.0 * ABS({1}))")
        # Not multiplied by a decimal of many places: with a long number the product is silently
        # zero.
        quotient = f"SIGN({{0}}) * SIGN({{1}}) * {units} / {10**self.places}"
        return self.once(compiler, connection, f"CAST({quotient} AS DECIMAL(65, {self.places}))")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return composed(
            self, compiler, f"isoline_divide({{0}}, {{1}}, {self.widest}, {self.places})"
        )
