"""The sheets of a workbook: canonical values as typed cells, within Excel's limits.

Numbers of up to 15 digits, truth values, dates, times, instants (in UTC or the column's zone) and
durations are typed. Values that a spreadsheet cannot hold are text: longer numbers, days before
March 1900, negative durations, and times in the last millisecond of a day, which would be shown as
the next day. NULL and empty text are both an empty cell.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from reports.errors import FormatOverflow
from reports.formats.base import is_exact, total
from reports.queries.result import ResultColumn, Row, Totals
from reports.values.canonical import Kind

# Excel's limits; ECMA-376 has none.
ROWS, COLUMNS, TEXT_UNITS = 1_048_576, 16_384, 32_767
WIDEST, MARGIN, PLACES = 60, 2, 30
# Day 0. Excel counts a 29 February 1900, so its days before the 61st are wrong.
EPOCH, FIRST_DAY = datetime(1899, 12, 30), 61
DAY = timedelta(days=1)
LAST_DAY = datetime(9999, 12, 31) - EPOCH
LAST_TIME = DAY - timedelta(milliseconds=1)
PATTERNS = {
    "date": "yyyy-mm-dd",
    "time": "hh:mm:ss",
    "datetime": "yyyy-mm-dd hh:mm:ss",
    "duration": "[h]:mm:ss",
}


class Days(float):
    """A time in days, written with all digits: XlsxWriter's 16 digits lose microseconds."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


class PlainWorksheet(Worksheet):  # type: ignore[misc]  # untyped
    """A worksheet that never takes text for markup, as XlsxWriter does if it begins with <r>."""

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        self._xml_inline_string(string, preserve=False, attributes=attributes)


class Sheet:
    """A sheet that is filled row by row, in constant memory.

    Raises FormatOverflow for a row or a text that exceeds Excel's limits.
    """

    def __init__(self, book: Workbook, name: str, clean: Callable[[str], str]) -> None:
        """`clean` converts a text to the text of its cell."""
        self._sheet = book.add_worksheet(name, PlainWorksheet)
        self._style = cache(lambda pattern: book.add_format({"num_format": pattern}))
        self._bold = book.add_format({"bold": True})
        self._clean = clean
        self._at = 0
        self._widths: dict[int, int] = {}

    def head(self, texts: Sequence[str]) -> None:
        """Writes the heading, which does not scroll."""
        self._sheet.freeze_panes(1, 0)
        self.texts(texts, self._bold)

    def texts(self, texts: Sequence[str], style: Any = None) -> None:
        """Writes a row of texts."""
        for place, text in enumerate(texts):
            self._text(place, self._clean(text), style)
            self._widen(place, text)
        self._at += 1

    def row(self, columns: Sequence[ResultColumn], row: Row) -> None:
        """Writes a canonical row."""
        if self._at == ROWS:
            raise FormatOverflow(
                f"The result has more rows than the {ROWS - 1:,} of a sheet below its heading."
                " Narrow it by its parameters, or take another format, such as CSV."
            )
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            if value is not None:
                self._value(place, column.kind, value)
            elif not place and type(row) is Totals:
                self._sheet.write_string(self._at, place, total())
        self._at += 1

    def fit(self) -> None:
        """Makes the columns as wide as their longest value, up to a limit."""
        for place, width in self._widths.items():
            self._sheet.set_column(place, place, min(width, WIDEST) + MARGIN)

    def _value(self, place: int, kind: Kind, value: Any) -> None:
        text = kind.text(value)
        if kind.name == "boolean":
            self._sheet.write_boolean(self._at, place, value)
        elif kind.is_number and is_exact(text):
            self._sheet.write_number(self._at, place, float(value), self._style(_digits(kind)))
        elif kind.name in PATTERNS and (days := _days(kind, value)) is not None:
            pattern = PATTERNS[kind.name] + (".000" if _has_fraction(value) else "")
            self._sheet.write_number(self._at, place, days, self._style(pattern))
        else:
            self._text(place, self._clean(text) if kind.is_free_text else text)
        self._widen(place, text)

    def _text(self, place: int, text: str, style: Any = None) -> None:
        units = len(text.encode("utf-16-le")) // 2 if len(text) > TEXT_UNITS // 2 else 0
        if units > TEXT_UNITS:
            raise FormatOverflow(
                f"Row {self._at + 1:,}, column {place + 1:,} of the sheet has a text of {units:,}"
                f" characters, and a cell takes {TEXT_UNITS:,}. Take another format, such as CSV."
            )
        if text:
            self._sheet.write_string(self._at, place, text, style)

    def _widen(self, place: int, text: str) -> None:
        if len(text) > self._widths.get(place, 0):
            self._widths[place] = len(text)


def _digits(kind: Kind) -> str:
    """Returns the number format of a kind: with its decimal places, and never 1E+15."""
    return f"0.{'0' * min(kind.places, PLACES)}" if kind.places else "0"


def _has_fraction(value: date | time | timedelta) -> bool:
    return bool(getattr(value, "microsecond", 0) or getattr(value, "microseconds", 0))


def _days(kind: Kind, value: date | time | timedelta) -> Days | None:
    """Returns days since Excel's day 0; None if Excel would not show the same value.

    Excel rounds to milliseconds and stores days as a float: the end of a day would become the next
    day, which does not exist after 9999. It shows a duration only if the same number is a valid
    day, so never a negative one.
    """
    if isinstance(value, timedelta):
        return Days(value / DAY) if timedelta() <= value <= LAST_DAY else None
    if isinstance(value, datetime):
        if kind.zone is not None and value.tzinfo is not kind.zone:
            return None  # beyond the years of its zone
        moment = value.replace(tzinfo=None)
    elif isinstance(value, time):
        moment = datetime.combine(EPOCH, value)
    else:
        moment = datetime.combine(value, time())
    since = moment - EPOCH
    is_counted = isinstance(value, time) or since.days >= FIRST_DAY
    return Days(since / DAY) if is_counted and since % DAY <= LAST_TIME else None
