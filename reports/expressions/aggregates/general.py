"""Aggregates that give the same value on every database."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any, Unpack

from django.core.exceptions import FieldError
from django.db.models import (
    BooleanField,
    DecimalField,
    Expression,
    F,
    Func,
    JSONField,
    OrderBy,
    TextField,
    UUIDField,
    Value,
)
from django.db.models import Count as DjangoCount
from django.db.models import Max as DjangoMax
from django.db.models import Min as DjangoMin
from django.db.models.aggregates import Aggregate
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import BaseExpression, Col, OrderByList
from django.db.models.sql import Query
from django.db.models.sql.datastructures import BaseTable

from geo.backends.compat import Compiler, Connection, Sql, is_mariadb
from reports.compat import Resolving
from reports.errors import DeclarationError, NotPortable
from reports.expressions.base import OfGivenType, Portable, require
from reports.expressions.conversion.literals import Literal
from reports.expressions.conversion.to_text import AsText
from reports.expressions.rounding import Comparable
from reports.expressions.text.code_point import CodePoint


class _Default(OfGivenType, Func):
    """An aggregate, or its default where it is NULL; of one type."""

    function = "COALESCE"
    arity = 2


class Defaulted(Portable):
    """Mixin: an Aggregate with a `default`, an expression or a value, instead of NULL."""

    default: Any
    distinct: bool
    order_by: OrderByList | None

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        copy = self.copy()
        copy.default = None
        resolved = super(Defaulted, copy).resolved(query, **context)
        if self.default is None:
            return resolved
        field = resolved.output_field
        default = self.default
        if not hasattr(default, "resolve_expression"):
            kind = Literal if isinstance(default, date | datetime | time) else Value
            default = kind(default, output_field=field)
        default = default.resolve_expression(query, **context)
        result = _Default(resolved, default, output_field=field)
        result.is_summary = resolved.is_summary
        return result


class StringAgg(Defaulted, Aggregate):
    """The texts of a group, joined in order and never truncated. Ignores NULLs; NULL for none.

    Other values are joined as AsText writes them: integers, decimals, truth values, dates, times,
    instants and UUIDs.

    `delimiter` is a literal. (Django reads a plain string as a column's name. If it is one, it is
    refused here: write `Value("name")` for the literal, `F("name")` for the column.) If it is a
    column or another expression, each text follows its own row's delimiter, and the first has none;
    NULL means no delimiter.

    `order_by` takes one key or several, as a queryset does, with NULL keys last. Equal keys, or all
    without `order_by`, are ordered by the texts themselves, by code point. With `distinct=True` the
    texts are the only order, and the delimiter must be a literal.
    """

    function = "STRING_AGG"
    name = "StringAgg"
    allow_distinct = True
    allow_order_by = True
    window_compatible = False
    is_code_point = True
    output_field = TextField()

    def __init__(
        self,
        expression: Any,
        delimiter: Any,
        *,
        distinct: bool = False,
        filter: Any = None,  # noqa: A002 -- Django's name
        order_by: Any = (),
        default: Any = None,
        **options: object,
    ) -> None:
        self.could_be_a_field = delimiter if isinstance(delimiter, str) else None
        delimiter = Value(delimiter) if isinstance(delimiter, str) else delimiter
        self.is_literal = isinstance(delimiter, Value)
        if self.is_literal and not isinstance(delimiter.value, str):
            raise DeclarationError(f"StringAgg's delimiter is a text, not {delimiter.value!r}.")
        text = CodePoint(AsText(expression))
        if distinct:
            if not self.is_literal:
                raise DeclarationError(
                    "StringAgg(distinct=True) takes a literal delimiter: several rows share one"
                    f" text, each with a delimiter of its own. Write a string, not {delimiter!r}."
                )
            order = [own_order("StringAgg", expression, text, order_by)]
        else:
            order = [*ordered(keys_of(order_by)), OrderBy(text)]
        if not self.is_literal:
            delimiter = CodePoint(AsText(delimiter))
            order += ordered([delimiter])
        super().__init__(
            text,
            delimiter,
            distinct=distinct,
            filter=filter,
            order_by=order,
            default=default,
            **options,
        )

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        if (name := self.could_be_a_field) is not None and _names_a_field(query, name):
            raise DeclarationError(
                f"StringAgg's delimiter {name!r} is also the name of a field. Write"
                f' Value("{name}") for the text, F("{name}") for the field.'
            )
        return super().resolved(query, **context)

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        text, delimiter = self.source_expressions
        if self.is_literal:
            return group_concat(self, compiler, connection, text, delimiter, own=text)
        # Each text after its delimiter; the first delimiter is then removed.
        joined, params = group_concat(self, compiler, connection, _Behind(delimiter, text))
        lengths, length_params = group_concat(
            self, compiler, connection, _Length(delimiter, text), Value(",")
        )
        first = f"CAST(SUBSTRING_INDEX({lengths}, ',', 1) AS UNSIGNED)"
        return f"SUBSTRING({joined}, {first} + 1)", (*params, *length_params)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if not self.distinct:
            return self.as_sql(compiler, connection)
        # DISTINCT takes a single argument only, and a JSON list has just one. The list is sorted
        # and its duplicates are removed when it is joined.
        text, delimiter = self.source_expressions
        assert self.order_by is not None
        (order,) = self.order_by.get_source_expressions()
        copy = self.copy()
        copy.order_by = None
        sql, params = aggregated(copy, compiler, connection, "JSON_GROUP_ARRAY", text)
        delimiter_sql, delimiter_params = compiler.compile(delimiter)
        joined = f"isoline_join({sql}, {delimiter_sql}, {int(order.descending)})"
        return joined, (*params, *delimiter_params)


class _Behind(Portable, Func):
    """A text after its delimiter, for MySQL and MariaDB."""

    template = "CONCAT(COALESCE(%(expressions)s)"
    arg_joiner = ", ''), "
    output_field = TextField()


class _Length(Portable, Func):
    """The length of a delimiter in characters, NULL if no text follows it."""

    template = "(CHAR_LENGTH(COALESCE(%(expressions)s IS NULL, NULL, 0))"
    arg_joiner = ", '')) + IF("
    output_field = TextField()


def aggregated(
    aggregate: Any, compiler: Compiler, connection: Connection, function: str, *sources: object
) -> Sql:
    """Returns an aggregate's `function` over other sources, with its order and filter."""
    copy = aggregate.copy()
    copy.source_expressions = list(sources)
    return Aggregate.as_sql(copy, compiler, connection, function=function)


def group_concat(
    aggregate: Any,
    compiler: Compiler,
    connection: Connection,
    source: Any,
    delimiter: Any = None,
    *,
    own: Any = None,
    limit: int | None = None,
) -> Sql:
    """Returns GROUP_CONCAT, of MySQL and MariaDB, of a source in an aggregate's order.

    The order ends at the key `own`, of which the source is made: rows that are equal in it have the
    same text. Only MariaDB supports a `limit` of values.
    """
    separator, separator_params = compiler.compile(delimiter or Value(""))
    copy = aggregate.copy()
    copy.source_expressions = [source]
    if own is not None:
        copy.order_by = _until(copy.order_by, own, compiler)
    sql, params = Aggregate.as_sql(
        copy,
        compiler,
        connection,
        template="GROUP_CONCAT(%(distinct)s%(expressions)s%(order_by)s"
        f" SEPARATOR {separator.replace('%', '%%')}{'' if limit is None else f' LIMIT {limit}'})",
    )
    return sql, (*params, *separator_params)


def _until(order_by: Any, own: Any, compiler: Compiler) -> Any:
    """Returns the keys up to the first that is `own`, which is never NULL in the joined rows."""
    kept = []
    for key in order_by.get_source_expressions():
        if compiler.compile(key.expression) == compiler.compile(own):
            kept.append(OrderBy(key.expression, descending=key.descending))
            break
        kept.append(key)
    copy = order_by.copy()
    copy.set_source_expressions(kept)
    return copy


def _names_a_field(query: Any, name: str) -> bool:
    try:
        query.names_to_path(name.split(LOOKUP_SEP), query.get_meta(), fail_on_missing=True)
    except FieldError:
        return False
    return True


def keys_of(order_by: Any) -> list[Any]:
    """Returns the keys of `order_by`, which is one, several or none."""
    if order_by is None:
        return []
    return [order_by] if isinstance(order_by, str | Expression | F) else list(order_by)


def key_of(key: Any) -> OrderBy:
    """Returns one key, as a queryset takes it, with its direction."""
    if isinstance(key, str):
        return OrderBy(F(key.removeprefix("-")), descending=key.startswith("-"))
    return key if isinstance(key, OrderBy) else OrderBy(key)


class _NullsLast(OrderBy):
    """A key of an aggregate's order, NULLs last."""

    expression: Expression
    is_portable = True

    def __init__(self, expression: Any, *, descending: bool = False) -> None:
        super().__init__(expression, descending=descending, nulls_last=True)

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # In GROUP_CONCAT, MySQL and MariaDB take NULL for 0 or an empty text, so a further key must
        # distinguish it. IS NULL does not work: where it can only be false, MySQL ignores later
        # keys.
        sql, params = compiler.compile(self.expression)
        key = f"{sql} {'DESC' if self.descending else 'ASC'}"
        if _is_never_null(self.expression, compiler.query):
            return key, params
        return f"{sql} IS NOT NULL DESC, {key}", (*params, *params)


def _is_never_null(expression: BaseExpression, query: Query) -> bool:
    """Whether it is a column without NULLs, of the table that no outer join leaves empty."""
    return (
        isinstance(expression, Col)
        and not expression.target.null
        and isinstance(query.alias_map.get(expression.alias), BaseTable)
    )


def ordered(keys: Iterable[Any], *, reverse: bool = False) -> list[OrderBy]:
    """Returns an aggregate's order: NULLs last, every type compared in its portable form."""
    return [
        _NullsLast(Comparable(key.expression), descending=key.descending != reverse)
        for key in map(key_of, keys)
    ]


def own_order(name: str, expression: Any, value: Any, order_by: Any) -> OrderBy:
    """Returns the order of distinct values, which is their own, ascending or descending."""
    keys = keys_of(order_by)
    if not keys or keys == [expression]:
        return OrderBy(value)
    if keys == [f"-{expression}"]:
        return OrderBy(value, descending=True)
    raise DeclarationError(
        f"{name}(distinct=True) can be ordered by its own texts alone: several rows share one"
        f" text. Leave out order_by, or say order_by={expression!r}."
    )


class Count(Portable, DjangoCount):
    """How many values are not NULL; with `distinct=True` how many different ones, texts by code
    point. `Count("*")` counts rows."""

    def __init__(
        self,
        expression: object,
        filter: object = None,  # noqa: A002 -- Django's name
        *,
        distinct: bool = False,
        **extra: object,
    ) -> None:
        counted = Comparable(expression) if distinct and expression != "*" else expression
        super().__init__(counted, distinct=distinct, filter=filter, **extra)


class _Ordered(Defaulted, Aggregate):
    """Checks that least and greatest mean the same everywhere, and compares by code point."""

    ignores_duplicates = True

    is_code_point = True

    def __init__(self, expression: object, **extra: object) -> None:
        super().__init__(CodePoint(expression), **extra)

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        # Geometries and JSON have no order that all four databases share.
        field = resolved.output_field
        if isinstance(field, BooleanField):
            raise NotPortable(
                f"{type(self).__name__} has no common meaning for a truth value."
                " Use BoolAnd (all are true) or BoolOr (one is)."
            )
        if isinstance(field, JSONField) or hasattr(field, "srid"):
            raise NotPortable(
                f"{type(self).__name__} has no common meaning for a {type(field).__name__}."
            )
        return resolved

    # UUIDs by their text: PostgreSQL 17 has no MIN of UUIDs, and MariaDB sorts them by their parts.

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if not isinstance(self.output_field, UUIDField):
            return self.as_sql(compiler, connection)
        return self.as_sql(
            compiler,
            connection,
            template='(%(function)s((%(expressions)s)::text COLLATE "C")%(filter)s)::uuid',
        )

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if not isinstance(self.output_field, UUIDField) or not is_mariadb(connection):
            return self.as_sql(compiler, connection)
        return self.as_sql(
            compiler,
            connection,
            template="%(function)s(CAST(%(expressions)s AS CHAR(36)))%(filter)s",
        )


class Min(_Ordered, DjangoMin):
    """The least value; texts by code point, UUIDs by their text. Ignores NULLs."""


class Max(_Ordered, DjangoMax):
    """The greatest value; texts by code point, UUIDs by their text. Ignores NULLs."""


class AnyValue(Min):
    """A value of the group: always the least that is not NULL, so that it is reproducible."""

    name = "AnyValue"
    window_compatible = False
    has_total = False


class OfType(Defaulted, Aggregate):
    """Checks the type of the operand."""

    arity = 1
    fields: tuple[Any, ...] = ()

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        copy = self.copy()
        copy.default = None
        resolved = super(OfType, copy).resolved(query, **context)
        field = require(self, resolved.get_source_expressions()[0], *self.fields)
        if isinstance(field, DecimalField) and field.decimal_places is None:
            raise NotPortable(
                f"{type(self).__name__} takes decimals of declared places. Cast to"
                " DecimalField(max_digits=..., decimal_places=...)."
            )
        return resolved if self.default is None else super().resolved(query, **context)
