"""`Format`, the base of all formats, and `Document`, a format's input."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.errors import FormatRefused, ParameterError
from reports.queries.result import ResultColumn, Row, Totals

# The groups in which formats are offered, by use.
SPREADSHEETS = gettext_lazy("For spreadsheets")
PROGRAMS = gettext_lazy("For programs")
MAPS = gettext_lazy("For maps")
READING = gettext_lazy("For reading")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The input of a format: a title, columns and canonical rows.

    facts  further facts for the reader, by name: the report, its parameters
    key    the column that identifies a row, None for none; its value is the last of each row
    """

    title: str
    columns: Sequence[ResultColumn]
    rows: Iterable[Row]
    key: ResultColumn | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


# Writes a document in pieces.
type Writer = Callable[[Document], Iterator[str] | Iterator[bytes]]


def any_columns(columns: Sequence[ResultColumn]) -> str:
    """Returns "", for a format that can hold every report."""
    return ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that pages offer: its use, label, hint and dialect."""

    group: Any
    label: Any
    hint: Any
    dialect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A file format.

    name           its name in addresses, and the file's suffix
    content_type   its media type
    dialects       the writers by name; the first is the default
    missing        returns why a result of these columns cannot be written, "" if it can
    options        further options: by option and text, the fields of its writers
    offers         the files that pages offer
    is_compressed  whether its bytes are already compressed
    is_keyed       whether it contains the key of each row, besides the columns
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
        """Returns the media type without its parameters."""
        return self.content_type.partition(";")[0]

    def demand(self, columns: Sequence[ResultColumn]) -> None:
        """Raises FormatRefused if a result of these columns cannot be written."""
        if missing := self.missing(columns):
            raise FormatRefused(f"This report is not available as {self.name}: {missing}.")

    def demand_totals(self) -> None:
        """Raises FormatRefused if the format has no place for a row of totals."""
        if not self.has_totals:
            raise FormatRefused(
                f"{self.name} cannot hold a row of totals. Leave the totals out, or use CSV."
            )

    def dialect(self, name: str | None) -> Writer:
        """Returns the writer of a dialect, or the default one. Raises KeyError."""
        return self.dialects[name or next(iter(self.dialects))]

    def chosen(self, given: Mapping[str, str]) -> "Format":
        """Returns the format with these texts for its options. Raises ParameterError for others."""
        if errors := self.option_errors(given):
            raise ParameterError(errors)
        if not given:
            return self
        fields = {k: v for n, text in given.items() for k, v in self.options[n][text].items()}
        writers: dict[str, Any] = dict(self.dialects)
        return replace(self, dialects={n: replace(w, **fields) for n, w in writers.items()})

    def option_errors(self, given: Mapping[str, str]) -> dict[str, list[str]]:
        """Returns what is wrong with the texts of options, sentences by name."""
        return {n: [error] for n, text in given.items() if (error := self._error(n, text))}

    def _error(self, option: str, text: str) -> str:
        if option not in self.options:
            return _("%(format)s does not have this option.") % {"format": self.name}
        if text not in self.options[option]:
            known = ", ".join(f"“{each}”" for each in self.options[option])
            return _("“%(text)s” is not one of the choices: %(known)s.") % {
                "text": text[:40],
                "known": known,
            }
        return ""


def for_people(columns: Sequence[ResultColumn]) -> list[ResultColumn]:
    """Returns the columns as people read them, with labels instead of labelled values.

    Spreadsheets, pages and tables are for people; the dialect `raw`, JSON, Parquet and GeoJSON are
    for programs, and have the values.
    """
    return [replace(each, kind=each.kind.for_people or each.kind) for each in columns]


def texts(columns: Sequence[ResultColumn], row: Row) -> list[str | None]:
    """Returns the machine texts of a canonical row, None for NULL."""
    return [
        None if value is None else column.kind.text(value)
        for column, value in zip(columns, row, strict=True)
    ]


def texts_for_people(columns: Sequence[ResultColumn], row: Row) -> list[str | None]:
    """Returns the texts of a canonical row, labelled as totals if the first column is empty."""
    found = texts(columns, row)
    if type(row) is Totals and found[0] is None:
        found[0] = total()
    return found


def total() -> str:
    """Returns the label of a row of totals."""
    return _("Total")


def heading(column: ResultColumn) -> str:
    """Returns the heading of a column: its label, and its unit if it has one."""
    return f"{column.label} ({column.unit})" if column.unit else column.label
