"""A report's whole result as bytes: for a download, a file, a comparison."""

import hashlib
import os
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO

from reports.engine import Row, Statement
from reports.formats import Format
from reports.formats.base import Document

PIECE_BYTES = 64 * 1024


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
        with closing(self.statement.stream()) as rows:
            for piece in _pieces(self._write(self._document(rows))):
                self.size += len(piece)
                self._hash.update(piece)
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
    held, size = [], 0
    for text in written:
        held.append(text.encode() if isinstance(text, str) else text)
        size += len(text)
        if size >= PIECE_BYTES:
            yield b"".join(held)
            held, size = [], 0
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
