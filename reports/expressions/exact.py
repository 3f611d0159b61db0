"""Exact numbers: their scale, fields for any size, and their integer units on SQLite."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import count
from string import Formatter
from typing import Any

from django.db.models import BigIntegerField, DecimalField, FloatField, IntegerField
from django.db.models.aggregates import Aggregate
from django.db.models.expressions import BaseExpression, Col

from geo.backends.compat import Compiler, Connection, ModelField, Sql, is_mariadb
from geo.backends.wrapper import wrapper_of
from reports.errors import NotPortable


class WideIntegerField(BigIntegerField):  # type: ignore[type-arg]
    """An integer of any size. SQLite stores its digits as TEXT if 64 bits cannot hold them."""

    def from_db_value(self, value: Any, *_: object) -> int | None:
        return None if value is None else int(value)


class WideDecimalField(DecimalField):  # type: ignore[type-arg]
    """A decimal of any size. SQLite stores its digits as TEXT if a double cannot hold them."""

    def __init__(self, decimal_places: int) -> None:
        super().__init__(max_digits=None, decimal_places=decimal_places)

    def get_internal_type(self) -> str:
        # Not "DecimalField": on SQLite, Django would cast it to a float and read 15 digits.
        return type(self).__name__

    def from_db_value(self, value: Any, *_: object) -> Decimal | None:
        if value is None:
            return None
        return Decimal(repr(value) if isinstance(value, float) else value)


WIDE = (WideIntegerField, WideDecimalField)


def scale_of(expression: BaseExpression, source: BaseExpression) -> int | None:
    """Returns the decimal places of a source, None for a float. Raises NotPortable for others."""
    field = source.output_field
    if isinstance(field, IntegerField):
        return 0
    if isinstance(field, FloatField):
        return None
    if isinstance(field, DecimalField) and field.decimal_places is not None:
        return field.decimal_places
    raise NotPortable(
        f"{type(expression).__name__} takes integers, floats and decimals of declared places, not"
        f" a {type(field).__name__}. Cast it to DecimalField(max_digits=15, decimal_places=...)."
    )


def units_sql(field: ModelField, sql: str, connection: Connection) -> str:
    """Returns a number's SQL on SQLite, in units of its last declared place: an INTEGER.

    It is TEXT if 64 bits cannot hold it, which only a wide field allows.
    """
    if isinstance(field, WIDE):
        scale = getattr(field, "decimal_places", 0)
        return f"isoline_units({sql}, {scale})"
    if isinstance(field, IntegerField):
        return sql
    assert isinstance(field, DecimalField)
    digits = wrapper_of(connection).features.exact_decimal_digits
    if digits is not None and field.max_digits is not None and field.max_digits > digits:
        raise NotPortable(
            f"{connection.alias!r} keeps {digits} digits of a decimal, and this one declares"
            f" {field.max_digits}."
        )
    return f"CAST(ROUND(({sql}) * {10**field.decimal_places}) AS INTEGER)"


def composed(expression: BaseExpression, compiler: Compiler, template: str) -> Sql:
    """Returns the template with its sources' SQL for `{0}`, `{1}` ..., repeated as needed."""
    sources = [compiler.compile(source) for source in expression.get_source_expressions()]
    sql, params = "", tuple[Any, ...]()
    for literal, number, *_ in Formatter().parse(template):
        sql += literal
        if number is not None:
            source, source_params = sources[int(number)]
            sql, params = sql + source, (*params, *source_params)
    return sql, params


# What `let` defines: each name's type on MariaDB, SQL and parameters.
type Names = Mapping[str, tuple[str, str, Any]]
NAME = re.compile(r"`let`\.(\w+)")


def let(
    expression: BaseExpression, connection: Connection, names: Sequence[Names], body: str
) -> Sql:
    """Returns `body` for MySQL and MariaDB, with `` `let`.name`` for SQL that is computed once.

    The first `names` are aggregates in the expression, which belong to the enclosing query. The SQL
    of later ones has no parameters, and may use the earlier names. Neither server recognizes a
    repeated aggregate. MySQL accepts aggregates of the enclosing query in a derived table, MariaDB
    only in JSON_TABLE.
    """
    everything = {name: own for each in names for name, own in each.items()}
    within = "".join(sql for _, sql, _ in everything.values())
    # On MariaDB, NULLIF of an aggregate is NULL or 0 in a sub-query of a sorted statement. MySQL
    # takes an aggregate without columns, such as COUNT(*), for one of the derived table.
    of_mariadb = is_mariadb(connection)
    if "NULLIF(" in within if of_mariadb else not all(map(has_column, _aggregates(expression))):
        return _written_out(everything, body)
    table = _json_table if of_mariadb else _lateral_table
    aliases = (alias for number in count() if (alias := f"`let{number}`") not in within)
    alias_of = {name: alias for each, alias in zip(names, aliases, strict=False) for name in each}
    tables = ", ".join(f"{table(each)} {alias_of[next(iter(each))]}" for each in names)
    sql = NAME.sub(lambda name: f"{alias_of[name[1]]}.{name[1]}", f"SELECT {body} FROM {tables}")  # noqa: S608 -- compiled
    return f"({sql})", tuple(param for _, _, some in everything.values() for param in some)


def _lateral_table(names: Names) -> str:
    return (
        f"LATERAL (SELECT {', '.join(f'{sql} AS {name}' for name, (_, sql, _) in names.items())})"
    )


def _json_table(names: Names) -> str:
    values = ", ".join(sql for _, sql, _ in names.values())
    columns = ", ".join(
        f"{name} {kind} PATH '$[{number}]' ERROR ON ERROR"
        for number, (name, (kind, _, _)) in enumerate(names.items())
    )
    return f"JSON_TABLE(JSON_ARRAY({values}), '$' COLUMNS({columns}))"


def _written_out(names: Names, body: str) -> Sql:
    """Returns `body` with each name replaced by its SQL."""
    params: list[Any] = []

    def own(name: re.Match[str]) -> str:
        _, sql, some = names[name[1]]
        params.extend(some)
        return f"({NAME.sub(own, sql)})"

    return f"({NAME.sub(own, body)})", tuple(params)


def has_column(expression: BaseExpression) -> bool:
    """Whether it contains a column, so that its value may differ between rows."""
    return any(isinstance(part, Col) for part in _parts(expression))


def _aggregates(expression: BaseExpression) -> Iterator[BaseExpression]:
    return (part for part in _parts(expression) if isinstance(part, Aggregate))


def _parts(expression: BaseExpression) -> Iterator[BaseExpression]:
    """Yields the expression and all its parts."""
    yield expression
    for source in getattr(expression, "get_source_expressions", list)():
        yield from _parts(source)


def unit_sql(places: int) -> str:
    """Returns the SQL of one unit in the last of so many decimal places."""
    return f"0.{1:0{places}}" if places else "1"


def whole_sql(number: str, divisor: str) -> str:
    """Returns `number` divided by `divisor`, towards zero, on MySQL and MariaDB; NULL by zero.

    DIV ends at 64 bits, and the 30 places of a quotient are rounded. FLOOR removes them: MariaDB
    silently multiplies a long number with so many places to zero.
    """
    return f"FLOOR(({number} - MOD({number}, {divisor})) / {divisor})"
