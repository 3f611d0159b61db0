"""GeoJSON objects: readable by json and GEOS, with RFC 7946's orientation and cuts."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.gis.geos import (
    GEOSException,
    GEOSGeometry,
    LinearRing,
    LineString,
    Point,
    Polygon,
)
from hypothesis import given

from geo.formats.geojson import geojson
from geo.spherical.antimeridian import within_the_map
from tests.geo.geometries import EMPTIES, geometries, numbers, rounded

pytestmark = pytest.mark.once

ANTICLOCKWISE = [[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]
HOLE_CLOCKWISE = [[2, 2], [2, 3], [3, 3], [3, 2], [2, 2]]


def written(geometry: Any, places: int = 6) -> Any:
    return json.loads(geojson(geometry, places))


def polygons(value: Any) -> Iterator[Any]:
    """Returns the coordinates of every polygon of a GeoJSON object."""
    match value["type"]:
        case "GeometryCollection":
            for member in value["geometries"]:
                yield from polygons(member)
        case "Polygon":
            yield value["coordinates"]
        case "MultiPolygon":
            yield from value["coordinates"]


@pytest.mark.parametrize(
    ("wkt", "text"),
    [
        ("POINT (2.35 48.8566666)", '{"type":"Point","coordinates":[2.35,48.856667]}'),
        ("POINT Z (1 2 3)", '{"type":"Point","coordinates":[1,2]}'),
        ("MULTIPOINT (1 2, -0 4)", '{"type":"MultiPoint","coordinates":[[1,2],[0,4]]}'),
        ("LINESTRING (0 0, 1 1)", '{"type":"LineString","coordinates":[[0,0],[1,1]]}'),
        (
            "GEOMETRYCOLLECTION (POINT (1 2), POINT EMPTY)",
            '{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},'
            '{"type":"Point","coordinates":[]}]}',
        ),
        ("MULTIPOINT (EMPTY, (1 2))", '{"type":"MultiPoint","coordinates":[[1,2]]}'),
    ],
)
def test_the_letters(wkt: str, text: str) -> None:
    assert geojson(GEOSGeometry(wkt), 6) == text


@pytest.mark.parametrize("empty", EMPTIES, ids=lambda empty: empty.geom_type)
def test_what_is_empty_has_no_coordinates(empty: GEOSGeometry) -> None:
    kind = empty.geom_type
    name = "geometries" if kind == "GeometryCollection" else "coordinates"
    assert written(empty) == {"type": kind, name: []}


@pytest.mark.parametrize("outer", [ANTICLOCKWISE, ANTICLOCKWISE[::-1]])
@pytest.mark.parametrize("hole", [HOLE_CLOCKWISE, HOLE_CLOCKWISE[::-1]])
def test_outer_rings_run_counterclockwise_and_holes_clockwise(outer: Any, hole: Any) -> None:
    found = written(Polygon(outer, hole))
    assert found == {"type": "Polygon", "coordinates": [ANTICLOCKWISE, HOLE_CLOCKWISE]}


@given(geometries())
def test_geos_reads_the_rounded_geometry(geometry: GEOSGeometry) -> None:
    text = geojson(geometry, 6)
    found = GEOSGeometry(text)
    assert found.geom_type == geometry.geom_type
    assert found.srid == 4326
    wanted = sorted(float(rounded(number, 6)) for number in numbers(geometry.coords))
    assert sorted(numbers(found.coords)) == wanted
    for rings in polygons(json.loads(text)):
        turns = [LinearRing(ring).is_counterclockwise for ring in rings]
        assert turns == [True] + [False] * (len(rings) - 1)


# The antimeridian


def test_what_lies_on_the_map_is_left_as_it_is() -> None:
    for wkt in ("LINESTRING (170 0, -170 0)", "POLYGON ((-180 -90,180 -90,180 90,-180 -90))"):
        geometry = GEOSGeometry(wkt)
        assert within_the_map(geometry, 6) is geometry
    nearly = GEOSGeometry("POINT (180.0000001 0)")
    assert written(nearly) == {"type": "Point", "coordinates": [180, 0]}


@pytest.mark.parametrize(
    ("wkt", "wanted"),
    [
        ("POINT (190 5)", "POINT (-170 5)"),
        ("POINT (-550 5)", "POINT (170 5)"),
        ("MULTIPOINT (190 5, 0 0)", "MULTIPOINT (-170 5, 0 0)"),
        ("LINESTRING (190 0, 200 5)", "LINESTRING (-170 0, -160 5)"),
        ("LINESTRING (170 0, 190 10)", "MULTILINESTRING ((170 0, 180 5), (-180 5, -170 10))"),
        ("LINESTRING (-170 0, -190 10)", "MULTILINESTRING ((-180 5, -170 0), (170 10, 180 5))"),
        (
            "MULTILINESTRING ((0 0, 1 1), (170 0, 190 10))",
            "MULTILINESTRING ((0 0, 1 1), (170 0, 180 5), (-180 5, -170 10))",
        ),
        (
            "POLYGON ((170 0, 190 0, 190 10, 170 10, 170 0))",
            "MULTIPOLYGON (((170 0, 180 0, 180 10, 170 10, 170 0)),"
            " ((-180 0, -170 0, -170 10, -180 10, -180 0)))",
        ),
        (
            "POLYGON ((180 0, 190 0, 190 10, 180 10, 180 0))",
            "POLYGON ((-180 0, -170 0, -170 10, -180 10, -180 0))",
        ),
        (
            "POLYGON ((160 0,200 0,200 40,160 40,160 0), (175 10,185 10,185 20,175 20,175 10))",
            "MULTIPOLYGON (((160 0,180 0,180 10,175 10,175 20,180 20,180 40,160 40,160 0)),"
            " ((-180 0,-160 0,-160 40,-180 40,-180 20,-175 20,-175 10,-180 10,-180 0)))",
        ),
        (
            "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (170 0, 190 10))",
            "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (170 0, 180 5),"
            " LINESTRING (-180 5, -170 10))",
        ),
        ("GEOMETRYCOLLECTION (POINT (190 2), POINT EMPTY)", None),
    ],
)
def test_what_lies_beyond_is_brought_back_and_cut(wkt: str, wanted: str | None) -> None:
    found = GEOSGeometry(geojson(GEOSGeometry(wkt), 6))
    if wanted is None:
        assert found.num_coords == 1
        return
    meant = GEOSGeometry(wanted, srid=4326)
    assert found.geom_type == meant.geom_type
    found.normalize()
    meant.normalize()
    # A line may be given back from its other end.
    assert found.equals(meant)
    assert found.num_coords == meant.num_coords


@given(geometries(most=700.0, collections=False))
def test_nothing_is_lost_by_cutting(geometry: GEOSGeometry) -> None:
    cut = within_the_map(geometry, 6)
    west, _, east, _ = cut.extent
    assert west >= -180
    assert east <= 180
    assert cut.area == pytest.approx(geometry.area, rel=1e-9, abs=1e-9)
    if geometry.dims == 1:
        assert cut.length == pytest.approx(geometry.length, rel=1e-9, abs=1e-9)
    if geometry.dims == 0:
        assert cut.num_coords == geometry.num_coords
        for (x, y), (old_x, old_y) in zip(_positions(cut), _positions(geometry), strict=True):
            assert y == old_y
            assert (old_x - x) / 360 == pytest.approx(round((old_x - x) / 360), abs=1e-9)


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        # Out over the antimeridian and back along the same way.
        (((1, 0), (181, 0), (0, 0)), (((1, 0), (180, 0)), ((-180, 0), (-179, 0), (-180, 0)),
                                       ((180, 0), (0, 0)))),
        (((1e-277, 1), (-181, 0), (0, 1)), (((1e-277, 1), (-180, 1 / 181)),
                                            ((180, 1 / 181), (179, 0), (180, 1 / 181)),
                                            ((-180, 1 / 181), (0, 1)))),
        # Along it, and around the Earth more than once.
        (((170, 0), (180, 0), (180, 5), (190, 5)), (((170, 0), (180, 0), (180, 5)),
                                                    ((-180, 5), (-170, 5)))),
        (((0, 0), (720, 7.2)), (((0, 0), (180, 1.8)), ((-180, 1.8), (180, 5.4)),
                                ((-180, 5.4), (0, 7.2)))),
    ],
)  # fmt: skip
def test_a_line_keeps_its_way(line: Any, parts: Any) -> None:
    cut = within_the_map(LineString(line), 6)
    found = [list(part.coords) for part in cut]
    assert len(found) == len(parts)
    for ours, wanted in zip(found, parts, strict=True):
        assert ours == [pytest.approx(position, abs=1e-12) for position in wanted]


def _positions(points: Any) -> list[tuple[float, float]]:
    return [points.coords] if isinstance(points, Point) else list(points.coords)


def test_a_broken_polygon_is_not_cut() -> None:
    bow = GEOSGeometry("POLYGON ((170 0, 190 10, 190 0, 170 10, 170 0))")
    with pytest.raises(GEOSException):
        within_the_map(bow, 6)
