"""Lengths and areas on the ellipsoid of WGS 84, by C. F. F. Karney's geographiclib.

C. F. F. Karney, Algorithms for geodesics, J. Geodesy 87, 2013. A place is (longitude, latitude) in
degrees; the edges of lines and rings are geodesics, the shortest ways between their vertices.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from geographiclib.geodesic import Geodesic

from geo.spherical.sphere import Position

WGS84 = Geodesic.WGS84


def distance(start: Position, end: Position) -> float:
    """Metres along the geodesic between two places, right to 15 nanometres."""
    return float(WGS84.Inverse(start[1], start[0], end[1], end[0], Geodesic.DISTANCE)["s12"])


def length(line: Sequence[Position]) -> float:
    """Metres along a line."""
    return math.fsum(distance(start, end) for start, end in pairwise(line))


def ring_area(ring: Sequence[Position]) -> float:
    """Square metres within a closed ring, the smaller side of it."""
    polygon = WGS84.Polygon()
    for longitude, latitude in ring[:-1]:
        polygon.AddPoint(latitude, longitude)
    _count, _perimeter, area = polygon.Compute(sign=True)
    return abs(float(area))


def area(polygons: Iterable[Sequence[Sequence[Position]]]) -> float:
    """Square metres of polygons, each an outer ring followed by its holes."""
    return math.fsum(
        -ring_area(ring) if hole else ring_area(ring)
        for polygon in polygons
        for hole, ring in enumerate(polygon)
    )
