"""Checks that a geometry must pass before GEOS sees it. Each refuses with one sentence."""

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain
from math import isfinite

from geo.input.refusal import GeometryRefused
from geo.input.shapes import Path, Shape, empties, place, shapes

NAMES = ("longitude", "latitude")
FARTHEST = (180, 90)
STEPS = dict.fromkeys("([{", 1) | dict.fromkeys(")]}", -1)
BYTE_ORDER_MARK = "\ufeff"
NOTHING = re.compile("[\0\ud800-\udfff]")


def check_size(text: str, most: int) -> None:
    """Refuses a text longer than `most` bytes, without reading it."""
    size = len(text)
    if size <= most:
        size = len(text.encode("utf-8", "surrogatepass"))
    if size > most:
        raise GeometryRefused(
            f"the geometry has {size:,} bytes, more than {most:,}: simplify it, or write fewer"
            " decimals (seven of a degree are a centimetre)."
        )


def check_characters(text: str) -> None:
    """Refuses NUL, lone surrogates and byte order marks, which JSON may allow in strings."""
    if text.startswith(BYTE_ORDER_MARK):
        raise GeometryRefused("the geometry begins with a byte order mark: leave it out.")
    if NOTHING.search(text):
        raise GeometryRefused(
            "the geometry contains characters that are not text (NUL, or half of a surrogate"
            " pair): copy it again from its source."
        )


def check_depth(brackets: Sequence[str], most: int) -> None:
    """Refuses brackets that are nested more than `most` deep."""
    if max(accumulate(map(STEPS.__getitem__, brackets)), default=0) > most:
        raise GeometryRefused(
            f"the geometry has brackets that are nested deeper than {most}: split the collections."
        )


def check_finite(paths: Iterable[Path]) -> None:
    """Refuses NaN and infinity; 1e999 is infinity too."""
    for path in paths:
        if all(map(isfinite, chain.from_iterable(path.positions))):
            continue
        for count, position in enumerate(path.positions, 1):
            for name, number in zip((*NAMES, "height"), position, strict=False):
                if not isfinite(number):
                    raise GeometryRefused(
                        f"{path.vertex(count)}: the {name} is {number}, which is not a finite"
                        " number: write degrees."
                    )


def check_range(paths: Iterable[Path]) -> None:
    """Refuses longitudes beyond 180 and latitudes beyond 90 degrees."""
    for path in paths:
        for count, position in enumerate(path.positions, 1):
            if position and not (-180 <= position[0] <= 180 and -90 <= position[1] <= 90):
                raise GeometryRefused(f"{path.vertex(count)}: {_out_of_range(*position[:2])}")


def _out_of_range(longitude: float, latitude: float) -> str:
    if abs(latitude) > 90 and abs(latitude) <= 180 and abs(longitude) <= 90:
        return (
            f"the latitude {latitude:g} is beyond 90 degrees: write the longitude first, then the"
            " latitude."
        )
    which = 0 if abs(longitude) > 180 else 1
    sentence = (
        f"the {NAMES[which]} {(longitude, latitude)[which]:g} is beyond {FARTHEST[which]} degrees:"
    )
    if which == 0 and abs(longitude) <= 360:
        return (
            f"{sentence} cut the shape at the antimeridian, and write the part beyond it from"
            " -180 or to 180."
        )
    return f"{sentence} write degrees of longitude and latitude on WGS 84 (SRID 4326)."


def check_dimensions(shape: Shape, paths: Iterable[Path]) -> None:
    """Refuses heights and measures, given as a word or as a third number."""
    for each, trail in shapes(shape):
        if each.dimensions:
            raise GeometryRefused(
                f"{place(trail) or 'the geometry'} has {each.dimensions}: write longitude and"
                " latitude alone."
            )
    for path in paths:
        for count, position in enumerate(path.positions, 1):
            if len(position) > 2:
                raise GeometryRefused(
                    f"{path.vertex(count)} has {len(position)} numbers: write longitude and"
                    " latitude alone, without height (Z) or measure (M)."
                )


def check_not_empty(shape: Shape) -> None:
    """Refuses a geometry with an empty part."""
    for name in empties(shape):
        raise GeometryRefused(f"{name} is empty: give it positions, or leave it out.")


def check_rings(paths: Iterable[Path]) -> None:
    """Refuses rings that are too short or do not end where they begin."""
    for path in paths:
        if not path.is_ring:
            continue
        count = len(path.positions)
        if path.positions[0] != path.positions[-1]:
            raise GeometryRefused(
                f"{path} is not closed: repeat its first position after vertex {count:,}."
            )
        if count < 4:
            raise GeometryRefused(
                f"{path} has {count} position{'s' if count > 1 else ''}: a ring has at least 4,"
                " and its last repeats its first."
            )


def check_lines(paths: Iterable[Path]) -> None:
    """Refuses lines without length."""
    for path in paths:
        if path.is_line and len(set(path.positions)) < 2:
            raise GeometryRefused(f"{path} has no length: a line has two different positions.")
