"""A report's whole result as bytes: for a download, a file, a comparison."""

import hashlib
import os
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from reports import lines
from reports.engine import Row, Statement
from reports.formats import Format
from reports.formats.base import Document
from reports.formats.csv import Delimited

PIECE_BYTES = 64 * 1024
# The first one soon, so that a reader sees that rows come.
FIRST_PIECE_BYTES = 1024


class Export:
    """A report's whole result on its way into bytes, counted and hashed as it passes.

    dialect             the name of the way it is written
    rows, size, sha256  of what has passed so far: rows, bytes, hexadecimal digits

    Raises FormatRefused for a format that the report has no column for.
    """

    def __init__(
        self,
        statement: Statement,
        format_: Format,
        dialect: str | None = None,
        *,
        given: Mapping[str, str] | None = None,
    ) -> None:
        """`given` are the texts that the statement's parameters came from, by name."""
        format_.demand(statement.columns)
        self.statement = statement
        self.format = format_
        self.given = given or {}
        self.rows = 0
        self.size = 0
        self.dialect = dialect or next(iter(format_.dialects))
        self._write = format_.dialect(self.dialect)
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The hash of the bytes that have passed."""
        return self._hash.hexdigest()

    def pieces(self) -> Generator[bytes]:
        """The bytes, about 64 KiB at a time, read from one snapshot as they are taken; once.

        Raises StatementFailed in mid-stream when the database fails: whoever writes the pieces must
        then let the reader see that they are not all.
        """
        written = self._by_value() if self.row_by_row else self._by_line()
        with closing(written):
            for piece in _pieces(written):
                self.size += len(piece)
                self._hash.update(piece)
                yield piece

    @cached_property
    def row_by_row(self) -> str:
        """Why rows are written one by one, in words; "" where the database writes the lines."""
        return lines.refusal(self.statement, self._write)

    def _by_value(self) -> Generator[str | bytes]:
        with closing(self.statement.stream()) as rows:
            yield from self._write(self._document(rows))

    def _by_line(self) -> Generator[bytes]:
        assert isinstance(self._write, Delimited)
        found = lines.Lines(self.statement, self._write)
        with closing(found.pieces()) as pieces:
            for piece in pieces:
                self.rows = found.rows
                yield piece

    def _document(self, rows: Iterator[Row]) -> Document:
        return Document(
            title=str(self.statement.report.title),
            columns=self.statement.columns,
            rows=self._counted(rows),
            facts=self._facts(),
        )

    def _facts(self) -> dict[str, str]:
        # Not the database: the bytes are the same on each.
        report = self.statement.report
        return {"report": report.slug, "version": report.options.version} | {
            f"parameter {name}": text for name, text in self.given.items()
        }

    def _counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self.rows += 1
            yield row


def _pieces(written: Iterable[str | bytes]) -> Iterator[bytes]:
    held, size, enough = [], 0, FIRST_PIECE_BYTES
    for text in written:
        held.append(text.encode() if isinstance(text, str) else text)
        size += len(text)
        if size >= enough:
            yield b"".join(held)
            held, size, enough = [], 0, min(2 * enough, PIECE_BYTES)
    if held:
        yield b"".join(held)


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
