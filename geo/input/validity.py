"""The validity check by GEOS, in bounded time and with the place of the fault."""

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

from django.contrib.gis.geos import GEOSGeometry

from geo.input.refusal import GeometryRefused
from geo.input.shapes import Coordinates, Path
from geo.spherical.bbox import Box

VALID = "Valid Geometry"
# Degrees within which an edge meets a place that GEOS computed.
TOLERANCE = 1e-9
# By the beginning of GEOS' reason: what is wrong, and what to do.
REASONS = {
    "Self-intersection": ("edges cross or run along one another", "redraw them so that none meet"),
    "Ring Self-intersection": ("the ring touches itself", "draw the parts as rings of their own"),
    "Hole lies outside shell": ("the hole is outside its polygon", "make a polygon of it"),
    "Holes are nested": ("a hole is within another", "leave the inner one out"),
    "Nested shells": ("a polygon is within another", "leave the inner one out, or make it a hole"),
    "Interior is disconnected": ("holes cut the polygon apart", "draw the parts as polygons"),
    "Duplicate Rings": ("two rings are the same", "leave one of them out"),
    "Too few points": ("the ring has fewer than three different positions", "leave it out"),
}
# Faults that two edges make where they meet.
MEETINGS = ("Self-intersection", "Ring Self-intersection", "Interior is disconnected")


def check_validity(geometry: GEOSGeometry, paths: Sequence[Path], most_overlaps: int) -> None:
    """Refuses an invalid geometry, or one whose check would take long.

    `geometry` is made of `paths`; the sentence names the vertex or edge where GEOS found the fault.
    """
    rings = [path for path in paths if path.is_ring]
    if not rings:  # points and lines have nothing left to check
        return
    if overlaps(_boxes_of_edges(rings)) + overlaps(_boxes_of_rings(rings)) > most_overlaps:
        raise GeometryRefused(
            f"too many edges or rings lie close to one another (over {most_overlaps:,} pairs of"
            " their bounding boxes meet): simplify the shape, or use its parts one by one."
        )
    reason = geometry.valid_reason
    if reason != VALID:
        raise GeometryRefused(_sentence(reason, rings))


def _boxes_of_edges(rings: Sequence[Path]) -> list[Box]:
    return [
        (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
        for ring in rings
        for (x1, y1), (x2, y2) in pairwise(ring.positions)
    ]


def _boxes_of_rings(rings: Sequence[Path]) -> list[Box]:
    boxes = []
    for ring in rings:
        xs, ys = zip(*ring.positions, strict=True)
        boxes.append((min(xs), min(ys), max(xs), max(ys)))
    return boxes


def overlaps(boxes: Sequence[Box]) -> int:
    """Returns how many pairs of the boxes meet.

    A line sweeps from west to east and keeps the open boxes, with their lower and upper bounds in
    order. The boxes that meet a new one are all except those that end below it or begin above it.
    """
    # At one longitude, boxes open before others close.
    events = sorted(
        [(west, 0, south, north) for west, south, _, north in boxes]
        + [(east, 1, south, north) for _, south, east, north in boxes]
    )
    lower: list[float] = []
    upper: list[float] = []
    count = 0
    for _, is_end, south, north in events:
        if is_end:
            del lower[bisect_left(lower, south)]
            del upper[bisect_left(upper, north)]
            continue
        count += bisect_right(lower, north) - bisect_left(upper, south)
        insort(lower, south)
        insort(upper, north)
    return count


@dataclass(frozen=True, slots=True)
class _Edge:
    """The edge from the vertex of this number to the next one of a ring."""

    ring: Path
    number: int
    start: Coordinates
    end: Coordinates

    def distance(self, x: float, y: float) -> float:
        """Returns degrees from a place, in the plane."""
        (x1, y1), (x2, y2) = self.start, self.end
        dx, dy = x2 - x1, y2 - y1
        length = dx * dx + dy * dy
        along = ((x - x1) * dx + (y - y1) * dy) / length if length else 0.0
        along = min(1.0, max(0.0, along))
        return hypot(x - x1 - along * dx, y - y1 - along * dy)

    def name(self, x: float, y: float) -> str:
        """Returns the name of the vertex at this place, or of the two around it."""
        for number, (vx, vy) in ((self.number, self.start), (self.number + 1, self.end)):
            if hypot(x - vx, y - vy) <= TOLERANCE:
                # A ring's last vertex is its first.
                return self.ring.vertex(1 if number == len(self.ring.positions) else number)
        return self.ring.vertex(self.number, self.number + 1)


def _edges(rings: Sequence[Path]) -> Iterator[_Edge]:
    for ring in rings:
        for number, (start, end) in enumerate(pairwise(ring.positions), 1):
            yield _Edge(ring, number, start, end)


def _sentence(reason: str, rings: Sequence[Path]) -> str:
    found = re.fullmatch(r"(.*)\[(\S+) (\S+)\]", reason)
    what, x, y = (found[1], float(found[2]), float(found[3])) if found else (reason, 0.0, 0.0)
    wrong, instead = next(
        (words for begin, words in REASONS.items() if what.startswith(begin)),
        (f"GEOS finds it invalid ({what})", "redraw it"),
    )
    if not found:
        return f"{wrong}: {instead}."
    first, *others = _names(rings, x, y)
    meeting = f", where it meets {others[0]}" if others and what in MEETINGS else ""
    return f"{first} (at {x:.10g} {y:.10g}){meeting}: {wrong}; {instead}."


def _names(rings: Sequence[Path], x: float, y: float) -> list[str]:
    """Yields the names of the vertices or edges nearest to a place, in the text's order."""
    near = [(edge.distance(x, y), edge) for edge in _edges(rings)]
    farthest = min(distance for distance, _ in near) + TOLERANCE
    return list(dict.fromkeys(e.name(x, y) for distance, e in near if distance <= farthest))
