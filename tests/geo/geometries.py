"""Geometries of every type, drawn by Hypothesis, and plain Python functions of them."""

import math
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from django.contrib.gis.geos import (
    GeometryCollection,
    GEOSGeometry,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)
from hypothesis import strategies as st

EXACTLY = Context(prec=400)
SRID = 4326


def rounded(number: float, places: int) -> Decimal:
    """Returns the decimal of so many places nearest to the float's exact value."""
    unit = Decimal(1).scaleb(-places)
    return Decimal(number).quantize(unit, ROUND_HALF_EVEN, EXACTLY) + 0


def numbers(value: Any) -> Iterator[float]:
    """Yields all numbers in nested sequences, in order."""
    if isinstance(value, float | int):
        yield value
        return
    for each in value:
        yield from numbers(each)


def geometries(*, most: float = 180.0, collections: bool = True) -> st.SearchStrategy[Any]:
    """Valid geometries in SRID 4326 with longitudes between -`most` and `most`."""
    points = st.builds(Point, _floats(most), _floats(90.0), srid=st.just(SRID))
    lines = st.lists(
        st.tuples(_floats(most), _floats(90.0)), min_size=2, max_size=6, unique=True
    ).map(lambda positions: LineString(positions, srid=SRID))
    areas = _polygons(most)
    singles = st.one_of(points, lines, areas)
    multiples = st.one_of(
        _several(points, MultiPoint),
        _several(lines, MultiLineString),
        _several(areas, MultiPolygon).filter(lambda area: area.valid),
    )
    if not collections:
        return singles | multiples
    return singles | multiples | _several(singles | multiples, GeometryCollection)


def _floats(most: float) -> st.SearchStrategy[float]:
    return st.floats(-most, most) | st.integers(-int(most), int(most)).map(float)


def _several(members: st.SearchStrategy[Any], kind: Any) -> st.SearchStrategy[Any]:
    return st.lists(members, min_size=1, max_size=3).map(lambda some: kind(some, srid=SRID))


@st.composite
def _polygons(draw: Any, most: float) -> GEOSGeometry:
    """Draws a star around a point with a smaller one as its hole, in either orientation."""
    radius = draw(st.floats(1, 40))
    x, y = draw(_floats(most - radius)), draw(_floats(90 - radius))
    rays = sorted(draw(st.sets(st.integers(0, 23), min_size=3, max_size=12)) | {0, 8, 16})
    outer = [_ray(x, y, radius * draw(st.floats(0.5, 1)), ray) for ray in rays]
    rings = [outer]
    if draw(st.booleans()):
        rings.append([_ray(x, y, radius / 8, ray) for ray in rays])
    turned = [ring[::-1] if draw(st.booleans()) else ring for ring in rings]
    return Polygon(*[[*ring, ring[0]] for ring in turned], srid=SRID)


def _ray(x: float, y: float, length: float, ray: int) -> tuple[float, float]:
    angle = ray * math.pi / 12
    return x + length * math.cos(angle), y + length * math.sin(angle)


EMPTIES: list[GEOSGeometry] = [
    GEOSGeometry(f"{name} EMPTY", srid=SRID)
    for name in (
        *("POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON"),
        "GEOMETRYCOLLECTION",
    )
]
