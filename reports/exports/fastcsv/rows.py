"""Separated values written by the database and compiled code: for exports of many plain rows.

Most of the time of such an export in Python is spent converting the driver's data to values, and
values to text. Here whole rows arrive as bytes, each value in the database's own text
(geo/backends/bulk.py), and csvrows.c converts them to canonical fields, quoted and neutralised. A
row with a value that does not have the form of its column is written in Python instead.
"""

import ctypes
from collections.abc import Generator, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet

from geo.backends.bulk import RowFormat
from geo.backends.wrapper import database_wrapper
from reports.errors import RowFailed
from reports.exports.fastcsv import library
from reports.exports.fastcsv.encoding import EncodedField, EncodedRow, is_writable
from reports.exports.supervision import ExportSupervisor
from reports.formats.csv import Delimited
from reports.queries.result import ResultColumn
from reports.queries.statement import Statement
from reports.values.temporal import Date, Instant

# None of these occurs in the text of a number, date or truth value.
SEPARATORS = frozenset(",;\t|")
# Size of the output buffer: twice as much as most blocks. Larger blocks need more turns.
ROOM = 512 * 1024


def refusal(statement: Statement, writer: Any) -> str:
    """Returns why the rows must be written one by one; "" if the database can write them."""
    if not isinstance(writer, Delimited) or writer.separator not in SEPARATORS:
        return "the format is not CSV or TSV"
    if not statement.is_plain:
        return "its rows are groups, distinct, or use expressions of one engine only"
    if why := database_wrapper(statement.database).bulk_refusal:
        return why
    for column, expression in zip(statement.columns, statement.shown.values(), strict=True):
        if column.kind.zone is not None:
            return f"column {column.id!r} shows local time"
        if writer.for_people and column.kind.for_people is not None:
            return f"column {column.id!r} shows labels"
        if not is_writable(expression.output_field):
            return f"column {column.id!r} has no SQL text that is proven to be the same"
    if library.load() is None:
        return f"{library.SOURCE.name} is not compiled: script/setup does that"
    return ""


class Lines:
    """The rows of a statement as separated values. `rows` counts those that have passed."""

    def __init__(self, statement: Statement, writer: Delimited) -> None:
        self.rows = 0
        self._statement = statement
        self._writer = writer

    def pieces(self, watch: ExportSupervisor | None = None) -> Generator[bytes]:
        """Yields the head, then the rows, many at a time.

        Raises what Statement.stream does, and RowFailed for a value that is not of its type.
        """
        yield self._writer.head(self._statement.columns).encode()
        with self._statement.snapshot(watch) as connection:
            wire = connection.wire(self._writer.separator.encode())
            compiler = self._queryset(wire).query.get_compiler(connection=connection)
            try:
                sql, params = compiler.executable_sql()
            except EmptyResultSet:  # Django knows it without a query, as for none()
                return
            table = _table(self._statement.columns, self._writer, wire)
            out = ctypes.create_string_buffer(ROOM)
            for block in connection.blocks(sql, params, wire):
                yield from self._written(table, wire, block, out)

    def _queryset(self, wire: RowFormat) -> Any:
        fields = [
            EncodedField(alias, column.kind.places)
            for alias, column in zip(self._statement.shown, self._statement.columns, strict=True)
        ]
        if wire.parts_fields:
            return self._statement.selecting(**{f"w{n}": f for n, f in enumerate(fields)})
        return self._statement.selecting(w=EncodedRow(fields, wire.separator))

    def _written(
        self, table: library.Table, wire: RowFormat, block: bytes, out: ctypes.Array[ctypes.c_char]
    ) -> Generator[bytes]:
        compiled = library.load()
        assert compiled is not None  # `refusal` has checked it
        progress = library.Progress()
        while True:
            outcome = compiled.isoline_lines(table, block, len(block), out, ROOM, progress)
            self.rows += progress.rows
            if progress.written:
                yield ctypes.string_at(out, progress.written)
            if outcome == library.ALL_READ:
                return
            if outcome == library.NO_COLUMNS:
                raise self._failed("it has no columns")
            # Also a row that is too long even for the empty buffer.
            if outcome == library.ODD_ROW or not progress.written:
                self.rows += 1
                found = wire.row.match(block, progress.read)
                assert found is not None
                yield self._one_by_one(wire, found[0])
                progress.read = found.end()

    def _one_by_one(self, wire: RowFormat, row: bytes) -> bytes:
        try:
            fields = wire.fields(row)
        except ValueError as error:
            raise self._failed(f"row {self.rows} contains a value that is not text") from error
        columns = self._statement.columns
        if len(fields) != len(columns):
            raise self._failed(f"row {self.rows} contains a text in a column of another type")
        texts = [
            None if field is None else self._text(wire, column, field)
            for column, field in zip(columns, fields, strict=True)
        ]
        return self._writer.record(texts).encode()

    def _text(self, wire: RowFormat, column: ResultColumn, field: bytes) -> str | None:
        kind = column.kind
        try:
            text = field.decode()
            if kind.is_free_text:
                return self._writer.shown(text)
            return kind.text(kind.value(kind.parsed(text)))
        except (ValueError, ArithmeticError) as error:
            if wire.has_void_days and isinstance(kind, Date | Instant):
                return None
            what = (
                "not text"
                if kind.is_free_text
                else f"not of type {kind.name}, in column {column.id!r}"
            )
            raise self._failed(f"row {self.rows} contains a value that is {what}") from error

    def _failed(self, why: str) -> RowFailed:
        return RowFailed(f"Report {self._statement.report.slug!r} cannot be written: {why}.")


def _table(columns: Sequence[ResultColumn], writer: Delimited, wire: RowFormat) -> library.Table:
    end = writer.end.encode()
    return library.Table(
        columns=len(columns),
        kinds="".join(column.kind.code for column in columns).encode(),
        places=(ctypes.c_size_t * len(columns))(*(column.kind.places for column in columns)),
        end=end,
        end_size=len(end),
        separator=ord(wire.separator),
        is_marked=wire.is_marked,
        is_for_people=writer.for_people,
    )
