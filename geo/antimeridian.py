"""Shapes that run past the meridians -180 and 180, brought back onto the map and cut there."""

import math
from collections.abc import Iterable, Iterator
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

from geo.sphere import Position

# What several of a type make.
MULTIPLE: dict[str, Any] = {
    "Point": MultiPoint,
    "LineString": MultiLineString,
    "Polygon": MultiPolygon,
}


def within_the_map(geometry: GEOSGeometry, places: int) -> GEOSGeometry:
    """The geometry with every longitude from -180 to 180, in parts where it passes them.

    What lies within them already, in so many decimal places, is given back as it is: an edge from
    170 to -170 is straight in longitude and latitude and goes by 0, as in the databases. Raises
    GEOSException for a polygon that is to be cut and is not valid.
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
    """The members of a collection, or the geometry itself."""
    return geometry if isinstance(geometry, GeometryCollection) else [geometry]


def _pieces(single: GEOSGeometry, places: int) -> Iterator[GEOSGeometry]:
    """The parts of a point, line or polygon, each moved onto the map.

    Those of a line in its own order, those of a polygon from west to east.
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
            if part.geom_type == single.geom_type:  # and no point in which it touches the edge
                yield _moved(part, turn)


def _runs(
    positions: Iterable[tuple[float, ...]], places: int
) -> Iterator[tuple[int, list[Position]]]:
    """The runs of a line's positions that lie on one turn, with that turn.

    GEOS would give a stretch that a line goes twice only once.
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
    """A straight edge as its ends and the places where it passes from one turn to another."""
    (west, _), (east, _) = sorted((start, end))
    turns = range(math.floor((west + 180) / 360), math.floor((east + 180) / 360) + 1)
    meridians = [360 * turn + 180.0 for turn in turns if west < 360 * turn + 180 < east]
    slope = (end[1] - start[1]) / (end[0] - start[0]) if meridians else 0.0
    between = [(x, start[1] + (x - start[0]) * slope) for x in meridians]
    return [start, *(between if start[0] < end[0] else reversed(between)), end]


def _is_on(turn: int, longitude: float, places: int) -> bool:
    return abs(round(longitude - 360 * turn, places)) <= 180


def _map(geometry: GEOSGeometry, turn: int) -> Polygon:
    """The map on a turn, as far north and south as the geometry needs."""
    _, south, _, north = geometry.extent
    return Polygon.from_bbox((360 * turn - 180, south - 1, 360 * turn + 180, north + 1))


def _moved(single: Any, turn: int) -> GEOSGeometry:
    def moved(positions: Any) -> list[tuple[float, float]]:
        return [(x - 360 * turn, y) for x, y, *_ in positions]

    match single.geom_type:
        case "Point":
            return Point(single.x - 360 * turn, single.y)
        case "LineString":
            return LineString(moved(single.coords))
    return Polygon(*map(moved, single.coords))
