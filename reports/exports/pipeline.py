"""`ExportPipeline`: a report's whole result as bytes, for a download, a file or a comparison."""

import hashlib
import json
import os
import secrets
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from reports.errors import LimitReached, RowFailed
from reports.exports.fastcsv.rows import Lines, refusal
from reports.exports.supervision import UNLIMITED, ExportSupervisor
from reports.formats import FORMATS, Format
from reports.formats.base import Document
from reports.formats.csv import Delimited
from reports.limits import ExportLimits
from reports.queries.parameters import Texts
from reports.queries.request import ReportRequest, Result
from reports.queries.result import ResultColumn, Row, Totals
from reports.queries.statement import Statement

PIECE_BYTES = 64 * 1024
# The first piece is small, so that a download starts soon.
FIRST_PIECE_BYTES = 1024


class ExportPipeline:
    """Encodes a report's whole result, and counts and hashes the bytes on their way.

    dialect             the name of the format's dialect
    rows, size, sha256  of what has passed so far: rows, bytes, hexadecimal digits
    watch               the supervisor, by which another thread can end the export

    Raises FormatRefused if the report has no column for the format.
    """

    def __init__(
        self,
        statement: Statement,
        format_: Format,
        dialect: str | None = None,
        *,
        given: Texts | None = None,
        limits: ExportLimits = UNLIMITED,
        totals: bool = False,
        request: ReportRequest | None = None,
    ) -> None:
        """Checks that the format can hold the statement's columns.

        `given` are the texts of the statement's parameters, by name. With `totals` the last row is
        the row of totals. The bytes are made in the language and time zone of `request`.
        """
        format_.demand(statement.columns)
        if totals:
            statement.demand_totals()
            format_.demand_totals()
        self.statement = statement
        self.format = format_
        self.given = {**(given or {}), **({"totals": "1"} if totals else {})}
        self.totals = totals
        self.request = request
        self.rows = 0
        self.size = 0
        self.dialect = dialect or next(iter(format_.dialects))
        self.watch = ExportSupervisor(statement.report.slug, limits, lambda: (self.rows, self.size))
        self._limits = limits
        self._write = format_.dialect(self.dialect)
        self._hash = hashlib.sha256()

    @classmethod
    def of(cls, result: Result, **options: Any) -> Self:
        """Returns the export of a result in the format that its request names."""
        request = result.request
        return cls(
            result.statement,
            FORMATS[request.format].chosen(request.options),
            request.dialect or None,
            given=result.given,
            totals=request.totals,
            request=request,
            **options,
        )

    @property
    def sha256(self) -> str:
        """Returns the SHA-256 of the bytes that have passed."""
        return self._hash.hexdigest()

    def pieces(self) -> Generator[bytes]:
        """Yields the bytes, about 64 KiB at a time, read from one snapshot as they are taken; once.

        Raises StatementFailed if the database fails on the way, RowFailed for a value that is not
        what its column declares, LimitReached, and ReaderGone. The caller must then make sure that
        the reader sees that the bytes are incomplete.
        """
        with self.watch, closing(self._written()) as written:
            for piece in self._in_context(self.watch.reading(_pieces(written, self.watch))):
                self.size += len(piece)
                self._refuse("bytes", self.size, self._limits.bytes)
                self._hash.update(piece)
                yield piece

    def _in_context(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yields the pieces, each made in the language and time zone of the request."""
        context = self.request.context if self.request else nullcontext
        while True:
            with context():  # not while others have the piece
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    @cached_property
    def row_by_row(self) -> str:
        """Returns why rows are written one by one; "" if the database writes the lines."""
        if self.totals:
            return "a row of totals follows"
        return refusal(self.statement, self._write)

    @property
    def _key(self) -> ResultColumn | None:
        return self.statement.key if self.format.is_keyed else None

    def _written(self) -> Generator[str | bytes]:
        return self._one_by_one() if self.row_by_row else self._by_line()

    def _one_by_one(self) -> Generator[str | bytes]:
        rows = self.statement.stream(self.watch, keyed=self._key is not None, totals=self.totals)
        with closing(rows):
            try:
                yield from self._write(self._document(rows))
            except (ValueError, TypeError, ArithmeticError) as error:
                raise RowFailed(
                    f"Report {self.statement.report.slug!r} cannot be written: after its first"
                    f" {self.rows} rows, a value does not have the type of its column."
                ) from error

    def _by_line(self) -> Generator[bytes]:
        assert isinstance(self._write, Delimited)
        found = Lines(self.statement, self._write)
        with closing(found.pieces(self.watch)) as pieces:
            for piece in pieces:
                self.rows = found.rows
                self._refuse("rows", self.rows, self._limits.rows)
                yield piece

    def _refuse(self, what: str, number: int, limit: int | None) -> None:
        if limit is not None and number > limit:
            raise LimitReached(
                what,
                limit,
                f"Report {self.statement.report.slug!r} has more {what} than an export may have:"
                " narrow it by its parameters.",
            )

    def _document(self, rows: Iterator[Row]) -> Document:
        return Document(
            title=str(self.statement.report.title),
            columns=self.statement.columns,
            rows=self._counted(rows),
            facts=self._facts(),
            key=self._key,
        )

    def _facts(self) -> dict[str, str]:
        # Without the database's name, because the bytes are the same on each.
        report = self.statement.report
        return {"report": report.slug, "version": report.options.version} | {
            f"parameter {name}": text if isinstance(text, str) else json.dumps(text)
            for name, text in self.given.items()
        }

    def _counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            if type(row) is not Totals:
                self._refuse("rows", self.rows + 1, self._limits.rows)
            yield row
            self.rows += type(row) is not Totals


def _pieces(written: Iterable[str | bytes], watch: ExportSupervisor) -> Iterator[bytes]:
    held, size, enough = [], 0, FIRST_PIECE_BYTES
    for number, text in enumerate(written):
        watch.raise_reason()
        held.append(text.encode() if isinstance(text, str) else text)
        size += len(text)
        # Never the head alone: a database that does not respond must be noticed before a download
        # begins.
        if number and size >= enough:
            yield b"".join(held)
            held, size, enough = [], 0, min(2 * enough, PIECE_BYTES)
    if held:
        yield b"".join(held)


def write_file(path: Path, pieces: Iterable[bytes]) -> None:
    """Writes the pieces to `path`, all or nothing.

    They go to a temporary file in the same folder, which is synced and then renamed. If anything
    interrupts, the old file stays as it was and the temporary file is removed.
    """
    # Not named after the file, whose name may be as long as the file system allows.
    part = path.parent / f".isoline-{secrets.token_hex(8)}.part"
    # Created like any new file, so that the umask and the folder's own rules apply, and only if no
    # file has this name.
    with part.open("xb") as file:
        try:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
