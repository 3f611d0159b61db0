"""Buffers in metres on the sphere, around any shape.

Around each vertex stands a circle of the sphere, as a polygon; along each edge the hull of the
circles at its ends; all of them and the shape itself are united. That is exact in the limit; what
the outline is off by, as a share of the distance:

    3.1e-4  the circles' 128 vertices lie on them, their edges within
    1.0e-4  vertices that nearer to their neighbours' edge are left out
    1.0e-4  hulls: circles grow wider towards a pole, and the ends are at most a degree apart
    3.2e-4  the circles' edges are straight in longitude and latitude

The last two are worst cases: edges that run north, a distance of 1,000 km at 60 degrees. Inside of
HIGHEST the sum is below 2e-3.
"""

import math
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise

from django.contrib.gis.geos import GEOSGeometry, Polygon

from geo.spherical.sphere import EARTH_RADIUS, Position
from geo.wkb import Line, WKBType, collection, line, moved, parts_of, point

VERTICES = 128
LARGEST = 1_000_000.0
# Of the distance, that an outline may be off by where vertices are left out.
FINENESS = 1e-4
# Degrees of latitude past which no buffer is made: its circles are no circles on a map any more.
HIGHEST = 85.0
_DIRECTIONS = [
    (math.sin(2 * math.pi * n / VERTICES), math.cos(2 * math.pi * n / VERTICES))
    for n in range(VERTICES)
]


def buffer(geometry: GEOSGeometry, metres: float) -> GEOSGeometry | None:
    """All places within `metres` of a geometry, whose edges are straight in longitude and latitude.

    None for an empty geometry, for one off the map, and where the buffer goes past HIGHEST.
    """
    if geometry.empty:
        return None
    angle = metres / EARTH_RADIUS
    west, south, east, north = geometry.extent
    if west < -180 or east > 180 or max(-south, north) + 2 * math.degrees(angle) > HIGHEST:
        return None
    found = parts_of(geometry)
    lines = _thinned([*found.lines, *found.rings], math.degrees(angle) * FINENESS)
    pieces = [_hull(_circle(place, angle)) for place in found.points]
    for each in lines:
        pieces += _along(each, angle)
    united = _united([*pieces, geometry] if found.polygons else pieces)
    united.srid = geometry.srid
    return _on_the_map(united)


def _along(places: Line, angle: float) -> Iterable[GEOSGeometry]:
    """The hulls of the circles along a line's edges."""
    for start, end in pairwise(places):
        highest = max(abs(start[1]), abs(end[1])) + math.degrees(angle)
        count = math.ceil(abs(end[1] - start[1]) / math.cos(math.radians(highest))) or 1
        spots = [
            (
                start[0] + (end[0] - start[0]) * part / count,
                start[1] + (end[1] - start[1]) * part / count,
            )
            for part in range(count + 1)
        ]
        circles = [_circle(place, angle) for place in spots]
        for one, other in pairwise(circles):
            yield _hull(one + other)


def _circle(centre: Position, angle: float) -> Line:
    """Places at an angle from a centre, the longitudes as they go on past 180."""
    latitude = math.radians(centre[1])
    sine, cosine = math.sin(latitude), math.cos(latitude)
    up, out = math.cos(angle), math.sin(angle)
    circle = []
    for east, north in _DIRECTIONS:
        height = sine * up + cosine * out * north
        around = math.atan2(east * out * cosine, up - sine * height)
        circle.append((centre[0] + math.degrees(around), math.degrees(math.asin(height))))
    return circle


def _thinned(lines: Sequence[Line], tolerance: float) -> list[Line]:
    """The lines without the vertices that stand within `tolerance` degrees of the others' edges."""
    if not lines:
        return []
    whole = _read(collection(WKBType.MULTILINESTRING, [line(each) for each in lines]))
    kept = parts_of(whole.simplify(tolerance)).lines
    return kept or list(lines)


def _hull(places: Line) -> GEOSGeometry:
    return _read(collection(WKBType.MULTIPOINT, [point(place) for place in places])).convex_hull


def _united(pieces: Sequence[GEOSGeometry]) -> GEOSGeometry:
    members = [bytes(piece.wkb) for piece in pieces]
    return _read(collection(WKBType.GEOMETRYCOLLECTION, members)).unary_union


def _read(wkb: bytes) -> GEOSGeometry:
    return GEOSGeometry(memoryview(wkb))


def _turned(degrees: float, place: Position) -> Position:
    return place[0] + degrees, place[1]


def _on_the_map(geometry: GEOSGeometry) -> GEOSGeometry:
    """What goes past the antimeridian, cut there and brought to its other side."""
    west, _, east, _ = geometry.extent
    if west >= -180 and east <= 180:
        return geometry
    pieces = []
    for turn in (-360.0, 0.0, 360.0):
        world = Polygon.from_bbox((-180 - turn, -90, 180 - turn, 90))
        piece = geometry.intersection(world)
        if not piece.empty:
            pieces.append(_read(moved(bytes(piece.wkb), partial(_turned, turn))))
    whole = _united(pieces)
    whole.srid = geometry.srid
    return whole
