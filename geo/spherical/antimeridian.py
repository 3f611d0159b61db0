"""The antimeridian: the meridians -180 and 180, which are the same, and the map's edges.

Shapes that extend beyond the meridians are moved back onto the map and cut there. Of areas that
were cut there, this module finds the edges that do not exist on the sphere.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from django.contrib.gis.geos import (
    GeometryCollection,
    GEOSGeometry,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)

from geo.spherical.sphere import Position
from geo.wkb import parts_of

# The multiple type of each type.
MULTIPLE: dict[str, Any] = {
    "Point": MultiPoint,
    "LineString": MultiLineString,
    "Polygon": MultiPolygon,
}


def within_the_map(geometry: GEOSGeometry, places: int) -> GEOSGeometry:
    """Returns the geometry with longitudes from -180 to 180, cut where it passes them.

    A geometry within them, in so many decimal places, is returned unchanged: an edge from 170 to
    -170 is straight in longitude and latitude and passes through 0, as in the databases. Raises
    GEOSException for an invalid polygon that must be cut.
    """
    if geometry.empty or _is_within(geometry, places):
        return geometry
    if geometry.geom_type == "GeometryCollection":
        return GeometryCollection([within_the_map(member, places) for member in _parts(geometry)])
    pieces = [piece for single in _parts(geometry) for piece in _pieces(single, places)]
    if len(pieces) == 1 and geometry.geom_type in MULTIPLE:
        return pieces[0]
    whole: GEOSGeometry = MULTIPLE[geometry.geom_type.removeprefix("Multi")](pieces)
    return whole


def _is_within(geometry: GEOSGeometry, places: int) -> bool:
    west, east = _ends(geometry, places)
    return west >= -180 and east <= 180


def _ends(geometry: GEOSGeometry, places: int) -> tuple[float, float]:
    west, _, east, _ = geometry.extent
    return round(west, places), round(east, places)


def _parts(geometry: Any) -> Iterable[GEOSGeometry]:
    """Returns the members of a collection, or the geometry itself."""
    return geometry if isinstance(geometry, GeometryCollection) else [geometry]


def _pieces(single: GEOSGeometry, places: int) -> Iterator[GEOSGeometry]:
    """Yields the parts of a point, line or polygon, each moved onto the map.

    Parts of a line are in its own order, those of a polygon from west to east.
    """
    if single.empty:
        return
    if isinstance(single, LineString):
        for turn, positions in _runs(single.coords, places):
            yield _moved(LineString(positions), turn)
        return
    west, east = _ends(single, places)
    # Turns around the Earth; the map is turn 0.
    first, last = math.floor((west + 180) / 360), math.ceil((east - 180) / 360)
    if first >= last:
        yield _moved(single, first)
        return
    for turn in range(first, last + 1):
        for part in _parts(single.intersection(_map(single, turn))):
            if part.geom_type == single.geom_type:  # not a point in which it only touches the edge
                yield _moved(part, turn)


def _runs(
    positions: Iterable[tuple[float, ...]], places: int
) -> Iterator[tuple[int, list[Position]]]:
    """Yields the runs of a line's positions that are on one turn, with that turn.

    GEOS would return a stretch that a line repeats only once.
    """
    corners = [(x, y) for x, y, *_ in positions]
    steps = [part for start, end in pairwise(corners) for part in pairwise(_cut(start, end))]
    turn = 0
    run: list[Position] = []
    for start, end in steps:
        if not (run and all(_is_on(turn, x, places) for x, _ in (start, end))):
            if run:
                yield turn, run
            turn, run = math.floor(((start[0] + end[0]) / 2 + 180) / 360), [start]
        run.append(end)
    yield turn, run


def _cut(start: Position, end: Position) -> list[Position]:
    """Yields a straight edge's ends and the places where it enters another turn."""
    (west, _), (east, _) = sorted((start, end))
    turns = range(math.floor((west + 180) / 360), math.floor((east + 180) / 360) + 1)
    meridians = [360 * turn + 180.0 for turn in turns if west < 360 * turn + 180 < east]
    slope = (end[1] - start[1]) / (end[0] - start[0]) if meridians else 0.0
    between = [(x, start[1] + (x - start[0]) * slope) for x in meridians]
    return [start, *(between if start[0] < end[0] else reversed(between)), end]


def _is_on(turn: int, longitude: float, places: int) -> bool:
    return abs(round(longitude - 360 * turn, places)) <= 180


def _map(geometry: GEOSGeometry, turn: int) -> Polygon:
    """Returns the map on a turn, as far north and south as the geometry needs."""
    _, south, _, north = geometry.extent
    return Polygon.from_bbox((360 * turn - 180, south - 1, 360 * turn + 180, north + 1))


def _moved(single: Any, turn: int) -> GEOSGeometry:
    def moved(positions: Any) -> list[Position]:
        return [(x - 360 * turn, y) for x, y, *_ in positions]

    match single.geom_type:
        case "Point":
            return Point(single.x - 360 * turn, single.y)
        case "LineString":
            return LineString(moved(single.coords))
    return Polygon(*map(moved, single.coords))


# Degrees by which an area extends over an edge of the map, where no coordinate is.
PAST = 1e-9

type Stretch = tuple[float, float]  # of a meridian: south and north


def joined(area: GEOSGeometry) -> GEOSGeometry:
    """Returns an area for tests of places at the antimeridian, if it lies on both sides of it.

    Where the area was cut it extends a bit over the edges of the map, so that the cut is inside and
    not on the boundary. An area without a cut is returned unchanged.
    """
    west, east = _at_edges(area)
    cut = [
        (max(south, other_south), min(north, other_north))
        for south, north in west
        for other_south, other_north in east
        if max(south, other_south) < min(north, other_north)
    ]
    if not cut:
        return area
    if area.equals(area.envelope):  # around the whole Earth: it stays a box
        _, south, _, north = area.extent
        whole: GEOSGeometry = Polygon.from_bbox((-180 - PAST, south, 180 + PAST, north))
    else:
        # A triangle touches the next stretch only in a point, which would still be a boundary.
        past = [
            Polygon(((x, south), (x + past, (south + north) / 2), (x, north), (x, south)))
            for south, north in cut
            for x, past in ((-180, -PAST), (180, PAST))
        ]
        whole = area.union(MultiPolygon(past))
    whole.srid = area.srid
    return whole


def opposite(area: GEOSGeometry) -> list[GEOSGeometry]:
    """Returns lines and points where an area meets one edge of the map, moved to the other."""
    west, east = _at_edges(area)
    found = [
        (x, (south, north))
        for x, here, there in ((180, west, east), (-180, east, west))
        for south, north in here
        if not any(least <= south and north <= most for least, most in there)
    ]
    lines = [LineString((x, south), (x, north)) for x, (south, north) in found if south < north]
    points = [Point(x, south) for x, (south, north) in found if south == north]
    shapes: list[GEOSGeometry] = []
    if lines:
        shapes.append(MultiLineString(lines, srid=area.srid))
    if points:
        shapes.append(MultiPoint(points, srid=area.srid))
    return shapes


def _at_edges(area: GEOSGeometry) -> tuple[list[Stretch], list[Stretch]]:
    """Returns where an area meets the western and the eastern edge, a point as a stretch."""
    west, _, east, _ = area.extent
    if west != -180 and east != 180:
        return [], []
    rings = [rings[0] for rings in parts_of(area).polygons]
    at_west, at_east = (
        [stretch for ring in rings for stretch in _stretches(ring, edge)] for edge in (-180, 180)
    )
    return at_west, at_east


def _stretches(ring: Sequence[Position], edge: float) -> list[Stretch]:
    """Yields where a ring runs along a meridian, from south to north, or touches it."""
    found: list[Stretch] = []
    on_it = [(y, y) for x, y in ring if x == edge]
    along = [(min(a[1], b[1]), max(a[1], b[1])) for a, b in pairwise(ring) if a[0] == b[0] == edge]
    for south, north in sorted((*on_it, *along)):
        if found and south <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], north))
        else:
            found.append((south, north))
    return found
