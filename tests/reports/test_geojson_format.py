"""GeoJSON files: json, GEOS and GDAL read what was written."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.gdal import DataSource, GDALException
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from reports.errors import FormatRefused, StatementFailed
from reports.formats import FORMATS
from reports.formats.base import Document
from reports.queries.result import ResultColumn
from tests.geo.geometries import geometries, numbers, rounded
from tests.hostile.texts import TEXTS
from tests.reports.samples import ALL, PLACE, ROWS, columns

pytestmark = pytest.mark.once

GEOJSON = FORMATS["geojson"]
GOLDEN = Path(__file__).parent / "golden" / "features.geojson"


def written(made: Sequence[ResultColumn], rows: Any) -> str:
    return "".join(GEOJSON.dialect(None)(Document(title="", columns=made, rows=rows)))


def features(made: Sequence[ResultColumn], rows: Any) -> Any:
    found = json.loads(written(made, rows), parse_float=Decimal)
    assert found["type"] == "FeatureCollection"
    return found["features"]


def test_the_file_is_the_golden_one() -> None:
    assert written(ALL, ROWS) == GOLDEN.read_text(encoding="utf-8")


def test_gdal_reads_the_golden_file() -> None:
    (layer,) = DataSource(GOLDEN)
    assert layer.srs.srid == 4326
    first, second, last = layer
    assert first.geom.wkt == "POINT (8.5417 47.3769)"
    assert second.geom.wkt == "POLYGON ((0 0,9 0,9 9,0 9,0 0),(1 1,1 2,2 2,2 1,1 1))"
    with pytest.raises(GDALException):  # which is how Django says that there is none
        _ = last.geom
    names = ("text", "integer", "big", "decimal", "number", "flag")
    assert [first.get(name) for name in names] == [ROWS[0][0], -7, 2**53, 12.5, -0.125, 1]
    assert [second.get(name) for name in names] == ["", 0, 999_999_999_999_999, 0.0, 1000.0, 0]
    assert [last.get(name) for name in names] == [None] * len(names)


def test_without_rows_there_is_a_collection() -> None:
    assert written(ALL, []) == '{"type":"FeatureCollection","features":[\n]}\n'


def test_the_first_geometry_is_the_features_and_the_others_are_properties() -> None:
    made = columns(name=models.TextField(), first=PLACE, second=PLACE)
    point = {"type": "Point", "coordinates": [1, 2]}
    found = features(made, [("a", None, Point(1, 2)), ("b", Point(1, 2), None)])
    assert found == [
        {"type": "Feature", "geometry": None, "properties": {"name": "a", "second": point}},
        {"type": "Feature", "geometry": point, "properties": {"name": "b", "second": None}},
    ]


@given(
    st.one_of(
        st.integers(-(10**18), 10**18),
        st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12),
    ).map(Decimal),
    st.integers(0, 8),
)
def test_a_number_is_one_where_a_float_keeps_its_digits(number: Decimal, places: int) -> None:
    made = columns(shape=PLACE, n=models.DecimalField(decimal_places=places))
    value = made[1].kind.value(number)
    text = made[1].kind.text(value)
    (feature,) = features(made, [(None, value)])
    found = feature["properties"]["n"]
    if isinstance(found, str):
        assert found == text
        assert len(value.as_tuple().digits) > 15
    else:
        assert Decimal(found) == value
        assert format(Decimal(repr(float(found))), f".{places}f") == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (-1, "-1"), (2**53, str(2**53)), (-(2**53) - 1, f'"{-(2**53) - 1}"')],
)
def test_an_integer_is_one_where_programs_keep_it(number: int, text: str) -> None:
    made = columns(shape=PLACE, n=models.BigIntegerField())
    assert f'"n":{text}}}' in written(made, [(None, number)])


def test_every_hostile_text_comes_back_as_it_is() -> None:
    made = columns(shape=PLACE, text=models.TextField())
    found = features(made, [(None, text) for text in TEXTS])
    assert [feature["properties"]["text"] for feature in found] == list(TEXTS)


@given(st.lists(geometries() | st.none(), max_size=5))
def test_every_geometry_comes_back(given: list[Any]) -> None:
    found = features(columns(shape=PLACE), [(geometry,) for geometry in given])
    assert len(found) == len(given)
    for feature, geometry in zip(found, given, strict=True):
        if geometry is None:
            assert feature["geometry"] is None
            continue
        assert feature["geometry"]["type"] == geometry.geom_type
        coordinates = feature["geometry"].get("coordinates")
        if coordinates is not None:
            wanted = sorted(rounded(number, 6) for number in numbers(geometry.coords))
            assert sorted(_decimals(coordinates)) == wanted


def _decimals(value: Any) -> Iterator[Decimal]:
    if isinstance(value, list):
        for each in value:
            yield from _decimals(each)
    else:
        yield Decimal(value)


def test_rows_are_written_as_they_come() -> None:
    def endless() -> Iterator[tuple[Any, ...]]:
        while True:
            yield (Point(1, 2),)

    document = Document(title="", columns=columns(shape=PLACE), rows=endless())
    pieces = list(islice(GEOJSON.dialect(None)(document), 3))
    feature = '\n{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{}}'
    assert pieces == ['{"type":"FeatureCollection","features":[', feature, f",{feature}"]


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (columns(name=models.TextField()), "not available as geojson: it has no column with a"),
        (
            columns(shape=PLACE, other=GeometryField(srid=3857)),
            "it has geometries of SRID 3857, and GeoJSON is of SRID 4326",
        ),
    ],
    ids=["none", "another SRID"],
)
def test_a_report_that_is_no_map_is_refused(made: list[ResultColumn], sentence: str) -> None:
    with pytest.raises(FormatRefused, match=sentence):
        GEOJSON.demand(made)
    FORMATS["csv"].demand(made)
    FORMATS["html"].demand(made)


def test_a_broken_polygon_beyond_the_map_ends_the_file() -> None:
    bow = GEOSGeometry("POLYGON ((170 0, 190 10, 190 0, 170 10, 170 0))")
    with pytest.raises(StatementFailed, match="cannot be cut there for GeoJSON"):
        written(columns(shape=PLACE), [(bow,)])
