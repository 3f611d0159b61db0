"""A geometry of SRID 4326 as a GeoJSON object (RFC 7946)."""

from itertools import pairwise

from django.contrib.gis.geos import GEOSGeometry

from geo.formats.coordinates import COLLECTION, Shape, number, shape
from geo.spherical.antimeridian import within_the_map
from geo.spherical.sphere import Position


def geojson(geometry: GEOSGeometry, places: int) -> str:
    """Returns the object: longitude and latitude, rounded to `places` decimals.

    Parts beyond the meridians -180 and 180 are moved back and cut there (section 3.1.9); outer
    rings run counterclockwise and holes clockwise (3.1.6); empty parts are left out, and an empty
    geometry has no coordinates.
    """
    return _object(shape(within_the_map(geometry, places), places), places)


def _object(part: Shape, places: int) -> str:
    if part.kind == COLLECTION:
        members = ",".join([_object(member, places) for member in part.content])
        return f'{{"type":"{part.kind}","geometries":[{members}]}}'
    return f'{{"type":"{part.kind}","coordinates":{_coordinates(part, places)}}}'


def _coordinates(part: Shape, places: int) -> str:
    content = [each for each in part.content if each]
    match part.kind:
        case "Point":
            return _positions(content, places)[1:-1] or "[]"
        case "MultiPoint":
            return _positions([position for (position,) in content], places)
        case "LineString":
            return _positions(content, places)
        case "MultiLineString":
            return _array([_positions(line, places) for line in content])
        case "Polygon":
            return _polygon(content, places)
    return _array([_polygon(polygon, places) for polygon in content])


def _polygon(rings: list[list[Position]], places: int) -> str:
    return _array([_positions(ring, places) for ring in _wound(rings)])


def _positions(positions: list[Position], places: int) -> str:
    return _array([f"[{number(x, places)},{number(y, places)}]" for x, y in positions])


def _array(texts: list[str]) -> str:
    return f"[{','.join(texts)}]"


def _wound(rings: list[list[Position]]) -> list[list[Position]]:
    return [
        ring if _is_clockwise(ring) == (place > 0) else ring[::-1]
        for place, ring in enumerate(rings)
    ]


def _is_clockwise(ring: list[Position]) -> bool:
    """Whether a ring is clockwise, by the sign of its area.

    The area is computed relative to the first vertex, which keeps small rings exact.
    """
    first_x, first_y = ring[0]
    doubled = sum(
        (x1 - first_x) * (y2 - first_y) - (x2 - first_x) * (y1 - first_y)
        for (x1, y1), (x2, y2) in pairwise(ring)
    )
    return doubled < 0
