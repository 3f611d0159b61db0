"""A report's whole result as bytes: for a download, a file, a comparison."""

import os
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from reports.engine import Row, Statement
from reports.formats import Format
from reports.formats.base import Document

PIECE_BYTES = 64 * 1024


def encoded(
    statement: Statement,
    format_: Format,
    dialect: str | None = None,
    on_row: Callable[[], object] | None = None,
) -> Generator[bytes]:
    """The export in pieces of about 64 KiB, read from one snapshot as they are taken.

    `on_row` is called for each row as it passes. Raises FormatRefused at once for a format that the
    report has no column for, and StatementFailed in mid-stream when the database fails: whoever
    writes the pieces must then let the reader see that they are not all.
    """
    format_.demand(statement.columns)
    return _encoded(statement, format_.dialect(dialect), on_row)


def _encoded(
    statement: Statement,
    write: Callable[[Document], Iterator[str]],
    on_row: Callable[[], object] | None,
) -> Generator[bytes]:
    rows = statement.stream()
    document = Document(
        title=str(statement.report.title),
        columns=statement.columns,
        rows=rows if on_row is None else _counted(rows, on_row),
    )
    try:
        yield from _pieces(write(document))
    finally:
        rows.close()


def _counted(rows: Iterable[Row], on_row: Callable[[], object]) -> Iterator[Row]:
    for row in rows:
        yield row
        on_row()


def _pieces(texts: Iterable[str]) -> Iterator[bytes]:
    held, size = [], 0
    for text in texts:
        held.append(text)
        size += len(text)
        if size >= PIECE_BYTES:
            yield "".join(held).encode()
            held, size = [], 0
    if held:
        yield "".join(held).encode()


def write_file(path: Path, pieces: Iterable[bytes]) -> None:
    """Write the pieces to `path`, whole or not at all.

    They go to a temporary file beside it, are synced, and take its name at the end; whatever
    interrupts leaves the old file as it was and nothing beside it.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            _write(file, pieces)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _write(file: BinaryIO, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        file.write(piece)


def _umask() -> int:
    # There is no way to ask for it but to set it.
    mask = os.umask(0)
    os.umask(mask)
    return mask
