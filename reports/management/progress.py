"""The progress of an export on a terminal."""

import sys
import threading
from collections.abc import Generator, Iterable
from contextlib import suppress

from django.db import Error, connections
from tqdm import tqdm

from geo.backends.compat import RowSet
from reports.exports.pipeline import ExportPipeline


def shown(export: ExportPipeline, pieces: Iterable[bytes]) -> Generator[bytes]:
    """Yields the pieces, and shows rows and speed on a terminal, with the time left if it is known.

    The total is known if each row is an object: a thread counts them on its own connection while
    the export runs. Counting groups would cost as much as the report itself.
    """
    if not sys.stderr.isatty():
        yield from pieces
        return
    statement = export.statement
    with tqdm(unit=" rows", desc=statement.report.slug, leave=False) as progress:
        if not statement.report.keys:
            rows = statement.queryset.all()  # a copy, because compiling changes a queryset
            threading.Thread(target=_count, args=(rows, progress), daemon=True).start()
        for piece in pieces:
            yield piece
            progress.update(export.rows - progress.n)


def _count(rows: RowSet, progress: "tqdm[bytes]") -> None:
    try:
        with suppress(Error):  # the export reports the error itself
            progress.total = rows.count()
    finally:
        connections[rows.db].close()
