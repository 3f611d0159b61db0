"""A geometry as well-known text, the same for every GEOS and database."""

from typing import Any

from django.contrib.gis.geos import GEOSGeometry

from geo.formats.coordinates import COLLECTION, DEPTHS, Shape, number, shape


def wkt(geometry: GEOSGeometry, places: int) -> str:
    """Returns `POINT (2.35 48.856667)`: OGC 06-103r4, 7.2.2, without Z.

    Coordinates are rounded to `places` decimals, without trailing zeros and without the sign of
    zero. Empty parts are EMPTY. The points of a MULTIPOINT have brackets.
    """
    return _tagged(shape(geometry, places), places)


def _tagged(part: Shape, places: int) -> str:
    name = part.kind.upper()
    if part.kind != COLLECTION:
        return f"{name} {_text(part.content, DEPTHS[part.kind], places)}"
    members = ", ".join([_tagged(member, places) for member in part.content])
    return f"{name} ({members})" if members else f"{name} EMPTY"


def _text(content: list[Any], depth: int, places: int) -> str:
    if not content:
        return "EMPTY"
    if depth == 1:
        texts = [f"{number(x, places)} {number(y, places)}" for x, y in content]
    else:
        texts = [_text(each, depth - 1, places) for each in content]
    return f"({', '.join(texts)})"
