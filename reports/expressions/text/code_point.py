"""Text, compared by code point."""

import re
from typing import Any, Unpack

from django.db.models import (
    Expression,
    Func,
    GenericIPAddressField,
    IntegerField,
    TextField,
    Value,
)
from django.db.models.expressions import BaseExpression, Col
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, ModelField, Sql, column_name
from geo.backends.wrapper import wrapper_of
from reports import compat
from reports.compat import Resolving
from reports.errors import DeclarationError, NotPortable
from reports.expressions.base import OfGivenType, Portable
from reports.values.kinds import TEXT_FIELDS

# The greatest length that every database accepts.
LONGEST = 2**31 - 1
# Python's text of an inet. PostgreSQL writes the last half of ::1:2 as 0.1.0.2.
ADDRESS = (
    "CASE WHEN {0} << inet '::/96' AND NOT {0} <<= inet '::/112' THEN '::'"
    " || TO_HEX(({0} - inet '::') >> 16) || ':' || TO_HEX(({0} - inet '::') & 65535)"
    " ELSE HOST({0}) END"
)


class CodePoint(OfGivenType, Func):
    """`CodePoint(expression)`: the same value; text compares, groups and sorts by code point.

    Other types pass unchanged, as does a column that already has the right collation, so that its
    index can be used.
    """

    arity = 1
    is_code_point = True

    def inferred_field(self) -> ModelField | None:
        field = super().inferred_field()
        # Compared as text, not as PostgreSQL's type.
        return TextField() if isinstance(field, GenericIPAddressField) else field

    def as_sql(self, compiler: Compiler, connection: Connection, *_: object, **__: object) -> Sql:
        (source,) = self.get_source_expressions()
        sql, params = compiler.compile(source)
        if not isinstance(self.output_field, TEXT_FIELDS) or is_by_code_point(source, connection):
            return sql, params
        return wrapper_of(connection).ops.code_point_sql(sql), params

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        (source,) = self.get_source_expressions()
        if not isinstance(source.output_field, GenericIPAddressField):
            return self.as_sql(compiler, connection)
        sql, params = compiler.compile(source)
        text = ADDRESS.format(f"({sql})::inet")
        return wrapper_of(connection).ops.code_point_sql(text), (*params,) * 5

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        (source,) = self.get_source_expressions()
        if literal(source) is None:
            return self.as_sql(compiler, connection)
        # It already has the connection's character set, and CONVERT would run for every row.
        sql, params = compiler.compile(source)
        return f"{sql} COLLATE {wrapper_of(connection).ops.code_point_collation}", params


def is_by_code_point(operand: BaseExpression, connection: Connection) -> bool:
    """Whether it is a column whose own collation compares by code point."""
    return isinstance(operand, Col) and wrapper_of(connection).ops.is_code_point(
        operand.target.model._meta.db_table, column_name(operand.target)
    )


def by_code_point(operand: BaseExpression) -> Any:
    """Returns a resolved text that compares by code point."""
    return operand if getattr(operand, "is_code_point", False) else CodePoint(operand)


def literal(operand: BaseExpression) -> str | None:
    """Returns the text of a literal operand; None if it may differ between rows."""
    if isinstance(operand, CodePoint):
        (operand,) = operand.get_source_expressions()
    if not isinstance(operand, Value) or not isinstance(operand.value, str):
        return None
    return operand.value if isinstance(operand.output_field, TEXT_FIELDS) else None


class TextFunction(Portable, Func):
    """A function whose first `texts` operands are texts, and the others integers.

    `least` are the least values of the integers: a lower literal is refused, a lower value is
    raised to the least. Raises NotPortable for operands of other types.

    `sql` is a template in which `{0}` is the first operand, as often as needed; a database with
    other SQL has a template of its own.
    """

    is_code_point = True
    output_field: Any = TextField()
    texts = 1
    least: tuple[int, ...] = ()
    sql: str
    sql_postgresql = sql_mysql = sql_sqlite = ""

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        operands = resolved.get_source_expressions()
        texts, numbers = operands[: self.texts], operands[self.texts :]
        resolved.set_source_expressions(
            [
                *(self._text(operand) for operand in texts),
                *map(self._number, numbers, self.least[: len(numbers)]),
            ]
        )
        return resolved

    def _text(self, operand: BaseExpression) -> Any:
        field = compat.output_field(operand)
        if not isinstance(field, TEXT_FIELDS):
            raise NotPortable(
                f"{type(self).__name__} takes text, not a {type(field).__name__}. Use"
                " reports.expressions.AsText."
            )
        return by_code_point(operand)

    def _number(self, operand: BaseExpression, least: int) -> Any:
        field = compat.output_field(operand)
        if not isinstance(field, IntegerField):
            raise NotPortable(
                f"{type(self).__name__} takes whole numbers beside its text, not a"
                f" {type(field).__name__}."
            )
        if not isinstance(operand, Value):
            return operand if isinstance(operand, _Bounded) else _Bounded(operand, least)
        if not least <= operand.value <= LONGEST:
            raise DeclarationError(
                f"{type(self).__name__} takes a number from {least} to {LONGEST}, not"
                f" {operand.value}."
            )
        return operand

    def as_sql(
        self,
        compiler: Compiler,
        connection: Connection,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        **_: object,
    ) -> Sql:
        return filled(template or self.sql, compiler, self.operands(connection))

    def operands(self, connection: Connection) -> list[BaseExpression]:
        """Returns the operands for the templates, by number."""
        return self.get_source_expressions()

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self.as_sql(compiler, connection, template=self.sql_postgresql)

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self.as_sql(compiler, connection, template=self.sql_mysql)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self.as_sql(compiler, connection, template=self.sql_sqlite)


class _Bounded(OfGivenType, Func):
    """An integer, `least` if it is less, LONGEST if it is more; NULL stays NULL."""

    arity = 1

    def __init__(self, expression: object, least: int) -> None:
        super().__init__(expression, output_field=IntegerField())
        self.least = least

    def as_sql(self, compiler: Compiler, connection: Connection, *_: object, **__: object) -> Sql:
        return filled(
            f"CASE WHEN {{0}} < {self.least} THEN {self.least}"
            f" WHEN {{0}} > {LONGEST} THEN {LONGEST} ELSE {{0}} END",
            compiler,
            self.get_source_expressions(),
        )

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        sql, params = self.as_sql(compiler, connection)
        return f"({sql})::int", params


def filled(template: str, compiler: Compiler, operands: Any) -> Sql:
    """Returns SQL and parameters of a template in which `{n}` is the operand of that number."""
    compiled = [compiler.compile(operand) for operand in operands]
    params: list[Any] = []

    def fill(match: re.Match[str]) -> str:
        sql, some = compiled[int(match[1])]
        params.extend(some)
        return str(sql)

    return re.sub(r"\{(\d+)\}", fill, template), tuple(params)
