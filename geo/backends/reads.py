"""What must be read before a statement can be written, and the compilers that read it.

Compiling executes nothing. An expression, lookup or table whose SQL depends on the database's rows
or catalogue calls `connection.known(question, read)` while it is compiled. A statement that will be
executed is compiled once to collect its questions. Each is read on the same connection, and the
statement is compiled again with the answers. Compiling only to show the SQL (`str(queryset.query)`)
gives UNREAD for every question; an expression then writes `unread_sql`, or SQL that is right
without the answer.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler, SQLUpdateCompiler

from geo.backends.compat import Sql

# A statement is compiled again as long as answers raise new questions. Two rounds are usual.
MOST_ROUNDS = 10


class Unread(Enum):
    """The type of UNREAD: the answer to a question that has not been read yet."""

    UNREAD = "unread"


UNREAD: Final = Unread.UNREAD


def unread_sql(what: str) -> str:
    """Returns SQL that shows what would be read. No database can run it."""
    text = what.replace("'", "''").replace("%", "%%")
    return f"isoline_unread('{text}')"


class Reads:
    """The questions of one statement and their answers, all read on its own connection."""

    def __init__(self, query: Query, connection: "ReadsMixin") -> None:
        self.query = query
        self.connection = connection
        # Bytes of answers in the statement since compiling began.
        self.sent = 0
        self._known: dict[Hashable, Any] = {}
        self._wanted: dict[Hashable, Callable[[Reads], Any]] = {}

    def known(self, question: Hashable, read: "Callable[[Reads], Any]") -> Any:
        """Returns the answer, or UNREAD and reads it before the next round."""
        if question in self._known:
            return self._known[question]
        self._wanted.setdefault(question, read)
        return UNREAD

    def once(self, question: Hashable, make: Callable[[], Any]) -> Any:
        """Returns the result of `make`, called once a statement: for work that reads share."""
        if question not in self._known:
            self._known[question] = make()
        return self._known[question]

    def read(self) -> bool:
        """Reads what the last round asked for. Returns whether it asked for anything."""
        wanted, self._wanted = self._wanted, {}
        for question, read in wanted.items():
            self._known[question] = read(self)
        return bool(wanted)

    @contextmanager
    def compiling(self) -> Iterator[None]:
        """Directs `connection.known` to this statement within the block."""
        self.sent = 0
        outer, self.connection.reads = self.connection.reads, self
        try:
            yield
        finally:
            self.connection.reads = outer


class ReadsMixin(BaseDatabaseWrapper):
    """Adds `known` to a DatabaseWrapper, for compilers and expressions."""

    reads: Reads | None = None

    def __init__(self, settings_dict: dict[str, Any], alias: str = DEFAULT_DB_ALIAS) -> None:
        super().__init__(settings_dict, alias)
        # Start radius of searches by distance, by table and field; no answer depends on it.
        self.reach: dict[tuple[str, str], float] = {}

    def known(self, question: Hashable, read: Callable[[Reads], Any]) -> Any:
        """Returns the answer to a question of the statement that is being compiled.

        `read` is called with the statement's Reads, and may execute statements on this connection.
        The answer is UNREAD until then, and always if the statement is compiled without being
        executed. Equal questions are read once, so a question must be equal whenever the statement
        is compiled again.
        """
        return UNREAD if self.reads is None else self.reads.known(question, read)


class ReadsFirst(SQLCompiler):
    """Mixin of a compiler that first reads what the SQL of an executed statement depends on."""

    connection: ReadsMixin
    _reads: Reads | None = None

    def executable_sql(self) -> Sql:
        """Returns the SQL and parameters to execute, after reading what they depend on.

        Use it instead of `as_sql` to run the statement without the ORM.
        """
        self._reads = Reads(self.query, self.connection)
        found: Sql = self.as_sql()
        return found

    def execute_sql(self, *args: Any, **kwargs: Any) -> Any:
        self._reads = Reads(self.query, self.connection)
        return super().execute_sql(*args, **kwargs)

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        if self._reads is None:
            return super().as_sql(*args, **kwargs)
        for _ in range(MOST_ROUNDS):
            with self._reads.compiling():
                found = super().as_sql(*args, **kwargs)
            if not self._reads.read():
                return found
        raise RuntimeError(
            f"A statement of {self.query.get_meta().object_name} still has questions after"
            f" {MOST_ROUNDS} rounds of reads: one of them changes each time it is compiled."
        )


class UpdateReadsFirst(ReadsFirst, SQLUpdateCompiler):
    """The mixin for UPDATE, which also executes another method."""

    def execute_returning_sql(self, *args: Any, **kwargs: Any) -> Any:
        self._reads = Reads(self.query, self.connection)
        return super().execute_returning_sql(*args, **kwargs)
