"""Users' geometries: size limits, time limits and random input."""

import math
import time
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from geo.input import geometry
from geo.input.validity import overlaps
from tests.geo import fuzz_input
from tests.geo.test_input import EXAMPLES, SQUARE, geojson, refused

pytestmark = pytest.mark.once

SIZE = 512 * 1024


@pytest.mark.parametrize(
    "text",
    [
        "GEOMETRYCOLLECTION(" * 1000 + "POINT(1 2)" + ")" * 1000,
        '{"type":"GeometryCollection","geometries":[' * 1000 + "]}" * 1000,
        "[" * 100_000,
        '{"a":' * 9 + "1" + "}" * 9,
    ],
)
def test_brackets_within_brackets_are_refused_before_anything_is_read(text: str) -> None:
    assert "deeper than 8" in refused(text)


def test_brackets_in_a_string_are_no_depth() -> None:
    assert geometry(geojson("Point", [1, 2], name='\\"' + "[" * 100)).coords == (1, 2)


def test_a_hundred_megabytes_are_refused_at_once() -> None:
    text = '{"type":"Point","coordinates":[1,2],"x":"' + " " * 100_000_000 + '"}'
    start = time.perf_counter()
    assert "bytes, more than 524,288" in refused(text)
    assert time.perf_counter() - start < 0.05


def test_bytes_are_counted_not_characters() -> None:
    text = "x" * 3 + "€" * (SIZE // 3)
    assert len(text) < SIZE
    assert f"The geometry has {3 + SIZE // 3 * 3:,} bytes, more than {SIZE:,}" in refused(text)


def test_ten_thousand_vertices_are_taken_and_one_more_is_not() -> None:
    line = [[n / 100, 0] for n in range(10_000)]
    assert geometry(geojson("LineString", line)).num_coords == 10_000
    line.append([-1, 0])
    assert "more than 10,000 vertices: simplify it" in refused(geojson("LineString", line))
    text = "LINESTRING(" + ",".join(f"{x} {y}" for x, y in line) + ")"
    assert "more than 10,000 vertices" in refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "MULTIPOINT(" + "(0 0)," * 80_000 + "(0 0))",
        "MULTIPOLYGON(" + "((0 0))," * 56_000 + "((0 0)))",
        "GEOMETRYCOLLECTION(" + "POINT(0 0)," * 46_000 + "POINT(1 1))",
        "POINT(" + "0" * (SIZE - 20) + "_ 0)",
        "POINT" + " " * (SIZE - 20) + "x",
        '{"a":"' + '\\"' * (SIZE // 2 - 10),
        '"\\' * (SIZE // 2),
        "[]" * (SIZE // 2),
        "POINT" + ")" * (SIZE - 20),
        "POINT(" + "0 " * (SIZE // 2 - 20) + "0)",
        "POINT(x " + "0 " * (SIZE // 2 - 20) + "0)",
        '{"type":"Point","coordinates":[' + "0," * (SIZE // 2 - 20) + "0]}",
        '{"type":"MultiPoint","coordinates":[' + "[0,0]," * 86_000 + "[0,0]]}",
        "{" + ",".join(f'"{n}":1' for n in range(50_000)) + "}",
    ],
)
def test_a_text_of_the_greatest_size_is_answered_in_time(text: str) -> None:
    assert len(text) <= SIZE
    assert fuzz_input.timed(text).seconds < fuzz_input.LIMIT


def fan(count: int) -> list[list[tuple[float, float]]]:
    """Returns triangles that meet in one place, which is expensive to check."""
    turns = [2 * math.pi * n / count for n in range(count + 1)]
    return [
        [
            (0.0, 0.0),
            (50 * math.cos(a), 50 * math.sin(a)),
            (50 * math.cos((a + b) / 2), 50 * math.sin((a + b) / 2)),
            (0.0, 0.0),
        ]
        for a, b in pairwise(turns)
    ]


@pytest.mark.parametrize(("count", "is_taken"), [(150, True), (2400, False)])
def test_a_shape_that_would_take_long_to_check_is_refused(count: int, is_taken: bool) -> None:
    text = geojson("MultiPolygon", [[ring] for ring in fan(count)])
    outcome = fuzz_input.timed(text)
    assert outcome.seconds < fuzz_input.LIMIT
    assert ("too many edges or rings" not in outcome.refusal.lower()) == is_taken


boxes = st.tuples(*[st.integers(0, 6)] * 4).map(
    lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3]))
)


@EXAMPLES
@given(st.lists(boxes, max_size=12))
def test_overlaps_counts_pairs_of_boxes_that_meet(found: Any) -> None:
    pairs = [(a, b) for n, a in enumerate(found) for b in found[:n]]
    meeting = [
        (a, b) for a, b in pairs if a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]
    ]
    assert overlaps(found) == len(meeting)


def test_limits_are_settings() -> None:
    with override_settings(GEOMETRY_LIMITS={"vertices": 3, "depth": 1}):
        assert "more than 3 vertices" in refused("LINESTRING(1 1,2 2,3 3,4 4)")
        assert "deeper than 1" in refused(f"POLYGON({SQUARE})")
    with (
        override_settings(GEOMETRY_LIMITS={"vertexes": 3}),
        pytest.raises(ImproperlyConfigured, match="has no vertexes; it takes bytes, depth"),
    ):
        geometry("POINT(1 2)")


# Anything at all


@EXAMPLES
@given(st.text() | st.binary().map(lambda each: each.decode("utf-8", "surrogateescape")))
def test_any_text_is_a_geometry_or_refused(text: str) -> None:
    fuzz_input.run(text)


@pytest.mark.parametrize("first", range(0, 2000, 500))
def test_a_broken_geometry_is_a_geometry_or_refused_in_time(first: int) -> None:
    for number in range(first, first + 500):
        assert fuzz_input.timed(fuzz_input.case(1, number)).seconds < fuzz_input.LIMIT, number
