"""One field with choices in every format: labels for people, values for programs."""

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from html.parser import HTMLParser
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from openpyxl import load_workbook
from pyarrow import parquet

from reports.formats import FORMATS
from tests.reports.samples import ALL, ROWS, written

pytestmark = pytest.mark.once

GOLDEN = Path(__file__).parent / "golden"
IDS = [column.id for column in ALL]
LABELS = [f"{column.label} ({column.unit})" for column in ALL]
# What every format tells of the samples, as text: machine texts, whatever it is read by.
TEXTS = [
    ['Zürich, "=1+1"\n\\ \u2028 😀', "POINT (8.5417 47.3769)", "-7", "9007199254740992", "12.50",
     "123456.0000000001", "-0.125", "true", "0905-01-02", "2013-07-04T12:30:00Z", "01:02:03",
     "00112233-4455-6677-8899-aabbccddeeff", "LINESTRING (0.2 0, 9 9)"],
    ["", "POLYGON ((0 0, 0 9, 9 9, 9 0, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))", "0", "999999999999999",
     "0.00", "12345.0123456789", "1000.000", "false", "", "2013-07-04T12:30:00.000005Z",
     "01:02:03.000005", "", "POINT (190 1)"],
    [""] * len(ALL),
]  # fmt: skip


class Tables(HTMLParser):
    """The rows of a page's table."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._is_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self._is_cell = True
        elif tag == "br":
            self.rows[-1][-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._is_cell = False

    def handle_data(self, data: str) -> None:
        if self._is_cell:
            self.rows[-1][-1] += data


def _separated(separator: str) -> Callable[[bytes], list[list[str]]]:
    def read(data: bytes) -> list[list[str]]:
        return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), delimiter=separator))

    return read


def _html(data: bytes) -> list[list[str]]:
    return Tables(data.decode()).rows


def _markdown(data: bytes) -> list[list[str]]:
    return Tables(
        MarkdownIt("commonmark", {"html": True}).enable("table").render(data.decode())
    ).rows


READERS: dict[str, Callable[[bytes], list[list[str]]]] = {
    "csv": _separated(","),
    "tsv": _separated("\t"),
    "html": _html,
    "md": _markdown,
}


@pytest.mark.parametrize(
    ("name", "dialect", "heading"),
    [
        ("csv", "safe", LABELS),
        ("csv", "excel", LABELS),
        ("csv", "raw", IDS),
        ("tsv", "safe", LABELS),
        ("tsv", "excel", LABELS),
        ("tsv", "raw", IDS),
        ("html", "page", LABELS),
        ("md", "gfm", LABELS),
    ],
)
def test_formats_of_texts_have_the_machine_texts_of_values(
    name: str, dialect: str, heading: list[str]
) -> None:
    found = READERS[name](written(name, ALL, ROWS, dialect))
    assert found == [heading, *TEXTS]


@pytest.mark.parametrize("name", ["json", "jsonl", "geojson"])
def test_json_has_its_own_types_where_it_keeps_the_value(name: str) -> None:
    data = written(name, ALL, ROWS).decode()
    if name == "jsonl":
        found = [json.loads(line, parse_float=Decimal) for line in data.split("\n")[:-1]]
    elif name == "json":
        found = json.loads(data, parse_float=Decimal)
    else:
        features = json.loads(data, parse_float=Decimal)["features"]
        found = [{"shape": each["geometry"], **each["properties"]} for each in features]
    assert [sorted(each) for each in found] == [sorted(IDS)] * len(ROWS)
    line = {"type": "LineString", "coordinates": [[Decimal("0.2"), 0], [9, 9]]}
    first = {name: text for name, text in zip(IDS, TEXTS[0], strict=True) if name != "shape"}
    assert found[0] == first | {
        "shape": {"type": "Point", "coordinates": [Decimal("8.5417"), Decimal("47.3769")]},
        "integer": -7,
        "big": 2**53,
        "decimal": Decimal("12.50"),
        "number": Decimal("-0.125"),
        "flag": True,
        "other": line,
    }
    assert (found[1]["text"], found[1]["day"], found[1]["long"]) == ("", None, ROWS[1][5])
    assert set(found[2].values()) == {None}


def test_a_workbook_has_types_where_it_keeps_the_value() -> None:
    sheet = load_workbook(BytesIO(written("xlsx", ALL, ROWS))).worksheets[0]
    heading, *found = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert heading == [f"{text} (UTC)" if text.startswith("AT") else text for text in LABELS]
    at = ROWS[0][9].replace(tzinfo=None)
    assert found[0] == [
        *(TEXTS[0][0], TEXTS[0][1], -7, TEXTS[0][3], 12.5, TEXTS[0][5], -0.125, True),
        *(TEXTS[0][8], at, ROWS[0][10], TEXTS[0][11], TEXTS[0][12]),
    ]
    assert found[1][:8] == [None, TEXTS[1][1], 0, 10**15 - 1, 0, 12345.0123456789, 1000, False]
    # NULL and the empty text are both an empty cell; a row of them is none at all.
    assert found[2:] == []
    formats = [cell.number_format for cell in next(sheet.iter_rows(min_row=3, max_row=3))]
    assert [formats[n] for n in (2, 4, 6, 9, 10)] == [
        *("0", "0.00", "0.000", "yyyy-mm-dd hh:mm:ss.000", "hh:mm:ss.000"),
    ]


def test_parquet_has_every_value_in_its_type() -> None:
    table = parquet.read_table(BytesIO(written("parquet", ALL, ROWS)))
    assert table.column_names == IDS
    plain = [name for name in IDS if name not in ("shape", "other")]
    places = [IDS.index(name) for name in plain]
    wanted = [{name: row[n] for name, n in zip(plain, places, strict=True)} for row in ROWS]
    for row in wanted:
        row["uid"] = row["uid"] and str(row["uid"])
    assert table.select(plain).to_pylist() == wanted
    assert {name: str(table.schema.field(name).type) for name in IDS} == {
        "text": "string",
        "shape": "binary",
        "integer": "int64",
        "big": "int64",
        "decimal": "decimal128(38, 2)",
        "long": "decimal128(38, 10)",
        "number": "decimal128(38, 3)",
        "flag": "bool",
        "day": "date32[day]",
        "at": "timestamp[us, tz=UTC]",
        "clock": "time64[us]",
        "uid": "string",
        "other": "binary",
    }


@pytest.mark.parametrize("name", ["csv", "tsv", "json", "jsonl", "md", "html"])
def test_the_file_is_the_golden_one(name: str) -> None:
    assert written(name, ALL, ROWS) == (GOLDEN / f"samples-{name}.golden").read_bytes()


@pytest.mark.parametrize(
    ("name", "dialect"), [(n, d) for n, f in FORMATS.items() for d in f.dialects]
)
def test_two_runs_give_the_same_bytes(name: str, dialect: str) -> None:
    assert written(name, ALL, ROWS, dialect) == written(name, ALL, ROWS, dialect)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_without_rows_there_is_a_whole_file(name: str) -> None:
    data = written(name, ALL, [])
    match name:
        case "xlsx":
            assert load_workbook(BytesIO(data)).worksheets[0].max_row == 1
        case "parquet":
            assert parquet.read_table(BytesIO(data)).num_rows == 0
        case "json":
            assert json.loads(data) == []
        case "jsonl":
            assert data == b""
        case "geojson":
            assert json.loads(data)["features"] == []
        case _:
            assert READERS[name](data) == [LABELS]


def test_every_format_is_offered_to_people() -> None:
    for each in FORMATS.values():
        assert each.offers, each.name
        assert all(offer.dialect in (None, *each.dialects) for offer in each.offers)
