"""The cells of a page's table: values as people read them."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.formats.base import for_people
from reports.queries.result import ResultColumn, Row
from reports.values.canonical import Kind

LONGEST_TEXT = 300
# NARROW NO-BREAK SPACE, between groups of three from five digits on: years stay unbroken.
GROUP_SEPARATOR = "\u202f"
FEWEST_GROUPED_DIGITS = 5
# Decimal places of degrees on pages: eleven metres.
DEGREE_PLACES = 4
DEGREES_SRID = 4326
INSTANTS = frozenset({"date", "time", "datetime"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The heading of a column; `sort` is its direction if the report is sorted by it."""

    label: str
    unit: str
    is_number: bool
    sort: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value on the page.

    kind     null, empty, text, number, instant or plain
    text     what is shown: the beginning of a long text, the size of a shape
    machine  the machine format of an instant
    length   the number of characters of the whole text, in words, if `text` is shortened
    """

    kind: str
    text: str = ""
    machine: str = ""
    length: str = ""


NULL = Cell(kind="null")
EMPTY = Cell(kind="empty")


def headings(columns: Iterable[ResultColumn], ordering: Sequence[str]) -> list[Heading]:
    """Returns the headings of a result's columns; `ordering` are ids as in Meta.ordering."""
    sorts = {
        name.removeprefix("-"): "descending" if name.startswith("-") else "ascending"
        for name in ordering
    }
    return [
        Heading(
            label=column.label,
            unit=column.unit,
            is_number=column.kind.is_number or column.kind.name == "duration",
            sort=sorts.get(column.id, ""),
        )
        for column in for_people(list(columns))
    ]


def cells(columns: Sequence[ResultColumn], row: Row) -> list[Cell]:
    """Returns the cells of a canonical row."""
    return [cell(column, value) for column, value in zip(for_people(columns), row, strict=True)]


def cell(column: ResultColumn, value: Any) -> Cell:
    """Returns the cell of one canonical value."""
    if value is None:
        return NULL
    kind = column.kind
    if kind.is_number:
        return Cell(kind="number", text=grouped(kind.text(value)))
    if kind.name in INSTANTS:
        return Cell(kind="instant", text=kind.text(value), machine=kind.text(value))
    if kind.name == "duration":
        return Cell(kind="number", text=hours(value))
    if kind.name == "boolean":
        return Cell(kind="plain", text=_("yes") if value else _("no"))
    if kind.name == "geometry":
        return Cell(kind="plain", text=shape(kind, value))
    text = kind.text(value)
    if not text:
        return EMPTY
    if len(text) > LONGEST_TEXT:
        return Cell(
            kind="text", text=beginning(text), length=number_format(len(text), force_grouping=True)
        )
    return Cell(kind="text", text=text)


def hours(duration: timedelta) -> str:
    """Returns a duration as hours, minutes and seconds: `26:03:04`, `-0:00:01.500000`."""
    minutes, seconds = divmod(abs(duration), timedelta(minutes=1))
    hour, minute = divmod(minutes, 60)
    fraction = f".{seconds.microseconds:06d}" if seconds.microseconds else ""
    sign = "-" if duration < timedelta() else ""
    return f"{sign}{grouped(str(hour))}:{minute:02d}:{seconds.seconds:02d}{fraction}"


def shape(kind: Kind, geometry: Any) -> str:
    """Returns a point's degrees as on a map; for other shapes the type and the size."""
    if geometry.empty:
        return str(_("%s, empty") % geometry.geom_type)
    if geometry.geom_type == "Point":
        places = min(kind.precision, DEGREE_PLACES)
        if kind.srid == DEGREES_SRID:
            latitude = _degrees(geometry.y, places, _("N"), _("S"))
            return f"{latitude}, {_degrees(geometry.x, places, _('E'), _('W'))}"
        return f"{geometry.x:.{places}f}, {geometry.y:.{places}f}"
    words: list[str] = [geometry.geom_type]
    if geometry.geom_type.startswith("Multi"):
        words.append(_counted(ngettext("%s part", "%s parts", len(geometry)), len(geometry)))
    vertices = geometry.num_coords
    words.append(_counted(ngettext("%s vertex", "%s vertices", vertices), vertices))
    return ", ".join(words)


def _degrees(number: float, places: int, positive: str, negative: str) -> str:
    """Returns `48.8567° N`; zero has no letter."""
    text = f"{abs(number):.{places}f}°"
    if not round(number, places):
        return text
    return f"{text}\N{NO-BREAK SPACE}{positive if number > 0 else negative}"


def _counted(words: str, count: int) -> str:
    return words % grouped(str(count))


def beginning(text: str) -> str:
    """Returns the beginning of a long text, never cut between a letter and its marks."""
    end = LONGEST_TEXT
    while end > LONGEST_TEXT // 2 and unicodedata.category(text[end]).startswith("M"):
        end -= 1
    return text[:end].rstrip()


def grouped(number: str) -> str:
    """Returns a number's text with its integer digits in groups of three."""
    sign = "-" if number.startswith("-") else ""
    integer, point, places = number.removeprefix("-").partition(".")
    if len(integer) >= FEWEST_GROUPED_DIGITS:
        integer = f"{int(integer):,}".replace(",", GROUP_SEPARATOR)
    return f"{sign}{integer}{point}{places}"
