"""An Excel workbook: the rows on one sheet, facts about them on another.

safe  for people, the default: labels, and no text that a spreadsheet would execute
raw   column ids, unchanged texts

reports/formats/sheets.py writes the cells. Two runs give the same bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils.translation import gettext_lazy as _
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from reports.formats.base import SPREADSHEETS, Document, Format, Offer, for_people, heading
from reports.formats.csv import neutralise
from reports.formats.sheets import COLUMNS, Sheet
from reports.queries.result import ResultColumn
from reports.values.temporal import Instant

PIECE_BYTES = 64 * 1024
CREATED = datetime(1980, 1, 1)  # the first day of a zip file: a fixed one keeps the bytes the same
PROPERTY_LENGTH = 255


def missing(columns: Sequence[ResultColumn]) -> str:
    """Returns why a result of these columns does not fit on a sheet, "" if it does."""
    if len(columns) <= COLUMNS:
        return ""
    return f"it has {len(columns):,} columns, and a sheet has {COLUMNS:,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A writer of workbooks, called with a document.

    for_people  whether it writes labels, and neutralises formulas
    """

    for_people: bool

    def __call__(self, document: Document) -> Iterator[bytes]:
        """Yields the workbook in pieces; the first comes when the last row has been read."""
        with TemporaryDirectory(prefix="isoline-") as folder:
            path = Path(folder) / "report.xlsx"
            options = {"constant_memory": True, "tmpdir": folder, "use_zip64": True}
            book = Workbook(path, options)
            try:
                self._fill(book, document)
                book.close()
            except FileCreateError as error:  # it contains an OSError, such as a full disk
                raise error.args[0] from error
            finally:
                for sheet in book.worksheets():
                    sheet.row_data_fh.close()
            with path.open("rb") as file:
                yield from iter(partial(file.read, PIECE_BYTES), b"")

    def _fill(self, book: Workbook, document: Document) -> None:
        book.set_properties({"title": document.title[:PROPERTY_LENGTH], "created": CREATED})
        columns = for_people(document.columns) if self.for_people else document.columns
        sheet = Sheet(book, "Report", neutralise if self.for_people else str)
        sheet.head([self._head(column) for column in columns])
        for row in document.rows:
            sheet.row(columns, row)
        sheet.fit()
        about = Sheet(book, "About", neutralise if self.for_people else str)
        about.head(["Report", document.title])
        for name, text in (*document.facts.items(), ("instants", _zones(columns))):
            about.texts([name, text])
        about.texts([])
        about.texts(["Column", "Label", "Unit", "Values"])
        for column in columns:
            about.texts([column.id, column.label, column.unit, column.kind.name])
        about.fit()

    def _head(self, column: ResultColumn) -> str:
        if not self.for_people:
            return column.id
        is_instant = isinstance(column.kind, Instant)
        return heading(column) + (f" ({column.kind.zone or 'UTC'})" if is_instant else "")


def _zones(columns: Sequence[ResultColumn]) -> str:
    """Returns a note on the time zones of a sheet's instants."""
    zones = [f"{each.id} in {each.kind.zone}" for each in columns if each.kind.zone is not None]
    return ", ".join(["in UTC", *zones])


FORMAT = Format(
    name="xlsx",
    content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    dialects={"safe": Book(for_people=True), "raw": Book(for_people=False)},
    missing=missing,
    is_compressed=True,
    offers=[Offer(SPREADSHEETS, _("Excel workbook"), _("Numbers and dates as such"))],
)
