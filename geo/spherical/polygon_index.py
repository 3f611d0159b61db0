"""Finds the areas that contain a place or intersect a shape, with GEOS, in the plane."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from django.contrib.gis.geos import GeometryCollection, GEOSGeometry, MultiPolygon, Point

from geo.spherical.point_in_polygon import Bands
from geo.spherical.sphere import Position

# Cells are squares of one degree. Shapes beyond the farthest are counted in it.
FARTHEST = 540


class Areas:
    """Areas by number; a grid finds their polygons by the cells that their boxes touch."""

    def __init__(self, areas: Sequence[GEOSGeometry]) -> None:
        self._cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        # Each polygon separately: a box around all polygons of an area is mostly empty.
        self._polygons: list[GEOSGeometry] = []
        self._areas: list[int] = []
        for number, area in enumerate(areas):
            for polygon in area if isinstance(area, MultiPolygon) else (area,):
                self._add(number, polygon)
        self._prepared = [polygon.prepared for polygon in self._polygons]
        # Made for a polygon when it is first needed, because that takes a while.
        self._bands: dict[int, Bands] = {}

    def _add(self, number: int, polygon: GEOSGeometry) -> None:
        for cell in _cells(polygon):
            self._cells[cell].append(len(self._polygons))
        self._polygons.append(polygon)
        self._areas.append(number)

    def holding(self, x: float, y: float) -> list[int]:
        """Returns the areas that cover the place, boundaries included, in ascending order."""
        return sorted(self._holding(self._cells.get((_cell(x), _cell(y)), ()), x, y))

    def _holding(self, near: Sequence[int], x: float, y: float) -> set[int]:
        return {self._areas[n] for n in near if self._covers(n, x, y)}

    def _covers(self, number: int, x: float, y: float) -> bool:
        bands = self._bands.get(number)
        if bands is None:
            polygon = self._polygons[number]
            bands = self._bands[number] = Bands(polygon, polygon.num_coords)
        is_inside = bands.side(x, y)
        if is_inside is None:
            return bool(self._prepared[number].covers(Point(x, y)))
        return is_inside

    def held(self, places: Iterable[Position]) -> Counter[int]:
        """Returns how many of the places each area covers."""
        found: Counter[int] = Counter()
        cells = self._cells
        for x, y in places:
            if (near := cells.get((_cell(x), _cell(y)))) and (holding := self._holding(near, x, y)):
                found.update(holding)
        return found

    def meeting(self, shape: GEOSGeometry) -> list[int]:
        """Returns the areas that intersect the shape, in ascending order."""
        parts = shape if isinstance(shape, GeometryCollection) else (shape,)
        found: set[int] = set()
        for part in parts:
            near = {n for cell in _cells(part) for n in self._cells.get(cell, ())}
            found.update(
                self._areas[n]
                for n in sorted(near)
                if self._areas[n] not in found and self._prepared[n].intersects(part)
            )
        return sorted(found)


def _cells(shape: GEOSGeometry) -> Iterator[tuple[int, int]]:
    """Yields the cells that the box around a shape touches."""
    west, south, east, north = map(_cell, shape.extent)
    return product(range(west, east + 1), range(south, north + 1))


def _cell(degrees: float) -> int:
    if -FARTHEST < degrees < FARTHEST:
        return math.floor(degrees)
    return max(-FARTHEST, min(math.floor(degrees), FARTHEST))
