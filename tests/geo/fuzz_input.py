"""Thousands of broken geometries: python -m tests.geo.fuzz_input --cases 100000 --seed 1

Each case changes a valid text in a few places. The gate must give a valid geometry or refuse it in
one sentence, within 250 ms of the processor's time, and nothing else. A case is made of its seed
and number alone: one that fails is run again by --first NUMBER --cases 1.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.test")

from django.contrib.gis.geos import GEOSGeometry

from geo.input import GeometryRefused, geometry

LIMIT = 0.25
LONGEST_SENTENCE = 600
# Characters, a little less than the gate reads.
FILLING = 500_000
SQUARE = "[[0,0],[9,0],[9,9],[0,9],[0,0]]"
HOLE = "[[2,2],[3,2],[3,3],[2,2]]"
POLYGON = f'{{"type":"Polygon","coordinates":[{SQUARE},{HOLE}]}}'
POINT = '{"type":"Point","coordinates":[2.35,48.85]}'
FEATURES = [
    f'{{"type":"Feature","properties":{{"a":[1]}},"geometry":{shape}}}'
    for shape in (POINT, POLYGON)
]
VALID = (
    "POINT(2.35 48.85)",
    "SRID=4326;MULTIPOINT((1 2),(-3 4e0))",
    "LINESTRING(-180 -90, 0 0, 180 90)",
    "POLYGON((0 0,9 0,9 9,0 9,0 0),(2 2,3 2,3 3,2 2))",
    "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,7 5,7 7,5 7,5 5),(6 6,6.5 6,6.5 6.5,6 6)))",
    "MULTILINESTRING((0 0,1 1),(2 2,3 3))",
    "GEOMETRYCOLLECTION(POINT(1 2),GEOMETRYCOLLECTION(LINESTRING(1 1,2 2),POINT(3 3)))",
    "bbox=170,-10,-170,10",
    "bbox=-5.5,41,9.6,51.1",
    POINT,
    POLYGON,
    f'{{"type":"MultiPolygon","coordinates":[[{SQUARE}],[[[20,20],[21,20],[21,21],[20,20]]]]}}',
    '{"type":"LineString","coordinates":[[1,2],[3,4]],"bbox":[1,2,3,4]}',
    f'{{"type":"GeometryCollection","geometries":[{POINT},{POLYGON}]}}',
    FEATURES[1],
    f'{{"type":"FeatureCollection","features":[{",".join(FEATURES)}]}}',
)
NUMBERS = (
    *("nan", "NaN", "inf", "-Infinity", "1e999", "-1e999", "1e150", "1e20", "1e-320", "5e-324"),
    *("180", "-180.0000000000001", "90", "90.00000000000001", "-0.0", "0" * 50, "1." + "3" * 500),
    *("9" * 400, "0x10", "1_0", "1e", "--1", ".", "+.5", "1e5e5", "٣", "1/2", "1,5", "null"),
)
WORDS = (
    *("EMPTY", "Z", "M", "ZM", "SRID=3857;", "SRID=4326;", "POINT", "CURVEPOLYGON", "--", "/**/"),
    *('"crs":{},', '"type":1,', "true", "null", "{}", "[]", "()", "[[]]", "\0", "\ufeff", "\ud800"),
    *("é", "\u202e", "\\", '"', '\\"', "#", ";", "bbox=", "\r\n", "\t", " " * 100, "<!--", "%s"),
)
BRACKETS = "()[]{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome for a text, and the processor seconds it took."""

    refusal: str
    seconds: float


def case(seed: int, number: int) -> str:
    """Returns the text of one case."""
    chance = random.Random(f"{seed}:{number}")
    text = chance.choice(VALID)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 4, 6))):
        text = chance.choice(MUTATIONS)(text, chance)
    return text


def _span(text: str, chance: random.Random) -> tuple[int, int]:
    start = chance.randint(0, len(text))
    return start, min(len(text), start + chance.choice((0, 1, 1, 2, 5, 40)))


def _delete(text: str, chance: random.Random) -> str:
    start, end = _span(text, chance)
    return text[:start] + text[end:]


def _insert(text: str, chance: random.Random) -> str:
    start, end = _span(text, chance)
    return text[:start] + chance.choice((*NUMBERS, *WORDS, *BRACKETS, ",", " ")) + text[end:]


def _character(text: str, chance: random.Random) -> str:
    start, _ = _span(text, chance)
    return text[:start] + chr(chance.randrange(0x3000)) + text[start + 1 :]


def _number(text: str, chance: random.Random) -> str:
    places = [n for n, character in enumerate(text) if character.isdigit()]
    if not places:
        return text
    start = end = chance.choice(places)
    while end < len(text) and (text[end].isdigit() or text[end] in ".-+eE"):
        end += 1
    made = chance.choice((*NUMBERS, str(chance.uniform(-200, 200)), str(chance.randint(-10, 10))))
    return text[:start] + made + text[end:]


def _repeat(text: str, chance: random.Random) -> str:
    start, end = _span(text, chance)
    times = chance.choice((2, 3, 10, 10, 1_000, FILLING // (end - start + 1)))
    return text[:start] + text[start:end] * times + text[end:]


def _splice(text: str, chance: random.Random) -> str:
    start, end = _span(text, chance)
    return text[:start] + chance.choice(VALID) + text[end:]


def _nest(text: str, chance: random.Random) -> str:
    begin, end = chance.choice(
        (
            ("GEOMETRYCOLLECTION(", ")"),
            ('{"type":"GeometryCollection","geometries":[', "]}"),
            ('{"type":"FeatureCollection","features":[{"type":"Feature","geometry":', "}]}"),
            ("(", ")"),
            ("[", "]"),
            ('{"a":', "}"),
        )
    )
    times = chance.choice((1, 1, 1, 2, 9, 1_000))
    return begin * times + text + end * times


MUTATIONS: tuple[Callable[[str, random.Random], str], ...] = (
    _delete,
    _insert,
    _character,
    _number,
    _number,
    _repeat,
    _splice,
    _nest,
)


def run(text: str) -> Outcome:
    """Passes the text to the gate, and checks all that it promises."""
    start = time.thread_time()
    refusal, found = "", None
    try:
        found = geometry(text)
    except GeometryRefused as error:
        refusal = str(error)
    seconds = time.thread_time() - start
    if found is None:
        assert refusal.endswith("."), refusal
        assert len(refusal) < LONGEST_SENTENCE, refusal
        assert refusal.isprintable(), refusal
    else:
        assert isinstance(found, GEOSGeometry)
        assert found.srid == 4326
        assert found.valid
        assert not found.empty
        assert not found.hasz
        west, south, east, north = found.extent
        assert -180 <= west <= east <= 180
        assert -90 <= south <= north <= 90
    return Outcome(refusal=refusal, seconds=seconds)


def timed(text: str) -> Outcome:
    """Repeats a slow run, because the machine may have been busy."""
    outcome = run(text)
    for _ in range(2):
        if outcome.seconds > LIMIT:
            outcome = min(outcome, run(text), key=lambda each: each.seconds)
    return outcome


def main() -> int:
    """Runs the cases; returns 1 if one failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--first", type=int, default=0, metavar="NUMBER")
    options = parser.parse_args()
    print(f"gate: seed {options.seed}, {options.cases:,} cases", flush=True)
    accepted, slowest, which, failed = 0, 0.0, 0, 0
    start = time.perf_counter()
    for number in range(options.first, options.first + options.cases):
        text = case(options.seed, number)
        try:
            outcome = timed(text)
        except Exception as error:  # noqa: BLE001 -- any at all is what is looked for
            print(f"gate: case {number} raised {error!r:.300} for {text!r:.300}", flush=True)
            failed += 1
            continue
        accepted += not outcome.refusal
        if outcome.seconds > slowest:
            slowest, which = outcome.seconds, number
        if outcome.seconds > LIMIT:
            print(f"gate: case {number} took {outcome.seconds:.3f} s: {text!r:.300}", flush=True)
            failed += 1
    print(
        f"gate: {accepted:,} accepted, {options.cases - accepted - failed:,} refused, {failed}"
        f" failed in {time.perf_counter() - start:.0f} s; slowest {slowest * 1000:.0f} ms"
        f" (case {which})"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
