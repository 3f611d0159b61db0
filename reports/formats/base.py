"""What a format is."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reports.engine import ResultColumn, Row
from reports.errors import FormatRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A result on its way into a format: what it is called, its columns, its canonical rows.

    facts  what else a reader may want to know of it, by name: the report, its parameters
    """

    title: str
    columns: Sequence[ResultColumn]
    rows: Iterable[Row]
    facts: Mapping[str, str] = field(default_factory=dict)


# A way to write a document, in pieces.
type Writer = Callable[[Document], Iterator[str] | Iterator[bytes]]


def any_columns(columns: Sequence[ResultColumn]) -> str:
    """For a format that takes every report: nothing is missing."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way to write a document.

    name          what it is asked for by, and the file's suffix
    content_type  its media type
    dialects      the ways it can be written, by name; the first is the default
    missing       what a result of these columns lacks for it, in words; "" for nothing
    """

    name: str
    content_type: str
    dialects: dict[str, Writer] = field(default_factory=dict)
    missing: Callable[[Sequence[ResultColumn]], str] = any_columns

    def demand(self, columns: Sequence[ResultColumn]) -> None:
        """Raise FormatRefused if a result of these columns cannot be written so."""
        if missing := self.missing(columns):
            raise FormatRefused(f"This report cannot be had as {self.name}: it has {missing}.")

    def dialect(self, name: str | None) -> Writer:
        """The writer of a dialect, or of the default one; raises KeyError."""
        return self.dialects[name or next(iter(self.dialects))]


def texts(columns: Sequence[ResultColumn], row: Row) -> list[str | None]:
    """The machine texts of a canonical row, None for NULL."""
    return [
        None if value is None else column.kind.text(value)
        for column, value in zip(columns, row, strict=True)
    ]


def heading(column: ResultColumn) -> str:
    """What people read above a column: its label, and its unit where it has one."""
    return f"{column.label} ({column.unit})" if column.unit else column.label
