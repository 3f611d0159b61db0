"""The distance between two shapes on the sphere.

A shape is points and edges. An edge is straight in longitude and latitude, as in the predicates and
in `geo.spherical.sphere.ring_area`; it is halved where needed until a great circle is close enough.
Bounds and distances are those of unit vectors, so poles and the antimeridian need no special care.
"""

import heapq
import math
from collections.abc import Iterable, Sequence
from itertools import count, pairwise
from typing import NamedTuple, Self

from geo.spherical.sphere import EARTH_RADIUS, Position, Vector, unit_vector

# Radians of an edge that is not halved further: a great circle deviates from one of 640 metres by
# at most 8 millimetres times the tangent of its latitude.
FINE = 1e-4
# Radians below which the search ends: 6 micrometres.
SETTLED = 1e-12
FANOUT = 8


class Ball(NamedTuple):
    """A ball around points of the unit sphere that contains an edge, or other balls.

    All of it lies between the parallels `south` and `north`, in degrees.
    """

    centre: Vector
    radius: float
    south: float
    north: float
    within: tuple["Ball", ...] = ()
    edge: tuple[Position, Position] = ((0.0, 0.0), (0.0, 0.0))

    @classmethod
    def around(cls, start: Position, end: Position) -> Self:
        """Returns the ball of an edge: its points are within half its length of its middle."""
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        lowest = 0.0 if start[1] * end[1] < 0 else min(abs(start[1]), abs(end[1]))
        widest = math.cos(math.radians(lowest))
        length = math.hypot(
            math.radians(end[1] - start[1]), math.radians(end[0] - start[0]) * widest
        )
        south, north = sorted((start[1], end[1]))
        return cls(unit_vector(middle), length / 2, south, north, (), (start, end))

    @classmethod
    def over(cls, balls: Sequence["Ball"]) -> Self:
        """Returns a ball that contains others."""
        x, y, z = (math.fsum(ball.centre[axis] for ball in balls) for axis in range(3))
        centre = (x / len(balls), y / len(balls), z / len(balls))
        radius = max(math.dist(centre, ball.centre) + ball.radius for ball in balls)
        south, north = min(ball.south for ball in balls), max(ball.north for ball in balls)
        return cls(centre, radius, south, north, tuple(balls))

    @property
    def is_fine(self) -> bool:
        return not self.within and self.radius <= FINE / 2

    def parts(self) -> tuple["Ball", ...]:
        """Returns the smaller balls within it, or the two halves of its edge."""
        if self.within:
            return self.within
        start, end = self.edge
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        return Ball.around(start, middle), Ball.around(middle, end)


def tree(points: Iterable[Position], lines: Iterable[Sequence[Position]]) -> Ball | None:
    """Returns a tree of balls over points and the edges of lines or rings; None for nothing."""
    balls = [Ball.around(point, point) for point in points]
    balls += [Ball.around(start, end) for line in lines for start, end in pairwise(line)]
    while len(balls) > 1:
        balls = [Ball.over(balls[n : n + FANOUT]) for n in range(0, len(balls), FANOUT)]
    return balls[0] if balls else None


def distance(one: Ball, other: Ball) -> float:
    """Returns metres along the great circle between the nearest points of two trees.

    The pair of balls that may be nearest is examined first, until the best distance is less than
    that of any other pair.
    """
    best = math.inf  # radians
    number = count(0, -1)  # of equally near pairs the one that was found last
    pairs = [(0.0, next(number), one, other)]
    while pairs:
        chord, _, a, b = heapq.heappop(pairs)
        if 2 * math.asin(min(1.0, chord / 2)) >= best - SETTLED:
            break
        if a.is_fine and b.is_fine:
            best = min(best, _between(a, b))
            continue
        looked_into = a if b.is_fine or (a.radius >= b.radius and not a.is_fine) else b
        rest = b if looked_into is a else a
        for part in looked_into.parts():
            heapq.heappush(pairs, (_gap(part, rest), next(number), part, rest))
    return EARTH_RADIUS * max(0.0, best)


def _gap(one: Ball, other: Ball) -> float:
    """Returns a length that no chord between the two is shorter than.

    Parallels are no nearer than their latitudes. Without that the search would look at all pieces
    of two edges along parallels, such as those of boxes: they are equally near.
    """
    apart = math.dist(one.centre, other.centre) - one.radius - other.radius
    latitudes = max(one.south - other.north, other.south - one.north)
    if latitudes <= 0:
        return max(0.0, apart)
    return max(apart, 2 * math.sin(math.radians(latitudes) / 2))


def _between(one: Ball, other: Ball) -> float:
    """Returns radians between two edges that are great circles."""
    a, b = map(unit_vector, one.edge)
    c, d = map(unit_vector, other.edge)
    if _crosses(a, b, c, d):
        return 0.0
    return min(to_edge(a, c, d), to_edge(b, c, d), to_edge(c, a, b), to_edge(d, a, b))


def to_edge(place: Vector, start: Vector, end: Vector) -> float:
    """Returns radians from a place to the great circle arc between two places.

    The places are less than half a circle apart. If the foot of the perpendicular is between them,
    it is the angle to the circle's plane, whose sine is the distance from it; otherwise the nearer
    end counts.
    """
    # Twice the cross product, with the difference taken first: exact for short edges too.
    normal = cross(_sum(start, end), _difference(end, start))
    size = math.hypot(*normal)
    if size > 0:
        is_behind = dot(cross(normal, start), place) >= 0
        is_before = dot(cross(end, normal), place) >= 0
        if is_behind and is_before:
            away = dot(normal, _difference(place, start)) / size
            return abs(math.atan2(away, math.sqrt(max(0.0, 1 - away * away))))
    return min(_angle(place, start), _angle(place, end))


def _angle(one: Vector, other: Vector) -> float:
    # W. Kahan's formula: exact for both neighbours and antipodes.
    return 2 * math.atan2(math.dist(one, other), math.hypot(*_sum(one, other)))


def _crosses(a: Vector, b: Vector, c: Vector, d: Vector) -> bool:
    """Whether two great circles cross between their ends: each has the other's ends on both
    sides, in the same sense around (S2's simple crossing)."""
    ab, cd = cross(a, b), cross(c, d)
    acb, bda, cbd, dac = -dot(ab, c), dot(ab, d), -dot(cd, b), dot(cd, a)
    return acb * bda > 0 and acb * cbd > 0 and acb * dac > 0


def cross(a: Vector, b: Vector) -> Vector:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _sum(a: Vector, b: Vector) -> Vector:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def _difference(a: Vector, b: Vector) -> Vector:
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]
