"""`ExportSupervisor`: ends an export when its reader has disconnected or a time limit is reached.

An export runs in one thread, which waits for its database or its reader and cannot check anything
meanwhile. One thread of the process checks all running exports.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, Self

from geo.backends.wrapper import DatabaseWrapperMixin
from reports.errors import LimitReached, ReaderGone, ReportError, StatementFailed, survived
from reports.limits import ExportLimits

logger = logging.getLogger("isoline.exports")

# Seconds between two checks. A disconnect must be noticed within two seconds.
TICK = 0.25
# Seconds between attempts to interrupt, at first and at most.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
# Share of a limit, because a server's clock may be ahead of ours.
NEARLY = 0.95
UNLIMITED = ExportLimits(seconds=None, statement_seconds=None)


class Reader(Protocol):
    """The receiver of an export's bytes. Its methods are called from the watching thread."""

    def has_gone(self) -> bool:
        """Whether nobody will read further bytes."""

    def disconnect(self) -> None:
        """Breaks the connection, so that a thread that is sending on it stops."""


class ExportSupervisor:
    """A running export: a context manager for its own thread, and `stop` for any other.

    reader  the receiver of its bytes, if it is known

    What a stopped export raises is replaced by the reason: ReaderGone or LimitReached.
    """

    def __init__(self, slug: str, limits: ExportLimits, progress: Callable[[], Any]) -> None:
        """`progress` returns a value that changes whenever rows or bytes have passed."""
        self.reader: Reader | None = None
        self._slug = slug
        self._limits = limits
        self._progress = progress
        self._reason: ReportError | None = None
        self._database: DatabaseWrapperMixin | None = None
        self._connection: DatabaseWrapperMixin | None = None
        self._is_reading = False
        self._interrupter: threading.Thread | None = None
        # Checks that have failed, so that each is logged once.
        self._blind: set[str] = set()
        # Reentrant, because a finalizer may call `stop` wherever this thread is.
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._seen: Any = None
        self._began = self._moved = 0.0

    # In the export's own thread

    def __enter__(self) -> Self:
        self._began = self._moved = time.monotonic()
        self._seen = self._progress()
        _watcher.add(self)
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        _watcher.remove(self)
        with self._lock:
            self._over.set()
        if isinstance(error, StatementFailed) and self._reason is None:
            self._reason = self._limit_of(error)
        if isinstance(error, Exception) and self._reason not in (None, error):
            raise self._reason from error

    @contextmanager
    def snapshot(self, database: DatabaseWrapperMixin) -> Iterator[Any]:
        """Opens the database's snapshot with the limits. `stop` interrupts its statements."""
        limits, self._database = self._limits, database
        with database.snapshot(
            statement_seconds=limits.statement_seconds, seconds=limits.seconds
        ) as connection:
            self._hold(connection)
            try:
                self.raise_reason()
                yield connection
            finally:
                self._hold(None)

    def reading(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yields the pieces, and notes whether the database or the reader is waited for."""
        while True:
            self.raise_reason()
            self._is_reading = True
            try:
                piece = next(pieces, None)
            finally:
                self._is_reading = False
            self._moved = time.monotonic()
            self.raise_reason()
            if piece is None:
                return
            yield piece

    def raise_reason(self) -> None:
        """Raises the reason for which the export was stopped, if it was.

        Every loop of an export calls it: interrupting a statement does not stop other work.
        """
        if self._reason is not None:
            raise self._reason

    def _hold(self, connection: DatabaseWrapperMixin | None) -> None:
        with self._lock:
            self._connection = connection

    # In any thread

    def stop(self, reason: ReportError) -> None:
        """Ends the export for this reason, wherever it is. Does nothing if it has ended."""
        with self._lock:
            if self._reason is not None or self._over.is_set():
                return
            self._reason = reason
            if not self._is_reading and self.reader is not None:
                with survived(logger, "the reader of report %s cannot be disconnected", self._slug):
                    self.reader.disconnect()
            self._begin_to_interrupt()

    def _begin_to_interrupt(self) -> None:
        if self._interrupter is not None:
            return
        thread = threading.Thread(target=self._interrupt, name="isoline-interrupt", daemon=True)
        # The process may have no thread left; the next check tries again.
        with survived(logger, "the statement of report %s cannot be interrupted yet", self._slug):
            thread.start()
            self._interrupter = thread

    def _interrupt(self) -> None:
        pause = FIRST_PAUSE
        while not self._over.is_set():
            with (
                survived(logger, "the statement of report %s cannot be interrupted", self._slug),
                self._lock,
            ):
                if self._connection is not None and self._is_reading:
                    self._connection.interrupt()
            self._over.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def poll(self) -> None:
        """Stops the export if its reader has disconnected or a time limit is reached.

        If a check fails, the reader counts as connected and the export as stalled: the time limits
        apply in any case.
        """
        if self._reason is not None:
            if self._interrupter is None:
                with self._lock:
                    self._begin_to_interrupt()
            return
        now = time.monotonic()
        if self._finds(self._has_moved):
            self._moved = now
        if self._finds(self._has_no_reader):
            self.stop(ReaderGone("The client disconnected before the end."))
        elif reached := self._reached(now, 1):
            self.stop(reached)

    def _finds(self, poll: Callable[[], bool]) -> bool:
        try:
            return poll()
        except BaseException:
            # Readers and exports may be classes of a project.
            if poll.__name__ not in self._blind:
                self._blind.add(poll.__name__)
                with survived(logger, "report %s cannot be supervised", self._slug):
                    raise
            return False

    def _has_moved(self) -> bool:
        if not self._is_reading:
            return True
        before, self._seen = self._seen, self._progress()
        return bool(self._seen != before)

    def _has_no_reader(self) -> bool:
        return self.reader is not None and self.reader.has_gone()

    def _reached(self, now: float, share: float) -> LimitReached | None:
        """Returns the limit of which at least this share has passed, if there is one."""
        whole, statement = self._limits.seconds, self._limits.statement_seconds
        if whole is not None and now - self._began >= share * whole:
            sentence = f"Report {self._slug!r} took longer than an export may."
            return LimitReached("seconds", whole, sentence)
        if statement is not None and now - self._moved >= share * statement:
            return LimitReached(
                "statement_seconds",
                statement,
                f"The database took too long to return rows of report {self._slug!r}.",
            )
        return None

    def _limit_of(self, error: StatementFailed) -> LimitReached | None:
        """Returns the limit that the server enforced a moment before this process would have."""
        if error.__cause__ is None or self._database is None:
            return None
        if not self._database.is_over_time(error.__cause__):
            return None
        return self._reached(time.monotonic(), NEARLY)


class _Watcher:
    """The thread that checks all running exports."""

    def __init__(self) -> None:
        self._watches: set[ExportSupervisor] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, watch: ExportSupervisor) -> None:
        with self._changed:
            # Started when it is first needed, and again in a process that was forked since.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="isoline-watch", daemon=True)
                self._thread.start()
            self._watches.add(watch)
            self._changed.notify()

    def remove(self, watch: ExportSupervisor) -> None:
        with self._changed:
            self._watches.discard(watch)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._watches)
                watches = list(self._watches)
            for watch in watches:
                with survived(logger, "an export cannot be supervised"):
                    watch.poll()
            time.sleep(TICK)


_watcher = _Watcher()
