"""Points classified as inside or outside agree with GEOS, and few are undecided."""

import itertools
import math
from random import Random

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon

from geo.spherical.point_in_polygon import Bands
from geo.spherical.sphere import Position
from tests.geo.fuzz.shapes import batches

pytestmark = pytest.mark.once

CASES = 1000


def areas(kind: str) -> list[GEOSGeometry]:
    shapes = (shape for batch in batches(kind, 1, CASES, 20) for shape in batch)
    return [shape for shape in shapes if isinstance(shape, Polygon | MultiPolygon)]


def vertices(area: GEOSGeometry) -> list[Position]:
    polygons = area if isinstance(area, MultiPolygon) else (area,)
    return [vertex for polygon in polygons for ring in polygon for vertex in ring.coords]


def places(area: GEOSGeometry, chance: Random) -> list[Position]:
    """Returns places around the area, at vertices, on edges and beside them by the last bits."""
    west, south, east, north = area.extent
    found = [(chance.uniform(west, east), chance.uniform(south, north)) for _ in range(60)]
    corners = vertices(area)
    for (x, y), (u, v) in itertools.pairwise(corners):
        found += [(x, y), ((x + u) / 2, (y + v) / 2), (x, (y + v) / 2)]
    found += [
        (math.nextafter(x, x + chance.choice((-1, 1))), math.nextafter(y, y + 1)) for x, y in found
    ]
    return [(x, y) for x, y in found if west <= x <= east and south <= y <= north]


@pytest.mark.parametrize("kind", ["grid", "outlines", "near"])
@pytest.mark.parametrize("number", [1, 7, 400])
def test_what_is_decided_is_what_geos_says(kind: str, number: int) -> None:
    chance = Random(2)
    for area in areas(kind):
        asked = places(area, chance)
        bands = Bands(area, number)
        sides = list(bands.sides(asked))
        assert sides == [bands.side(*place) for place in asked]
        for place, side in zip(asked, sides, strict=True):
            if side is not None:
                point = Point(place)
                assert (side, side) == (area.covers(point), area.contains(point)), (area.wkt, place)


@pytest.mark.parametrize("kind", ["grid", "outlines"])
def test_what_is_on_the_boundary_is_undecided(kind: str) -> None:
    for area in areas(kind):
        assert set(Bands(area, 50).sides(vertices(area))) == {None}


def test_little_is_undecided() -> None:
    chance = Random(3)
    angles = [math.tau * step / 100 for step in range(100)]
    ring = [(r * math.cos(a), r * math.sin(a)) for a in angles for r in [chance.uniform(0.9, 1.2)]]
    bands = Bands(Polygon([*ring, ring[0]]), 400)
    sides = list(
        bands.sides((chance.uniform(-1, 1), chance.uniform(-0.9, 0.9)) for _ in range(10_000))
    )
    assert sides.count(None) < 200
    assert sides.count(True) > 5000
    assert sides.count(False) > 500


def test_what_is_off_the_box_is_outside() -> None:
    bands = Bands(Polygon.from_bbox((0, 0, 1, 1)), 10)
    off = [(-1, 0.5), (2, 0.5), (0.5, -1), (0.5, 2), (math.inf, 0.5), (0.5, math.nan)]
    assert [bands.side(*place) for place in off] == [False] * len(off)


@pytest.mark.parametrize(
    ("scale", "offset"),
    [
        *((scale, 0.0) for scale in (1e-300, 1e-99, 1e-12, 1e12, 1e99, 1e200)),
        *((1e-12, 1.0), (2**-50, 1.0), (1e-5, 1e9)),
    ],
)
def test_coordinates_of_any_size(scale: float, offset: float) -> None:
    """If floats are too coarse, nothing is decided wrongly."""
    ring = [(offset + x * scale, offset + y * scale) for x, y in ((0, 0), (4, 1), (3, 5), (-1, 2))]
    area = Polygon([*ring, ring[0]])
    assert area.valid
    bands = Bands(area, 100)
    for x in range(-1, 5):
        for y in range(6):
            place = (offset + x * scale, offset + y * scale)
            side = bands.side(*place)
            assert side is None or side == area.contains(Point(place)) == area.covers(Point(place))


def test_an_area_that_is_a_few_floats_high() -> None:
    """Bands would be lower than the space between two floats."""
    step = 2.0**-52
    area = Polygon([(0, 1), (1, 1 + 3 * step), (0.3, 1 + 7 * step), (0, 1)])
    assert area.valid
    bands = Bands(area, 100)
    for row in range(8):
        for column in range(101):
            place = (column / 100, 1 + row * step)
            side = bands.side(*place)
            assert side is None or side == area.contains(Point(place)) == area.covers(Point(place))
