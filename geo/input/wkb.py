"""A checked geometry as well-known binary, which GEOS gets instead of a user's text."""

import struct
from itertools import chain
from typing import Any

from geo.input.shapes import CODES, Coordinates, Shape

# The type of the parts of a multiple geometry.
SINGLE = {"MULTIPOINT": "POINT", "MULTILINESTRING": "LINESTRING", "MULTIPOLYGON": "POLYGON"}


def wkb(shape: Shape) -> bytes:
    """Returns the shape, little-endian, two numbers a position (OGC 06-103r4, 8.2)."""
    return b"".join([struct.pack("<BI", 1, CODES[shape.kind]), _body(shape.kind, shape.content)])


def _body(kind: str, content: Any) -> bytes:
    match kind:
        case "POINT":
            return _numbers(content)
        case "LINESTRING":
            return _counted([_numbers(content)], len(content))
        case "POLYGON":
            return _counted([_body("LINESTRING", ring) for ring in content])
        case "MULTIPOINT":
            return _counted([wkb(Shape(kind="POINT", content=[part])) for part in content])
        case "GEOMETRYCOLLECTION":
            return _counted([wkb(member) for member in content])
    return _counted([wkb(Shape(kind=SINGLE[kind], content=part)) for part in content])


def _counted(parts: list[bytes], count: int | None = None) -> bytes:
    return struct.pack("<I", len(parts) if count is None else count) + b"".join(parts)


def _numbers(positions: list[Coordinates]) -> bytes:
    # Zero has no sign: databases write -0.0 differently.
    numbers = [number + 0.0 for number in chain.from_iterable(positions)]
    return struct.pack(f"<{len(numbers)}d", *numbers)
