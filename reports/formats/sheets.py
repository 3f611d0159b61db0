"""The sheets of a workbook: canonical values as typed cells, within Excel's limits.

Numbers of up to 15 digits, truth values, dates, times, instants (in UTC or the column's zone) and
durations are typed. Values that a spreadsheet cannot hold are text: longer numbers, days before
March 1900, negative durations, and times in the last millisecond of a day, which would be shown as
the next day. NULL and empty text are both an empty cell.
"""

from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from functools import cache
from typing import Any

from xlsxwriter import Workbook

from reports import compat
from reports.errors import FormatOverflow
from reports.formats.base import total
from reports.queries.result import ResultColumn, Row, Totals
from reports.values.base import AnyKind
from reports.values.numbers import Boolean, Number, is_exact
from reports.values.temporal import DAY

# Excel's limits; ECMA-376 has none.
ROWS, COLUMNS, TEXT_UNITS = 1_048_576, 16_384, 32_767
WIDEST, MARGIN = 60, 2


class Days(float):
    """A time in days, written with all digits: XlsxWriter's 16 digits lose microseconds."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


class Sheet:
    """A sheet that is filled row by row, in constant memory.

    Raises FormatOverflow for a row or a text that exceeds Excel's limits.
    """

    def __init__(self, book: Workbook, name: str, clean: Callable[[str], str]) -> None:
        """`clean` converts a text to the text of its cell."""
        self._sheet = book.add_worksheet(name, compat.plain_worksheet())
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

    def _value(self, place: int, kind: AnyKind, value: Any) -> None:
        text = kind.text(value)
        if isinstance(kind, Boolean):
            self._sheet.write_boolean(self._at, place, value)
        elif isinstance(kind, Number) and is_exact(text):
            self._sheet.write_number(self._at, place, float(value), self._style(kind.number_format))
        elif kind.pattern and (days := kind.days(value)) is not None:
            pattern = kind.pattern + (".000" if _has_fraction(value) else "")
            self._sheet.write_number(self._at, place, Days(days / DAY), self._style(pattern))
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


def _has_fraction(value: date | time | timedelta) -> bool:
    return bool(getattr(value, "microsecond", 0) or getattr(value, "microseconds", 0))
