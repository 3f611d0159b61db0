"""A shape as well-known binary, with the same bytes for every GEOS and machine."""

import math

from geo.formats.coordinates import COLLECTION, Shape
from geo.input import shapes
from geo.input.wkb import wkb as checked_wkb

NOWHERE = (math.nan, math.nan)


def wkb(part: Shape) -> bytes:
    """Returns the shape, little-endian (OGC 06-103r4, 8.2); an empty point is two NaNs."""
    return checked_wkb(_checked(part))


def _checked(part: Shape) -> shapes.Shape:
    content = part.content
    if part.kind == COLLECTION:
        content = [_checked(member) for member in content]
    elif part.kind == "Point":
        content = content or [NOWHERE]
    elif part.kind == "MultiPoint":
        content = [point[0] if point else NOWHERE for point in content]
    return shapes.Shape(kind=part.kind.upper(), content=content)
