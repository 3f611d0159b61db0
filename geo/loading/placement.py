"""Finds the country whose polygon contains a place, or the nearest one, by GEOS.

The databases take no part, so the answer is the same for all of them.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.contrib.gis.geos.prepared import PreparedGeometry

from geo.models import Airport
from geo.spherical.bbox import Box

# Degrees within which a polygon counts as nearest: coasts and islets missing at 1:50 million.
NEAR = 0.5
# Degrees of a cell of the index.
CELL = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A place's area, by its key, and how it was found."""

    key: str | None
    placed_by: Airport.PlacedBy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    key: str
    polygon: Polygon
    prepared: PreparedGeometry
    extent: Box

    def near(self, longitude: float, latitude: float, margin: float) -> bool:
        west, south, east, north = self.extent
        return (
            west - margin <= longitude <= east + margin
            and south - margin <= latitude <= north + margin
        )


class Placer:
    """An index of areas by key that finds the area of a place."""

    def __init__(self, areas: Iterable[tuple[str, MultiPolygon]]) -> None:
        self._cells: dict[tuple[int, int], list[_Part]] = defaultdict(list)
        for key, area in areas:
            for polygon in cast("Iterable[Polygon]", area):
                part = _Part(
                    key=key, polygon=polygon, prepared=polygon.prepared, extent=polygon.extent
                )
                for cell in _cells(part.extent):
                    self._cells[cell].append(part)

    def locate(self, longitude: float, latitude: float) -> Placement:
        """Returns the area that contains the place, or the nearest within half a degree, or none.

        A border belongs to both sides; ties go to the first key in code point order. Distances are
        planar, in degrees, as in the databases: the antimeridian is an edge.
        """
        place = Point(longitude, latitude)
        holding = [
            part.key
            for part in self._candidates(longitude, latitude, 0)
            if part.prepared.intersects(place)
        ]
        if holding:
            return Placement(key=min(holding), placed_by=Airport.PlacedBy.POLYGON)
        near = [
            found
            for part in self._candidates(longitude, latitude, NEAR)
            if (found := (part.polygon.distance(place), part.key))[0] <= NEAR
        ]
        if near:
            return Placement(key=min(near)[1], placed_by=Airport.PlacedBy.NEAREST)
        return Placement(key=None, placed_by=Airport.PlacedBy.NONE)

    def _candidates(self, longitude: float, latitude: float, margin: float) -> Iterator[_Part]:
        cell = math.floor(longitude / CELL), math.floor(latitude / CELL)
        return (
            part for part in self._cells.get(cell, ()) if part.near(longitude, latitude, margin)
        )


def _cells(extent: Box) -> Iterator[tuple[int, int]]:
    """Yields the cells that an extent with its margin touches."""
    west, south, east, north = extent
    for column in range(math.floor((west - NEAR) / CELL), math.floor((east + NEAR) / CELL) + 1):
        for row in range(math.floor((south - NEAR) / CELL), math.floor((north + NEAR) / CELL) + 1):
            yield column, row
