"""The cells of a page's table: values as people read them."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format

from reports.formats.base import for_people
from reports.queries.result import ResultColumn, Row

LONGEST_TEXT = 300


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
            is_number=column.kind.cell == "number",
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
    text = kind.shown(value)
    if not text:
        return EMPTY
    if kind.cell == "text" and len(text) > LONGEST_TEXT:
        length = number_format(len(text), force_grouping=True)
        return Cell(kind="text", text=beginning(text), length=length)
    machine = kind.text(value) if kind.cell == "instant" else ""
    return Cell(kind=kind.cell, text=text, machine=machine)


def beginning(text: str) -> str:
    """Returns the beginning of a long text, never cut between a letter and its marks."""
    end = LONGEST_TEXT
    while end > LONGEST_TEXT // 2 and unicodedata.category(text[end]).startswith("M"):
        end -= 1
    return text[:end].rstrip()
