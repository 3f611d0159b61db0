"""A few hundred random cases of each predicate; script/fuzz runs any number."""

import pytest
from django.contrib.gis.geos import GEOSGeometry

from tests.geo.fuzz.comparison import compare
from tests.geo.fuzz.oracle import LINES, PREDICATES, exactly, expected
from tests.geo.fuzz.shapes import KINDS, batches

SEED = 20
CASES = 400


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_every_predicate_answers_what_geos_answers(kind: str) -> None:
    outcome = compare(list(batches(kind, SEED, CASES, size=20)))
    assert outcome.wrong == []
    assert all(outcome.asked[predicate] > CASES for predicate in PREDICATES)


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_the_same_shapes(kind: str) -> None:
    def drawn(seed: int) -> list[str]:
        return [shape.hex for batch in batches(kind, seed, 100, size=10) for shape in batch]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


@pytest.mark.parametrize("kind", ["grid", "outlines"])
def test_shapes_are_valid_of_every_type_and_meet_in_every_way(kind: str) -> None:
    drawn = [shape for batch in batches(kind, SEED, 3 * CASES, size=20) for shape in batch]
    assert all(shape.valid and not shape.empty for shape in drawn)
    assert len({shape.geom_type for shape in drawn}) == 6
    met = [(a, b) for a in drawn for b in drawn]
    for predicate in PREDICATES:
        assert any(expected(predicate, a, b) for a, b in met), predicate


@pytest.mark.parametrize(
    ("predicate", "a", "b"),
    [
        # Lines that share a segment, which GEOS before 3.13 takes for a crossing now and then.
        ("overlaps", "LINESTRING (0 0, 2 2)", "LINESTRING (1 1, 3 3)"),
        ("crosses", "LINESTRING (0 0, 2 2)", "LINESTRING (0 2, 2 0)"),
        ("touches", "LINESTRING (0 0, 1 1)", "LINESTRING (1 1, 2 0)"),
        ("contains", "LINESTRING (0 0, 1 1, 2 2)", "LINESTRING (0 0, 2 2)"),
        ("equals", "MULTILINESTRING ((0 0, 1 1), (1 1, 2 2))", "LINESTRING (2 2, 0 0)"),
        # A ring has no end to be touched at.
        ("crosses", "LINESTRING (0 0, 1 0, 1 1, 0 0)", "LINESTRING (1 -1, -1 1)"),
    ],
)
def test_the_exact_lines_agree_with_geos_where_it_is_right(predicate: str, a: str, b: str) -> None:
    first, second = GEOSGeometry(a), GEOSGeometry(b)
    assert exactly(predicate, first, second)
    assert expected(predicate, first, second)


@pytest.mark.parametrize("kind", ["grid", "outlines"])
def test_geos_is_right_about_lines_save_now_and_then(kind: str) -> None:
    drawn = [shape for batch in batches(kind, SEED, 3 * CASES, size=20) for shape in batch]
    lines = [shape for shape in drawn if isinstance(shape, LINES)]
    asked = [
        expected(predicate, a, b) == exactly(predicate, a, b)
        for a in lines
        for b in lines
        for predicate in ("intersects", "contains", "touches", "crosses", "overlaps", "equals")
    ]
    assert asked.count(False) <= len(asked) / 1000
