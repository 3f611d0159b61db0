"""Well-known text is the same with every version of GEOS and every database."""

import re
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry, LineString, MultiPoint, Point
from hypothesis import given
from hypothesis import strategies as st

from geo.formats.wkt import wkt
from tests.geo.geometries import EMPTIES, geometries, numbers, rounded

pytestmark = pytest.mark.once

TRAILING = re.compile(r"\.\d*0(?!\d)|-0(?![\d.])|[eE]\d|\.(?!\d)")


@pytest.mark.parametrize(
    ("given", "places", "text"),
    [
        ("POINT (2.35 48.8566666)", 6, "POINT (2.35 48.856667)"),
        ("POINT (-0.0 10)", 6, "POINT (0 10)"),
        ("POINT (-0.0000004 100)", 6, "POINT (0 100)"),
        ("POINT (1e-7 1.5e3)", 6, "POINT (0 1500)"),
        ("POINT (100.5 -99.5)", 0, "POINT (100 -100)"),
        ("POINT (0.1 0.2)", 15, "POINT (0.1 0.2)"),
        ("POINT Z (1 2 3)", 6, "POINT (1 2)"),
        ("LINESTRING (0 0, 1.25 -1)", 1, "LINESTRING (0 0, 1.2 -1)"),
        ("POLYGON ((0 0,1 0,1 1,0 0))", 6, "POLYGON ((0 0, 1 0, 1 1, 0 0))"),
        (
            "POLYGON ((0 0,9 0,9 9,0 0),(2 1,3 1,3 2,2 1))",
            6,
            "POLYGON ((0 0, 9 0, 9 9, 0 0), (2 1, 3 1, 3 2, 2 1))",
        ),
        ("MULTIPOINT (1 2, 3 4)", 6, "MULTIPOINT ((1 2), (3 4))"),
        ("MULTILINESTRING ((0 0,1 1),(2 2,3 3))", 6, "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))"),
        ("MULTIPOLYGON (((0 0,1 0,1 1,0 0)))", 6, "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))"),
        (
            "GEOMETRYCOLLECTION (LINESTRING (0 0, 1 1), MULTIPOINT ((3 4), (1 2)))",
            6,
            "GEOMETRYCOLLECTION (POINT (3 4), POINT (1 2), LINESTRING (0 0, 1 1))",
        ),
        (
            "GEOMETRYCOLLECTION (POINT (9 9), GEOMETRYCOLLECTION (POINT (1 2)))",
            6,
            "GEOMETRYCOLLECTION (POINT (9 9), POINT (1 2))",
        ),
        (
            "GEOMETRYCOLLECTION (POINT EMPTY, POLYGON EMPTY)",
            6,
            "GEOMETRYCOLLECTION (POINT EMPTY, POLYGON EMPTY)",
        ),
    ],
)
def test_each_type_has_one_text(given: str, places: int, text: str) -> None:
    assert wkt(GEOSGeometry(given), places) == text


@pytest.mark.parametrize("empty", EMPTIES, ids=lambda empty: empty.geom_type)
def test_what_is_empty_says_so(empty: GEOSGeometry) -> None:
    assert wkt(empty, 6) == f"{empty.geom_type.upper()} EMPTY"


def test_an_empty_point_among_others() -> None:
    assert wkt(MultiPoint(Point(1, 2), Point()), 6) == "MULTIPOINT ((1 2), EMPTY)"


@given(geometries(), st.integers(0, 15))
def test_geos_reads_the_rounded_coordinates(geometry: GEOSGeometry, places: int) -> None:
    text = wkt(geometry, places)
    assert not TRAILING.search(text)
    found = GEOSGeometry(text)
    assert found.geom_type == geometry.geom_type
    wanted = [float(rounded(number, places)) for number in numbers(geometry.coords)]
    if geometry.geom_type == "GeometryCollection":  # has an order of its own
        assert sorted(numbers(found.coords)) == sorted(wanted)
    else:
        assert list(numbers(found.coords)) == wanted


@given(st.floats(-1e9, 1e9), st.integers(0, 15))
def test_a_coordinate_is_rounded_as_decimals_are(number: float, places: int) -> None:
    written = format(rounded(number, places).normalize(), "f")
    assert wkt(Point(number, 0), places) == f"POINT ({'0' if written == '-0' else written} 0)"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused(number: Any) -> None:
    with pytest.raises(ValueError, match="not a number cannot be shown"):
        wkt(LineString((0, 0), (1, number)), 6)
