"""What a format is."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.errors import FormatRefused, ParameterError
from reports.queries.result import ResultColumn, Row, Totals

# What people want a file for: the groups in which formats are offered.
SPREADSHEETS = gettext_lazy("For spreadsheets")
PROGRAMS = gettext_lazy("For programs")
MAPS = gettext_lazy("For maps")
READING = gettext_lazy("For reading")
# Significant decimal digits that every float keeps.
EXACT_DIGITS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A result on its way into a format: what it is called, its columns, its canonical rows.

    facts  what else a reader may want to know of it, by name: the report, its parameters
    key    what tells a row, None for none; its value is the last of each row
    """

    title: str
    columns: Sequence[ResultColumn]
    rows: Iterable[Row]
    key: ResultColumn | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


# A way to write a document, in pieces.
type Writer = Callable[[Document], Iterator[str] | Iterator[bytes]]


def any_columns(columns: Sequence[ResultColumn]) -> str:
    """For a format that takes every report: nothing is missing."""
    return ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that people are offered: for what, its label, a hint, the dialect it is in."""

    group: Any
    label: Any
    hint: Any
    dialect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way to write a document.

    name           what it is asked for by, and the file's suffix
    content_type   its media type
    dialects       the ways it can be written, by name; the first is the default
    missing        why a result of these columns cannot be written so, in words; "" if it can
    options        what else can be chosen: by option and text, the fields of its writers
    offers         the files of it that people are offered
    is_compressed  whether its bytes are as few as they get
    is_keyed       whether it has the key of each row, beside the columns
    has_totals     whether a row of totals can follow the others
    """

    name: str
    content_type: str
    dialects: Mapping[str, Writer] = field(default_factory=dict)
    missing: Callable[[Sequence[ResultColumn]], str] = any_columns
    options: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    offers: Sequence[Offer] = ()
    is_compressed: bool = False
    is_keyed: bool = False
    has_totals: bool = True

    @property
    def media_type(self) -> str:
        """The media type without its parameters."""
        return self.content_type.partition(";")[0]

    def demand(self, columns: Sequence[ResultColumn]) -> None:
        """Raise FormatRefused if a result of these columns cannot be written so."""
        if missing := self.missing(columns):
            raise FormatRefused(f"This report cannot be had as {self.name}: {missing}.")

    def demand_totals(self) -> None:
        """Raise FormatRefused for a format in which a row of totals has no place."""
        if not self.has_totals:
            raise FormatRefused(
                f"{self.name} has no place for a row of totals. Leave them out, or take CSV."
            )

    def dialect(self, name: str | None) -> Writer:
        """The writer of a dialect, or of the default one; raises KeyError."""
        return self.dialects[name or next(iter(self.dialects))]

    def chosen(self, given: Mapping[str, str]) -> "Format":
        """The format with these texts for its options; raises ParameterError for others."""
        if errors := self.option_errors(given):
            raise ParameterError(errors)
        if not given:
            return self
        fields = {k: v for n, text in given.items() for k, v in self.options[n][text].items()}
        writers: dict[str, Any] = dict(self.dialects)
        return replace(self, dialects={n: replace(w, **fields) for n, w in writers.items()})

    def option_errors(self, given: Mapping[str, str]) -> dict[str, list[str]]:
        """What is wrong with texts for its options, sentences by name."""
        return {n: [error] for n, text in given.items() if (error := self._error(n, text))}

    def _error(self, option: str, text: str) -> str:
        if option not in self.options:
            return _("%(format)s has no such choice.") % {"format": self.name}
        if text not in self.options[option]:
            known = ", ".join(f"“{each}”" for each in self.options[option])
            return _("“%(text)s” cannot be chosen; there are %(known)s.") % {
                "text": text[:40],
                "known": known,
            }
        return ""


def for_people(columns: Sequence[ResultColumn]) -> list[ResultColumn]:
    """The columns as people read them: a value that has a label is its label, a text.

    Spreadsheets, pages and tables are for people; the dialect `raw`, JSON, Parquet and GeoJSON are
    for programs, and have the values.
    """
    return [replace(each, kind=each.kind.for_people or each.kind) for each in columns]


def texts(columns: Sequence[ResultColumn], row: Row) -> list[str | None]:
    """The machine texts of a canonical row, None for NULL."""
    return [
        None if value is None else column.kind.text(value)
        for column, value in zip(columns, row, strict=True)
    ]


def texts_for_people(columns: Sequence[ResultColumn], row: Row) -> list[str | None]:
    """The texts of a canonical row; that of totals says so where its first column is empty."""
    found = texts(columns, row)
    if type(row) is Totals and found[0] is None:
        found[0] = total()
    return found


def total() -> str:
    """What people read before a row of totals."""
    return _("Total")


def heading(column: ResultColumn) -> str:
    """What people read above a column: its label, and its unit where it has one."""
    return f"{column.label} ({column.unit})" if column.unit else column.label


def is_exact(number: str) -> bool:
    """Whether a float gives all the digits of a number's text back."""
    return len(number.lstrip("-0.").replace(".", "")) <= EXACT_DIGITS
