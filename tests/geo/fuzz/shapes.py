"""Random valid geometries in batches whose members meet each other in many ways.

Every function takes a `random.Random` and draws from nothing else: a seed gives the same shapes.
"""

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from random import Random
from typing import Any

from django.contrib.gis.geos import (
    GEOSGeometry,
    LinearRing,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)

from geo.loading.geometry import PRECISION
from geo.loading.world import FOLDER
from geo.spherical.bbox import Box
from geo.spherical.sphere import Position

SRID = 4326
# Cells of a grid of whole degrees in each direction: few, so that boundaries are shared.
CELLS = 6
# Where a grid's south-western corner stands: at the poles and on the antimeridian too.
CORNERS = ((0, 0), (-3, -3), (-180, -90), (180 - CELLS, 90 - CELLS), (-180, 42))
# Vertices of the largest outline that is drawn from.
VERTICES = 120

type Shapes = list[GEOSGeometry]


def grid_batch(random: Random, size: int) -> Shapes:
    """Returns `size` geometries on a small grid of whole degrees, each type about as often."""
    corner = random.choice(CORNERS)
    return [_shift(random.choice(_GRID)(random), corner) for _ in range(size)]


def outline_batch(random: Random, size: int) -> Shapes:
    """Returns `size` geometries from neighbouring bundled outlines, whole or clipped to a window.

    Polygons, pieces of their boundaries and chords, their vertices, points inside and on an edge
    as near as the places of the files allow.
    """
    polygons = random.choice((_neighbours, _clipped))(random)
    return [random.choice(_OUTLINES)(random, polygons) for _ in range(size)]


def near_batch(random: Random, size: int) -> Shapes:
    """Returns clipped outlines, with points beside an edge by the last bits of a float."""
    polygons = _clipped(random)
    return [random.choice(_NEAR)(random, polygons) for _ in range(size)]


def _valid(make: Callable[..., GEOSGeometry | None]) -> Callable[..., GEOSGeometry]:
    """Draws until a geometry is valid and not empty."""

    def until_valid(random: Random, *given: Any) -> GEOSGeometry:
        while True:
            shape = make(random, *given)
            if shape is not None and not shape.empty and shape.valid:
                shape.srid = SRID
                return shape

    return until_valid


# On a grid


def _position(random: Random) -> Position:
    return random.randint(0, CELLS), random.randint(0, CELLS)


def _path(random: Random, count: int) -> list[Position]:
    path = [_position(random)]
    while len(path) < count:
        position = _position(random)
        if random.random() < 0.5:  # half of the segments run along the grid
            axis = random.randrange(2)
            position = (position[0], path[-1][1]) if axis else (path[-1][0], position[1])
        if position != path[-1]:
            path.append(position)
    return path


@_valid
def _point(random: Random) -> Point:
    return Point(_position(random))


@_valid
def _points(random: Random) -> MultiPoint:
    return MultiPoint([_point(random) for _ in range(random.randint(1, 4))], srid=SRID)


@_valid
def _line(random: Random) -> LineString:
    path = _path(random, random.randint(2, 5))
    if random.random() < 0.2 and path[0] != path[-1]:
        path.append(path[0])
    return LineString(path)


@_valid
def _lines(random: Random) -> MultiLineString:
    return MultiLineString([_line(random) for _ in range(random.randint(1, 3))], srid=SRID)


@_valid
def _ring(random: Random) -> Polygon | None:
    path = _path(random, random.randint(3, 5))
    return Polygon([*path, path[0]]) if path[0] != path[-1] else None


def _box(random: Random) -> Polygon:
    west, east = sorted(random.sample(range(CELLS + 1), 2))
    south, north = sorted(random.sample(range(CELLS + 1), 2))
    return Polygon.from_bbox((west, south, east, north))


@_valid
def _cells(random: Random) -> GEOSGeometry:
    """Returns boxes united with and subtracted from each other, which makes holes and parts."""
    area: GEOSGeometry = _box(random)
    for _ in range(random.randint(0, 4)):
        box = _box(random)
        area = area.difference(box) if random.random() < 0.5 else area.union(box)
    if not isinstance(area, Polygon | MultiPolygon):
        area = Polygon()
    if isinstance(area, Polygon) and not area.empty and random.random() < 0.2:
        return MultiPolygon(area)
    return area


@_valid
def _holed(random: Random) -> GEOSGeometry:
    """Returns a large square with slanted holes, which may touch it or each other in a point."""
    shell = ((0, 0), (CELLS, 0), (CELLS, CELLS), (0, CELLS), (0, 0))
    holes = [LinearRing(_ring(random).shell.coords) for _ in range(random.randint(1, 2))]
    return Polygon(shell, *holes)


@_valid
def _rings(random: Random) -> MultiPolygon:
    return MultiPolygon([_ring(random) for _ in range(2)], srid=SRID)


_GRID: tuple[Callable[[Random], GEOSGeometry], ...] = (
    *(_point, _points, _line, _line, _lines, _ring, _cells, _cells, _holed, _rings),
)


def _shift(shape: GEOSGeometry, corner: Position) -> GEOSGeometry:
    def moved(coordinates: Any) -> Any:
        if isinstance(coordinates[0], float):
            return coordinates[0] + corner[0], coordinates[1] + corner[1]
        return tuple(moved(each) for each in coordinates)

    shifted = _of(type(shape), moved(shape.coords))
    shifted.srid = SRID
    return shifted


def _of(kind: type[GEOSGeometry], coordinates: Any) -> GEOSGeometry:
    match kind.__name__:
        case "Point" | "LineString":
            return kind(coordinates)
        case "Polygon":
            return kind(*coordinates)
    member = {"MultiPoint": Point, "MultiLineString": LineString, "MultiPolygon": Polygon}
    return kind([_of(member[kind.__name__], each) for each in coordinates])


# From the bundled outlines


@cache
def _outlines() -> Sequence[tuple[Polygon, Box]]:
    """Returns every small valid polygon of every country and state, with its box."""
    found: list[Polygon] = []
    for name in ("natural_earth_countries_50m", "natural_earth_states_50m"):
        with gzip.open(FOLDER / f"{name}.geojson.gz") as file:
            for feature in json.load(file)["features"]:
                coordinates = feature["geometry"]["coordinates"]
                is_multi = feature["geometry"]["type"] == "MultiPolygon"
                found += [
                    Polygon(*rings)
                    for rings in (coordinates if is_multi else [coordinates])
                    if sum(map(len, rings)) <= VERTICES
                ]
    return [(polygon, polygon.extent) for polygon in found if polygon.valid]


def _polygons(shape: GEOSGeometry) -> list[Polygon]:
    if isinstance(shape, Polygon):
        return [] if shape.empty else [shape]
    return [part for part in shape if isinstance(part, Polygon)] if shape.num_geom > 1 else []


def _neighbours(random: Random) -> list[Polygon]:
    """Returns an outline and those whose boxes intersect its own."""
    _, (west, south, east, north) = random.choice(_outlines())
    return [
        polygon
        for polygon, (x0, y0, x1, y1) in _outlines()
        if x0 <= east and west <= x1 and y0 <= north and south <= y1
    ]


def _clipped(random: Random) -> list[Polygon]:
    """Returns neighbours clipped to a window; vertices lie as close to cut edges as floats do."""
    polygons = _neighbours(random)
    west, south, east, north = polygons[0].extent
    west += (east - west) * random.random() / 2
    south += (north - south) * random.random() / 2
    window = Polygon.from_bbox((west, south, east, north))
    parts = [part for each in polygons for part in _polygons(each.intersection(window))]
    return [*polygons[:2], *(part for part in parts if part.valid)]


def _ring_of(random: Random, polygons: Sequence[Polygon]) -> Sequence[Position]:
    return random.choice(list(random.choice(polygons))).coords


@_valid
def _vertex(random: Random, polygons: Sequence[Polygon]) -> Point:
    return Point(random.choice(_ring_of(random, polygons)))


@_valid
def _beside(random: Random, polygons: Sequence[Polygon]) -> Point:
    """Returns a point as close to an edge as floats allow, on either side."""
    ring = _ring_of(random, polygons)
    place = random.randrange(len(ring) - 1)
    (x0, y0), (x1, y1) = ring[place], ring[place + 1]
    share = random.choice((0.5, random.random()))
    return Point(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share)


@_valid
def _inside(random: Random, polygons: Sequence[Polygon]) -> Point:
    inside = random.choice(polygons).point_on_surface
    return Point(round(inside.x, PRECISION), round(inside.y, PRECISION))


@_valid
def _several(random: Random, polygons: Sequence[Polygon]) -> MultiPoint:
    makers = (_vertex, _inside)
    points = [random.choice(makers)(random, polygons) for _ in range(random.randint(1, 4))]
    return MultiPoint(points, srid=SRID)


@_valid
def _border(random: Random, polygons: Sequence[Polygon]) -> LineString:
    """Returns part of a boundary, and sometimes a chord across."""
    ring = _ring_of(random, polygons)
    first = random.randrange(len(ring) - 1)
    last = random.randint(first + 1, len(ring) - 1)
    piece = list(ring[first : last + 1])
    return LineString([piece[0], piece[-1]] if random.random() < 0.3 else piece)


@_valid
def _borders(random: Random, polygons: Sequence[Polygon]) -> MultiLineString:
    return MultiLineString([_border(random, polygons) for _ in range(2)], srid=SRID)


@_valid
def _area(random: Random, polygons: Sequence[Polygon]) -> Polygon:
    return random.choice(polygons).clone()


@_valid
def _hole(random: Random, polygons: Sequence[Polygon]) -> GEOSGeometry | None:
    """Returns a box with a part of the outlines as its hole."""
    part = random.choice(polygons)
    west, south, east, north = part.extent
    box = Polygon.from_bbox((west - 0.5, south - 0.5, east + 0.5, north + 0.5))
    return Polygon(box.shell.coords, part.shell.coords)


@_valid
def _areas(random: Random, polygons: Sequence[Polygon]) -> MultiPolygon:
    chosen = random.sample(list(polygons), min(len(polygons), 3))
    return MultiPolygon([chosen[0], *(p for p in chosen[1:] if p.disjoint(chosen[0]))])


@_valid
def _on_edge(random: Random, polygons: Sequence[Polygon]) -> Point:
    """Returns a point on an edge, rounded to the decimal places of the outlines."""
    beside = _beside(random, polygons)
    return Point(round(beside.x, PRECISION), round(beside.y, PRECISION))


_OUTLINES: tuple[Callable[[Random, Sequence[Polygon]], GEOSGeometry], ...] = (
    *(_vertex, _vertex, _inside, _several, _border, _border, _borders, _area, _area),
    *(_area, _hole, _areas, _on_edge, _on_edge),
)
_NEAR = (*_OUTLINES, _beside, _beside)


def batches(kind: str, seed: int, cases: int, size: int) -> Iterator[Shapes]:
    """Yields enough batches of `size` shapes for `cases` pairs; kind is one of KINDS."""
    random = Random(f"{kind} {seed}")
    for _ in range(-(-cases // size**2)):
        yield KINDS[kind](random, size)


# What a batch can be made of.
KINDS: dict[str, Callable[[Random, int], Shapes]] = {
    "grid": grid_batch,
    "outlines": outline_batch,
    "near": near_batch,
}
