"""Workbooks: typed cells if a spreadsheet keeps the value; refused if it has no room."""

import gc
import re
import resource
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from itertools import repeat
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import models
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from reports.errors import FormatOverflow, FormatRefused
from reports.formats import FORMATS
from reports.formats.base import Document
from reports.formats.csv import neutralise
from tests.hostile.texts import TEXTS
from tests.reports.samples import ALL, FACTS, ROWS, columns, written

pytestmark = pytest.mark.once

TEXT = columns(text=models.TextField())
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
EPOCH = datetime(1899, 12, 30)


ROWS_OF_TEXT = [(text,) for text in TEXTS]
# Each of them makes a workbook and reads it.
some = settings(max_examples=30)


def _sheets(data: bytes) -> Any:
    return load_workbook(BytesIO(data)).worksheets


def _texts(rows: list[Any], dialect: str = "raw") -> list[Any]:
    """Returns the texts in the cells of a one-column workbook."""
    sheet = _sheets(written("xlsx", TEXT, [(row,) for row in rows], dialect))[0]
    cells = [sheet.cell(number, 1) for number in range(2, len(rows) + 2)]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    return [cell.value and unescape(cell.value) for cell in cells]


def _numbers(made: Any, values: list[Any]) -> list[str]:
    """Returns the digits in the file for the values of a column."""
    data = written("xlsx", made, [(value,) for value in values])
    sheet = zipfile.ZipFile(BytesIO(data)).read("xl/worksheets/sheet1.xml")
    found = ElementTree.fromstring(sheet).iter(f"{MAIN}c")
    return [cell.findtext(f"{MAIN}v") or cell.findtext(f".//{MAIN}t") or "" for cell in found][1:]


def test_every_hostile_text_comes_back_from_raw() -> None:
    assert _texts(list(TEXTS)) == [text or None for text in TEXTS]


def test_safe_neutralises_as_csv_does() -> None:
    assert _texts(list(TEXTS), "safe") == [text and neutralise(text) for text in map(_known, TEXTS)]


def _known(text: str | None) -> str | None:
    return text or None


@some
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_every_text_comes_back_from_raw(texts: list[str]) -> None:
    assert _texts(texts) == [text or None for text in texts]


@pytest.mark.parametrize(
    "text", ["<r>a</r>", "<r><t>a</t></r>", "<r></is></c></row></r>", "_x0041_", "</t>&amp;]]>"]
)
def test_no_text_is_taken_for_markup(text: str) -> None:
    assert _texts([text, "after"]) == [text, "after"]


@some
@given(st.integers(-(10**18), 10**18))
def test_an_integer_is_a_number_where_a_spreadsheet_keeps_its_digits(number: int) -> None:
    made = columns(n=models.BigIntegerField())
    (cell,) = [
        row[0] for row in _sheets(written("xlsx", made, [(number,)]))[0].iter_rows(min_row=2)
    ]
    if abs(number) < 10**15:
        assert (cell.data_type, cell.value) == ("n", number)
    else:
        assert (cell.data_type, cell.value) == ("s", str(number))


@some
@given(st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False), st.integers(0, 8))
def test_a_decimal_is_a_number_where_a_spreadsheet_keeps_its_digits(
    number: Decimal, places: int
) -> None:
    made = columns(n=models.DecimalField(decimal_places=places))
    value = made[0].kind.value(number)
    (digits,) = _numbers(made, [value])
    assert format(Decimal(repr(float(digits))), f".{places}f") == made[0].kind.text(value)
    if len(value.as_tuple().digits) > 15:
        assert digits == made[0].kind.text(value)


def _is_last_millisecond(clock: time) -> bool:
    return clock > time(23, 59, 59, 999_000)


@some
@given(st.datetimes(datetime(1900, 3, 1), datetime(2079, 6, 5)))
def test_an_instant_keeps_its_microsecond_until_2079(moment: datetime) -> None:
    assume(not _is_last_millisecond(moment.time()))
    (digits,) = _numbers(columns(at=models.DateTimeField()), [moment.replace(tzinfo=UTC)])
    assert _moment(digits) == moment


@some
@given(st.datetimes(datetime(2079, 6, 5)))
def test_a_later_instant_is_within_twenty_microseconds(moment: datetime) -> None:
    assume(not _is_last_millisecond(moment.time()))
    (digits,) = _numbers(columns(at=models.DateTimeField()), [moment.replace(tzinfo=UTC)])
    assert _moment(digits).date() == moment.date()
    assert abs(_moment(digits) - moment) <= timedelta(microseconds=20)


def _moment(digits: str) -> datetime:
    """Returns the moment that a spreadsheet shows for a number of days."""
    return EPOCH + timedelta(microseconds=round(Fraction(float(digits)) * 86_400_000_000))


@some
@given(st.times())
def test_a_time_keeps_its_microsecond(clock: time) -> None:
    assume(not _is_last_millisecond(clock))
    (digits,) = _numbers(columns(clock=models.TimeField()), [clock])
    assert _moment(digits) == datetime.combine(EPOCH, clock)


@pytest.mark.parametrize(
    ("field", "value", "cell"),
    [
        (models.DateTimeField(), datetime.max, "9999-12-31T23:59:59.999999Z"),
        (models.DateTimeField(), datetime(9999, 12, 31, 23, 59, 59, 999_000), None),
        (
            models.DateTimeField(),
            datetime(2300, 1, 1, 23, 59, 59, 999_999),
            "2300-01-01T23:59:59.999999Z",
        ),
        (
            models.DateTimeField(),
            datetime(2024, 2, 29, 23, 59, 59, 999_001),
            "2024-02-29T23:59:59.999001Z",
        ),
        (models.DateTimeField(), datetime(1900, 2, 28, 23, 59, 59), "1900-02-28T23:59:59Z"),
        (models.DateTimeField(), datetime(1900, 3, 1), None),
        (models.DateTimeField(), datetime(1899, 12, 31), "1899-12-31T00:00:00Z"),
        (models.DateTimeField(), datetime.min, "0001-01-01T00:00:00Z"),
        (models.DateField(), date.max, None),
        (models.DateField(), date(1900, 2, 28), "1900-02-28"),
        (models.DateField(), date(1899, 12, 30), "1899-12-30"),
        (models.TimeField(), time.max, "23:59:59.999999"),
        (models.TimeField(), time(23, 59, 59, 999_000), None),
        (models.TimeField(), time.min, None),
    ],
)
def test_what_a_spreadsheet_does_not_hold_or_shows_as_another_day_is_text(
    field: Any, value: Any, cell: str | None
) -> None:
    """`cell` is the text; None stands for a number that reads back as the value."""
    value = value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
    sheet = _sheets(written("xlsx", columns(at=field), [(value,)]))[0]
    found = sheet.cell(2, 1)
    if cell is not None:
        assert (found.data_type, found.value) == ("s", cell)
        return
    wanted = value.replace(tzinfo=None) if isinstance(value, datetime) else value
    if isinstance(field, models.DateField) and not isinstance(value, datetime):
        wanted = datetime.combine(value, time())
    (digits,) = _numbers(columns(at=field), [value])
    if isinstance(value, time):
        assert _moment(digits) == datetime.combine(EPOCH, value)
    else:
        assert abs(_moment(digits) - wanted) <= timedelta(microseconds=20)
        assert _moment(digits).date() == wanted.date()


@some
@given(st.dates())
def test_a_day_is_one_where_a_spreadsheet_counts_it_rightly(day: date) -> None:
    made = columns(day=models.DateField())
    cell = _sheets(written("xlsx", made, [(day,)]))[0].cell(2, 1)
    if day >= date(1900, 3, 1):
        assert (cell.value.date(), cell.number_format) == (day, "yyyy-mm-dd")
    else:
        assert (cell.data_type, cell.value) == ("s", day.isoformat())


def test_the_heading_is_bold_and_stays_in_sight_and_columns_are_as_wide_as_they_need() -> None:
    made = columns(short=models.TextField(), long=models.TextField(), n=models.IntegerField())
    sheet, _ = _sheets(written("xlsx", made, [("a", "b" * 20, 1), ("a", "b" * 500, 1)]))
    assert sheet.freeze_panes == "A2"
    assert [cell.font.bold for row in sheet.iter_rows(max_row=2) for cell in row] == [
        *(True, True, True, False, False, False),
    ]
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths[0] < 15
    assert 60 < widths[1] < 65
    assert widths[2] < 10


def test_another_sheet_says_what_the_rows_are() -> None:
    sheet, about = _sheets(written("xlsx", ALL, ROWS))
    assert (sheet.title, about.title) == ("Report", "About")
    rows = [
        tuple(cell.value for cell in row if cell.value is not None) for row in about.iter_rows()
    ]
    assert rows[:5] == [
        ("Report", "Sämples"),
        ("report", "samples"),
        ("version", "7"),
        ("parameter of", "'=1+1"),
        ("instants", "in UTC"),
    ]
    assert rows[6] == ("Column", "Label", "Unit", "Values")
    assert rows[7:] == [(c.id, c.label, c.unit, c.kind.name) for c in ALL]


def test_nothing_in_the_file_tells_when_it_was_made() -> None:
    data = written("xlsx", ALL, ROWS)
    archive = zipfile.ZipFile(BytesIO(data))
    assert {info.date_time[0] for info in archive.infolist()} == {1980}
    assert (
        re.findall(rb"\d{4}-\d\d-\d\dT", archive.read("docProps/core.xml")) == [b"1980-01-01T"] * 2
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are made."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_sheet_takes_1_048_575_rows_below_its_heading_and_not_one_more(folder: Path) -> None:
    written("xlsx", TEXT, repeat((None,), 1_048_575))
    with pytest.raises(FormatOverflow, match="more rows than the 1,048,575 of a sheet"):
        written("xlsx", TEXT, repeat((None,), 1_048_576))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("longest", "longer"),
    [("a" * 32_767, "a" * 32_768), ("😀" * 16_383, "😀" * 16_384)],
    ids=["letters", "emoji"],
)
def test_a_cell_takes_32_767_units_of_utf_16_and_not_one_more(longest: str, longer: str) -> None:
    assert _texts([longest]) == [longest]
    with pytest.raises(FormatOverflow, match=r"Row 3, column 1 .* 32,768 characters, .* 32,767"):
        _texts(["a", longer])


def test_a_sheet_takes_16_384_columns_and_not_one_more() -> None:
    (column,) = TEXT
    FORMATS["xlsx"].demand([column] * 16_384)
    with pytest.raises(FormatRefused, match="it has 16,385 columns, and a sheet has 16,384"):
        FORMATS["xlsx"].demand([column] * 16_385)


def test_rows_that_fail_and_readers_who_leave_leave_no_file(folder: Path) -> None:
    def failing() -> Iterator[tuple[str]]:
        yield ("a",)
        raise KeyError

    with pytest.raises(KeyError):
        written("xlsx", TEXT, failing())
    assert list(folder.iterdir()) == []

    document = Document(title="", columns=TEXT, rows=ROWS_OF_TEXT)
    pieces: Any = FORMATS["xlsx"].dialect(None)(document)
    next(pieces)
    assert len(list(folder.iterdir())) == 1
    pieces.close()
    assert list(folder.iterdir()) == []


# Where the last of them fails XlsxWriter leaves its own open files to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("room", [2_000, 220_000, 296_000])
def test_a_disk_without_room_is_an_error_of_the_system_and_leaves_no_file(
    room: int, folder: Path
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            written("xlsx", TEXT, [(f"{n} text",) for n in range(4_000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    gc.collect()
    assert list(folder.iterdir()) == []


def test_the_title_of_the_file_is_the_report_s() -> None:
    book = load_workbook(BytesIO(written("xlsx", TEXT, [], facts=FACTS)))
    assert book.properties.title == "Sämples"
