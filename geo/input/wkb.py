"""A checked geometry as well-known binary, which GEOS gets instead of a user's text."""

from geo.input.shapes import Shape
from geo.wkb import WKBType, collection, line, point, polygon


def wkb(shape: Shape) -> bytes:
    """Returns the shape, little-endian, two numbers a position (OGC 06-103r4, 8.2)."""
    content = shape.content
    match WKBType[shape.kind]:
        case WKBType.POINT:
            return point(content[0])
        case WKBType.LINESTRING:
            return line(content)
        case WKBType.POLYGON:
            return polygon(content)
        case WKBType.MULTIPOINT as kind:
            return collection(kind, [point(each) for each in content])
        case WKBType.MULTILINESTRING as kind:
            return collection(kind, [line(each) for each in content])
        case WKBType.MULTIPOLYGON as kind:
            return collection(kind, [polygon(each) for each in content])
        case WKBType.GEOMETRYCOLLECTION as kind:
            return collection(kind, [wkb(member) for member in content])
