"""Formulas on the sphere, compared with published or independent values."""

import math
from itertools import pairwise

import pytest
from django.contrib.gis.geos import LineString
from hypothesis import assume, example, given
from hypothesis import strategies as st

from geo.spherical.sphere import (
    EARTH_RADIUS,
    STEP,
    area,
    central_angle,
    cut_at_antimeridian,
    distance,
    great_circle,
    ring_area,
)

pytestmark = pytest.mark.once

PLACES = st.tuples(st.floats(-180, 180), st.floats(-89, 89))
LAX = (-(118 + 24 / 60), 33 + 57 / 60)
JFK = (-(73 + 47 / 60), 40 + 38 / 60)
TOKYO = (139.78, 35.55)
OCTANT = [(0, 0), (90, 0), (90, 90), (0, 90), (0, 0)]


def chord_angle(start, end):
    """Returns the angle between two points from their chord, without haversine."""

    def unit(place):
        lambda_, phi = map(math.radians, place)
        return (
            math.cos(phi) * math.cos(lambda_),
            math.cos(phi) * math.sin(lambda_),
            math.sin(phi),
        )

    return 2 * math.asin(min(1.0, math.dist(unit(start), unit(end)) / 2))


def test_distance_of_the_aviation_formularys_worked_example():
    """Los Angeles to New York is 0.623585 radians, 2144 nautical miles there."""
    assert central_angle(LAX, JFK) == pytest.approx(0.623585, abs=5e-7)


def test_a_quarter_of_the_equator():
    assert distance((0, 0), (90, 0)) == pytest.approx(EARTH_RADIUS * math.pi / 2, rel=1e-15)


def test_pole_to_pole_is_half_a_circle():
    assert distance((12, 90), (-70, -90)) == pytest.approx(EARTH_RADIUS * math.pi, rel=1e-15)


@given(PLACES, PLACES)
def test_distance_agrees_with_the_chord(start, end):
    assert central_angle(start, end) == pytest.approx(chord_angle(start, end), abs=2e-8)


def test_midpoint_of_the_aviation_formularys_worked_example():
    """At 40 per cent of the way the Formulary gives 38 deg 40.167 min N, 101 deg 37.570 min W."""
    points = great_circle(LAX, JFK, step=0.2 * 0.623585 * EARTH_RADIUS * 1.001)
    assert points[2] == pytest.approx((-(101 + 37.570 / 60), 38 + 40.167 / 60), abs=1e-4)


@given(PLACES, PLACES)
def test_great_circle_is_dense_even_and_as_long_as_the_distance(start, end):
    angle = chord_angle(start, end)
    assume(1e-6 < angle < math.pi - 1e-3)
    points = great_circle(start, end)
    assert (points[0], points[-1]) == (start, end)
    legs = [distance(*pair) for pair in pairwise(points)]
    assert max(legs) <= STEP * (1 + 1e-6)
    assert math.fsum(legs) == pytest.approx(distance(start, end), rel=1e-6, abs=1e-2)


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [((5, 5), (5, 5), "two places"), ((0, 10), (180, -10), "antipodes")],
)
def test_a_great_circle_between_one_place_or_antipodes_is_refused(start, end, message):
    with pytest.raises(ValueError, match=message):
        great_circle(start, end)


def test_a_line_across_the_pacific_is_cut_at_the_antimeridian():
    west, east = cut_at_antimeridian(great_circle(TOKYO, LAX))
    assert (west[0], east[-1]) == (TOKYO, LAX)
    assert (west[-1][0], east[0][0]) == (180, -180)
    assert west[-1][1] == east[0][1]


def test_the_cut_lies_on_the_great_circle():
    """By symmetry, a line from 170 W to 170 E at one latitude crosses where it is highest."""
    (_, (side, latitude)), _ = cut_at_antimeridian([(170.0, 60.0), (-170.0, 60.0)])
    assert side == 180
    expected = math.degrees(math.atan(math.tan(math.radians(60)) / math.cos(math.radians(10))))
    assert latitude == pytest.approx(expected, abs=1e-9)


@given(PLACES, PLACES)
@example((170.0, 10.0), (180.0, 12.0))
@example((180.0, 10.0), (-170.0, 12.0))
@example((-180.0, 10.0), (170.0, 12.0))
@example((170.0, 10.0), (-180.0, 12.0))
@example((0.0, 80.0), (180.0, 80.0))
@example((-40.0, 80.0), (140.0, 80.0))
def test_pieces_are_valid_lines_that_never_jump_across_the_map(start, end):
    assume(1e-6 < chord_angle(start, end) < math.pi - 1e-3)
    pieces = cut_at_antimeridian(great_circle(start, end))
    for piece in pieces:
        assert LineString(piece).valid
        assert all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in piece)
        for here, there in pairwise(piece):
            assert abs(here[0] - there[0]) <= 180


def test_an_octant_is_an_eighth_of_the_sphere():
    assert ring_area(OCTANT) == pytest.approx(math.pi * EARTH_RADIUS**2 / 2, rel=1e-15)


def test_the_zone_between_two_parallels_follows_archimedes():
    """A zone's area is 2 pi R h, however long its edges: a parallel stays a parallel."""
    zone = [(-180, 30), (180, 30), (180, 45), (-180, 45), (-180, 30)]
    height = EARTH_RADIUS * (math.sin(math.radians(45)) - 0.5)
    assert ring_area(zone) == pytest.approx(2 * math.pi * EARTH_RADIUS * height, rel=1e-14)


def test_a_slanted_edge_is_exact_however_finely_it_is_cut():
    triangle = [(0.0, 0.0), (40.0, 10.0), (5.0, 60.0), (0.0, 0.0)]
    fine = [
        (a[0] + (b[0] - a[0]) * part / 1000, a[1] + (b[1] - a[1]) * part / 1000)
        for a, b in pairwise(triangle)
        for part in range(1000)
    ]
    assert ring_area(triangle) == pytest.approx(ring_area([*fine, fine[0]]), rel=1e-12)


def test_holes_are_taken_away_whichever_way_they_turn():
    hole = [(10, 10), (20, 10), (20, 20), (10, 20), (10, 10)]
    expected = ring_area(OCTANT) - ring_area(hole)
    assert area([[OCTANT, hole]]) == pytest.approx(expected, rel=1e-15)
    assert area([[OCTANT, hole[::-1]]]) == pytest.approx(expected, rel=1e-15)
