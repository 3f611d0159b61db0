"""The coordinates of a GEOS geometry as plain numbers, for writing text formats."""

import math
import struct
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, WKBWriter

from geo.spherical.sphere import Position
from geo.wkb import WKBType

# The names of the types in Django and GeoJSON.
KINDS: dict[int, str] = {
    WKBType.POINT: "Point",
    WKBType.LINESTRING: "LineString",
    WKBType.POLYGON: "Polygon",
    WKBType.MULTIPOINT: "MultiPoint",
    WKBType.MULTILINESTRING: "MultiLineString",
    WKBType.MULTIPOLYGON: "MultiPolygon",
    WKBType.GEOMETRYCOLLECTION: "GeometryCollection",
}
COLLECTION = "GeometryCollection"
SINGLES = ("Point", "LineString", "Polygon")
# How deeply the positions of a type are nested in lists.
DEPTHS = {
    "Point": 1,
    "LineString": 1,
    "Polygon": 2,
    "MultiPoint": 2,
    "MultiLineString": 2,
    "MultiPolygon": 3,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A geometry's type and content.

    content is a list of positions, or lists of those nested as DEPTHS says; a point is a list of
    one position or of none; a collection is a list of single Shapes.
    """

    kind: str
    content: list[Any]


def shape(geometry: GEOSGeometry, places: int) -> Shape:
    """Returns the geometry without Z, its coordinates rounded to `places`.

    A collection has its points first, then its lines, then its areas, each of them single:
    SpatiaLite keeps no other order. Zero has no sign. Halves are judged by the float's exact value.
    Raises ValueError for coordinates that are not numbers.
    """
    if geometry.empty and geometry.geom_type == "Point":
        return Shape("Point", [])  # GEOS has no bytes for it
    return _Reader(bytes(WKBWriter(dim=2).write(geometry)), places).shape()


def number(value: float, places: int) -> str:
    """Returns the digits of a rounded coordinate, without trailing zeros and exponent."""
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text


def _singles(part: Shape) -> list[Shape]:
    if part.kind == COLLECTION:
        return part.content
    if part.kind in SINGLES:
        return [part]
    return [Shape(part.kind.removeprefix("Multi"), each) for each in part.content]


class _Reader:
    """Reads well-known binary in this machine's byte order, in which GEOS writes it."""

    def __init__(self, data: bytes, places: int) -> None:
        self._data = memoryview(data)
        self._places = places
        self._at = 0

    def shape(self) -> Shape:
        self._at += 1  # the byte order
        kind = KINDS[self._integer()]
        if kind == "Point":
            return Shape(kind, [] if self._skips_empty_point() else self._positions(1))
        count = self._integer()
        if kind == "LineString":
            return Shape(kind, self._positions(count))
        if kind == "Polygon":
            return Shape(kind, [self._positions(self._integer()) for _ in range(count)])
        members = [self.shape() for _ in range(count)]
        if kind == COLLECTION:
            singles = [single for member in members for single in _singles(member)]
            return Shape(kind, sorted(singles, key=lambda single: SINGLES.index(single.kind)))
        return Shape(kind, [member.content for member in members])

    def _integer(self) -> int:
        (found,) = struct.unpack_from("=I", self._data, self._at)
        self._at += 4
        return int(found)

    def _skips_empty_point(self) -> bool:
        """Skips an empty point within a collection, which is two NaNs in binary."""
        if not all(map(math.isnan, struct.unpack_from("=2d", self._data, self._at))):
            return False
        self._at += 16
        return True

    def _positions(self, count: int) -> list[Position]:
        start, self._at = self._at, self._at + 16 * count
        flat = self._data[start : self._at].cast("d")
        if not math.isfinite(sum(flat)):
            raise ValueError("A coordinate that is not a number cannot be shown.")
        places = self._places
        # Adding zero removes the sign of zero.
        return [
            (round(x, places) + 0.0, round(y, places) + 0.0)
            for x, y in zip(flat[::2], flat[1::2], strict=True)
        ]
