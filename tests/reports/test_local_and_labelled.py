"""Local time and labels of a column, on every path that writes values."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook
from pyarrow import parquet, timestamp

from reports import Column, Geometry, Key, Report
from reports.errors import DeclarationError, FormatOverflow
from reports.exports.pipeline import ExportPipeline
from reports.expressions import Count, Lower, Max
from reports.formats import FORMATS
from reports.formats.csv import RAW
from reports.queries.result import ResultColumn
from reports.queries.statement import Statement
from reports.values.base import AnyKind
from reports.values.kinds import kind_of
from reports.values.page_texts import hours
from reports.web.cells import cells
from tests.hostile.models import Entry, Holding, PointShape
from tests.reports.samples import written

BERLIN = ZoneInfo("Europe/Berlin")
INSTANTS = [
    (datetime(2024, 7, 4, 12, tzinfo=UTC), "2024-07-04T14:00:00+02:00"),
    (datetime(2024, 1, 4, 23, 30, 0, 5, tzinfo=UTC), "2024-01-05T00:30:00.000005+01:00"),
    # The hour that comes twice.
    (datetime(2024, 10, 27, 0, 30, tzinfo=UTC), "2024-10-27T02:30:00+02:00"),
    (datetime(2024, 10, 27, 1, 30, tzinfo=UTC), "2024-10-27T02:30:00+01:00"),
    # A day of the next year there.
    (datetime(2023, 12, 31, 23, 30, tzinfo=UTC), "2024-01-01T00:30:00+01:00"),
]
FIRST = 30_000_000
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Rows of this module, committed."""
    with django_db_blocker.unblock():
        _delete()
        Entry.objects.bulk_create(Entry(id=FIRST + n, at=at) for n, (at, _) in enumerate(INSTANTS))
        PointShape.objects.create(id=2**60, shape="POINT (1 2)")
        PointShape.objects.create(id=FIRST, shape="POINT (3 4)")
        Holding.objects.bulk_create(
            Holding(id=UUID(int=n), size=size, colour=colour, level=level)
            for n, (size, colour, level) in enumerate(
                [(1, "r", 1), (9, "b", 2), (5, "violet", None), (None, None, None)]
            )
        )
        yield
        _delete()


def _delete() -> None:
    for model in (Entry, PointShape):
        model._default_manager.filter(pk__gte=FIRST).delete()
    Holding.objects.all().delete()


class Local(Report):
    queryset = Entry.objects.filter(pk__gte=FIRST)
    at = Column("at", zone=BERLIN)
    utc = Column("at")

    class Meta:
        ordering = ["at"]


class Labelled(Report):
    queryset = Holding.objects.all()
    size = Column("size", labels=True)
    colour = Column("colour", labels=True)
    level = Column("level", labels=True)


def _statement(report: Report) -> Statement:
    return Statement(report, {}, "default")


def _export(report: type[Report], name: str, dialect: str | None = None) -> bytes:
    return b"".join(ExportPipeline(_statement(report()), FORMATS[name], dialect).pieces())


def test_an_instant_is_told_in_local_time_with_its_offset_in_its_own_order() -> None:
    texts = dict(INSTANTS)
    ordered = sorted(texts)
    for dialect in ("raw", "safe"):
        lines = _export(Local, "csv", dialect).decode().splitlines()[1:]
        assert lines == [f"{texts[at]},{at.replace(tzinfo=None).isoformat()}Z" for at in ordered]
    for row, at in zip(json.loads(_export(Local, "json")), ordered, strict=True):
        assert row["at"] == texts[at]
        assert datetime.fromisoformat(row["at"]) == at


def test_pages_show_local_time_and_their_places_are_instants() -> None:
    statement = _statement(Local())
    rows = list(statement.queryset[:2])
    while more := list(statement.after(statement.cursor(rows[-1]))[:2]):
        rows += more
    shown = [cells(statement.columns, statement.canonical(row))[0] for row in rows]
    texts = dict(INSTANTS)
    assert [cell.machine for cell in shown] == [texts[at] for at in sorted(texts)]


def test_a_sheet_has_wall_time_and_says_where() -> None:
    book = load_workbook(BytesIO(_export(Local, "xlsx")))
    heading, *found = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert heading == ["At (Europe/Berlin)", "Utc (UTC)"]
    for row, at in zip(found, sorted(dict(INSTANTS)), strict=True):
        assert row[0].replace(microsecond=0) == at.astimezone(BERLIN).replace(
            tzinfo=None, microsecond=0
        )
        assert row[1].replace(microsecond=0) == at.replace(tzinfo=None, microsecond=0)
    about = {row[0].value: row[1].value for row in book.worksheets[1].iter_rows()}
    assert about["instants"] == "in UTC, at in Europe/Berlin"


def test_parquet_has_the_instant_and_the_name_of_its_zone() -> None:
    table = parquet.read_table(BytesIO(_export(Local, "parquet")))
    assert str(table.schema.field("at").type) == "timestamp[us, tz=Europe/Berlin]"
    assert str(table.schema.field("utc").type) == "timestamp[us, tz=UTC]"
    # In Python no hour that comes twice equals one of another zone.
    assert table["at"].cast(timestamp("us", "UTC")).to_pylist() == sorted(dict(INSTANTS))


def test_a_group_is_told_in_local_time() -> None:
    class ByInstant(Report):
        queryset = Entry.objects.filter(pk__gte=FIRST)
        group_by = {"at": Key("at", zone=BERLIN)}
        last = Column(Max("at"), zone=timezone(timedelta(hours=-3, minutes=-30)))

    first = _export(ByInstant, "csv", "raw").decode().splitlines()[1]
    assert first == "2024-01-01T00:30:00+01:00,2023-12-31T20:00:00-03:30"


def test_an_instant_beyond_the_years_of_its_zone_stays_in_utc() -> None:
    kind = kind_of(models.DateTimeField()).local(BERLIN)
    last = datetime(9999, 12, 31, 23, 30, tzinfo=UTC)
    assert kind.text(kind.value(last)) == "9999-12-31T23:30:00Z"
    assert kind.text(kind.value(last.replace(hour=1))) == "9999-12-31T02:30:00+01:00"
    sheet = load_workbook(BytesIO(written("xlsx", _columns(kind), [(kind.value(last),)])))
    assert sheet.worksheets[0].cell(2, 1).value == "9999-12-31T23:30:00Z"


@pytest.mark.parametrize("name", ["day", "clock", "text", "rank"])
def test_a_zone_is_for_instants(name: str) -> None:
    class Wrong(Report):
        queryset = Entry.objects.all()
        it = Column(name, zone=BERLIN)

    with pytest.raises(DeclarationError, match=r"wrong\.it: zone= is for instants"):
        _statement(Wrong())


LABELS = [
    ["small", "red", "=low"],
    ["big", "blue", "high"],
    ["5", "violet", ""],
    ["", "", ""],
]
VALUES = [["1", "r", "1"], ["9", "b", "2"], ["5", "violet", ""], ["", "", ""]]


def test_people_read_labels() -> None:
    lines = _export(Labelled, "csv").decode().splitlines()[1:]
    assert lines[0] == "small,red,'=low"
    assert [line.replace("'", "").split(",") for line in lines] == LABELS
    assert "<td>=low</td>" in _export(Labelled, "html").decode()
    assert "| small | red | \\=low |" in _export(Labelled, "md").decode()
    sheet = load_workbook(BytesIO(_export(Labelled, "xlsx"))).worksheets[0]
    found = [[cell.value or "" for cell in row] for row in sheet.iter_rows(min_row=2, max_row=4)]
    assert found == [["small", "red", "'=low"], *LABELS[1:3]]
    statement = _statement(Labelled())
    shown = [cells(statement.columns, row) for row in statement.stream()]
    assert [[cell.text for cell in row] for row in shown] == LABELS


def test_programs_read_values() -> None:
    for name in ("csv", "tsv"):
        data = _export(Labelled, name, "raw").decode().replace("\t", ",")
        assert [line.split(",") for line in data.splitlines()[1:]] == VALUES
    assert json.loads(_export(Labelled, "json"))[0] == {"size": 1, "colour": "r", "level": 1}
    assert json.loads(_export(Labelled, "jsonl").splitlines()[2])["colour"] == "violet"
    table = parquet.read_table(BytesIO(_export(Labelled, "parquet")))
    assert table["size"].to_pylist() == [1, 9, 5, None]
    sheet = load_workbook(BytesIO(_export(Labelled, "xlsx", "raw"))).worksheets[0]
    assert [cell.value for cell in sheet[2]] == [1, "r", 1]


def test_groups_have_labels_and_the_order_of_values() -> None:
    class ByColour(Report):
        queryset = Holding.objects.all()
        group_by = {"colour": Key("colour", labels=True)}
        holdings = Column(Count("pk"))
        size = Column(Max("size"), labels=True)

        class Meta:
            ordering = ["-colour"]

    lines = _export(ByColour, "csv").decode().splitlines()[1:]
    assert lines == ["violet,1,5", "red,1,small", "blue,1,big", ",1,"]


def test_labels_are_in_the_language_of_the_statement() -> None:
    choices = [(1, gettext_lazy("January"))]
    with translation.override("de"):
        kind = kind_of(models.IntegerField()).labelled(choices)
    assert kind.for_people is not None
    assert kind.for_people.text(1) == "Januar"


@pytest.mark.parametrize("expression", ["slug", Lower("colour"), Count("pk")], ids=str)
def test_labels_are_for_fields_with_choices(expression: Any) -> None:
    class Wrong(Report):
        queryset = Holding.objects.all()
        it = Column(expression, labels=True)

    with pytest.raises(
        DeclarationError, match=r"wrong\.it: labels=True is for a field with choices"
    ):
        _statement(Wrong())


def test_rows_with_labels_or_local_time_are_not_written_by_the_database() -> None:
    raw = ExportPipeline(_statement(Labelled()), FORMATS["csv"], "raw")
    assert "size" not in raw.row_by_row or "labels" not in raw.row_by_row
    assert "shows labels" in ExportPipeline(_statement(Labelled()), FORMATS["csv"]).row_by_row
    assert "local time" in ExportPipeline(_statement(Local()), FORMATS["csv"], "raw").row_by_row


def _columns(kind: AnyKind) -> list[ResultColumn]:
    return [ResultColumn(id="it", label="It", unit="", kind=kind)]


DURATION = kind_of(models.DurationField())
SPANS = [
    (timedelta(), "P0DT00H00M00S", "0:00:00", 0.0),
    (timedelta(days=1, hours=2, minutes=3, seconds=4), "P1DT02H03M04S", "26:03:04", 93784 / 86400),
    (timedelta(days=500), "P500DT00H00M00S", "12\u202f000:00:00", 500.0),
    (timedelta(seconds=1, microseconds=5), "P0DT00H00M01.000005S", "0:00:01.000005", None),
    (timedelta(microseconds=-1), "-P0DT00H00M00.000001S", "-0:00:00.000001", None),
    (timedelta(hours=-30), "-P1DT06H00M00S", "-30:00:00", None),
    (timedelta(days=2_958_465), "P2958465DT00H00M00S", "71\u202f003\u202f160:00:00", 2958465.0),
    (timedelta(days=2_958_466), "P2958466DT00H00M00S", "71\u202f003\u202f184:00:00", None),
]


@pytest.mark.parametrize(("span", "text", "page", "days"), SPANS)
def test_a_duration_is_written_in_each_format(
    span: timedelta, text: str, page: str, days: float | None
) -> None:
    made = _columns(DURATION)
    assert written("csv", made, [(span,)], "raw").decode().splitlines() == ["it", text]
    assert json.loads(written("json", made, [(span,)])) == [{"it": text}]
    assert cells(made, (span,))[0].text == hours(span) == page
    table = parquet.read_table(BytesIO(written("parquet", made, [(span,)])))
    assert str(table.schema.field("it").type) == "duration[us]"
    assert table["it"].to_pylist() == [span]
    cell = load_workbook(BytesIO(written("xlsx", made, [(span,)]))).worksheets[0].cell(2, 1)
    is_held = timedelta() <= span <= timedelta(days=2_958_465)
    if not is_held:
        assert (cell.data_type, cell.value) == ("s", text)
        return
    assert cell.number_format == ("[h]:mm:ss.000" if span.microseconds else "[h]:mm:ss")
    if days is not None:
        assert cell.value == span


def test_a_duration_that_parquet_does_not_hold_is_refused() -> None:
    with pytest.raises(FormatOverflow, match=r"'it' has a number that Parquet's duration\[us\]"):
        written("parquet", _columns(DURATION), [(timedelta.max,)])


def test_geojson_features_have_the_key_of_their_row() -> None:
    class Places(Report):
        queryset = PointShape.objects.filter(pk__gte=FIRST)
        shape = Geometry("shape")

    features = json.loads(_export(Places, "geojson"))["features"]
    assert [feature["id"] for feature in features] == [FIRST, str(2**60)]
    assert [feature["properties"] for feature in features] == [{}, {}]
    assert _export(Places, "csv", "raw").count(b"\r\n") == 3


def test_geojson_features_of_groups_have_the_only_key() -> None:
    class ByPlace(Report):
        queryset = PointShape.objects.filter(pk__gte=FIRST)
        group_by = {"place": "pk"}
        shape = Geometry("shape")

    class ByTwo(ByPlace):
        queryset = PointShape.objects.filter(pk__gte=FIRST)
        group_by = {"place": "pk", "again": Key("pk")}

    features = json.loads(_export(ByPlace, "geojson"))["features"]
    assert [feature["id"] for feature in features] == [FIRST, str(2**60)]
    features = json.loads(_export(ByTwo, "geojson"))["features"]
    assert ["id" in feature for feature in features] == [False, False]


def test_the_bytes_of_raw_csv_are_those_of_the_comparison() -> None:
    statement = _statement(Local())
    assert (
        _export(Local, "csv", "raw").decode().splitlines()[0] == RAW.head(statement.columns).strip()
    )
