"""Reads and writes well-known binary of two dimensions, in plain Python (OGC 06-103r4, 8.2).

GEOS returns one coordinate at a time; this reads a border of 100,000 vertices a hundred times as
fast. Geometries of any type are read, nested collections included, and written little-endian.
"""

import math
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import chain
from typing import NamedTuple

from django.contrib.gis.geos import GEOSGeometry, WKBWriter

from geo.spherical.sphere import Position

type Line = list[Position]

HEADER = 5
LITTLE_ENDIAN = 1


class WKBType(IntEnum):
    """The types of geometries, by OGC name (OGC 06-103r4, table 7)."""

    POINT = 1
    LINESTRING = 2
    POLYGON = 3
    MULTIPOINT = 4
    MULTILINESTRING = 5
    MULTIPOLYGON = 6
    GEOMETRYCOLLECTION = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of a geometry, empty points left out. A polygon is its outer ring and its holes."""

    points: list[Position] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    polygons: list[list[Line]] = field(default_factory=list)

    @property
    def rings(self) -> list[Line]:
        """Returns every ring, outer and inner."""
        return [ring for polygon in self.polygons for ring in polygon]

    @property
    def positions(self) -> list[Position]:
        """Returns every position of points, lines and rings."""
        return [*self.points, *chain.from_iterable([*self.lines, *self.rings])]


class _Run(NamedTuple):
    """A run of positions: a point, a line or the ring of this number."""

    kind: int
    ring: int
    numbers: struct.Struct
    offset: int

    def positions(self, wkb: bytes | bytearray) -> Line:
        numbers = self.numbers.unpack_from(wkb, self.offset)
        return list(zip(numbers[::2], numbers[1::2], strict=True))


def parts_of(geometry: GEOSGeometry) -> Parts:
    """Returns the parts of a geometry, without Z."""
    # Django has no well-known binary of an empty point.
    return Parts() if geometry.empty else parts(bytes(WKBWriter(dim=2).write(geometry)))


def parts(wkb: bytes) -> Parts:
    """Returns the parts of a geometry. Raises ValueError for more than two dimensions."""
    found = Parts()
    for run in _runs(wkb):
        positions = run.positions(wkb)
        if run.kind == WKBType.POINT:
            # An empty point is written as NaN.
            found.points.extend(p for p in positions if not math.isnan(p[0]))
        elif run.kind == WKBType.LINESTRING:
            found.lines.append(positions)
        elif run.ring == 0:
            found.polygons.append([positions])
        else:
            found.polygons[-1].append(positions)
    return found


def moved(wkb: bytes, move: Callable[[Position], Position]) -> bytes:
    """Returns the same geometry with every position moved by `move`."""
    copy = bytearray(wkb)
    for run in _runs(wkb):
        numbers = [number for position in run.positions(wkb) for number in move(position)]
        run.numbers.pack_into(copy, run.offset, *numbers)
    return bytes(copy)


def _runs(wkb: bytes) -> Iterator[_Run]:
    offset = 0
    while offset < len(wkb):
        order = "<" if wkb[offset] else ">"
        (kind,) = struct.unpack_from(f"{order}I", wkb, offset + 1)
        offset += HEADER
        if kind == WKBType.POINT:
            run = _Run(kind, 0, struct.Struct(f"{order}2d"), offset)
            yield run
            offset += run.numbers.size
            continue
        if kind > WKBType.GEOMETRYCOLLECTION:
            raise ValueError(f"A geometry of two dimensions, not WKB's type {kind}, is read here.")
        (count,) = struct.unpack_from(f"{order}I", wkb, offset)
        offset += 4
        if kind >= WKBType.MULTIPOINT:
            continue  # its members follow, each with its own header
        for ring in range(count if kind == WKBType.POLYGON else 1):
            if kind == WKBType.POLYGON:
                (size,) = struct.unpack_from(f"{order}I", wkb, offset)
                offset += 4
            else:
                size = count
            run = _Run(kind, ring, struct.Struct(f"{order}{2 * size}d"), offset)
            yield run
            offset += run.numbers.size


def point(place: Sequence[float]) -> bytes:
    return _header(WKBType.POINT) + _numbers([place])


def line(places: Sequence[Sequence[float]]) -> bytes:
    return _header(WKBType.LINESTRING) + _run(places)


def polygon(rings: Sequence[Sequence[Sequence[float]]]) -> bytes:
    return b"".join([_header(WKBType.POLYGON), _count(rings), *map(_run, rings)])


def collection(kind: WKBType, members: Sequence[bytes]) -> bytes:
    """Returns several geometries as one of a multiple type, or as a collection."""
    return b"".join([_header(kind), _count(members), *members])


def _header(kind: WKBType) -> bytes:
    return struct.pack("<BI", LITTLE_ENDIAN, kind)


def _count(parts: Sequence[object]) -> bytes:
    return struct.pack("<I", len(parts))


def _run(places: Sequence[Sequence[float]]) -> bytes:
    return _count(places) + _numbers(places)


def _numbers(places: Iterable[Sequence[float]]) -> bytes:
    # Zero has no sign: databases write -0.0 differently.
    numbers = [number + 0.0 for number in chain.from_iterable(places)]
    return struct.pack(f"<{len(numbers)}d", *numbers)
