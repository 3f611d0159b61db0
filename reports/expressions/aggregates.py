"""Aggregates that give the same value on every database."""

from collections.abc import Iterable
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    DecimalField,
    Expression,
    F,
    Func,
    IntegerField,
    JSONField,
    OrderBy,
    TextField,
    UUIDField,
    Value,
)
from django.db.models import Count as DjangoCount
from django.db.models import Max as DjangoMax
from django.db.models import Min as DjangoMin
from django.db.models import StringAgg as DjangoStringAgg
from django.db.models.aggregates import Aggregate
from django.db.models.functions import Cast
from django.db.models.lookups import IsNull

from reports.errors import DeclarationError, NotPortable
from reports.expressions.text import TEXT_FIELDS, CodePoint

# Numeric digits kept after the point while dividing; what remains decides a half correctly for
# any group of fewer than 10**(30 - places) rows.
DIVISION_SCALE = 30


class StringAgg(DjangoStringAgg):
    """The texts of a group, joined; in order, whole, NULLs left out, NULL for none.

    `delimiter` is a literal, or `Value(...)`. (Django reads a plain string as a column's name,
    which would let a column leak into a report; say `F("name")` there if that is meant -- which
    MySQL and MariaDB cannot do, so that it is refused.)

    `order_by` takes one key or several, as a queryset's does; without it, and among equal keys,
    the texts themselves decide, by code point. With `distinct=True` the texts are the only order
    there is. Integers are joined by their decimal digits.
    """

    is_code_point = True

    def __init__(
        self,
        expression: Any,
        delimiter: Any,
        *,
        distinct: bool = False,
        filter: Any = None,  # noqa: A002 -- Django's name
        order_by: Any = (),
        default: Any = None,
    ) -> None:
        if isinstance(delimiter, Value):
            delimiter = delimiter.value
        if not isinstance(delimiter, str):
            raise NotPortable(
                "StringAgg takes a literal delimiter: MySQL and MariaDB cannot take one from a"
                f" column. Write it as a string, not as {delimiter!r}."
            )
        text = CodePoint(_AsText(expression))
        keys = [order_by] if isinstance(order_by, str | Expression | F) else list(order_by)
        if distinct:
            order = _distinct_order(expression, text, keys)
        else:
            order = [*_order(keys), OrderBy(text)]
        super().__init__(
            text,
            Value(delimiter),
            distinct=distinct,
            filter=filter,
            order_by=order,
            default=default,
        )

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        if not self.distinct:
            return self.as_sql(compiler, connection, **extra)
        # DISTINCT goes with a single argument only, and a list in JSON has just one.
        copy = self.copy()
        copy.source_expressions = [*self.source_expressions[:1], *self.source_expressions[2:]]
        sql, params = Aggregate.as_sql(
            copy, compiler, connection, function="JSON_GROUP_ARRAY", **extra
        )
        delimiter_sql, delimiter_params = compiler.compile(self.delimiter)
        return f"isoline_join({sql}, {delimiter_sql})", (*params, *delimiter_params)


class _AsText(Func):
    """An integer by its decimal digits; text as it is; nothing else."""

    arity = 1
    output_field = TextField()

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        (source,) = self.get_source_expressions()
        source = source.resolve_expression(*args, **kwargs)
        field = source.output_field
        if isinstance(field, TEXT_FIELDS):
            return source
        if isinstance(field, IntegerField):
            return Cast(source, TextField()).resolve_expression(*args, **kwargs)
        raise NotPortable(
            f"StringAgg joins text and integers, not a {type(field).__name__}: its text differs"
            " between the databases."
        )


def _order(keys: Iterable[Any]) -> list[OrderBy]:
    order = []
    for key in keys:
        if isinstance(key, str):
            key = OrderBy(F(key.removeprefix("-")), descending=key.startswith("-"))
        elif not isinstance(key, OrderBy):
            key = OrderBy(key)
        # NULLS LAST will not do here: within GROUP_CONCAT, MySQL and MariaDB take NULL for 0 or an
        # empty text. Nor will IS NULL: where that can only be false, MySQL ignores later keys.
        expression = CodePoint(key.expression)
        order.append(OrderBy(IsNull(expression, rhs=False), descending=True))
        order.append(OrderBy(expression, descending=key.descending))
    return order


def _distinct_order(expression: Any, text: Any, keys: list[Any]) -> list[OrderBy]:
    if not keys or keys == [expression]:
        return [OrderBy(text)]
    if keys == [f"-{expression}"]:
        return [OrderBy(text, descending=True)]
    raise DeclarationError(
        "StringAgg(distinct=True) can be ordered by its own texts alone: several rows share one"
        f" text. Leave out order_by, or say order_by={expression!r}."
    )


class Count(DjangoCount):
    """How many values are not NULL; with `distinct=True` how many different ones, texts by code
    point. `Count("*")` counts rows."""

    def __init__(
        self,
        expression: Any,
        *,
        distinct: bool = False,
        filter: Any = None,  # noqa: A002 -- Django's name
    ) -> None:
        counted = CodePoint(expression) if distinct and expression != "*" else expression
        super().__init__(counted, distinct=distinct, filter=filter)


class _Units(Aggregate):
    """The exact sum; on a database without decimals, in units of the last declared place."""

    function = "SUM"
    allow_distinct = True
    arity = 1

    @property
    def scale(self) -> int:
        field = self.get_source_expressions()[0].output_field
        if isinstance(field, IntegerField):
            return 0
        if isinstance(field, DecimalField) and field.decimal_places is not None:
            return field.decimal_places
        raise NotPortable(
            f"Sum and Avg are exact for integers and decimals of declared places, not for a"
            f" {type(field).__name__}. Cast the expression to DecimalField(max_digits=15,"
            " decimal_places=...)."
        )

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        _ = self.scale  # refused on every database alike
        return super().as_sql(compiler, connection, **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        if not self.scale:
            return self.as_sql(compiler, connection, **extra)
        return super().as_sql(
            compiler,
            connection,
            template="%(function)s(%(distinct)sCAST(ROUND(%(expressions)s * "
            f"{10**self.scale}) AS INTEGER))%(filter)s",
            **extra,
        )


class _OfUnits(Func):
    """A number made of a group's exact sum."""

    @property
    def units(self) -> _Units:
        units = self.get_source_expressions()[0]
        assert isinstance(units, _Units)
        return units


class Sum(_OfUnits):
    """The exact sum of integers or decimals; NULL for none. Raises NotPortable for floats."""

    arity = 1
    template = "%(expressions)s"

    def __init__(
        self,
        expression: Any,
        *,
        distinct: bool = False,
        filter: Any = None,  # noqa: A002 -- Django's name
    ) -> None:
        super().__init__(_Units(expression, distinct=distinct, filter=filter))

    def _resolve_output_field(self) -> Any:
        field = self.units.get_source_expressions()[0].output_field
        if isinstance(field, IntegerField):
            return BigIntegerField()
        return DecimalField(max_digits=None, decimal_places=self.units.scale)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        if not self.units.scale:
            return self.as_sql(compiler, connection, **extra)
        return self.as_sql(
            compiler,
            connection,
            template=f"CAST(isoline_decimal(%(expressions)s, {self.units.scale}) AS NUMERIC)",
            **extra,
        )


class Avg(_OfUnits):
    """The mean of integers or decimals, rounded half up (away from zero) to `places`.

    A report's column sets `places` from its own. The quotient of the exact sum and the count is
    rounded once. Raises NotPortable for floats.
    """

    arity = 2

    def __init__(
        self,
        expression: Any,
        *,
        distinct: bool = False,
        filter: Any = None,  # noqa: A002 -- Django's name
        places: int | None = None,
    ) -> None:
        super().__init__(
            _Units(expression, distinct=distinct, filter=filter),
            Count(expression, distinct=distinct, filter=filter),
        )
        self.places = places

    def rounded(self, places: int) -> "Avg":
        """The same mean, rounded to `places`."""
        copy = self.copy()
        copy.places = places
        return copy

    def _resolve_output_field(self) -> Any:
        if self.places is None:
            raise DeclarationError(
                "Avg needs its decimal places: Column(Avg(...), places=1), or Avg(..., places=1)."
            )
        return DecimalField(max_digits=None, decimal_places=self.places)

    def _quotient(self, compiler: Any, template: str) -> tuple[str, Any]:
        (units, units_params), (count, count_params) = map(
            compiler.compile, self.get_source_expressions()
        )
        return template.format(units=units, count=count), (*units_params, *count_params)

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        return self._quotient(
            compiler,
            f"ROUND(CAST({{units}} AS numeric(1000, {DIVISION_SCALE})) / NULLIF({{count}}, 0),"
            f" {self.places})",
        )

    def as_mysql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        # div_precision_increment is 30 in every session.
        return self._quotient(compiler, f"ROUND({{units}} / NULLIF({{count}}, 0), {self.places})")

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        return self._quotient(
            compiler,
            f"CAST(isoline_quotient({{units}}, {self.units.scale}, {{count}}, {self.places})"
            " AS NUMERIC)",
        )


class _Ordered(Aggregate):
    """Checks that least and greatest mean the same everywhere, and compares by code point."""

    is_code_point = True
    # No order that all four share (booleans have no MIN on one, UUIDs sort differently on another).
    UNORDERED = (BooleanField, UUIDField, JSONField)

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        resolved = super().resolve_expression(*args, **kwargs)
        for source in resolved.get_source_expressions():
            field = getattr(source, "output_field", None)
            if isinstance(field, self.UNORDERED) or hasattr(field, "srid"):
                raise NotPortable(
                    f"{type(self).__name__} has no common meaning for a {type(field).__name__}."
                )
            break
        return resolved


class Min(_Ordered, DjangoMin):
    """The least value; texts by code point; NULLs left out."""

    def __init__(self, expression: Any, **extra: Any) -> None:
        super().__init__(CodePoint(expression), **extra)


class Max(_Ordered, DjangoMax):
    """The greatest value; texts by code point; NULLs left out."""

    def __init__(self, expression: Any, **extra: Any) -> None:
        super().__init__(CodePoint(expression), **extra)


class AnyValue(Min):
    """One value of the group: always the least that is not NULL, so that it is the same one."""


class GroupKey(Func):
    """An annotation that groups, by its alias, for use in HAVING beside aggregates.

    MySQL and MariaDB know it there by its alias alone, the others by its expression alone.
    """

    arity = 1
    template = "%(expressions)s"
    contains_aggregate = True

    def __init__(self, alias: str) -> None:
        super().__init__(F(alias))
        self.alias = alias

    def as_mysql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        return connection.ops.quote_name(self.alias), ()
