"""The sheets of a workbook: canonical values as cells of their types, within Excel's limits.

Numbers of up to 15 digits, truth values, dates, times, instants (in UTC or the column's zone) and
durations are typed. What a spreadsheet does not hold is text: longer numbers, days before March
1900, negative durations, and what is within the last millisecond of a day, which it shows as the
next day. NULL and empty text are both an empty cell.
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

# ECMA-376 leaves them open; these are Excel's.
ROWS, COLUMNS, TEXT_UNITS = 1_048_576, 16_384, 32_767
WIDEST, MARGIN, PLACES = 60, 2, 30
# Day 0. Excel counts a 29 February 1900, so that its days are wrong before the 61st.
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
    """A point of time in days, written with all its digits: XlsxWriter's 16 lose microseconds."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


class PlainWorksheet(Worksheet):  # type: ignore[misc]  # untyped
    """A worksheet that takes no text for markup, as XlsxWriter does where one begins with <r>."""

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        self._xml_inline_string(string, preserve=False, attributes=attributes)


class Sheet:
    """A sheet that is filled row by row, at flat memory.

    Raises FormatOverflow for a row or a text that Excel has no room for.
    """

    def __init__(self, book: Workbook, name: str, clean: Callable[[str], str]) -> None:
        """`clean` makes of a text what the cell holds."""
        self._sheet = book.add_worksheet(name, PlainWorksheet)
        self._style = cache(lambda pattern: book.add_format({"num_format": pattern}))
        self._bold = book.add_format({"bold": True})
        self._clean = clean
        self._at = 0
        self._widths: dict[int, int] = {}

    def head(self, texts: Sequence[str]) -> None:
        """The heading, which stays in sight."""
        self._sheet.freeze_panes(1, 0)
        self.texts(texts, self._bold)

    def texts(self, texts: Sequence[str], style: Any = None) -> None:
        """A row of texts."""
        for place, text in enumerate(texts):
            self._text(place, self._clean(text), style)
            self._widen(place, text)
        self._at += 1

    def row(self, columns: Sequence[ResultColumn], row: Row) -> None:
        """A canonical row."""
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
        """Make the columns as wide as their longest value, within reason."""
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
    """How a number of this kind is shown: with its places, and never as 1E+15."""
    return f"0.{'0' * min(kind.places, PLACES)}" if kind.places else "0"


def _has_fraction(value: date | time | timedelta) -> bool:
    return bool(getattr(value, "microsecond", 0) or getattr(value, "microseconds", 0))


def _days(kind: Kind, value: date | time | timedelta) -> Days | None:
    """Days since Excel's day 0; None for a value that Excel does not hold or shows as another day.

    It rounds what it shows to milliseconds, and has days as a float: the end of a day would become
    the beginning of the next one, which after 9999 there is not. A duration it shows only where
    the same number is one of its days, so that none is negative.
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
