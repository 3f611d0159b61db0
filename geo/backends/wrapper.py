"""What every engine adds to its database wrapper: a name, a version, a snapshot to read from."""

from collections.abc import Collection, Generator, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from typing import Any, Self

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

from geo import functions as functions  # its lookup `geom_type` is Django's on every engine
from geo.backends.bulk import ROW, MarkedWire, RowFormat
from geo.backends.reads import ReadsMixin

# Rows of a block: the first, then twice as many each time.
FIRST_ROWS, MOST_ROWS = 16, 1024
# Seconds after which a server that does not let us in is taken for one that is down.
CONNECT_WITHIN = 10
# What makes a mark stand behind the last one too.
BEHIND = (b"",)


class DatabaseWrapperMixin(ReadsMixin):
    """Adds a name, a version, `snapshot()`, `interrupt()` and limits of time.

    An engine states its own way.
    """

    connection: Any
    features: Any
    settings_dict: dict[str, Any]
    timezone_name: str
    in_atomic_block: bool
    is_snapshot = False

    @property
    def engine_name(self) -> str:
        """postgis, mysql, mariadb or spatialite."""
        raise NotImplementedError

    @property
    def possible_names(self) -> tuple[str, ...]:
        """What `engine_name` may be, as far as the settings tell: the server is not asked."""
        return (self.engine_name,)

    @property
    def server_version(self) -> str:
        """Product and version of the server and its spatial part, for people."""
        raise NotImplementedError

    @contextmanager
    def snapshot(
        self, *, statement_seconds: float | None = None, seconds: float | None = None
    ) -> Iterator[Self]:
        """A fresh connection in one read-only transaction; its cursors stream.

        Of its own, because an unbuffered MySQL connection can do nothing else while rows arrive,
        and because what is read must not depend on the caller's transaction. Whatever is read
        within the block is as of its beginning. Left by an exception, the running statement is
        interrupted rather than read to its end.

        The server itself ends it after `seconds`, and a statement after `statement_seconds` where
        it does not count the time in which a reader takes rows. Raises DatabaseError then, of which
        `is_over_time` tells.
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
        """Within, a statement waits no longer for what others hold locked: then it fails."""
        self.wait_at_most(seconds)
        try:
            yield
        finally:
            if self.connection is not None:
                self.wait_at_most(None)

    def wait_at_most(self, seconds: float | None) -> None:
        """How long this session's statements wait for locks from now on; None: as ever."""
        raise NotImplementedError

    def begin_snapshot(self) -> None:
        """Begin the read-only transaction on a connection that has just been opened."""
        raise NotImplementedError

    @property
    def bulk_refusal(self) -> str:
        """Why this database cannot hand over rows as bytes (`blocks`), in words; "" if it can."""
        return "" if self.timezone_name == "UTC" else "times in the database are not in UTC"

    def wire(self, separator: bytes) -> RowFormat:
        """The form in which this engine hands over rows of fields that are to be parted so."""
        return MarkedWire(separator)

    def blocks(self, sql: str, params: Any, wire: RowFormat) -> Generator[bytes]:
        """The rows of a statement on a snapshot, in the form of the wire, many at a time.

        The statement selects what the wire asks for. The first block is small, to come soon.
        """
        with closing(self.chunked_cursor()) as cursor:
            cursor.execute(sql, params)
            rows = FIRST_ROWS
            while found := cursor.fetchmany(rows):
                yield ROW.join(chain(chain.from_iterable(found), BEHIND))
                rows = min(2 * rows, MOST_ROWS)

    def limit_snapshot(self, statement_seconds: float | None, seconds: float | None) -> None:
        """Have the server bound the transaction that has just begun; None: no bound."""
        raise NotImplementedError

    def interrupt(self) -> None:
        """Stop the statement of a snapshot that runs, if one does; from any thread.

        Whoever waits for its rows gets a DatabaseError. A statement that begins later is not
        stopped: call it again until the snapshot is closed, but not while it is being closed.
        """
        raise NotImplementedError

    @contextmanager
    def limited(self, seconds: float | None) -> Iterator[None]:
        """Each statement of this connection within the block takes `seconds` at most.

        Raises DatabaseError for one that would take longer, of which `is_over_time` tells.
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
                # Lost, or in a transaction that has failed: its rollback takes the limit back.
                if not self.in_atomic_block:
                    self.close()

    def set_statement_limit(self, seconds: float | None) -> None:
        """End each statement of the session after so long; None: as the session began.

        For `limited`, which an engine without such a setting overrides instead.
        """
        raise NotImplementedError

    def is_over_time(self, error: BaseException) -> bool:
        """Whether it is what this database says when a statement has taken too long."""
        raise NotImplementedError


def may_be(alias: str, names: Collection[str]) -> bool:
    """Whether a database may be one of these engines, as far as the settings tell.

    Nothing is asked of its server, which may be down.
    """
    wrapper = connections[alias]
    return isinstance(wrapper, DatabaseWrapperMixin) and not set(names).isdisjoint(
        wrapper.possible_names
    )


def database_wrapper(alias: str) -> DatabaseWrapperMixin:
    """The wrapper of a database by its alias.

    Raises ImproperlyConfigured when its ENGINE is none of geo.backends: answers of another
    engine would differ in silence.
    """
    wrapper = connections[alias]
    if not isinstance(wrapper, DatabaseWrapperMixin):
        raise ImproperlyConfigured(
            f"Database {alias!r} uses {type(wrapper).__module__}; reports need one of"
            " geo.backends.postgis, geo.backends.mysql and geo.backends.spatialite as ENGINE."
        )
    return wrapper
