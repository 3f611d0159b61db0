"""What ends an export from without: a reader who has gone, a limit of time.

An export is one thread's work, which waits for its database or for its reader and can look at
nothing else meanwhile. One thread of the process looks for all that are under way.
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

# Seconds between two looks; a reader who has gone is to be noticed within two.
TICK = 0.25
# Seconds between two attempts to interrupt, at first and at most.
AGAIN, SELDOM = 0.1, 5.0
# What a server's clock may be ahead of ours, as a part of a limit.
NEARLY = 0.95
UNLIMITED = ExportLimits(seconds=None, statement_seconds=None)


class Reader(Protocol):
    """Whoever takes an export's bytes; its methods are called from the watching thread."""

    def has_gone(self) -> bool:
        """Whether nobody will read what comes."""

    def disconnect(self) -> None:
        """Break the connection, so that a thread which sends to this reader sends no longer."""


class ExportSupervisor:
    """One export under way: as a context for its own thread, and by `stop` for any other.

    reader  who takes its bytes, if that can be told

    What an export raises after it was stopped is replaced by the reason: ReaderGone, LimitReached.
    """

    def __init__(self, slug: str, limits: ExportLimits, progress: Callable[[], Any]) -> None:
        """`progress` changes whenever rows or bytes have passed."""
        self.reader: Reader | None = None
        self._slug = slug
        self._limits = limits
        self._progress = progress
        self._reason: ReportError | None = None
        self._database: DatabaseWrapperMixin | None = None
        self._connection: Any = None
        self._is_reading = False
        self._interrupter: threading.Thread | None = None
        # What cannot be looked at, so that the log has it once.
        self._blind: set[str] = set()
        # A finalizer may call `stop` wherever this thread is.
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._seen: Any = None
        self._began = self._moved = 0.0

    # In the export's own thread.

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
        """The database's snapshot, bounded by the limits, its statements interrupted by `stop`."""
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
        """The pieces; while one is made it is the database that is waited for, then the reader."""
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
        """Raise the reason for which the export was stopped, if it was.

        Every loop of an export calls it: one that waits for no database is not interrupted.
        """
        if self._reason is not None:
            raise self._reason

    def _hold(self, connection: Any) -> None:
        with self._lock:
            self._connection = connection

    # In any thread.

    def stop(self, reason: ReportError) -> None:
        """End the export for this reason, wherever it is; what has ended is left."""
        with self._lock:
            if self._reason is not None or self._over.is_set():
                return
            self._reason = reason
            if not self._is_reading and self.reader is not None:
                with survived(logger, "the reader of report %s cannot be hung up on", self._slug):
                    self.reader.disconnect()
            self._begin_to_interrupt()

    def _begin_to_interrupt(self) -> None:
        if self._interrupter is not None:
            return
        thread = threading.Thread(target=self._interrupt, name="isoline-interrupt", daemon=True)
        # A process may have no thread left; the next look tries again.
        with survived(logger, "the statement of report %s cannot be interrupted yet", self._slug):
            thread.start()
            self._interrupter = thread

    def _interrupt(self) -> None:
        pause = AGAIN
        while not self._over.is_set():
            with (
                survived(logger, "the statement of report %s cannot be interrupted", self._slug),
                self._lock,
            ):
                if self._connection is not None and self._is_reading:
                    self._connection.interrupt()
            self._over.wait(pause)
            pause = min(2 * pause, SELDOM)

    def poll(self) -> None:
        """Stop the export if its reader has gone or its time is over.

        What cannot be looked at counts as standing still and as being there: the limits of time
        hold all the same.
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
            self.stop(ReaderGone("The reader left before the end."))
        elif reached := self._reached(now, 1):
            self.stop(reached)

    def _finds(self, poll: Callable[[], bool]) -> bool:
        try:
            return poll()
        except BaseException:
            # A reader, or an export, of anybody's making.
            if poll.__name__ not in self._blind:
                self._blind.add(poll.__name__)
                with survived(logger, "report %s cannot be watched", self._slug):
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
        """The limit of which at least this share has passed."""
        whole, statement = self._limits.seconds, self._limits.statement_seconds
        if whole is not None and now - self._began >= share * whole:
            sentence = f"Report {self._slug!r} took more seconds than an export may."
            return LimitReached("seconds", whole, sentence)
        if statement is not None and now - self._moved >= share * statement:
            return LimitReached(
                "statement_seconds",
                statement,
                f"The database took more seconds over report {self._slug!r} than it may have for"
                " the first rows, or from some to the next.",
            )
        return None

    def _limit_of(self, error: StatementFailed) -> LimitReached | None:
        """The limit that the server itself has kept, a moment before this process would."""
        if error.__cause__ is None or self._database is None:
            return None
        if not self._database.is_over_time(error.__cause__):
            return None
        return self._reached(time.monotonic(), NEARLY)


class _Watcher:
    """The thread that looks at every watch while there are any."""

    def __init__(self) -> None:
        self._watches: set[ExportSupervisor] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, watch: ExportSupervisor) -> None:
        with self._changed:
            # Not before it is needed, and once more in a process that was forked meanwhile.
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
                with survived(logger, "an export cannot be watched"):
                    watch.poll()
            time.sleep(TICK)


_watcher = _Watcher()
