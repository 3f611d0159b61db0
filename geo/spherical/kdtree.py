"""Finds the places near a given one, along great circles."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from geo.spherical.sphere import EARTH_RADIUS, Position, Vector, unit_vector

# Squared chords of the unit sphere have rounding errors. Places within this margin are checked too,
# and the distance decides.
SLACK = 1e-12
MILLIMETRE = 0.001


class _Node(NamedTuple):
    """A place, and those on either side of it along one axis."""

    vector: Vector
    number: int
    axis: int
    less: "_Node | None"
    more: "_Node | None"


class Places:
    """Places by number, in a k-d tree of their unit vectors.

    J. L. Bentley, Multidimensional Binary Search Trees Used for Associative Searching,
    Communications of the ACM 18, 1975. Straight lines through the Earth sort as great circles do,
    and know neither poles nor an antimeridian.
    """

    def __init__(self, positions: Sequence[Position]) -> None:
        vectors = [(unit_vector(position), number) for number, position in enumerate(positions)]
        self._root = _tree(vectors, 0)

    def nearest(self, position: Position, besides: int | None = None) -> list[int]:
        """Returns the nearest place `besides` one, and those as near to a millimetre."""
        vector = unit_vector(position)
        least = _least(self._root, vector, math.inf, besides)
        if least == math.inf:
            return []
        angle = 2 * math.asin(min(1.0, math.sqrt(least) / 2))
        found = _within(self._root, vector, _square(angle + MILLIMETRE / EARTH_RADIUS))
        return [number for number in found if number != besides]

    def within(self, position: Position, metres: float) -> list[int]:
        """Returns the places within so many metres, and maybe some that are a little farther."""
        square = _square((metres + MILLIMETRE) / EARTH_RADIUS)
        return list(_within(self._root, unit_vector(position), square))


def _square(angle: float) -> float:
    """Returns the squared chord of an angle at the centre, plus a margin."""
    chord = 2 * math.sin(min(angle, math.pi) / 2)
    return chord * chord + SLACK


def _tree(vectors: list[tuple[Vector, int]], axis: int) -> _Node | None:
    if not vectors:
        return None
    vectors.sort(key=lambda each: each[0][axis])
    middle = len(vectors) // 2
    vector, number = vectors[middle]
    following = (axis + 1) % 3
    return _Node(
        vector,
        number,
        axis,
        _tree(vectors[:middle], following),
        _tree(vectors[middle + 1 :], following),
    )


def _least(
    node: _Node | None,
    vector: Vector,
    least: float,
    besides: int | None,
) -> float:
    """Returns the least squared chord to the places below a node, at most `least`."""
    while node is not None:
        x, y, z = node.vector
        square = (x - vector[0]) ** 2 + (y - vector[1]) ** 2 + (z - vector[2]) ** 2
        if square < least and node.number != besides:
            least = square
        offset = vector[node.axis] - node.vector[node.axis]
        near, far = (node.less, node.more) if offset < 0 else (node.more, node.less)
        least = _least(near, vector, least, besides)
        if offset * offset > least:
            return least
        node = far
    return least


def _within(node: _Node | None, vector: Vector, square: float) -> Iterator[int]:
    while node is not None:
        x, y, z = node.vector
        if (x - vector[0]) ** 2 + (y - vector[1]) ** 2 + (z - vector[2]) ** 2 <= square:
            yield node.number
        offset = vector[node.axis] - node.vector[node.axis]
        near, far = (node.less, node.more) if offset < 0 else (node.more, node.less)
        if offset * offset <= square:
            yield from _within(far, vector, square)
        node = near
