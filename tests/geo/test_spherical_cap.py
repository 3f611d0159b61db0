"""A circle on the sphere lies within its boxes."""

import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.spherical.sphere import EARTH_RADIUS, distance
from geo.spherical.spherical_cap import HALF_CIRCUMFERENCE, Circle

pytestmark = pytest.mark.once

EXAMPLES = settings(max_examples=500, derandomize=True, deadline=None)
longitudes, latitudes = st.floats(-180, 180), st.floats(-90, 90)
circles = st.builds(
    Circle, longitudes, latitudes, st.floats(0, HALF_CIRCUMFERENCE) | st.floats(0, 10_000)
)


def at(circle: Circle, bearing: float, part: float) -> tuple[float, float]:
    """A place in the circle: the Aviation Formulary's "Lat/lon given radial and distance"."""
    angle, turn = circle.metres / EARTH_RADIUS * part, math.radians(bearing)
    phi = math.radians(circle.latitude)
    sine = math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(turn)
    latitude = math.asin(max(-1.0, min(1.0, sine)))
    longitude = math.atan2(
        math.sin(turn) * math.sin(angle) * math.cos(phi),
        math.cos(angle) - math.sin(phi) * math.sin(latitude),
    )
    east = (circle.longitude + math.degrees(longitude) + 540) % 360 - 180
    return east, math.degrees(latitude)


def holds(circle: Circle, place: tuple[float, float]) -> bool:
    x, y = place
    return any(w <= x <= e and s <= y <= n for w, s, e, n in circle.boxes)


@EXAMPLES
@given(circle=circles, bearing=st.floats(0, 360), part=st.floats(0, 1) | st.just(1.0))
@example(circle=Circle(10.0, 89.0, 111_195.0), bearing=0.0, part=1.0)
@example(circle=Circle(0.0, 0.0, EARTH_RADIUS * math.pi / 2 - 1), bearing=90.0, part=1.0)
@example(circle=Circle(179.0, 60.0, 3_335_847.0), bearing=60.0, part=1.0)
def test_every_place_of_a_circle_is_in_a_box(circle: Circle, bearing: float, part: float) -> None:
    place = at(circle, bearing, part)
    if distance(place, (circle.longitude, circle.latitude)) <= circle.metres:
        assert holds(circle, place)


@EXAMPLES
@given(circle=circles, place=st.tuples(longitudes, latitudes))
def test_what_is_in_no_box_is_outside(circle: Circle, place: Any) -> None:
    if not holds(circle, place):
        assert distance(place, (circle.longitude, circle.latitude)) > circle.metres


@EXAMPLES
@given(circles)
def test_boxes_are_within_the_map_and_no_more_than_two(circle: Circle) -> None:
    assert 1 <= len(circle.boxes) <= 2
    for west, south, east, north in circle.boxes:
        assert -180 <= west < east <= 180
        assert -90 <= south < north <= 90


@pytest.mark.parametrize(
    ("circle", "boxes"),
    [
        (Circle(0, 0, EARTH_RADIUS * math.radians(1)), [(-1, -1, 1, 1)]),
        (Circle(179.5, 0, EARTH_RADIUS * math.radians(1)), [(178.5, -1, 180, 1),
                                                            (-180, -1, -179.5, 1)]),
        (Circle(-179.5, 0, EARTH_RADIUS * math.radians(1)), [(179.5, -1, 180, 1),
                                                             (-180, -1, -178.5, 1)]),
        (Circle(20, 89.5, EARTH_RADIUS * math.radians(1)), [(-180, 88.5, 180, 90)]),
        (Circle(20, -60, EARTH_RADIUS * math.radians(45)), [(-180, -90, 180, -15)]),
        # asin(sin 10 / cos 60) = 20.3220...
        (Circle(0, 60, EARTH_RADIUS * math.radians(10)), [(-20.32205, 50, 20.32205, 70)]),
    ],
)  # fmt: skip
def test_the_boxes_of_known_circles(circle: Circle, boxes: Any) -> None:
    assert [pytest.approx(box, abs=1e-4) for box in boxes] == circle.boxes
