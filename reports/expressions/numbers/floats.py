"""Functions of doubles: roots, powers, logarithms and angles.

Integers and decimals are converted to floats, and the result is a float. Where a function is
undefined it is NULL on every database.
"""

from typing import Unpack

from django.db.models import Expression, FloatField, Func
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, Sql
from reports.compat import Resolving
from reports.expressions.base import Portable
from reports.expressions.exact import composed, scale_of

# The greatest exponent of e that gives a double, and one whose power is always shown as zero.
GREATEST, LEAST = 709, -700


class _Float(Portable, Func):
    """A function whose `formula` is SQL of its arguments, `{0}` and `{1}`."""

    arity = 1
    output_field = FloatField()
    formula: str

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        for source in resolved.get_source_expressions():
            scale_of(self, source)
        return resolved

    def _of(self, compiler: Compiler, real: str) -> Sql:
        template = self.formula
        for number in range(self.arity):
            name = f"{{{number}}}"
            template = template.replace(name, real.format(name))
        return composed(self, compiler, f"({template})")

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._of(compiler, "({})::float8")

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._of(compiler, "({} + 0e0)")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._of(compiler, "CAST({} AS REAL)")


class Sqrt(_Float):
    """`Sqrt(x)`: the square root; NULL below zero."""

    formula = "SQRT(CASE WHEN {0} >= 0 THEN {0} END)"


class Exp(_Float):
    """`Exp(x)`: e to the power of `x`; NULL beyond 709, where there is no double."""

    formula = (
        f"CASE WHEN {{0}} < {LEAST} THEN 0e0"
        f" ELSE EXP(CASE WHEN {{0}} <= {GREATEST} THEN {{0}} END) END"
    )


class Ln(_Float):
    """`Ln(x)`: the natural logarithm; NULL for zero and below."""

    formula = "LN(CASE WHEN {0} > 0 THEN {0} END)"


class Log(_Float):
    """`Log(base, x)`: the logarithm of `x`; NULL if either is zero or less, or the base 1."""

    arity = 2
    formula = "LN(CASE WHEN {1} > 0 THEN {1} END) / NULLIF(LN(CASE WHEN {0} > 0 THEN {0} END), 0)"


class Power(_Float):
    """`Power(base, exponent)`: the power; NULL if it is not a double.

    That is so for zero to a negative power, a negative number to a fractional one, and results that
    are too large.
    """

    arity = 2
    _size = "{1} * LN(NULLIF(ABS({0}), 0))"
    formula = (
        "CASE WHEN {0} < 0 AND {1} <> FLOOR({1}) THEN NULL"
        f" WHEN {_size} < {LEAST} THEN 0e0"
        f" ELSE POWER({{0}}, CASE WHEN {_size} > {GREATEST} OR {{0}} = 0 AND {{1}} < 0 THEN NULL"
        " ELSE {1} END) END"
    )


class Sin(_Float):
    """`Sin(x)`: the sine of an angle in radians."""

    formula = "SIN({0})"


class Cos(_Float):
    """`Cos(x)`: the cosine of an angle in radians."""

    formula = "COS({0})"


class Tan(_Float):
    """`Tan(x)`: the tangent of an angle in radians."""

    formula = "TAN({0})"


class Cot(_Float):
    """`Cot(x)`: the cotangent of an angle in radians; NULL for zero."""

    formula = "1 / NULLIF(TAN({0}), 0)"


class ASin(_Float):
    """`ASin(x)`: the angle in radians of a sine; NULL outside -1 to 1."""

    formula = "ASIN(CASE WHEN ABS({0}) <= 1 THEN {0} END)"


class ACos(_Float):
    """`ACos(x)`: the angle in radians of a cosine; NULL outside -1 to 1."""

    formula = "ACOS(CASE WHEN ABS({0}) <= 1 THEN {0} END)"


class ATan(_Float):
    """`ATan(x)`: the angle in radians of a tangent."""

    formula = "ATAN({0})"


class ATan2(_Float):
    """`ATan2(y, x)`: the angle in radians of the point (x, y)."""

    arity = 2
    formula = "ATAN2({0}, {1})"


class Degrees(_Float):
    """`Degrees(x)`: radians as degrees."""

    formula = "{0} * 57.29577951308232e0"


class Radians(_Float):
    """`Radians(x)`: degrees as radians."""

    formula = "{0} * 0.017453292519943295e0"


class Pi(_Float):
    """`Pi()`, to the last bit of a double."""

    arity = 0
    formula = "3.141592653589793e0"
