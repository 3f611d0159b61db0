"""Finds points that are clearly inside or outside an area, by comparisons only."""

import math
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from django.contrib.gis.geos import GEOSGeometry

from geo.spherical.sphere import Position
from geo.wkb import parts_of

# Margins for rounding: a band counts as higher by this share of its height, and an edge's passage
# as wider by this share of the greatest coordinate.
HIGHER, WIDER = 0.01, 1e-12
# Share of the greatest coordinate: an area of less height gets only one band.
LEAST_HEIGHT = 1e-9
# Beyond these, float arithmetic is not trusted.
GREATEST, LEAST = 1e100, 1e-100

# The ends of a stretch that an edge passes through, and whether it goes from south to north.
type Passage = tuple[float, float, bool]
# Where edges pass through a band: the west and east ends of the stretches, in order; and for each
# place between two ends, those without a stretch first, whether it is inside, or None in a stretch.
type Band = tuple[Sequence[float], Sequence[bool | None]]
NEAR: Band = ([-math.inf, math.inf], [False, None, False])


class Bands:
    """A valid area in bands from south to north, each divided into stretches from west to east.

    A stretch that no edge passes through is inside or outside as a whole, by the parity of the
    edges to its west (M. Shimrat, Algorithm 112, Position of Point Relative to Polygon,
    Communications of the ACM 5, 1962). Other stretches stay undecided, so that no answer depends on
    the rounding of an edge's position.
    """

    def __init__(self, area: GEOSGeometry, number: int) -> None:
        """Makes at most `number` bands. More bands leave fewer points undecided."""
        self._box = area.extent
        _, south, _, north = self._box
        greatest = max(map(abs, self._box))
        if greatest > GREATEST or north - south < LEAST:
            self._scale, self._bands = 0.0, [NEAR]
            return
        if (north - south) / number < greatest * LEAST_HEIGHT:
            number = 1
        # Keeps the northernmost point in the last band, and the middle of a band well within it.
        self._scale = (number - 1e-6) / (north - south)
        passages: list[list[Passage]] = [[] for _ in range(number)]
        edges = (edge for ring in parts_of(area).rings for edge in pairwise(ring))
        for start, end in edges:
            for band, passage in self._passages(start, end, greatest * WIDER):
                passages[band].append(passage)
        self._bands = [_band(each) for each in passages]

    def sides(self, points: Iterable[Position]) -> Iterator[bool | None]:
        """Yields for each point in the area's box: True inside, False outside, None undecided.

        A point on the boundary is undecided.
        """
        south, scale, bands = self._box[1], self._scale, self._bands
        for x, y in points:
            ends, sides = bands[int((y - south) * scale)]
            yield sides[bisect(ends, x)]

    def side(self, x: float, y: float) -> bool | None:
        """Returns the same for one point, anywhere."""
        west, south, east, north = self._box
        if not (west <= x <= east and south <= y <= north):
            return False
        ends, sides = self._bands[int((y - south) * self._scale)]
        return sides[bisect(ends, x)]

    def _passages(self, a: Position, b: Position, wider: float) -> Iterator[tuple[int, Passage]]:
        """Yields the bands that an edge passes through, each with its passage."""
        (x1, y1), (x2, y2) = (a, b) if a[1] <= b[1] else (b, a)
        south, scale = self._box[1], self._scale
        for band in range(int((y1 - south) * scale), int((y2 - south) * scale) + 1):
            middle = south + (band + 0.5) / scale
            enters, leaves = x1, x2
            if (low := south + (band - HIGHER) / scale) > y1:
                enters = x1 + (x2 - x1) * ((low - y1) / (y2 - y1))
            if (high := south + (band + 1 + HIGHER) / scale) < y2:
                leaves = x1 + (x2 - x1) * ((high - y1) / (y2 - y1))
            if enters > leaves:
                enters, leaves = leaves, enters
            yield band, (enters - wider, leaves + wider, y1 <= middle < y2)


def _band(passages: list[Passage]) -> Band:
    ends: list[float] = []
    sides: list[bool | None] = [False]
    is_inside = False
    for west, east, is_crossing in sorted(passages):
        if ends and west <= ends[-1]:
            ends[-1] = max(ends[-1], east)
        else:
            ends += (west, east)
            sides += (None, is_inside)
        is_inside ^= is_crossing
        sides[-1] = is_inside
    return ends, sides
