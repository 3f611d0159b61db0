"""The nearest places, compared with the distances to all places."""

import math
import random

import pytest

from geo.spherical.kdtree import Places
from geo.spherical.sphere import Position, distance

pytestmark = pytest.mark.once

SPECIAL: list[Position] = [
    *((0.0, 90.0), (120.0, 90.0), (0.0, -90.0), (180.0, 0.0), (-180.0, 0.0), (179.9999, 10.0)),
    *((-179.9999, 10.0), (0.0, 0.0), (0.0, 0.0), (1e-9, 0.0), (90.0, -1e-9), (-45.0, 89.9999)),
]


def _places(seed: int, number: int) -> list[Position]:
    chance = random.Random(seed)
    return [
        (chance.uniform(-180, 180), math.degrees(math.asin(chance.uniform(-1, 1))))
        for _ in range(number)
    ]


def test_the_nearest_is_the_one_of_the_least_distance() -> None:
    places = [*SPECIAL, *_places(1, 400)]
    tree = Places(places)
    for asked in [*SPECIAL, *_places(2, 300)]:
        found = tree.nearest(asked)
        metres = [distance(asked, place) for place in places]
        assert {n for n, m in enumerate(metres) if m <= min(metres) + 0.0005} <= set(found)
        assert all(metres[n] <= min(metres) + 7 for n in found)


def test_what_is_level_is_told() -> None:
    tree = Places(SPECIAL)
    assert set(tree.nearest((0.0, 0.0))) >= {7, 8, 9}
    assert set(tree.nearest((77.0, 90.0))) >= {0, 1}
    assert set(tree.nearest((180.0, 0.0))) >= {3, 4}


def test_a_place_may_be_left_out() -> None:
    places = [*SPECIAL, *_places(3, 50)]
    tree = Places(places)
    for number, place in enumerate(places):
        found = tree.nearest(place, besides=number)
        assert number not in found
        others = [distance(place, other) for n, other in enumerate(places) if n != number]
        assert any(distance(place, places[n]) == min(others) for n in found)


def test_none_is_near_nothing() -> None:
    assert Places([]).nearest((0.0, 0.0)) == []
    assert Places([]).within((0.0, 0.0), 1e7) == []
    assert Places([(0.0, 0.0)]).nearest((1.0, 1.0), besides=0) == []


def test_whatever_is_within_is_found() -> None:
    places = [*SPECIAL, *_places(4, 400)]
    tree = Places(places)
    for metres in (0.001, 20.0, 150_000.0, 9_000_000.0, 20_015_000.0):
        for asked in [*SPECIAL, *_places(5, 40)]:
            found = set(tree.within(asked, metres))
            assert {n for n, p in enumerate(places) if distance(asked, p) <= metres} <= found
            assert all(distance(asked, places[n]) <= metres * 1.001 + 20_000 for n in found)
