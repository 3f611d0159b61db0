"""The sign of life of the exports that a process is busy with.

From a thread of its own, because an export that waits for its database, or for a slow reader, can
say nothing itself; on that thread's own connection to `default`.
"""

import logging
import threading
from typing import Protocol

from django.db import DEFAULT_DB_ALIAS, Error, connections

from reports.errors import survived

logger = logging.getLogger("isoline.exports")

SECONDS = 5.0


class InProgress(Protocol):
    """What can tell how far it is."""

    def report_progress(self) -> bool:
        """Write it down; False when that was the last time. May raise a database's errors."""


class Heartbeat:
    """Lets everything that lives tell so, every few seconds, as long as there is any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._living: set[InProgress] = set()
        self._thread: threading.Thread | None = None

    def add(self, living: InProgress) -> None:
        """From now on."""
        with self._lock:
            self._living.add(living)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._run, name="isoline-heartbeat", daemon=True
                )
                self._thread.start()

    def discard(self, living: InProgress) -> None:
        """It has nothing more to tell."""
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
            with survived(logger, "an export cannot tell how far it is"):
                try:
                    if not each.report_progress():
                        self.discard(each)
                except Error as error:
                    logger.warning("An export cannot tell how far it is: %s", type(error).__name__)
        with survived(logger, "a connection cannot be closed"):
            connections[DEFAULT_DB_ALIAS].close()


heartbeat = Heartbeat()
