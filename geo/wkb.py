"""Reads the points, lines and rings of a geometry from well-known binary, in plain Python.

GEOS returns one coordinate at a time; this reads a border of 100,000 vertices a hundred times as
fast. The bytes are two-dimensional, of any type, nested collections included (OGC 06-103r4, 8.2).
"""

import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from geo.spherical.sphere import Position

type Line = list[Position]

POINT, LINE, POLYGON, MULTIPOINT, COLLECTION = 1, 2, 3, 4, 7
HEADER = 5
NUMBER = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of a geometry. A polygon is its outer ring, then its holes."""

    points: list[Position] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    polygons: list[list[Line]] = field(default_factory=list)

    @property
    def rings(self) -> list[Line]:
        """Yields every ring, outer and inner."""
        return [ring for polygon in self.polygons for ring in polygon]


class _Run(NamedTuple):
    """A run of positions: a point, a line or the ring of this number."""

    kind: int
    ring: int
    numbers: struct.Struct
    offset: int

    def positions(self, wkb: bytes | bytearray) -> Line:
        numbers = self.numbers.unpack_from(wkb, self.offset)
        return list(zip(numbers[::2], numbers[1::2], strict=True))


def parts(wkb: bytes) -> Parts:
    """Returns the parts of a geometry. Raises ValueError for more than two dimensions."""
    found = Parts()
    for run in _runs(wkb):
        positions = run.positions(wkb)
        if run.kind == POINT:
            # An empty point is written as NaN.
            found.points.extend(p for p in positions if not math.isnan(p[0]))
        elif run.kind == LINE:
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
        if kind == POINT:
            run = _Run(kind, 0, struct.Struct(f"{order}2d"), offset)
            yield run
            offset += run.numbers.size
            continue
        if kind > COLLECTION:
            raise ValueError(f"A geometry of two dimensions, not WKB's type {kind}, is read here.")
        (count,) = struct.unpack_from(f"{order}I", wkb, offset)
        offset += 4
        if kind >= MULTIPOINT:
            continue  # its members follow, each with its own header
        for ring in range(count if kind == POLYGON else 1):
            if kind == POLYGON:
                (size,) = struct.unpack_from(f"{order}I", wkb, offset)
                offset += 4
            else:
                size = count
            run = _Run(kind, ring, struct.Struct(f"{order}{2 * size}d"), offset)
            yield run
            offset += run.numbers.size
