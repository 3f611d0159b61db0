"""Areas that contain a place or intersect a shape, compared with GEOS over all areas."""

import random

import pytest
from django.contrib.gis.geos import GEOSGeometry, LineString, MultiPolygon, Point, Polygon

from geo.spherical.polygon_index import Areas

pytestmark = pytest.mark.once


def _areas() -> list[GEOSGeometry]:
    chance = random.Random(1)
    hole = ((2, 2), (4, 2), (4, 4), (2, 4), (2, 2))
    areas: list[GEOSGeometry] = [
        Polygon(((0, 0), (9, 0), (9, 9), (0, 9), (0, 0)), hole),
        MultiPolygon(Polygon.from_bbox((-180, -90, -170, -80)), Polygon.from_bbox((9, 0, 12, 9))),
        Polygon.from_bbox((-5e9, -1, 5e9, 1)),
        Polygon.from_bbox((700, 700, 800, 800)),
    ]
    for _ in range(60):
        x, y, side = chance.uniform(-20, 20), chance.uniform(-20, 20), chance.uniform(0.01, 8)
        areas.append(Polygon.from_bbox((x, y, x + side, y + side)))
    return areas


def test_a_place_is_held_by_whatever_covers_it() -> None:
    areas = _areas()
    asked = Areas(areas)
    chance = random.Random(2)
    places = [
        *((0.0, 0.0), (9.0, 4.5), (3.0, 3.0), (2.0, 3.0), (-180.0, -85.0), (1e9, 0.5), (1e10, 0)),
        *((750.0, 750.0), (9.0, 9.0), (540.5, 0.0)),
        *[(chance.uniform(-25, 25), chance.uniform(-25, 25)) for _ in range(1000)],
    ]
    for place in places:
        wanted = [n for n, area in enumerate(areas) if area.covers(Point(place))]
        assert asked.holding(*place) == wanted
        assert sorted(asked.held([place])) == wanted
    held = asked.held(place for _ in range(2) for place in places)
    for number, area in enumerate(areas):
        assert held[number] == 2 * sum(area.covers(Point(place)) for place in places)


def test_a_shape_meets_whatever_it_intersects() -> None:
    areas = _areas()
    asked = Areas(areas)
    shapes = [
        *areas,
        LineString((-25, -25), (25, 25)),
        LineString((9, -5), (9, 20)),
        MultiPolygon(Polygon.from_bbox((2.5, 2.5, 3.5, 3.5)), Polygon.from_bbox((12, 9, 13, 10))),
    ]
    for shape in shapes:
        wanted = [n for n, area in enumerate(areas) if area.intersects(shape)]
        assert asked.meeting(shape) == wanted


def test_no_areas_hold_and_meet_nothing() -> None:
    assert Areas([]).holding(0, 0) == []
    assert Areas([]).meeting(Point(0, 0)) == []
