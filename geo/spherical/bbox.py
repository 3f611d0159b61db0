"""Boxes of meridians and parallels to search in a spatial index."""

from collections.abc import Sequence

from django.contrib.gis.geos import GeometryCollection, GEOSGeometry

from geo.wkb import WKBType, collection, polygon

type Box = tuple[float, float, float, float]  # west, south, east, north

# Degrees between two parts from which two searches are better than one.
GAP = 90.0


def boxes(geometry: GEOSGeometry) -> list[Box]:
    """Returns the box of a geometry, or two if its parts lie on both sides of the antimeridian."""
    whole: Box = geometry.extent
    if whole[2] - whole[0] <= 180 or not isinstance(geometry, GeometryCollection):
        return [whole]
    parts: list[Box] = sorted(part.extent for part in geometry if not part.empty)
    gap, first = 0.0, len(parts)
    reach = parts[0][2]
    for number, (west, _, east, _) in enumerate(parts):
        if west - reach > gap:
            gap, first = west - reach, number
        reach = max(reach, east)
    return [whole] if gap < GAP else [_around(parts[:first]), _around(parts[first:])]


def _around(parts: Sequence[Box]) -> Box:
    wests, souths, easts, norths = zip(*parts, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


def rectangles(found: Sequence[Box]) -> GEOSGeometry:
    """Returns the boxes as a Polygon or MultiPolygon. from_bbox takes three times as long.

    A box without an interior makes an invalid polygon.
    """
    polygons = [
        polygon([((west, south), (west, north), (east, north), (east, south), (west, south))])
        for west, south, east, north in found
    ]
    if len(polygons) > 1:
        return GEOSGeometry(memoryview(collection(WKBType.MULTIPOLYGON, polygons)))
    return GEOSGeometry(memoryview(polygons[0]))
