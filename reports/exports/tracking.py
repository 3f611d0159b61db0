"""Exports whose state and progress are recorded, and the deletion of old records."""

import json
import logging
import time
import uuid
from collections.abc import Callable, Generator
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.utils import timezone

from geo.backends.wrapper import database_wrapper
from reports.errors import LimitReached, ReaderGone, logged
from reports.exports.heartbeat import heartbeat
from reports.exports.pipeline import ExportPipeline
from reports.exports.slots import acquire
from reports.models import Export
from reports.version import VERSION

logger = logging.getLogger("isoline.exports")

State = Export.State
# The reader disconnected, or the command was interrupted.
CANCELS = (GeneratorExit, KeyboardInterrupt, ReaderGone)
# Seconds to wait for a lock in `default`. A record is not worth a longer delay.
PATIENCE = 2.0
# How often writing the final state is retried, once per heartbeat.
TIMES = 20
CLEARING_SECONDS = 60 * 60
CLEARED_AT_ONCE = 1000


class TrackedExport(ExportPipeline):
    """An export whose record in `default` says how it went, even if it was cut short.

    record   what is known, even if it could not be written
    is_kept  whether it was written: an export does not fail because `default` is locked or down
    """

    def __init__(
        self, *arguments: Any, user: Any = None, is_limited: bool = True, **options: Any
    ) -> None:
        """See ExportPipeline. `user` is the maker; if `is_limited`, the export takes a slot."""
        super().__init__(*arguments, **options)
        report, now = self.statement.report, timezone.now()
        self.is_kept = False
        self._is_limited = is_limited
        self._times = TIMES
        self.record = Export(
            id=uuid.uuid4(),
            user_id=user.pk if user is not None and user.is_authenticated else None,
            report=report.slug,
            title=str(report.title),
            version=report.options.version,
            format=self.format.name,
            dialect=self.dialect,
            parameters=dict(self.given),
            request=self.request.as_dict() if self.request else None,
            columns=[
                {"id": each.id, "label": each.label, "unit": each.unit, "kind": each.kind.name}
                for each in self.statement.columns
            ],
            database=self.statement.database,
            isoline=VERSION,
            started=now,
            seen=now,
        )

    def pieces(self) -> Generator[bytes]:
        """Yields the pieces, see ExportPipeline. Raises TooManyAtOnce before the first piece.

        The state becomes complete when the last piece has been taken, cancelled if this generator
        is closed before, and failed for any other exception.
        """
        self._begin()
        try:
            if self.is_kept:
                heartbeat.add(self)
            yield from super().pieces()
        except CANCELS:
            self._end(State.CANCELLED)
            raise
        except BaseException as error:
            self.record.error = self._logged(error)
            self.record.limit = error.limit if isinstance(error, LimitReached) else ""
            self._end(State.FAILED)
            raise
        self.record.sha256 = self.sha256
        self._end(State.COMPLETE)

    def report_progress(self) -> bool:
        """Records the progress. Returns False once the final state is written."""
        is_running = self.record.state == State.RUNNING
        if not is_running:
            self._times -= 1
            if self._times < 0:
                return False
        # One thread does this for all exports of a process, and must not be blocked.
        with database_wrapper(DEFAULT_DB_ALIAS).impatient(PATIENCE):
            if is_running:
                record = Export.objects.using(DEFAULT_DB_ALIAS).filter(pk=self.record.pk)
                record.filter(state=State.RUNNING).update(
                    seen=timezone.now(), rows=self.rows, bytes=self.size
                )
            else:
                self._write_end()
        return is_running

    def _begin(self) -> None:
        self.record.server = _server_version(self.record.database)
        if self._is_limited:
            self.is_kept = _try_write(lambda: acquire(self.record))
        else:
            self.is_kept = _try_write(
                lambda: self.record.save(force_insert=True, using=DEFAULT_DB_ALIAS)
            )

    def _end(self, state: State) -> None:
        record = self.record
        record.rows, record.bytes = self.rows, self.size
        record.ended = record.seen = timezone.now()
        record.slot = record.user_slot = None
        record.state = state
        if self.is_kept and _try_write(self._write_end):
            heartbeat.discard(self)
            _try_write(_clear_now_and_then)

    def _write_end(self) -> None:
        record = self.record
        names = ("rows", "bytes", "sha256", "ended", "seen", "error", "limit")
        Export.objects.using(DEFAULT_DB_ALIAS).filter(pk=record.pk).update(
            state=record.state,
            slot=None,
            user_slot=None,
            **{name: getattr(record, name) for name in names},
        )

    def _logged(self, error: BaseException) -> str:
        return logged(
            logger,
            error,
            "export %s of report %s as %s from %s failed after %s rows; parameters %s",
            self.record.pk,
            self.record.report,
            self.record.format,
            self.record.database,
            self.rows,
            # JSON escapes line breaks, which could forge a line of the log.
            json.dumps(self.record.parameters),
        )


def clear() -> int:
    """Deletes all expired records. Returns how many there were."""
    count = 0
    while deleted := _clear_some():
        count += deleted
    return count


def _clear_some() -> int:
    records = Export.objects.using(DEFAULT_DB_ALIAS)
    expired = records.expired().order_by("seen").values_list("pk", flat=True)[:CLEARED_AT_ONCE]
    return records.filter(pk__in=list(expired)).delete()[0]


_cleared_at: float | None = None


def _clear_now_and_then() -> None:
    """Deletes some expired records, once an hour and process."""
    global _cleared_at
    now = time.monotonic()
    if _cleared_at is not None and now - _cleared_at < CLEARING_SECONDS:
        return
    _cleared_at = now
    _clear_some()


def _server_version(alias: str) -> str:
    try:
        return database_wrapper(alias).server_version
    except Error:
        # If the database is down, the export itself reports it.
        return ""


def _try_write(write: Callable[[], object]) -> bool:
    """Whether `write` succeeded. An export goes on without `default`."""
    connection = connections[DEFAULT_DB_ALIAS]
    for is_last in (False, True):
        try:
            with database_wrapper(DEFAULT_DB_ALIAS).impatient(PATIENCE):
                write()
        except Error as error:
            is_lost = connection.connection is None or not connection.is_usable()
            if is_lost and not is_last and not connection.in_atomic_block:
                connection.close()  # the next one will be new
                continue
            logger.warning("The record of an export cannot be written.", exc_info=error)
            return False
        return True
    return False
