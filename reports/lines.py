"""Separated values as the database writes them: for exports of many plain rows.

What most of such an export costs in Python is to make values of what the driver got, and texts of
the values. Here the statement itself gives the canonical texts, whole rows come as bytes, and one
pattern tells the rows that can go on as they are. Any other row (a text to be quoted or
neutralised, a value that has not its type's form) is taken apart and written as ever.
"""

import re
import uuid
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime, parse_time

from geo.backends.bulk import Wire
from geo.backends.engine import engine
from reports.canonical import Kind
from reports.engine import ResultColumn, Statement
from reports.errors import RowFailed
from reports.expressions.wire import OnWire, RowOnWire, is_writable
from reports.formats.csv import Delimited
from reports.watch import Watch

# No number, date or truth value has one of these in its text.
SEPARATORS = frozenset(",;\t|")
# Whether a year has a 29th of February is not asked.
DAY = (
    rb"[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    rb"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31|02-29)"
)
TIME = rb"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.(?!000000)[0-9]{6})?+"
WHOLE = rb"(?!-0)-?[0-9]++"
PATTERNS = {
    "integer": rb"-?[0-9]++",
    "boolean": rb"(?:true|false)",
    "date": DAY,
    "time": TIME,
    "datetime": DAY + b"T" + TIME + b"Z",
    "uuid": rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
}
# The same, faster, where the database itself holds values to their types: what these leave out is
# what a type has and Python has not, such as NaN, infinity, years before the first and past 9999.
TYPED = {
    "integer": rb"[-0-9]*+",
    "decimal": rb"[-0-9.]*+",
    "boolean": rb"[a-z]*+",
    "date": rb"(?:[0-9]{4}-[-0-9]++)?+",
    "time": b"(?:" + TIME + b")?+",
    "datetime": rb"(?:[0-9]{4}-[-0-9:.T]++Z)?+",
    "uuid": rb"[-0-9a-f]*+",
}
# What a text may begin with that a spreadsheet runs (what `neutralise` looks for), or what other
# scripts' blanks and the fullwidth forms of + - = @ begin with in UTF-8, as a class of bytes.
SUSPECT = rb"\x00-\x20'+\-=@\x80-\xc2\xe1-\xe3\xef"
# Of these most are something else.
HARMLESS = rb"\xe1(?!\x9a)|\xe3(?!\x80)"
# No byte at all.
NOTHING = b"(?!)"


def refusal(statement: Statement, writer: Any) -> str:
    """Why the rows have to be written one by one, in words; "" where the database can."""
    if not isinstance(writer, Delimited) or writer.separator not in SEPARATORS:
        return "the format is not made of separated values"
    if not statement.is_plain:
        return "its rows are groups, or made distinct, or of one engine's own expressions"
    connection: Any = engine(statement.database)
    if why := connection.bulk_refusal:
        return str(why)
    for column, expression in zip(statement.columns, statement.shown.values(), strict=True):
        if not is_writable(expression.output_field):
            return f"column {column.id!r} has no text in SQL that is proven to be the same"
    return ""


class Lines:
    """The rows of a statement as separated values. `rows` counts those that have passed."""

    def __init__(self, statement: Statement, writer: Delimited) -> None:
        self.rows = 0
        self._statement = statement
        self._writer = writer
        self._end = writer.end.encode()
        self._patterns = [
            None if column.kind.name == "text" else re.compile(_pattern(column.kind))
            for column in statement.columns
        ]

    def pieces(self, watch: Watch | None = None) -> Generator[bytes]:
        """The head, then the rows, many at a time.

        Raises what Statement.stream does, and RowFailed at a value that is not of its type.
        """
        yield self._writer.head(self._statement.columns).encode()
        with self._statement.snapshot(watch) as connection:
            wire = connection.wire(self._writer.separator.encode(), self._end)
            sql, params = self._queryset(wire).query.get_compiler(connection=connection).as_sql()
            rows = _Rows(
                clean=self._pattern(wire, self._clean_text(wire), connection.is_typed, b"*+"),
                sound=self._pattern(wire, wire.text, connection.is_typed) if wire.text else None,
                any=re.compile(wire.row),
            )
            for block in connection.blocks(sql, params, wire):
                written = self._written(wire, block, rows)
                yield written if connection.is_typed else self._proven(written)

    def _queryset(self, wire: Wire) -> Any:
        fields = [
            OnWire(alias, column.kind.places)
            for alias, column in zip(self._statement.shown, self._statement.columns, strict=True)
        ]
        if wire.parts_fields:
            return self._statement.selecting(**{f"w{n}": f for n, f in enumerate(fields)})
        return self._statement.selecting(w=RowOnWire(fields, wire.separator))

    def _clean_text(self, wire: Wire) -> bytes:
        return (
            wire.clean(SUSPECT, HARMLESS) if self._writer.for_people else wire.clean(b"", NOTHING)
        )

    def _pattern(
        self, wire: Wire, text: bytes, is_typed: bool, times: bytes = b""
    ) -> "re.Pattern[bytes]":
        """Rows whose texts the pattern `text` takes, and whose other values have their form."""
        fields = [
            b"(?:%b)?+" % (text if pattern is None else pattern.pattern)
            if pattern is None or not is_typed
            else TYPED[column.kind.name]
            for column, pattern in zip(self._statement.columns, self._patterns, strict=True)
        ]
        separator = re.escape(wire.separator)
        return re.compile(b"(?:%b%b)%b" % (separator.join(fields), wire.end, times))

    def _written(self, wire: Wire, block: bytes, rows: "_Rows") -> bytes:
        parts = []
        at = 0
        while at < len(block):
            found = rows.clean.match(block, at)
            assert found is not None  # no row at all is a match
            if found.end() > at:
                parts.append(wire.written(found[0]))
                self.rows += found[0].count(wire.mark)
                at = found.end()
            if at < len(block):
                self.rows += 1
                if rows.sound and (found := rows.sound.match(block, at)):
                    parts.append(wire.rewritten(found[0], self._rewritten))
                else:
                    found = rows.any.match(block, at)
                    assert found is not None
                    parts.append(self._one_by_one(self._fields(wire, found[0])))
                at = found.end()
        return b"".join(parts)

    def _rewritten(self, text: bytes) -> bytes:
        try:
            return self._writer.quoted(self._writer.shown(text.decode())).encode()
        except UnicodeDecodeError as error:
            raise self._failed(f"row {self.rows} holds something that is no text") from error

    def _proven(self, written: bytes) -> bytes:
        """The bytes, if they are texts: not every database looks."""
        try:
            str(written, "utf-8")
        except UnicodeDecodeError as error:
            raise self._failed(f"one of the last before row {self.rows} is no text") from error
        return written

    def _fields(self, wire: Wire, row: bytes) -> Sequence[bytes | None]:
        try:
            fields = wire.fields(row)
        except ValueError as error:
            raise self._failed(f"row {self.rows} holds something that is no text") from error
        if len(fields) != len(self._patterns):
            raise self._failed(f"row {self.rows} holds a text in a column that is for others")
        return fields

    def _one_by_one(self, fields: Sequence[bytes | None]) -> bytes:
        texts = [
            b""
            if field is None
            else field
            if pattern is not None and pattern.fullmatch(field)
            else self._writer.quoted(self._text(column, field)).encode()
            for column, pattern, field in zip(
                self._statement.columns, self._patterns, fields, strict=True
            )
        ]
        return self._writer.separator.encode().join(texts) + self._end

    def _text(self, column: ResultColumn, field: bytes) -> str:
        try:
            text = field.decode()
            if column.kind.name == "text":
                return self._writer.shown(text)
            value = READERS[column.kind.name](text)
            if value is None:
                raise ValueError(text)
            return column.kind.text(column.kind.value(value))
        except (ValueError, ArithmeticError) as error:
            raise self._failed(
                f"row {self.rows} holds something in column {column.id!r} that is no"
                f" {column.kind.name}"
            ) from error

    def _failed(self, why: str) -> RowFailed:
        return RowFailed(f"Report {self._statement.report.slug!r} cannot be written: {why}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Patterns of as many rows as are clean, of one whose texts alone are not, and of any one."""

    clean: "re.Pattern[bytes]"
    sound: "re.Pattern[bytes] | None"
    any: "re.Pattern[bytes]"


def _pattern(kind: Kind) -> bytes:
    if kind.name in PATTERNS:
        return PATTERNS[kind.name]
    # Zero has no sign.
    return rb"(?!-0\.0)-?[0-9]++\.[0-9]{%d}" % kind.places if kind.places else WHOLE


def _instant(text: str) -> datetime | None:
    found = parse_datetime(text.removesuffix("Z"))
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


# What a field's text is as a Python value, None for what is none.
READERS: dict[str, Callable[[str], Any]] = {
    "integer": Decimal,
    "decimal": Decimal,
    "float": Decimal,
    "boolean": "false".__ne__,
    "date": parse_date,
    "time": parse_time,
    "datetime": _instant,
    "uuid": uuid.UUID,
}
