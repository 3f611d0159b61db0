"""The expected result of each predicate: GEOS's for the two geometries alone.

Lines are compared in fractions beside it, by the definitions of the OGC (06-103r4, 6.1.15), with a
boundary of the end points that occur an odd number of times: GEOS before 3.13 computes a matrix
from rounded crossings, and so takes, now and then, a segment that two lines share for a point.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import pairwise

from django.contrib.gis.geos import GEOSGeometry, LineString, MultiLineString

from geo.spherical.bbox import Box

type Vertex = tuple[Fraction, Fraction]
type Segment = tuple[Vertex, Vertex]

LINES = (LineString, MultiLineString)
PREDICATES = (
    *("intersects", "disjoint", "contains", "within", "covers", "coveredby", "touches"),
    *("crosses", "overlaps", "equals", "bbcontains", "bboverlaps", "contained"),
)


class Truths:
    """The predicates that are true for pairs of geometries, by their numbers."""

    def __init__(self, shapes: Sequence[GEOSGeometry]) -> None:
        self._boxes: list[Box] = [shape.extent for shape in shapes]
        self._near = cache(lambda a, b: _truths(shapes[a], shapes[b]))

    def of(self, a: int, b: int) -> frozenset[str]:
        if _boxes_meet(self._boxes[a], self._boxes[b]):
            return self._near(a, b)
        return frozenset({"disjoint"})


def _truths(a: GEOSGeometry, b: GEOSGeometry) -> frozenset[str]:
    return frozenset(name for name in PREDICATES if expected(name, a, b))


def expected(predicate: str, a: GEOSGeometry, b: GEOSGeometry) -> bool:
    """Returns whether `a predicate b` is true."""
    if predicate in _BOXES:
        return _BOXES[predicate](a.extent, b.extent)
    if predicate == "coveredby":
        return bool(b.covers(a))
    return bool(getattr(a, predicate)(b))


def exactly(
    predicate: str, a: LineString | MultiLineString, b: LineString | MultiLineString
) -> bool:
    """Returns whether `a predicate b` is true for two lines, in exact arithmetic."""
    return _LINES[predicate](_Lines(a), _Lines(b))


def _contains(a: Box, b: Box) -> bool:
    return a[0] <= b[0] and b[2] <= a[2] and a[1] <= b[1] and b[3] <= a[3]


def _boxes_meet(a: Box, b: Box) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


_BOXES: dict[str, Callable[[Box, Box], bool]] = {
    "bbcontains": _contains,
    "contained": lambda a, b: _contains(b, a),
    "bboverlaps": _boxes_meet,
}


class _Lines:
    """One or more lines as segments between exact vertices."""

    def __init__(self, shape: GEOSGeometry) -> None:
        self.segments: list[Segment] = []
        ends: Counter[Vertex] = Counter()
        for line in [shape] if isinstance(shape, LineString) else shape:
            path = [(Fraction(x), Fraction(y)) for x, y in line.coords]
            self.segments += [(p, q) for p, q in pairwise(path) if p != q]
            ends.update((path[0], path[-1]))
        self.boundary = {end for end, count in ends.items() if count % 2}

    def covers(self, other: "_Lines") -> bool:
        return all(_is_covered(segment, self.segments) for segment in other.segments)

    def interiors(self, other: "_Lines") -> int:
        """Returns the dimension of the interiors' intersection; -1 if it is empty."""
        points: set[Vertex] = set()
        for a in self.segments:
            for b in other.segments:
                first, last = _shared(a, b) or (None, None)
                if first != last:
                    return 1
                if first is not None:
                    points.add(first)
        return 0 if points - self.boundary - other.boundary else -1

    def meets(self, other: "_Lines") -> bool:
        return any(_shared(a, b) for a in self.segments for b in other.segments)


_LINES: dict[str, Callable[[_Lines, _Lines], bool]] = {
    "intersects": _Lines.meets,
    "disjoint": lambda a, b: not a.meets(b),
    "covers": _Lines.covers,
    "contains": _Lines.covers,
    "coveredby": lambda a, b: b.covers(a),
    "within": lambda a, b: b.covers(a),
    "equals": lambda a, b: a.covers(b) and b.covers(a),
    "touches": lambda a, b: a.meets(b) and a.interiors(b) < 0,
    "crosses": lambda a, b: a.interiors(b) == 0,
    "overlaps": lambda a, b: a.interiors(b) == 1 and not a.covers(b) and not b.covers(a),
}


def _turn(a: Vertex, b: Vertex, c: Vertex) -> Fraction:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _shared(a: Segment, b: Segment) -> tuple[Vertex, Vertex] | None:
    """Returns the first and last point that two segments share."""
    sides = _turn(*a, b[0]), _turn(*a, b[1])
    if sides == (0, 0):
        first, last = max(min(a), min(b)), min(max(a), max(b))
        return (first, last) if first <= last else None
    if sides[0] * sides[1] > 0 or _turn(*b, a[0]) * _turn(*b, a[1]) > 0:
        return None
    share = sides[0] / (sides[0] - sides[1])
    point = (
        b[0][0] + (b[1][0] - b[0][0]) * share,
        b[0][1] + (b[1][1] - b[0][1]) * share,
    )
    return point, point


def _is_covered(segment: Segment, by: list[Segment]) -> bool:
    reached, end = min(segment), max(segment)
    for first, last in sorted(_overlaps(segment, by)):
        if first > reached:
            return False
        reached = max(reached, last)
    return reached == end


def _overlaps(segment: Segment, others: list[Segment]) -> Iterator[tuple[Vertex, Vertex]]:
    for other in others:
        shared = _shared(segment, other)
        if shared is not None and shared[0] != shared[1]:
            yield shared
