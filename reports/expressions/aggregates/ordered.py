"""Aggregates that return one of a group's values."""

from typing import Any

from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    FloatField,
    IntegerField,
    OrderBy,
    TimeField,
    UUIDField,
    Value,
)
from django.db.models.expressions import Col
from django.db.models.lookups import IsNull
from django.db.models.sql.where import WhereNode

from geo.backends.compat import Compiler, Connection, ModelField, Sql, is_mariadb
from reports.compat import AggregateFilter
from reports.errors import DeclarationError
from reports.expressions.aggregates.general import (
    OfType,
    aggregated,
    group_concat,
    keys_of,
    ordered,
)
from reports.expressions.exact import WideIntegerField
from reports.expressions.rounding import Comparable
from reports.expressions.text.code_point import CodePoint
from reports.values.kinds import TEXT_FIELDS, kind_class
from reports.values.texts import Text

# Types with the same equality on every database.
EXACT_FIELDS = (
    *TEXT_FIELDS,
    IntegerField,
    DecimalField,
    BooleanField,
    DateField,
    DateTimeField,
    TimeField,
    UUIDField,
)


# MariaDB groups longer ones as if they had the maximum length.
MOST_DIGITS = 512


class Mode(OfType):
    """The most frequent value; of equally frequent ones the least (texts by code point).

    Ignores NULLs, and is NULL without values. Raises NotPortable for floats: few are ever equal.
    """

    name = "Mode"
    fields = EXACT_FIELDS
    window_compatible = False

    def __init__(self, expression: object, **extra: object) -> None:
        super().__init__(CodePoint(expression), **extra)

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        template = "MODE() WITHIN GROUP (ORDER BY %(expressions)s)%(filter)s"
        return self.as_sql(compiler, connection, template=template)

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        kind = _sql_type(self.output_field)
        # Texts as hexadecimal digits: MariaDB loses JSON escapes in a sorted statement.
        listed = "%(expressions)s" if kind else "HEX(%(expressions)s)"
        values, params = self.as_sql(compiler, connection, template=f"JSON_ARRAYAGG({listed})")
        # The list is an aggregate of the outer query, which each server accepts in another place.
        table, document = f"(SELECT {values} AS j) isoline_list, ", "isoline_list.j"
        if is_mariadb(connection):
            table, document = "", values
        columns = f"COLUMNS (v {kind or self._kind_of_digits} PATH '$' ERROR ON ERROR)"
        rows = f"JSON_TABLE({document}, '$[*]' {columns}) isoline_row"
        sql = (
            f"(SELECT isoline_row.v FROM {table}{rows} WHERE isoline_row.v IS NOT NULL"  # noqa: S608 -- compiled
            " GROUP BY isoline_row.v ORDER BY COUNT(*) DESC, isoline_row.v LIMIT 1)"
        )
        return sql if kind else f"CONVERT(UNHEX({sql}) USING utf8mb4)", params

    @property
    def _kind_of_digits(self) -> str:
        """Returns the type of texts as hexadecimal digits, at most eight a character."""
        (value,) = self.source_expressions
        is_column = isinstance(value.get_source_expressions()[0], Col)
        digits = 8 * (getattr(self.output_field, "max_length", None) or MOST_DIGITS)
        # Not LONGBLOB: MariaDB refuses to order by it, however short the values are.
        return f"VARBINARY({digits})" if is_column and digits <= MOST_DIGITS else "MEDIUMBLOB"

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        values, params = self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY")
        return f"isoline_mode({values})", params


class First(OfType):
    """`First(expression, order_by=...)`: the value of the group's first row.

    Ignores rows where the expression is NULL; NULL for none. NULL keys of the order are last. Among
    rows with equal keys the one with the least value is first.
    """

    name = "First"
    ignores_duplicates = True
    fields = (*EXACT_FIELDS, FloatField)
    allow_order_by = True
    window_compatible = False
    reverse = False

    def __init__(
        self,
        expression: object,
        *,
        order_by: object,
        filter: object = None,  # noqa: A002 -- Django's name
        default: object = None,
    ) -> None:
        keys = keys_of(order_by)
        if not keys:
            raise DeclarationError(f"{type(self).__name__} needs an order: order_by=...")
        value = CodePoint(expression)
        order = [
            *ordered(keys, reverse=self.reverse),
            OrderBy(Comparable(expression), descending=self.reverse),
        ]
        super().__init__(value, order_by=order, filter=filter, default=default)

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        copy = self.copy()
        is_known = IsNull(self.source_expressions[0], rhs=False)
        conditions: list[Any] = (
            [is_known] if self.filter is None else [self.filter.condition, is_known]
        )
        copy.filter = AggregateFilter(WhereNode(conditions))
        template = "(ARRAY_AGG(%(expressions)s%(order_by)s)%(filter)s)[1]"
        return copy.as_sql(compiler, connection, template=template)

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        (value,) = self.source_expressions
        if is_mariadb(connection):
            sql, params = group_concat(self, compiler, connection, value, limit=1)
            return _read(sql, self.output_field, is_hex=False), params
        is_text = isinstance(self.output_field, TEXT_FIELDS)
        # Hexadecimal digits cannot contain the delimiter.
        listed = _Hex(value) if is_text else value
        sql, params = group_concat(self, compiler, connection, listed, Value(","))
        return _read(f"SUBSTRING_INDEX({sql}, ',', 1)", self.output_field, is_hex=is_text), params

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return aggregated(self, compiler, connection, "isoline_first", *self.source_expressions)


class Last(First):
    """`Last(expression, order_by=...)`: the value of the group's last row.

    As First in the opposite order: NULL keys count only if there are no others. Among rows with
    equal keys the one with the greatest value is last.
    """

    name = "Last"
    reverse = True


class _Hex(CodePoint):
    """A text's bytes as hexadecimal digits, for MySQL."""

    def as_sql(self, compiler: Compiler, connection: Connection, *_: object, **__: object) -> Sql:
        sql, params = super().as_sql(compiler, connection)
        return f"HEX({sql})", params


def _read(sql: str, field: ModelField, *, is_hex: bool) -> str:
    """Returns the SQL of a value that has become text, converted to its own type."""
    kind = _sql_type(field)
    if kind:
        return f"CAST({sql} AS {'SIGNED' if kind == 'BIGINT' else kind})"
    return f"CONVERT(UNHEX({sql}) USING utf8mb4)" if is_hex else sql


def _sql_type(field: ModelField) -> str:
    """Returns the type of values on MySQL and MariaDB; "" for texts."""
    if isinstance(field, WideIntegerField):
        return "DECIMAL(65, 0)"
    kind = kind_class(field) or Text
    return kind.column_type.format(digits=65, places=getattr(field, "decimal_places", 0))
