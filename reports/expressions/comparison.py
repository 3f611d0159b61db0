"""Chooses among values: the first, the greatest, the least, or none if two are equal.

NULLs are ignored, so a result is NULL only if every value is. Texts compare by code point. All
values must be of one kind. Of numbers the result is an integer if all are, a float if one is,
otherwise a decimal with the most places.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Unpack

from django.db.models import (
    BigIntegerField,
    DecimalField,
    Expression,
    FloatField,
    Func,
    IntegerField,
    TextField,
    Value,
)
from django.db.models.expressions import BaseExpression
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, ModelField, Sql
from geo.backends.spatialite.functions.decimals import EXACT_DIGITS
from reports import compat
from reports.compat import Resolving
from reports.errors import DeclarationError, NotPortable
from reports.expressions.base import Portable, listed
from reports.expressions.exact import WIDE, WideDecimalField, WideIntegerField
from reports.expressions.rounding import SortKey, needs_sort_key
from reports.expressions.text.code_point import by_code_point
from reports.values.kinds import family_of

FAMILIES = ("text", "number", "instant", "date", "time", "duration")


class _Choice(Portable, Func):
    """Checks that its values are of one supported kind, and compares texts by code point."""

    is_code_point = True
    families: tuple[str, ...] = (*FAMILIES, "boolean", "UUID")

    def __init__(self, *expressions: object, **options: object) -> None:
        if len(expressions) < 2:
            raise DeclarationError(f"{type(self).__name__} takes two expressions or more.")
        super().__init__(*expressions, **options)

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        sources = resolved.get_source_expressions()
        if self._family(sources) == "text":
            resolved.set_source_expressions(
                [by_code_point(source).resolve_expression(query, **context) for source in sources]
            )
        _ = resolved.output_field  # refused now, not at a later use
        return resolved

    def inferred_field(self) -> ModelField | None:
        sources = self.get_source_expressions()
        family = self._family(sources)
        if family == "text":
            return TextField()
        return _number(sources) if family == "number" else sources[0].output_field

    def _family(self, sources: Iterable[Any]) -> str:
        fields = [self._field(source) for source in sources]
        found = list(dict.fromkeys(family_of(field) for field in fields))
        if len(found) > 1:
            raise NotPortable(
                f"{type(self).__name__} takes values of one kind, not"
                f" {' and '.join(f'{kind or "another"}' for kind in found)}"
                f" ({', '.join(type(field).__name__ for field in fields)}): databases convert them"
                " differently. Use reports.expressions.Cast."
            )
        if found[0] not in self.families:
            raise NotPortable(
                f"{type(self).__name__} has no common meaning for a {type(fields[0]).__name__}; it"
                f" takes a {listed(self.families)}."
            )
        return found[0]

    def _field(self, source: BaseExpression) -> ModelField:
        if compat.output_field(source) is None:
            raise NotPortable(
                f"{type(self).__name__} needs to know the type of each value; for a NULL, write"
                " Value(None, output_field=...)."
            )
        field: ModelField = source.output_field
        return field


def _number(sources: list[Any]) -> ModelField:
    """Returns the type that holds each of these numbers exactly, or a float if one is."""
    fields = [source.output_field for source in sources]
    if any(isinstance(field, FloatField) for field in fields):
        return FloatField()
    is_wide = any(isinstance(field, WIDE) for field in fields)
    if all(isinstance(field, IntegerField) for field in fields):
        is_big = any(isinstance(field, BigIntegerField) for field in fields)
        return WideIntegerField() if is_wide else BigIntegerField() if is_big else IntegerField()
    found = [_digits(source) for source in sources]
    if any(places is None for _, places in found):
        return DecimalField(max_digits=None, decimal_places=None)
    places = max(places for _, places in found)
    if is_wide:
        return WideDecimalField(places)
    if any(digits is None for digits, _ in found):
        return DecimalField(max_digits=None, decimal_places=places)
    digits = max(digits - own for digits, own in found) + places
    if digits > EXACT_DIGITS >= max(digits for digits, _ in found):
        digits = None  # each is exact on SQLite; with more places it might not be
    return DecimalField(max_digits=digits, decimal_places=places)


def _digits(source: Any) -> Any:
    """Returns (most digits, places) of an integer or a decimal, None if undeclared."""
    field = source.output_field
    if isinstance(field, BigIntegerField):
        return 19, 0
    if isinstance(field, IntegerField):
        return 10, 0
    if isinstance(source, Value) and source.value is not None:
        number = Decimal(str(source.value)).as_tuple()
        exponent = int(number.exponent)
        return max(len(number.digits) + max(exponent, 0), -exponent), max(0, -exponent)
    return field.max_digits, field.decimal_places


class Coalesce(_Choice):
    """`Coalesce(*expressions)`: the first value that is not NULL; NULL if all are."""

    function = "COALESCE"


class _Extreme(_Choice):
    """The last, or first, of the values in their order. Ignores NULLs on every database."""

    # Kinds with an order that all databases share.
    families = FAMILIES
    comparison: str

    def _without_nulls(self, compiler: Compiler) -> list[Sql]:
        """Yields each value, replaced by another where it is NULL: one NULL would make all NULL."""
        sources = self.get_source_expressions()
        compiled = [compiler.compile(source) for source in sources]
        constants = [
            sql
            for source, sql in zip(sources, compiled, strict=True)
            if isinstance(source, Value) and source.value is not None
        ]
        if constants:
            compiled = [sql for sql in compiled if sql not in constants]
            return [*constants, *(_coalesced([sql, constants[0]]) for sql in compiled)]
        return [
            _coalesced([sql, *compiled[:place], *compiled[place + 1 :]])
            for place, sql in enumerate(compiled)
        ]

    def _called(self, function: str, values: list[Sql]) -> Sql:
        if len(values) == 1:
            return values[0]
        sqls, params = zip(*values, strict=True)
        return f"{function}({', '.join(sqls)})", tuple(p for each in params for p in each)

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._called(str(self.function), self._without_nulls(compiler))

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if any(needs_sort_key(source) for source in self.get_source_expressions()):
            return self._by_sort_key(compiler)
        name = {"GREATEST": "MAX", "LEAST": "MIN"}[str(self.function)]
        return self._called(name, self._without_nulls(compiler))

    def _by_sort_key(self, compiler: Compiler) -> Sql:
        """Returns the value whose key is greater (or less) than all others."""
        sources = self.get_source_expressions()
        values = [compiler.compile(source) for source in sources]
        keys = [compiler.compile(SortKey(source)) for source in sources]
        cases, params = "", list[object]()
        for place, (key, key_params) in enumerate(keys[:-1]):
            tests = [f"{values[place][0]} IS NOT NULL"]
            params += values[place][1]
            for other, other_params in keys[place + 1 :]:
                tests.append(f"COALESCE({key} {self.comparison} {other}, TRUE)")
                params += [*key_params, *other_params]
            cases += f" WHEN {' AND '.join(tests)} THEN {values[place][0]}"
            params += values[place][1]
        return f"CASE{cases} ELSE {values[-1][0]} END", (*params, *values[-1][1])


def _coalesced(values: list[Sql]) -> Sql:
    sqls, params = zip(*values, strict=True)
    return f"COALESCE({', '.join(sqls)})", tuple(p for each in params for p in each)


class Greatest(_Extreme):
    """`Greatest(*expressions)`: the greatest value. Ignores NULLs; NULL if all are.

    Raises NotPortable for booleans, UUIDs and other types without a common order.
    """

    function = "GREATEST"
    comparison = ">="


class Least(_Extreme):
    """`Least(*expressions)`: the least value. Ignores NULLs; NULL if all are.

    Raises NotPortable for booleans, UUIDs and other types without a common order.
    """

    function = "LEAST"
    comparison = "<="


class NullIf(_Choice):
    """`NullIf(expression1, expression2)`: the first, or NULL if both are equal.

    Raises NotPortable for floats, whose last bits, and so equality, differ.
    """

    function = "NULLIF"
    arity = 2

    def __init__(self, expression1: object, expression2: object, **options: object) -> None:
        super().__init__(expression1, expression2, **options)

    def inferred_field(self) -> ModelField | None:
        first, second = self.get_source_expressions()
        if self._family((first, second)) == "number" and any(
            isinstance(source.output_field, FloatField) for source in (first, second)
        ):
            raise NotPortable(
                "NullIf cannot tell whether floats are equal: their last bits differ between the"
                " databases. Cast them to DecimalField(max_digits=15, decimal_places=...)."
            )
        return super().inferred_field()
