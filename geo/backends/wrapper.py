"""What every engine adds to its database wrapper: a name, a version, snapshots and limits."""

from collections.abc import Collection, Generator, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from typing import Self

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

from geo.backends.bulk import ROW, MarkedRowFormat, RowFormat
from geo.backends.compat import Connection, Params
from geo.backends.features import FeaturesMixin
from geo.backends.operations import OperationsMixin
from geo.backends.reads import ReadsMixin
from geo.backends.spatialite.functions.matching import LookupTables

# Rows of the first block, and of the largest; each is twice as large as the one before.
FIRST_ROWS, MOST_ROWS = 16, 1024
# Seconds after which a server that does not answer counts as down.
CONNECT_WITHIN = 10
# Adds a separator after the last field too.
BEHIND = (b"",)


class DatabaseWrapperMixin(ReadsMixin):
    """Adds a name, a version, `snapshot()`, `interrupt()` and time limits.

    Each engine overrides the methods that differ.
    """

    features: FeaturesMixin
    ops: OperationsMixin
    answers: LookupTables  # of SpatiaLite
    is_snapshot = False

    @property
    def engine_name(self) -> str:
        """Returns postgis, mysql, mariadb or spatialite."""
        raise NotImplementedError

    @property
    def possible_names(self) -> tuple[str, ...]:
        """Returns the possible values of `engine_name`, as far as the settings tell."""
        return (self.engine_name,)

    @property
    def server_version(self) -> str:
        """Returns product and version of the server and its spatial extension, for people."""
        raise NotImplementedError

    @contextmanager
    def snapshot(
        self, *, statement_seconds: float | None = None, seconds: float | None = None
    ) -> Iterator[Self]:
        """Opens a new connection in one read-only transaction whose cursors stream.

        It is a connection of its own, because an unbuffered MySQL connection can do nothing else
        while rows arrive, and because the result must not depend on the caller's transaction. All
        reads within the block see its beginning. If an exception leaves the block, the running
        statement is interrupted instead of being read to its end.

        The server ends the snapshot after `seconds`, and a statement after `statement_seconds` if
        it does not count the time in which a reader takes rows. That raises a DatabaseError for
        which `is_over_time` is true.
        """
        connection = self.copy()
        connection.is_snapshot = True
        try:
            connection.ensure_connection()
            connection.begin_snapshot()
            try:
                connection.limit_snapshot(statement_seconds, seconds)
                yield connection
            except BaseException:
                connection.interrupt()
                raise
        finally:
            connection.close()

    @contextmanager
    def impatient(self, seconds: float) -> Iterator[None]:
        """Makes statements within the block fail after `seconds` instead of waiting for locks."""
        self.wait_at_most(seconds)
        try:
            yield
        finally:
            if self.connection is not None:
                self.wait_at_most(None)

    def wait_at_most(self, seconds: float | None) -> None:
        """Sets how long this session's statements wait for locks; None: the default."""
        raise NotImplementedError

    def begin_snapshot(self) -> None:
        """Begins the read-only transaction on a connection that has just been opened."""
        raise NotImplementedError

    @property
    def bulk_refusal(self) -> str:
        """Returns why this database cannot send rows in bulk (`blocks`); "" if it can."""
        return "" if self.timezone_name == "UTC" else "times in the database are not in UTC"

    def wire(self, separator: bytes) -> RowFormat:
        """Returns the format in which this engine sends rows with this separator."""
        return MarkedRowFormat(separator)

    def blocks(self, sql: str, params: Params, wire: RowFormat) -> Generator[bytes]:
        """Yields the rows of a statement on a snapshot, in the wire's format, many at a time.

        The statement selects what the format needs. The first block is small, so that it comes
        soon.
        """
        with closing(self.chunked_cursor()) as cursor:
            cursor.execute(sql, params)
            rows = FIRST_ROWS
            while found := cursor.fetchmany(rows):
                yield ROW.join(chain(chain.from_iterable(found), BEHIND))
                rows = min(2 * rows, MOST_ROWS)

    def limit_snapshot(self, statement_seconds: float | None, seconds: float | None) -> None:
        """Makes the server limit the transaction that has just begun; None: no limit."""
        raise NotImplementedError

    def interrupt(self) -> None:
        """Stops the running statement of a snapshot, if there is one; from any thread.

        The thread that waits for its rows gets a DatabaseError. A statement that begins later is
        not stopped: call this again until the snapshot is closed, but not while it is being closed.
        """
        raise NotImplementedError

    @contextmanager
    def limited(self, seconds: float | None) -> Iterator[None]:
        """Limits each statement of this connection within the block to `seconds`.

        A statement that takes longer raises a DatabaseError for which `is_over_time` is true.
        """
        if seconds is None:
            yield
            return
        self.ensure_connection()
        self.set_statement_limit(seconds)
        try:
            yield
        finally:
            try:
                self.set_statement_limit(None)
            except DatabaseError:
                # Lost, or in a failed transaction, whose rollback also resets the limit.
                if not self.in_atomic_block:
                    self.close()

    def set_statement_limit(self, seconds: float | None) -> None:
        """Sets the time limit of the session's statements; None: as the session began.

        For `limited`, which an engine without such a setting overrides instead.
        """
        raise NotImplementedError

    def is_over_time(self, error: BaseException) -> bool:
        """Whether the error says that a statement exceeded its time limit."""
        raise NotImplementedError


def may_be(alias: str, names: Collection[str]) -> bool:
    """Whether a database may be one of these engines, judged by the settings.

    The server, which may be down, is not asked.
    """
    wrapper = connections[alias]
    return isinstance(wrapper, DatabaseWrapperMixin) and not set(names).isdisjoint(
        wrapper.possible_names
    )


def database_wrapper(alias: str) -> DatabaseWrapperMixin:
    """Returns the wrapper of a database by its alias.

    Raises ImproperlyConfigured if its ENGINE is not one of geo.backends: another engine would
    silently give other answers.
    """
    wrapper = connections[alias]
    if not isinstance(wrapper, DatabaseWrapperMixin):
        raise ImproperlyConfigured(
            f"Database {alias!r} uses {type(wrapper).__module__}; reports need one of"
            " geo.backends.postgis, geo.backends.mysql and geo.backends.spatialite as ENGINE."
        )
    return wrapper


def wrapper_of(connection: Connection) -> DatabaseWrapperMixin:
    """Returns the connection that Django hands to expressions, with what an engine adds to it.

    Raises as `database_wrapper` does.
    """
    if isinstance(connection, DatabaseWrapperMixin):
        return connection
    return database_wrapper(connection.alias)  # for `django.db.connection`, which is a proxy
