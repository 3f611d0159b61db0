"""Areas at the antimeridian: 180 and -180 are one meridian, without an edge inside an area."""

import math
from fractions import Fraction
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon

from geo.input import geometry
from geo.spherical.antimeridian import joined, opposite
from reports import filters
from tests.hostile.models import LineStringShape, MultiPolygonShape, PointShape, PolygonShape

pytestmark = pytest.mark.django_db
LONGITUDES = (160, 170, 175, math.nextafter(180, 0), 180, -180, -175, -170, -160, 0, 5)
LATITUDES = (-90, -21, -20, 0, 20, 21, 90)
PLACES = dict(enumerate((x, y) for x in LONGITUDES for y in LATITUDES))


@pytest.fixture(autouse=True)
def places() -> None:
    PointShape.objects.bulk_create(
        PointShape(id=n, shape=Point(*place, srid=4326)) for n, place in PLACES.items()
    )


def found(model: Any, predicate: str, area: GEOSGeometry | str) -> set[int]:
    """Returns the keys of the rows that match a report's filter."""
    filter_ = filters.Area("shape", predicate=predicate)
    filter_.name = "area"
    given = geometry(area) if isinstance(area, str) else area
    return {row.pk for row in filter_.apply(model.objects.all(), {"area": given})}


def side(west: float, south: float, east: float, north: float, x: float, y: float) -> int:
    """Returns 1 inside a box on the sphere, 0 on its edge, -1 outside; it runs east from `west`."""
    width = (east - west) % 360 or 360
    away = (Fraction(x) - west) % 360
    if not south <= y <= north or away > width:
        return -1
    is_edge = y in (south, north) or (width < 360 and away in (0, width))
    return 0 if is_edge else 1


IS_SO = {
    "within": lambda side: side > 0,
    "coveredby": lambda side: side >= 0,
    "intersects": lambda side: side >= 0,
    "disjoint": lambda side: side < 0,
    "touches": lambda side: side == 0,
}


@pytest.mark.parametrize("predicate", IS_SO)
@pytest.mark.parametrize(
    "box",
    [
        (170, -20, -170, 20),
        (170, -20, 180, 20),
        (170, -20, -180, 20),
        (180, -20, -170, 20),
        (-180, -20, -170, 20),
        (-180, -20, 180, 20),
        (-180, -90, 180, 90),
        (10, -20, 5, 20),
        (-170, -20, 170, 20),
        (160, -20, 175, 20),
    ],
    ids=str,
)
def test_a_box_of_points(box: tuple[int, int, int, int], predicate: str) -> None:
    wanted = {n for n, place in PLACES.items() if IS_SO[predicate](side(*box, *place))}
    assert found(PointShape, predicate, f"bbox={','.join(map(str, box))}") == wanted


# Two squares that meet at the antimeridian between the latitudes 5 and 10, and a triangle whose
# tip is there at 30.
OUTLINE = MultiPolygon(
    Polygon.from_bbox((170, 0, 180, 10)),
    Polygon.from_bbox((-180, 5, -170, 15)),
    Polygon(((170, 25), (180, 30), (170, 35), (170, 25))),
    srid=4326,
)
AT_180 = {-1: -1, 0: 0, 2: 0, 5: 0, 7: 1, 10: 0, 12: 0, 15: 0, 16: -1, 28: -1, 30: 0, 31: -1}


@pytest.mark.parametrize("predicate", IS_SO)
@pytest.mark.parametrize("meridian", [180, -180])
def test_an_outline_that_meets_itself_in_part(predicate: str, meridian: int) -> None:
    PointShape.objects.all().delete()
    PointShape.objects.bulk_create(
        PointShape(id=y + 1, shape=Point(meridian, y, srid=4326)) for y in AT_180
    )
    wanted = {y + 1 for y, side in AT_180.items() if IS_SO[predicate](side)}
    assert found(PointShape, predicate, OUTLINE) == wanted


CROSSING, EAST = "bbox=170,-20,-170,20", "bbox=170,-20,180,20"


@pytest.mark.parametrize("meridian", [180, -180])
@pytest.mark.parametrize(
    ("predicate", "crossing", "east"),
    [
        ("within", True, False),
        ("coveredby", True, True),
        ("intersects", True, True),
        ("disjoint", False, False),
        ("touches", False, True),
        ("crosses", False, False),
    ],
)
def test_a_line_along_the_antimeridian(
    predicate: str, crossing: bool, east: bool, meridian: int
) -> None:
    line = GEOSGeometry(f"LINESTRING ({meridian} -5, {meridian} 5)", srid=4326)
    LineStringShape.objects.create(id=1, shape=line)
    assert bool(found(LineStringShape, predicate, CROSSING)) is crossing
    assert bool(found(LineStringShape, predicate, EAST)) is east


@pytest.mark.parametrize(
    ("predicate", "crossing", "east"),
    [
        ("within", {1, 2}, {1}),
        ("coveredby", {1, 2}, {1}),
        ("intersects", {1, 2, 3}, {1, 2, 3}),
        ("disjoint", {4}, {4}),
        ("touches", set(), {2, 3}),
        ("overlaps", {3}, set()),
        ("contains", set(), set()),
    ],
)
def test_areas_beside_the_antimeridian(predicate: str, crossing: set[int], east: set[int]) -> None:
    boxes = {1: (175, -5, 180, 5), 2: (-180, -5, -175, 5), 3: (-180, -5, -165, 5), 4: (0, 0, 1, 1)}
    for number, box in boxes.items():
        shape = Polygon.from_bbox(box)
        shape.srid = 4326
        PolygonShape.objects.create(id=number, shape=shape)
    assert found(PolygonShape, predicate, CROSSING) == crossing
    assert found(PolygonShape, predicate, EAST) == east


@pytest.mark.parametrize(
    ("predicate", "wanted"),
    [
        ("contains", {1, 2}),
        ("covers", {1, 2}),
        ("equals", {1}),
        ("overlaps", set()),
        ("within", {1}),
        ("touches", set()),
    ],
)
def test_an_area_around_one_that_is_cut(predicate: str, wanted: set[int]) -> None:
    """Stored shapes end at the edges of the map, and so does the area they are compared with."""
    for number, (west, south) in {1: (170, 20), 2: (160, 30)}.items():
        parts = [(west, -south, 180, south), (-180, -south, -west, south)]
        shape = MultiPolygon(*map(Polygon.from_bbox, parts), srid=4326)
        MultiPolygonShape.objects.create(id=number, shape=shape)
    assert found(MultiPolygonShape, predicate, CROSSING) == wanted


def test_what_is_not_at_the_antimeridian_is_left_alone() -> None:
    for text in ("bbox=160,-20,179.999,20", "bbox=-10,-20,10,20", "POLYGON((0 0,9 0,0 9,0 0))"):
        area = geometry(text)
        assert joined(area) is area
        assert opposite(area) == []
    world = geometry("bbox=-180,-90,180,90")
    assert joined(world).equals(joined(world).envelope)  # which databases find fast
    assert opposite(world) == []


@pytest.mark.parametrize(("x", "y"), [(180.0, 0.0), (-180.0, 0.0), (179.99, 1.0)])
def test_what_is_near_is_near_on_both_sides(x: float, y: float) -> None:
    near = filters.Near("shape")
    near.name = "near"
    circle = near.fields(PointShape.objects.all())["near"].clean(f"{x},{y},500km")
    rows = near.apply(PointShape.objects.all(), {"near": circle})
    wanted = {n for n, place in PLACES.items() if abs(place[0]) > 179.9 and place[1] == 0}
    assert {row.pk for row in rows} == wanted
    assert len(wanted) == 3
    nearest = filters.Nearest("shape")
    nearest.name = "nearest"
    place = nearest.fields(PointShape.objects.all())["nearest"].clean(f"{x},{y},3")
    rows = nearest.apply(PointShape.objects.all(), {"nearest": place})
    assert {row.pk for row in rows} == wanted
