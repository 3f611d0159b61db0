"""Reports that the exports of this process are alive.

An export cannot do that itself while it waits for its database or for a slow reader. A thread does
it, on its own connection to `default`.
"""

import logging
import threading
from typing import Protocol

from django.db import DEFAULT_DB_ALIAS, Error, connections

from reports.errors import survived

logger = logging.getLogger("isoline.exports")

SECONDS = 5.0


class InProgress(Protocol):
    """Work that can report its progress."""

    def report_progress(self) -> bool:
        """Records the progress. Returns False after the last report. May raise database errors."""


class Heartbeat:
    """The thread that lets every export in progress report every few seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._living: set[InProgress] = set()
        self._thread: threading.Thread | None = None

    def add(self, living: InProgress) -> None:
        """Starts reporting for this export."""
        with self._lock:
            self._living.add(living)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name="isoline-heartbeat", daemon=True
                )
                self._thread.start()

    def discard(self, living: InProgress) -> None:
        """Stops reporting for this export."""
        with self._lock:
            self._living.discard(living)

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(SECONDS)
            with self._lock:
                if not self._living:
                    self._thread = None
                    return
                living = list(self._living)
            self._beat(living)

    def _beat(self, living: list[InProgress]) -> None:
        for each in living:
            with survived(logger, "the progress of an export cannot be recorded"):
                try:
                    if not each.report_progress():
                        self.discard(each)
                except Error as error:
                    logger.warning(
                        "The progress of an export cannot be recorded: %s", type(error).__name__
                    )
        with survived(logger, "a connection cannot be closed"):
            connections[DEFAULT_DB_ALIAS].close()


heartbeat = Heartbeat()
