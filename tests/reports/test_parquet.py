"""Parquet files as pyarrow and GEOS read them, and GeoParquet by its specification."""

import json
import sys
from decimal import Decimal
from io import BytesIO
from itertools import islice
from typing import Any

import pytest
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import models
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from geo.formats.wkt import wkt
from reports.errors import FormatOverflow, FormatRefused
from reports.formats import FORMATS
from reports.formats.base import Document
from tests.geo.geometries import geometries
from tests.hostile.texts import TEXTS
from tests.reports.samples import ALL, PLACE, ROWS, columns, written

pytestmark = pytest.mark.once


def _read(made: Any, rows: Any) -> Any:
    return parquet.read_table(BytesIO(written("parquet", made, rows)))


def _metadata(made: Any, rows: Any) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = parquet.read_metadata(
        BytesIO(written("parquet", made, rows))
    ).metadata
    return found


def _geo(made: Any, rows: Any) -> Any:
    return json.loads(_metadata(made, rows)[b"geo"])


def test_every_hostile_text_comes_back() -> None:
    made = columns(text=models.TextField())
    assert _read(made, [(text,) for text in TEXTS])["text"].to_pylist() == list(TEXTS)


@given(st.lists(geometries() | st.none(), max_size=5))
def test_every_geometry_comes_back_rounded(given: list[Any]) -> None:
    found = _read(columns(shape=PLACE), [(each,) for each in given])["shape"].to_pylist()
    assert [None if each is None else wkt(GEOSGeometry(memoryview(each)), 6) for each in found] == [
        None if each is None else wkt(each, 6) for each in given
    ]


def test_an_empty_point_is_two_numbers_that_are_none() -> None:
    (found,) = _read(columns(shape=PLACE), [(Point(),)])["shape"].to_pylist()
    assert found == bytes.fromhex("0101000000") + bytes.fromhex("000000000000f87f") * 2


def test_with_a_geometry_it_is_geoparquet() -> None:
    # By https://geoparquet.org/releases/v1.1.0/.
    found = _geo(ALL, ROWS)
    assert found.keys() == {"version", "primary_column", "columns"}
    assert found["version"] == "1.1.0"
    assert found["primary_column"] == "shape"
    assert found["columns"] == {
        # Without a crs: OGC:CRS84, longitude and latitude.
        "shape": {
            "encoding": "WKB",
            "geometry_types": ["Point", "Polygon"],
            "bbox": [0.0, 0.0, 9.0, 47.3769],
        },
        "other": {
            "encoding": "WKB",
            "geometry_types": ["LineString", "Point"],
            "bbox": [0.2, 0.0, 190.0, 9.0],
        },
    }


def test_without_shapes_geoparquet_knows_no_type_and_no_box() -> None:
    found = _geo(columns(shape=PLACE), [(None,)])
    assert found["columns"] == {"shape": {"encoding": "WKB", "geometry_types": []}}


def test_without_a_column_of_geometries_it_is_plain_parquet() -> None:
    assert b"geo" not in _metadata(columns(n=models.IntegerField()), [(1,)])


def test_the_file_says_what_it_is() -> None:
    found = _metadata(columns(n=models.IntegerField()), [])
    assert found.items() >= {
        (b"title", "Sämples".encode()),
        (b"report", b"samples"),
        (b"version", b"7"),
        (b"parameter of", b"=1+1"),
    }
    table = _read(columns(n=models.IntegerField()), [])
    assert table.schema.field("n").metadata == {b"label": b"N", b"unit": b"m"}


@pytest.mark.parametrize(
    ("field", "value", "type_"),
    [
        (models.BigIntegerField(), 2**63, "int64"),
        (models.BigIntegerField(), -(2**63) - 1, "int64"),
        (models.DecimalField(decimal_places=2), Decimal(10) ** 36, r"decimal128\(38, 2\)"),
    ],
)
def test_a_number_that_has_no_type_is_refused(field: Any, value: Any, type_: str) -> None:
    made = columns(fits=models.IntegerField(), wide=field)
    with pytest.raises(FormatOverflow, match=f"Column 'wide' has a number that Parquet's {type_}"):
        written("parquet", made, [(1, made[1].kind.value(value))])


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63)])
def test_the_widest_integers_fit(value: int) -> None:
    made = columns(n=models.BigIntegerField())
    assert _read(made, [(value,)])["n"].to_pylist() == [value]


def test_another_srid_is_refused() -> None:
    with pytest.raises(FormatRefused, match="geometries of SRID 3857, and GeoParquet is of SRID"):
        FORMATS["parquet"].demand(columns(shape=GeometryField(srid=3857)))


def test_without_pyarrow_it_is_refused_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # which is how Python says: not there
    with pytest.raises(FormatRefused, match=r"pyarrow is not installed; .*isoline\[parquet\]"):
        FORMATS["parquet"].demand(ALL)


@pytest.mark.parametrize(
    ("text", "rows", "groups"),
    [("a", 50_000, [5_000] * 10), ("a" * 1_000_000, 20, [10] * 2)],
    ids=["many", "large"],
)
def test_rows_are_written_in_groups_as_they_come(text: str, rows: int, groups: list[int]) -> None:
    made = columns(text=models.TextField())
    passed = 0

    def counted() -> Any:
        nonlocal passed
        for _ in range(rows):
            passed += 1
            yield (text,)

    document = Document(title="", columns=made, rows=counted())
    pieces: Any = FORMATS["parquet"].dialect(None)(document)
    found = list(islice(pieces, 1))
    assert passed == groups[0]
    found += pieces
    file = parquet.ParquetFile(BytesIO(b"".join(found)))
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert sizes == groups
