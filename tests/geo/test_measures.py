"""Measures of places and shapes, compared with published values and other methods."""

import math
import random
from itertools import pairwise

import pytest
from django.contrib.gis.geos import (
    GeometryCollection,
    GEOSGeometry,
    LineString,
    MultiPoint,
    Point,
    Polygon,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from geo.spherical import geodesic, shape_distance
from geo.spherical.buffer import HIGHEST, buffer
from geo.spherical.geohash import LETTERS, geohash
from geo.spherical.sphere import EARTH_RADIUS, azimuth, central_angle, distance
from geo.wkb import moved, parts

pytestmark = pytest.mark.once

PLACES = st.tuples(st.floats(-180, 180), st.floats(-90, 90))

# Lines of GeodTest.dat (C. F. F. Karney, doi:10.5281/zenodo.32156), as geographiclib's own tests
# print them: latitude, longitude, latitude, longitude, metres.
GEODTEST = [
    (35.60777, -139.44815, -11.17491, -69.95921, 8935244.5604818305),
    (55.52454, 106.05087, 77.03196, 197.18234, 4105086.1713924406),
    (-21.97856, 142.59065, 41.84138, 98.56635, 8394328.894657671),
    (-66.99028, 112.2363, -12.70631, 285.90344, 11150344.2312080241),
    (-17.42761, 173.34268, -15.84784, 5.93557, 16076603.1631180673),
    (32.84994, 48.28919, -56.28556, 202.29132, 16727068.9438164461),
    (6.96833, 52.74123, -7.39675, 206.17291, 17102477.2496958388),
    (-50.56724, -16.30485, -33.56571, -94.97412, 6455670.5118668696),
    (-58.93002, -8.90775, -8.91104, 133.13503, 11756066.0219864627),
    (-68.82867, -74.28391, -50.63005, -8.36685, 3956936.926063544),
]


def chord(start, end):
    """Returns the metres between two places, from their chord."""
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.dist(unit(start), unit(end)) / 2))


def unit(place):
    longitude, latitude = map(math.radians, place)
    around = math.cos(latitude)
    return around * math.cos(longitude), around * math.sin(longitude), math.sin(latitude)


@given(PLACES)
def test_the_antipode_is_half_a_circle_away_to_the_micrometre(place):
    opposite = (place[0] - math.copysign(180, place[0]), -place[1])
    assert distance(place, opposite) == pytest.approx(math.pi * EARTH_RADIUS, abs=1e-6)
    # A metre short of it.
    near = (opposite[0], opposite[1] + math.copysign(math.degrees(1 / EARTH_RADIUS), place[1]))
    assert math.pi - central_angle(place, near) == pytest.approx(1 / EARTH_RADIUS, rel=1e-6)


@pytest.mark.parametrize(("latitude1", "longitude1", "latitude2", "longitude2", "metres"), GEODTEST)
def test_a_geodesic_is_geodtests_to_the_millimetre(
    latitude1, longitude1, latitude2, longitude2, metres
):
    found = geodesic.distance((longitude1, latitude1), (longitude2, latitude2))
    assert found == pytest.approx(metres, abs=1e-3)


def test_the_ellipsoid_has_the_published_area():
    """WGS 84 has 510,065,621,724,089 m2; a hemisphere is half of it."""
    equator = [(0, 0), (90, 0), (180, 0), (-90, 0), (0, 0)]
    assert geodesic.ring_area(equator) == pytest.approx(510_065_621_724_089 / 2, rel=1e-14)
    # A quarter of a meridian is 10,001,965.729 m.
    assert geodesic.length([(5, 0), (5, 90)]) == pytest.approx(10_001_965.729, abs=1e-3)


@given(PLACES, PLACES)
def test_an_azimuth_points_along_the_great_circle(start, end):
    """The oracle projects `end` onto the plane that touches the globe at `start`."""
    assume(1e-6 < central_angle(start, end) < math.pi - 1e-6)
    assume(abs(start[1]) < 89.9)
    longitude, latitude = map(math.radians, start)
    east = (-math.sin(longitude), math.cos(longitude), 0.0)
    north = (
        -math.sin(latitude) * math.cos(longitude),
        -math.sin(latitude) * math.sin(longitude),
        math.cos(latitude),
    )
    there = unit(end)
    wanted = math.degrees(math.atan2(math.sumprod(east, there), math.sumprod(north, there)))
    found = azimuth(start, end)
    assert 0 <= found <= 360
    assert (found - wanted + 180) % 360 == pytest.approx(180, abs=1e-3)


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        ((0, 0), (0, 1), 0),
        ((0, 0), (1, 0), 90),
        ((0, 0), (0, -1), 180),
        ((0, 0), (-1, 0), 270),
        ((180, 10), (-180, 10), None),
        ((10, 90), (-50, 90), None),
        ((0, 10), (180, -10), None),
        ((179.9, 0), (-179.9, 0), 90),
        ((30, 90), (30, 0), 180),
        ((30, -90), (30, 0), 0),
    ],
)
def test_the_azimuths_that_everybody_knows(start, end, wanted):
    assert azimuth(start, end) == (None if wanted is None else pytest.approx(wanted, abs=1e-9))


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ((-5.6, 42.6), "ezs42"),  # Wikipedia
        ((10.40744, 57.64911), "u4pruydqqvj"),  # Wikipedia
        ((-126, 48), "c0w3hf1s70w3hf1s70w3"),  # PostGIS' manual
        ((180, 90), "zzzzz"),
        ((-180, -90), "00000"),
        ((180.1, 0), None),
        ((0, -90.1), None),
    ],
)
def test_a_geohash_is_the_published_one(place, wanted):
    assert geohash(place, len(wanted or "12345")) == wanted


@given(PLACES, st.integers(1, 12))
def test_a_geohash_names_the_cell_that_holds_the_place(place, precision):
    bits = [LETTERS.index(x) >> n & 1 for x in geohash(place, precision) for n in (4, 3, 2, 1, 0)]
    for axis, (value, whole) in enumerate(zip(place, (360, 180), strict=True)):
        mine = bits[axis::2]
        cell = whole / 2 ** len(mine)
        west = sum(bit * whole / 2 ** (n + 1) for n, bit in enumerate(mine)) - whole / 2
        assert west <= value <= west + cell


def random_shape(chance, kind):
    x, y = chance.uniform(-179, 179), chance.uniform(-85, 85)
    size = 10 ** chance.uniform(-3, 1.3)
    spots = [
        (
            max(-180, min(180, x + chance.gauss(0, size))),
            max(-90, min(90, y + chance.gauss(0, size))),
        )
        for _ in range(5)
    ]
    if kind == "point":
        return Point(spots[0])
    if kind == "line":
        return LineString(spots)
    return MultiPoint([Point(spot) for spot in spots]).convex_hull.buffer(size / 100)


def spots_of(shape, share):
    """Returns places along the shape's edges, straight in longitude and latitude."""
    found = parts(bytes(shape.wkb))
    spots = list(found.points)
    for line in [*found.lines, *found.rings]:
        for a, b in pairwise(line):
            spots += [(a[0] + (b[0] - a[0]) * n / share, a[1] + (b[1] - a[1]) * n / share)
                      for n in range(share + 1)]  # fmt: skip
    return spots


def tree_of(shape):
    found = parts(bytes(shape.wkb))
    return shape_distance.tree(found.points, [*found.lines, *found.rings])


@pytest.mark.parametrize("seed", range(60))
def test_the_nearest_places_are_those_that_sampling_finds(seed):
    chance = random.Random(seed)
    kinds = [chance.choice(["point", "line", "area"]) for _ in "ab"]
    a, b = (random_shape(chance, kind) for kind in kinds)
    found = shape_distance.distance(tree_of(a), tree_of(b))
    share = 40 if "area" not in kinds else 6
    here, there = spots_of(a, share), spots_of(b, share)
    sampled, one, other = min((chord(p, q), p, q) for p in here for q in there)
    step = max(
        (chord(p, q) for spots in (here, there) for p, q in pairwise(spots) if chord(p, q) < 3e6),
        default=0.0,
    )
    assert found <= sampled + 0.05
    # The nearest places lie within half a step of two that were looked at.
    assert found >= sampled - step - 0.05
    # And looked at more closely around those two.
    closer = min(chord(p, q) for p in finer(one, here) for q in finer(other, there))
    assert found <= closer + 0.05


def finer(place, spots):
    """Returns places between one and its neighbours on the edge."""
    index = spots.index(place)
    around = spots[max(0, index - 1) : index + 2]
    return [place] + [
        (p[0] + (q[0] - p[0]) * n / 50, p[1] + (q[1] - p[1]) * n / 50)
        for p, q in pairwise(around)
        if chord(p, q) < 3e6
        for n in range(51)
    ] if len(spots) > 1 else [place]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "start", "end", "degrees"),
    [
        ((0, 10), (-5, 0), (5, 0), 10),  # the foot lies between
        ((20, 0), (-5, 0), (5, 0), 15),  # beyond an end
        ((0, 90), (10, 60), (10, 70), 20),  # from the pole
        ((-179, 0), (179, -1), (179, 1), 2),  # over the antimeridian
        ((0, 80), (180, 80), (180, 85), 15),  # over the pole
        ((0, 50), (0, 50), (0, 60), 0),
        ((7, 7), (7, 7), (7, 7), 0),
        ((0, 0.5), (0, 0), (1e-9, 0), 0.5),  # a tenth of a millimetre long
    ],
)
def test_a_place_and_an_edge(place, start, end, degrees):
    found = shape_distance.distance(
        shape_distance.tree([place], []), shape_distance.tree([], [[start, end]])
    )
    assert found == pytest.approx(math.radians(degrees) * EARTH_RADIUS, abs=1e-5)


def test_edges_along_two_parallels_are_as_far_apart_as_these():
    """Every place of the shorter edge is equally near to the other edge."""
    found = shape_distance.distance(
        shape_distance.tree([], [[(0, 0), (90, 0)]]),
        shape_distance.tree([], [[(2, 40), (2.1, 40)]]),
    )
    assert found == pytest.approx(math.radians(40) * EARTH_RADIUS, abs=0.05)


@pytest.mark.parametrize("south", [0, 50])
def test_few_pieces_of_edges_along_two_parallels_are_compared(monkeypatch, south):
    """All pieces are equally near, as in two boxes above each other."""
    compared = []
    between = shape_distance._between
    monkeypatch.setattr(
        shape_distance, "_between", lambda *pair: compared.append(pair) or between(*pair)
    )
    found = shape_distance.distance(
        shape_distance.tree([], [[(0, south), (90, south)]]),
        shape_distance.tree([], [[(10, south + 10), (20, south + 10)]]),
    )
    assert found == pytest.approx(math.radians(10) * EARTH_RADIUS, abs=0.01)
    assert len(compared) < 10_000  # without bounds of the latitudes 190,000


def test_an_edge_along_a_parallel_stays_on_it():
    """The great circle from 0 to 60 east on the 60th parallel would come 4.4 degrees nearer."""
    found = shape_distance.distance(
        shape_distance.tree([(30, 80)], []), shape_distance.tree([], [[(0, 60), (60, 60)]])
    )
    assert found == pytest.approx(math.radians(20) * EARTH_RADIUS, abs=0.05)


@pytest.mark.parametrize("metres", [1.0, 50.0, 1000.0, 250_000.0, 1_000_000.0])
@pytest.mark.parametrize(
    "wkt",
    [
        "POINT (2.35 48.85)",
        "POINT (179.999 -17)",
        "POINT (-180 60)",
        "LINESTRING (10 60, 10.5 60.2, 10.5 60.2001, 11 59)",
        "LINESTRING (170 -20, 180 10)",
        "MULTIPOINT (0 0, 3 3)",
        "POLYGON ((5 5, 15 5, 15 15, 5 15, 5 5), (8 8, 12 8, 12 12, 8 12, 8 8))",
        "MULTIPOLYGON (((170 40, 180 40, 180 50, 170 50, 170 40)), "
        "((-180 40, -178 40, -178 50, -180 50, -180 40)))",
    ],
)
def test_a_buffers_outline_is_as_far_away_as_it_says(wkt, metres):
    shape = GEOSGeometry(wkt)
    made = buffer(shape, metres)
    assert made.valid
    whole = tree_of(shape)
    for spot in random.Random(1).sample(spots := spots_of(made, 2), min(150, len(spots))):
        if abs(spot[0]) == 180:
            continue  # where it is cut
        away = shape_distance.distance(shape_distance.tree([spot], []), whole)
        # The distance itself is good to 8 millimetres times the tangent of the latitude.
        assert away == pytest.approx(metres, rel=2e-3, abs=0.015)
    # What is within the distance is in it.
    for n in range(8):
        for place in spots_of(shape, 1)[:6]:
            angle = math.degrees(0.99 * metres / EARTH_RADIUS)
            x = place[0] + angle * math.sin(n) * 0.99
            y = place[1] + angle * math.cos(n)
            if chord(place, (x, y)) < 0.99 * metres:
                x -= math.copysign(360, x) if abs(x) > 180 else 0
                assert made.intersects(Point(x, y))


def test_a_point_buffers_area_is_the_caps():
    from geo.spherical.sphere import area

    made = buffer(Point(12, 47), 200_000)
    cap = 2 * math.pi * EARTH_RADIUS**2 * (1 - math.cos(200_000 / EARTH_RADIUS))
    assert area(parts(bytes(made.wkb)).polygons) == pytest.approx(cap, rel=1e-3)


@pytest.mark.parametrize("wkt", ["POINT (0 89)", "POINT (0 -85)", "POINT (181 0)", "POINT EMPTY"])
def test_no_buffer_is_made_at_a_pole_or_off_the_map(wkt):
    assert buffer(GEOSGeometry(wkt), 10_000) is None
    assert HIGHEST < 90


@given(st.lists(PLACES, min_size=2, max_size=9))
def test_parts_are_the_coordinates_that_geos_has(places):
    line = LineString(places)
    box = Polygon.from_bbox((0, 0, 2, 3))
    both = GeometryCollection(line, box, MultiPoint(Point(5, 6)))
    found = parts(bytes(both.wkb))
    assert found.lines == [list(both[0].coords)]
    assert found.rings == [list(box.coords[0])]
    assert found.points == [(5.0, 6.0)]
    empty = bytes.fromhex("0101000000" + "000000000000f87f" * 2)  # as PostGIS writes it
    assert parts(empty).points == []
    there = moved(bytes(line.wkb), lambda place: (place[0] + 1, -place[1]))
    assert list(GEOSGeometry(memoryview(there)).coords) == [(x + 1, -y) for x, y in places]


def test_parts_of_three_dimensions_are_refused():
    with pytest.raises(ValueError, match="two dimensions"):
        parts(bytes(Point(1, 2, 3).wkb))
