"""Values found outside the database, each put beside the row with its key: one bound parameter.

SELECT is all that it asks of the database. The time grows with the rows, and not with rows times
answers.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db.models import (
    BooleanField,
    DecimalField,
    Expression,
    F,
    Field,
    FloatField,
    IntegerField,
    Model,
    QuerySet,
)
from django.db.models.expressions import Col
from django.db.models.sql import Query

from reports.errors import NotPortable
from reports.expressions.base import Portable
from reports.expressions.text import TEXT_FIELDS

# Bytes of answers that one statement takes: MariaDB lets 16 MiB of a statement through unless told.
MOST_BYTES = 15 * 2**20
LONGEST_TEXT = 1000  # characters of an answer that is the field of one row
LONGEST_VARCHAR = 4000  # characters, well below the most of a VARCHAR of MySQL's


class Asked:
    """What the expressions of one statement have found out already, and whom they ask."""

    def __init__(self, query: Query, connection: Any) -> None:
        self.query = query
        self.connection = connection
        self._known: dict[Any, Any] = {}

    def once(self, question: Any, answer: Callable[[], Any]) -> Any:
        """The answer, found the first time that the question is put."""
        if question not in self._known:
            self._known[question] = answer()
        return self._known[question]

    def rows(self, column: Col) -> QuerySet[Model]:
        """The rows of a column's model that need an answer: no more than all of them.

        Where the statement is of that very table, those that its own condition leaves, unless the
        condition is about groups, another query's rows or such answers themselves.
        """
        rows: QuerySet[Model] = column.target.model._base_manager.all()
        where = self.query.where
        if (
            self.query.subquery
            or column.alias != self.query.get_initial_alias()
            or where.contains_aggregate
            or where.contains_over_clause
            or any(isinstance(each, Matched) for each in _within(where))
        ):
            return rows
        rows.query = self.query.chain()
        rows.query.clear_ordering(force=True)
        rows.query.clear_limits()
        rows.query.clear_select_clause()
        rows.query.group_by = None
        rows.query.distinct = False
        return rows


def _within(expression: Any) -> Iterator[Any]:
    """An expression and all that it is made of."""
    yield expression
    for source in getattr(expression, "get_source_expressions", list)():
        if source is not None:
            yield from _within(source)


class Matched(Portable, Expression):
    """The answer that belongs to a row of a column's model, by its primary key; else NULL.

    The answers are found while the statement is compiled, on its own connection, so that a snapshot
        holds them too. Raises NotPortable for a key that is neither an integer nor a text, and past
    MOST_BYTES of answers, which some 500,000 rows have.
    """

    def __init__(self, column: Any) -> None:
        super().__init__()
        self.sources: list[Any] = [F(column) if isinstance(column, str) else column]

    def matches(self, asked: "Asked") -> Iterator[tuple[Any, Any]]:
        """Primary keys, each with its answer: an integer, a float, or a text."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """What the author calls it."""
        return type(self).__name__

    @property
    def column(self) -> Col:
        """The column, once it is resolved."""
        column: Col = self.sources[0]
        return column

    def get_source_expressions(self) -> list[Any]:
        return self.sources

    def set_source_expressions(self, exprs: Any) -> None:
        self.sources = list(exprs)

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        resolved = super().resolve_expression(*args, **kwargs)
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

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        key, params = compiler.compile(self.sources[1])
        answers = {str(key): answer for key, answer in self._answers(compiler, connection).items()}
        kind = str(self.output_field.db_type(connection)).partition("(")[0]
        return f"(%s::jsonb ->> ({key})::text)::{kind}", (_json(answers), *params)

    def as_mysql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        key, params = compiler.compile(self.sources[1])
        answers = self._answers(compiler, connection)
        is_text = isinstance(target(self.sources[1].target), TEXT_FIELDS)
        if is_text:
            key = connection.ops.code_point_sql(key)
        key_kind = _text_kind(answers, connection) if is_text else "BIGINT"
        kind = self._kind(answers.values(), connection)
        columns = f"k {key_kind} PATH '$[0]', v {kind} PATH '$[1]' ERROR ON ERROR"
        rows = f"JSON_TABLE(%s, '$[*]' COLUMNS ({columns})) isoline_row"
        # DISTINCT has the list written down once, with an index of its keys, for all rows.
        listed = f"(SELECT DISTINCT k, v FROM {rows}) isoline_listed"  # noqa: S608 -- types
        sql = f"(SELECT MIN(v) FROM {listed} WHERE k = {key})"  # noqa: S608 -- compiled
        return sql, (_json(list(answers.items())), *params)

    def _kind(self, answers: Iterable[Any], connection: Any) -> str:
        match self.output_field:
            case DecimalField(max_digits=digits, decimal_places=places):
                return f"DECIMAL({digits}, {places})"
            case IntegerField() | BooleanField():
                return "BIGINT"
            case FloatField():
                return "DOUBLE"
        return _text_kind(answers, connection)

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        key, params = compiler.compile(self.sources[1])
        connection.ensure_connection()  # which has the answers
        number = connection.answers.keep(self._answers(compiler, connection))
        return f"isoline_matched(%s, {key})", (number, *params)

    def _answers(self, compiler: Any, connection: Any) -> dict[Any, Any]:
        asked = vars(compiler).setdefault("isoline_asked", Asked(compiler.query, connection))
        question = (self.identity, self.column.target)
        answers: dict[Any, Any] = asked.once(question, lambda: self._limited(self.matches(asked)))
        return answers

    def _limited(self, matches: Iterator[tuple[Any, Any]]) -> dict[Any, Any]:
        found, size = {}, 0
        for key, answer in matches:
            found[key] = answer
            size += len(_json([key, answer]).encode()) + 1
            if size > MOST_BYTES:
                raise NotPortable(
                    f"{self.title} has answers of {MOST_BYTES // 2**20} MiB at most for one"
                    f" statement, and the rows of {self.column.target.model.__name__} have more:"
                    " store them in a field, and report that."
                )
        return found


def read(rows: QuerySet[Model], connection: Any, *shown: Any) -> Iterator[Any]:
    """Each row's primary key and what is shown of it."""
    query = rows.order_by().values_list("pk", *shown).query
    found: Iterator[Any] = query.get_compiler(connection=connection).results_iter(
        tuple_expected=True
    )
    return found


def target(field: Any) -> "Field[Any, Any]":
    """The field itself, or the one whose values a relation holds."""
    while getattr(field, "target_field", None):
        field = field.target_field
    found: Field[Any, Any] = field
    return found


def _json(answers: Any) -> str:
    return json.dumps(answers, ensure_ascii=False, separators=(",", ":"))


def _text_kind(texts: Iterable[str], connection: Any) -> str:
    longest = max(map(len, texts), default=1)
    if longest > LONGEST_VARCHAR:
        return "LONGTEXT"
    return f"VARCHAR({longest or 1}) COLLATE {connection.ops.code_point_collation}"
