"""Values computed outside the database and joined to rows by key: one bound parameter.

It needs only SELECT. The time grows with the number of rows, not with rows times values.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Expression,
    F,
    IntegerField,
    Model,
    QuerySet,
)
from django.db.models.expressions import BaseExpression, Col
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, ModelField, Sql
from geo.backends.reads import UNREAD, Reads, unread_sql
from geo.backends.wrapper import wrapper_of
from reports.errors import NotPortable
from reports.expressions.base import Portable
from reports.values.kinds import TEXT_FIELDS, kind_of

# Bytes of values in one statement: by default MariaDB accepts statements of 16 MiB.
MOST_BYTES = 15 * 2**20
LONGEST_TEXT = 1000  # characters of a value that is a text
LONGEST_VARCHAR = 4000  # characters, well below the maximum of MySQL's VARCHAR


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileCache:
    """Caches what expressions must know before their statement is written."""

    reads: Reads
    # Whether it is for the statement itself, not for a sub-query.
    is_outermost: bool

    @property
    def connection(self) -> Any:
        """Returns the connection that will run the statement."""
        return self.reads.connection

    def once(self, question: object, answer: Callable[[], Any]) -> Any:
        """Returns the value for a question, computed at its first use in the statement."""
        return self.reads.once((question, self.is_outermost), answer)

    def rows(self, column: Col) -> QuerySet[Model]:
        """Returns the rows of a column's model that need a value, at most all of them.

        If the statement is of that table, these are the rows that its own condition leaves, unless
        the condition uses groups, rows of other queries or such values themselves.
        """
        rows: QuerySet[Model] = column.target.model._base_manager.all()
        query = self.reads.query
        where = query.where
        if (
            not self.is_outermost
            or query.subquery
            or column.alias != query.get_initial_alias()
            or where.contains_aggregate
            or where.contains_over_clause
            or any(isinstance(each, KeyedLookup) for each in _within(where))
        ):
            return rows
        rows.query = query.chain(klass=Query)
        rows.query.explain_info = None
        rows.query.clear_ordering(force=True)
        rows.query.clear_limits()
        rows.query.clear_select_clause()
        rows.query.group_by = None
        rows.query.distinct = False
        return rows


def _within(expression: object) -> Iterator[Any]:
    """Yields an expression and all its parts."""
    yield expression
    for source in getattr(expression, "get_source_expressions", list)():
        if source is not None:
            yield from _within(source)


class KeyedLookup(Portable, Expression):
    """The value for a row of a column's model, found by primary key; NULL if there is none.

    The values are computed before the statement is compiled to be executed, on its own connection,
    so that they belong to its snapshot. Raises NotPortable for a key that is neither an integer nor
    a text, and beyond MOST_BYTES of values, some 500,000 rows.
    """

    def __init__(self, column: object) -> None:
        super().__init__()
        self.sources: list[Any] = [F(column) if isinstance(column, str) else column]

    def matches(self, asked: "CompileCache") -> Iterator[tuple[Any, Any]]:
        """Yields primary keys with their values: integers, floats or texts."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """Returns the name by which the author knows it."""
        return type(self).__name__

    @property
    def column(self) -> Col:
        """Returns the resolved column."""
        column: Col = self.sources[0]
        return column

    def get_source_expressions(self) -> list[BaseExpression]:
        return self.sources

    def set_source_expressions(self, exprs: Any) -> None:
        self.sources = list(exprs)

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        resolved = super().resolve_expression(*args, **kwargs)
        assert isinstance(resolved, KeyedLookup)
        column = resolved.sources[0]
        if not isinstance(column, Col):
            raise NotPortable(f"{self.title} takes the name of a field, not {column!r}.")
        key = column.target.model._meta.pk
        if not isinstance(target(key), (IntegerField, *TEXT_FIELDS)):
            raise NotPortable(
                f"{self.title} finds rows by their primary key, an integer or a text, and that of"
                f" {column.target.model.__name__} is a {type(target(key)).__name__}."
            )
        resolved.sources = [column, Col(column.alias, key)]
        return resolved

    def as_postgresql(self, compiler: Compiler, connection: Connection) -> Sql:
        answers = self._answers(compiler, connection)
        if answers is UNREAD:
            return self._unread()
        key, params = compiler.compile(self.sources[1])
        listed = _json({str(key): answer for key, answer in answers.items()})
        kind = str(self.output_field.db_type(connection)).partition("(")[0]
        return f"(%s::jsonb ->> ({key})::text)::{kind}", (listed, *params)

    def as_mysql(self, compiler: Compiler, connection: Connection) -> Sql:
        answers = self._answers(compiler, connection)
        if answers is UNREAD:
            return self._unread()
        key, params = compiler.compile(self.sources[1])
        is_text = isinstance(target(self.sources[1].target), TEXT_FIELDS)
        if is_text:
            key = wrapper_of(connection).ops.code_point_sql(key)
        key_kind = _text_kind(answers, connection) if is_text else "BIGINT"
        field: Any = self.output_field
        kind = kind_of(field, 0).column_type.format(
            digits=getattr(field, "max_digits", 0), places=getattr(field, "decimal_places", 0)
        )
        kind = kind or _text_kind(answers.values(), connection)
        columns = f"k {key_kind} PATH '$[0]', v {kind} PATH '$[1]' ERROR ON ERROR"
        rows = f"JSON_TABLE(%s, '$[*]' COLUMNS ({columns})) isoline_row"
        # DISTINCT makes the server store the list once, with an index of its keys, for all rows.
        listed = f"(SELECT DISTINCT k, v FROM {rows}) isoline_listed"  # noqa: S608 -- types
        sql = f"(SELECT MIN(v) FROM {listed} WHERE k = {key})"  # noqa: S608 -- compiled
        return sql, (_json(list(answers.items())), *params)

    def as_sqlite(self, compiler: Compiler, connection: Connection) -> Sql:
        answers = self._answers(compiler, connection)
        if answers is UNREAD:
            return self._unread()
        key, params = compiler.compile(self.sources[1])
        kept = wrapper_of(connection).answers.keep(answers)
        return f"isoline_matched(%s, {key})", (kept, *params)

    def _unread(self) -> Sql:
        model = self.column.target.model._meta.label
        return unread_sql(f"{self.title} of each {model}.{self.column.target.name}"), ()

    def _answers(self, compiler: Compiler, connection: Connection) -> Any:
        """Returns the values by key, UNREAD until they have been computed."""
        wrapper = wrapper_of(connection)
        is_outermost = wrapper.reads is not None and wrapper.reads.query is compiler.query
        found = wrapper.known(
            ("matched", self.identity, self.column.target, is_outermost),
            lambda reads: self._found(CompileCache(reads=reads, is_outermost=is_outermost)),
        )
        return found if found is UNREAD else self._sent(found, wrapper.reads)

    def _found(self, asked: CompileCache) -> "_Found":
        answers, size = {}, 0
        for key, answer in self.matches(asked):
            answers[key] = answer
            size += len(_json([key, answer]).encode()) + 1
            self._demand_few(size)
        return _Found(answers=answers, size=size)

    def _sent(self, found: "_Found", reads: Reads | None) -> dict[Any, Any]:
        """Returns the values as a parameter, which is repeated wherever the expression is."""
        assert reads is not None  # what is known has been read
        reads.sent += found.size
        self._demand_few(reads.sent)
        return found.answers

    def _demand_few(self, size: int) -> None:
        if size > MOST_BYTES:
            raise NotPortable(
                f"{self.title} has answers of {MOST_BYTES // 2**20} MiB at most for one"
                f" statement, and the rows of {self.column.target.model.__name__} have more:"
                " store them in a field, and report that."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Values by key, and their bytes in a statement."""

    answers: dict[Any, Any]
    size: int


def read(rows: QuerySet[Model], connection: Connection, *shown: Any) -> Iterator[Any]:
    """Yields each row's primary key and its value of `shown`."""
    query = rows.order_by().values_list("pk", *shown).query
    found: Iterator[Any] = query.get_compiler(connection=connection).results_iter(
        tuple_expected=True
    )
    return found


def target(field: Any) -> ModelField:
    """Returns the field itself, or the one whose values a relation holds."""
    while getattr(field, "target_field", None):
        field = field.target_field
    found: ModelField = field
    return found


def _json(answers: object) -> str:
    return json.dumps(answers, ensure_ascii=False, separators=(",", ":"))


def _text_kind(texts: Iterable[str], connection: Connection) -> str:
    longest = max(map(len, texts), default=1)
    if longest > LONGEST_VARCHAR:
        return "LONGTEXT"
    return f"VARCHAR({longest or 1}) COLLATE {wrapper_of(connection).ops.code_point_collation}"
