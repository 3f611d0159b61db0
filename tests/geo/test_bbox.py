"""The boxes in which an index looks for a shape."""

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon

from geo.spherical.bbox import Box, boxes, rectangles

pytestmark = pytest.mark.once

WEST, EAST = (-180.0, 50.0, -130.0, 72.0), (172.0, 51.0, 180.0, 53.0)
MIDDLE = (-125.0, 24.0, -66.0, 49.0)


def shape(*parts: Box) -> MultiPolygon:
    return MultiPolygon([Polygon.from_bbox(part) for part in parts])


def test_parts_on_both_sides_of_the_antimeridian_are_looked_for_apart() -> None:
    assert boxes(shape(MIDDLE, EAST, WEST)) == [(-180.0, 24.0, -66.0, 72.0), EAST]
    north = (100.0, 60.0, 110.0, 70.0)
    assert boxes(shape(north, EAST, WEST)) == [WEST, (100.0, 51.0, 180.0, 70.0)]


@pytest.mark.parametrize(
    "parts",
    [
        (WEST, MIDDLE),  # on one side
        (WEST, (-60.0, 0.0, 100.0, 1.0), EAST),  # little is free between them
        ((-180.0, 0.0, 179.0, 1.0), WEST, EAST),  # nothing is
        (MIDDLE,),
    ],
)
def test_other_shapes_have_one_box(parts: tuple[Box, ...]) -> None:
    assert boxes(shape(*parts)) == [shape(*parts).extent]


def test_a_shape_of_one_part_has_one_box() -> None:
    assert boxes(Polygon.from_bbox((-180, -90, 180, -60))) == [(-180, -90, 180, -60)]
    assert boxes(GEOSGeometry("POINT (180 5)")) == [(180, 5, 180, 5)]


def test_members_of_members_count_with_their_own_box() -> None:
    collection = f"GEOMETRYCOLLECTION ({shape(WEST, MIDDLE).wkt}, POINT (179 1), POINT EMPTY)"
    assert boxes(GEOSGeometry(collection)) == [(-180.0, 24.0, -66.0, 72.0), (179, 1, 179, 1)]


def test_boxes_are_drawn_as_from_bbox_draws_them() -> None:
    assert rectangles([WEST]) == Polygon.from_bbox(WEST)
    assert rectangles([WEST, EAST]) == shape(WEST, EAST)
