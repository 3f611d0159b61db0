"""Lists of a group's values, as JSON."""

from typing import Any

from django.db.models import BooleanField, Expression, Func, IntegerField, OrderBy, TextField, Value
from django.db.models.aggregates import Aggregate
from django.db.models.expressions import BaseExpression

from geo.backends.compat import Compiler, Connection, Sql, is_mariadb
from geo.backends.wrapper import wrapper_of
from reports.expressions.aggregates.general import (
    Defaulted,
    aggregated,
    group_concat,
    keys_of,
    ordered,
    own_order,
)
from reports.expressions.base import OfGivenType
from reports.expressions.conversion.to_text import AsText
from reports.expressions.rounding import Comparable
from reports.expressions.text.code_point import CodePoint
from reports.values.kinds import TEXT_FIELDS

# Characters that JSON escapes with a backslash, in the order in which SQL may replace them.
ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    **{chr(code): f"\\u{code:04x}" for code in range(32) if chr(code) not in "\b\t\n\f\r"},
}


class JSONList(Defaulted, Aggregate):
    """`JSONList(expression)`: a group's values as the text of a JSON list, such as `["a","b"]`.

    Integers and truth values are JSON's own; all others are strings, as AsText writes them. Ignores
    NULLs; NULL for none. There are no blanks, and only the escapes that JSON requires.

    `order_by` takes one key or several, NULL keys last. Equal keys, or all without `order_by`, are
    ordered by the values themselves (texts by code point), and with `distinct=True` that is the
    only order. Raises NotPortable for floats, JSON, geometries and other types that AsText refuses.
    """

    name = "JSONList"
    arity = 2
    allow_distinct = True
    allow_order_by = True
    window_compatible = False
    output_field = TextField()

    def __init__(
        self,
        expression: object,
        *,
        order_by: object = (),
        distinct: bool = False,
        filter: object = None,  # noqa: A002 -- Django's name
        default: object = None,
    ) -> None:
        value = Comparable(expression)
        if distinct:
            order = [own_order("JSONList", expression, value, order_by)]
        else:
            order = [*ordered(keys_of(order_by)), OrderBy(value)]
        super().__init__(
            _Element(expression),
            value,
            distinct=distinct,
            filter=filter,
            order_by=order,
            default=default,
        )

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        element, value = self.source_expressions
        if not self.distinct:
            sql, params = aggregated(
                self, compiler, connection, "STRING_AGG", CodePoint(element), Value(",")
            )
            return f"'[' || {sql} || ']'", params
        # DISTINCT sorts only by the values themselves: distinct values first, then their elements.
        copy = self.copy()
        copy.order_by = None
        values, params = aggregated(copy, compiler, connection, "ARRAY_AGG", value)
        one = _Name("isoline_value", value.output_field)
        written, written_params = compiler.compile(_Element(_as_text(one)))
        order, order_params = compiler.compile(OrderBy(CodePoint(one), descending=self._descends))
        joined = f"'[' || STRING_AGG({written}, ',' ORDER BY {order}) || ']'"
        sql = f"(SELECT {joined} FROM UNNEST({values}) isoline_value)"  # noqa: S608 -- compiled
        return sql, (*written_params, *order_params, *params)

    @property
    def _descends(self) -> bool:
        assert self.order_by is not None
        return bool(self.order_by.get_source_expressions()[0].descending)

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        element, value = self.source_expressions
        sql, params = group_concat(
            self, compiler, connection, CodePoint(element), Value(","), own=value
        )
        return f"CONCAT('[', {sql}, ']')", params

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        element: Any = self.source_expressions[0]
        copy = self.copy()
        copy.distinct = False
        (text,) = element.source_expressions
        options = (Value(int(element.is_quoted)), Value(int(self.distinct)))
        return aggregated(copy, compiler, connection, "isoline_json_list", text, *options)


class _Element(Func):
    """A value as an element of a JSON list."""

    is_portable = True
    arity = 1
    output_field = TextField()

    def __init__(self, expression: object) -> None:
        super().__init__(
            expression if isinstance(expression, AsText | _Name) else AsText(expression)
        )

    @property
    def is_quoted(self) -> bool:
        """Whether it is a string in JSON."""
        text = self.source_expressions[0]
        return not (
            isinstance(text, AsText) and isinstance(text.field, IntegerField | BooleanField)
        )

    @property
    def _is_text(self) -> bool:
        return not isinstance(self.source_expressions[0], AsText)

    def _written(self, compiler: Compiler, connection: Connection, text: str, other: str) -> Sql:
        template = (text if self._is_text else other) if self.is_quoted else "%(expressions)s"
        return self.as_sql(compiler, connection, template=template)

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._written(
            compiler,
            connection,
            "TO_JSON((%(expressions)s)::text)::text",
            "'\"' || (%(expressions)s) || '\"'",
        )

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        text = "JSON_QUOTE(%(expressions)s)"
        if is_mariadb(connection):  # MariaDB's JSON_QUOTE writes \u001F in capitals
            text = wrapper_of(connection).ops.code_point_sql("%(expressions)s")
            for character, escape in ESCAPES.items():
                text = f"REPLACE({text}, {_literal(character)}, {_literal(escape)})"
            text = f"CONCAT('\"', {text}, '\"')"
        return self._written(compiler, connection, text, "CONCAT('\"', %(expressions)s, '\"')")


def _literal(text: str) -> str:
    return f"_utf8mb4 X'{text.encode().hex()}'"


class _Name(OfGivenType, Expression):
    """The name of a value in a sub-query of ours."""

    def __init__(self, name: str, output_field: object) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Compiler, connection: Connection) -> Sql:
        return self.name, ()


def _as_text(one: _Name) -> BaseExpression:
    return one if isinstance(one.output_field, TEXT_FIELDS) else AsText(one)
