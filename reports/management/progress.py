"""How far an export is, on a terminal."""

import sys
import threading
from collections.abc import Generator, Iterable
from contextlib import suppress
from typing import Any

from django.db import Error, connections
from django.db.models import QuerySet
from tqdm import tqdm

from reports.exports.pipeline import ExportPipeline


def shown(export: ExportPipeline, pieces: Iterable[bytes]) -> Generator[bytes]:
    """The pieces; on a terminal with rows and pace, and the share and time left if they are told.

    They are where a row is an object: those are counted in a thread, on a connection of its own,
    while the export runs. To count groups is to make them, which would cost as much again.
    """
    if not sys.stderr.isatty():
        yield from pieces
        return
    statement = export.statement
    with tqdm(unit=" rows", desc=statement.report.slug, leave=False) as progress:
        if not statement.report.keys:
            rows = statement.queryset.all()  # one of its own: compiling changes a queryset
            threading.Thread(target=_count, args=(rows, progress), daemon=True).start()
        for piece in pieces:
            yield piece
            progress.update(export.rows - progress.n)


def _count(rows: QuerySet[Any, Any], progress: "tqdm[bytes]") -> None:
    try:
        with suppress(Error):  # the export tells what is wrong
            progress.total = rows.count()
    finally:
        connections[rows.db].close()
