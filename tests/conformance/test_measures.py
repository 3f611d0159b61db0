"""Measures and shapes that are computed row by row, over hostile geometries, against other ways."""

import math
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry, Point, Polygon
from django.contrib.gis.geos import MultiPolygon as Polygons
from django.db import DataError
from django.db.models import QuerySet

from geo.models import Country
from geo.spherical.sphere import EARTH_RADIUS
from reports import Column
from reports.expressions import (
    Area,
    Azimuth,
    Buffer,
    Centroid,
    Collect,
    Count,
    CoveredShare,
    Difference,
    Distance,
    Envelope,
    GeoHash,
    GeometryType,
    Intersection,
    IsEmpty,
    IsValid,
    Length,
    NumDimensions,
    Perimeter,
    PointOnSurface,
    Rotate,
    RowNumber,
    Simplify,
    SymDifference,
    Transform,
    Union,
    Window,
)
from reports.expressions.rounding import significant
from tests.conformance.harness import statement
from tests.geo.test_measures import chord, spots_of, unit
from tests.hostile.models import Meeting

pytestmark = pytest.mark.django_db
FIRST = 10**12
OURS: QuerySet[Any] = Meeting.objects.filter(pk__gte=FIRST)
FIELDS = {
    "Point": "point",
    "MultiPoint": "multipoint",
    "LineString": "linestring",
    "MultiLineString": "multilinestring",
    "Polygon": "polygon",
    "MultiPolygon": "multipolygon",
}
HOLED = "POLYGON ((5 45, 15 45, 15 55, 5 55, 5 45), (8 48, 8 52, 12 52, 12 48, 8 48))"
SHAPES = [
    *("POINT (2.3522 48.8566)", "POINT (-180 -90)", "POINT (180 90)", "POINT (-0.0 1e-9)"),
    "POINT (179.99999999999997 -16.690600000000003)",
    "MULTIPOINT (0 0, 1 1, -170 70)",
    "LINESTRING (2.3522 48.8566, -0.1276 51.5072)",
    "LINESTRING (0 0, 0 0.0000001)",
    "LINESTRING (170 -10, 180 -12, 180 5)",
    "LINESTRING (0 85, 90 89.9, 180 85)",
    "MULTILINESTRING ((12 0, 90 0), (-180 10, -170 10, -170 20))",
    HOLED,
    "POLYGON ((0 0, 0.00001 0, 0.00001 0.00001, 0 0.00001, 0 0))",
    "POLYGON ((-180 -90, 180 -90, 180 -60, 0 -75, -180 -60, -180 -90))",
    "POLYGON ((-180 -90, -180 90, 180 90, 180 -90, -180 -90))",
    "POLYGON ((0.1 0.2, 30.3 10.7, 3.3 60.1, 0.1 0.2))",
    "MULTIPOLYGON (((170 40, 180 40, 180 50, 170 50, 170 40)),"
    " ((-180 40, -178 40, -178 50, -180 50, -180 40)))",
    "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 1, 0 0)), ((2 2, 3 2, 3 3, 2 3, 2 2), (2.2 2.2, 2.2 2.8,"
    " 2.8 2.8, 2.2 2.2)))",
]
B = GEOSGeometry("POLYGON ((0 40, 10.3 40, 10.3 50.1, 0 50.1, 0 40))", srid=4326)


def answers(columns: dict[str, Any], queryset: QuerySet[Any] = OURS, **options: Any) -> list[Any]:
    """What a report answers within the test's own transaction."""
    asked = statement(columns, queryset=queryset, **options)
    return [asked.canonical(row) for row in asked.queryset]


def kind(shape: GEOSGeometry) -> str:
    return FIELDS[shape.geom_type]


@pytest.fixture
def meetings() -> dict[int, GEOSGeometry]:
    """Each shape in the column of its type, and a row without any."""
    shapes = {n: GEOSGeometry(wkt, srid=4326) for n, wkt in enumerate(SHAPES, FIRST)}
    for number, shape in shapes.items():
        Meeting.objects.create(id=number, **{f"a_{kind(shape)}": shape})
    Meeting.objects.create(id=FIRST + 1000)
    return shapes


def of_kinds(shapes: dict[int, GEOSGeometry], *kinds: str) -> Iterator[tuple[int, str, Any]]:
    """Those of some types, with the field where they stand."""
    for number, shape in shapes.items():
        if kind(shape) in kinds:
            yield number, f"a_{kind(shape)}", shape


def found_in(expression: Any, places: int | None = None) -> dict[int, Any]:
    """A column's values by row, NULL where the geometry is."""
    return dict(answers({"id": "pk", "found": Column(expression, places=places)}))


def every(
    shapes: dict[int, GEOSGeometry], kinds: Any, made: Any, places: int | None = None
) -> Iterator[tuple[Any, Any]]:
    """The value of `made(field)` beside each shape; the other rows are NULL."""
    seen = 0
    for each in dict.fromkeys(kinds):
        mine = {number: shape for number, _, shape in of_kinds(shapes, each)}
        found = found_in(made(f"a_{each}"), places)
        assert {n for n, value in found.items() if value is not None} <= mine.keys()
        assert found[FIRST + 1000] is None
        for number, shape in mine.items():
            seen += 1
            yield found[number], shape
    assert seen


AREAS, LINES, ALL = ("polygon", "multipolygon"), ("linestring", "multilinestring"), FIELDS.values()


def equal_area(shape: GEOSGeometry) -> float:
    """Square metres by Lambert's cylindrical projection, of edges cut into a thousand pieces."""
    polygons = [shape.coords] if shape.geom_type == "Polygon" else shape.coords

    def projected(ring: Any) -> list[Any]:
        fine = [
            (a[0] + (b[0] - a[0]) * n / 1000, a[1] + (b[1] - a[1]) * n / 1000)
            for a, b in pairwise(ring)
            for n in range(1000)
        ]
        return [
            (math.radians(x) * EARTH_RADIUS, math.sin(math.radians(y)) * EARTH_RADIUS)
            for x, y in [*fine, fine[0]]
        ]

    return sum(Polygon(*map(projected, rings)).area for rings in polygons)


def test_areas_are_those_of_an_equal_area_projection(meetings: Any) -> None:
    for found, shape in every(meetings, AREAS, Area, 3):
        assert float(found) == pytest.approx(equal_area(shape), rel=2e-6, abs=1e-3)


def test_lengths_are_sums_of_chords_angles(meetings: Any) -> None:
    for found, shape in every(meetings, LINES, Length, 3):
        lines = [shape.coords] if shape.geom_type == "LineString" else shape.coords
        wanted = sum(chord(a, b) for line in lines for a, b in pairwise(line))
        assert float(found) == pytest.approx(wanted, abs=0.2)
    for found, shape in every(meetings, AREAS, Perimeter, 3):
        rings = shape.coords if shape.geom_type == "Polygon" else sum(shape.coords, ())
        wanted = sum(chord(a, b) for ring in rings for a, b in pairwise(ring))
        assert float(found) == pytest.approx(wanted, abs=0.2)


def test_measures_on_the_ellipsoid_are_near_those_on_the_sphere(meetings: Any) -> None:
    """The radius of curvature leaves the mean radius by 0.6 % at most."""
    for number, _, shape in of_kinds(meetings, "linestring"):
        found = found_in(Length("a_linestring", geodesic=True), 6)[number]
        wanted = sum(chord(a, b) for a, b in pairwise(shape.coords))
        assert float(found) == pytest.approx(wanted, rel=7e-3)
    holed = found_in(Area("a_polygon", geodesic=True), 0)[FIRST + SHAPES.index(HOLED)]
    assert float(holed) == pytest.approx(equal_area(GEOSGeometry(HOLED)), rel=1e-2)


def test_the_length_of_a_text_is_still_its_letters() -> None:
    from tests.hostile.models import Owner

    Owner.objects.create(id=FIRST, name="ä🙂")
    mine = Owner.objects.filter(pk=FIRST)
    assert answers({"found": Length("name")}, mine) == [(2,)]


@pytest.mark.parametrize("other", ["POINT (7 50)", "LINESTRING (-175 0, -178 60)", B.wkt])
def test_the_distance_of_shapes_is_that_of_their_nearest_places(meetings: Any, other: str) -> None:
    given = GEOSGeometry(other, srid=4326)
    theirs = [(unit(spot), spot) for spot in spots_of(given, 60)]
    for found, shape in every(meetings, ALL, lambda field: Distance(field, given), 2):
        if kind(shape) == "point" and kind(given) == "point":
            continue
        if shape.intersects(given):
            assert found == Decimal("0.00")
            continue
        ours = [(unit(spot), spot) for spot in spots_of(shape, 60)]
        _, here, there = min((math.dist(p[0], q[0]), p[1], q[1]) for p in ours for q in theirs)
        sampled = chord(here, there)
        longest = max(
            chord(a, b)
            for spots in ([spot for _, spot in ours], [spot for _, spot in theirs])
            for a, b in [*pairwise(spots), (spots[0], spots[0])]
            if abs(a[0] - b[0]) < 90
        )
        assert sampled - longest - 0.1 <= float(found) <= sampled + 0.1


def test_the_distance_of_points_on_the_ellipsoid(meetings: Any) -> None:
    """The first degree of latitude is 110,574.389 m long on WGS 84."""
    number = FIRST + SHAPES.index("POINT (2.3522 48.8566)")
    Meeting.objects.create(id=FIRST + 500, a_point=Point(5, 0))
    found = found_in(Distance("a_point", Point(5, 1), geodesic=True), 3)
    assert found[FIRST + 500] == Decimal("110574.389")
    assert float(found[number]) == pytest.approx(chord((2.3522, 48.8566), (5, 1)), rel=6e-3)


def test_azimuths_and_geohashes(meetings: Any) -> None:
    columns = {
        "id": "pk",
        "turn": Column(Azimuth("a_point", Point(2.3522, 90)), places=6),
        "hash": GeoHash("a_point", 5),
        "type": GeometryType("a_point"),
    }
    found = {n: rest for n, *rest in answers(columns)}
    assert found[FIRST] == [Decimal("0.000000"), "u09tv", "POINT"]
    assert found[FIRST + 1][1:] == ["00000", "POINT"]
    assert found[FIRST + 2][:2] == [None, "zzzzz"]
    assert found[FIRST + 1000] == [None, None, None]


def test_shapes_are_geos(meetings: Any) -> None:
    """Made of what came back from the database, as of what was stored: no bit was lost."""
    ways = {
        "centroid": (Centroid, lambda shape: shape.centroid),
        "on": (PointOnSurface, lambda shape: shape.point_on_surface),
        "simple": (lambda f: Simplify(f, 0.5), lambda s: s.simplify(0.5, preserve_topology=True)),
        "a and b": (lambda f: Intersection(f, B), lambda shape: shape.intersection(B)),
        "a not b": (lambda f: Difference(f, B), lambda shape: shape.difference(B)),
        "one of them": (lambda f: SymDifference(f, B), lambda shape: shape.sym_difference(B)),
        "both": (lambda f: Union(f, B), lambda shape: shape.union(B)),
    }
    for made, wanted in ways.values():
        for found, shape in every(meetings, ALL, made):
            assert found.srid == 4326
            assert found.equals_exact(wanted(shape), 1e-12) or found.equals(wanted(shape))


def test_envelopes_are_boxes(meetings: Any) -> None:
    for found, shape in every(meetings, ALL, Envelope):
        assert found.extent == shape.extent
        assert found.valid
    (point,) = [found for n, found in found_in(Envelope("a_point")).items() if n == FIRST]
    assert point.geom_type == "Point"


def test_what_geos_calls_valid_and_empty(meetings: Any) -> None:
    bowtie = Polygon(((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)))
    Meeting.objects.create(id=FIRST + 501, a_polygon=bowtie)
    found = found_in(IsValid("a_polygon"))
    assert found.pop(FIRST + 501) is False
    assert set(found.values()) == {True, None}
    assert set(found_in(IsEmpty("a_polygon")).values()) == {False, None}
    assert found_in(IsEmpty(Intersection("a_polygon", Point(-50, 50))))[FIRST + 501] is True
    assert set(found_in(NumDimensions("a_polygon")).values()) == {2, None}


def test_what_geos_cannot_answer_is_an_error_of_the_statement(meetings: Any) -> None:
    """Never a row less, nor a NULL: the intersection of what crosses itself."""
    bowtie = Polygon(((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)))
    Meeting.objects.create(id=FIRST + 503, a_polygon=bowtie)
    other = Polygon(((0, 0), (3, 0), (3, 0.5), (0.5, 3), (0, 0)))
    asked = statement({"x": Intersection("a_polygon", other)}, queryset=OURS)
    with pytest.raises(DataError, match=r"Intersection has no value: .*GEOSIntersection"):
        list(asked.queryset)


def test_rotations(meetings: Any) -> None:
    number = FIRST + SHAPES.index(HOLED)
    quarter = found_in(Rotate("a_polygon", 90))[number]
    assert quarter.coords[0][:2] == ((-45.0, 5.0), (-45.0, 15.0))
    about = found_in(Rotate("a_polygon", 180, Point(5, 45)))[number]
    assert about.extent == (-5.0, 35.0, 5.0, 45.0)
    eighth = found_in(Rotate("a_polygon", 45, Point(5, 45)))[number]
    assert eighth.coords[0][1] == pytest.approx((5 + 10 * math.sqrt(0.5), 45 + 10 * math.sqrt(0.5)))


def test_a_projection_is_that_of_the_formula(meetings: Any) -> None:
    """Spherical Mercator of EPSG 3857: x = R lambda, y = R ln tan(pi/4 + phi/2), R = 6378137."""
    found = found_in(Transform("a_point", 3857))
    paris = found[FIRST]
    assert paris.srid == 3857
    assert paris.x == pytest.approx(6378137 * math.radians(2.3522), abs=1e-6)
    latitude = math.radians(48.8566)
    wanted = 6378137 * math.log(math.tan(math.pi / 4 + latitude / 2))
    assert paris.y == pytest.approx(wanted, abs=1e-6)


def test_buffers_hold_what_is_near(meetings: Any) -> None:
    for found, shape in every(meetings, ALL, lambda field: Buffer(field, 1000)):
        if max(abs(shape.extent[1]), abs(shape.extent[3])) > 84:
            assert found is None
            continue
        assert found.valid
        assert found.buffer(1e-9).covers(shape)
        assert found.geom_type in ("Polygon", "MultiPolygon")


def test_a_share_that_is_covered(meetings: Any) -> None:
    box = Polygon.from_bbox((5, 45, 10, 55))
    number = FIRST + SHAPES.index(HOLED)
    assert found_in(CoveredShare("a_polygon", box), 6)[number] == Decimal("0.500000")
    whole = Polygons(Polygon.from_bbox((-180, -90, 180, 90)))
    for found, _ in every(meetings, AREAS, lambda field: CoveredShare(field, whole), 6):
        assert found == 1


def test_measures_of_measures_of_two_columns(meetings: Any) -> None:
    """One packed text has the inputs of all, and NULL where one of them is."""
    a, b = Polygon.from_bbox((0, 0, 2, 2)), Polygons(Polygon.from_bbox((1, 1, 3, 3)))
    Meeting.objects.create(id=FIRST + 502, a_polygon=a, b_multipolygon=b)
    both = Area(Intersection("a_polygon", "b_multipolygon"))
    columns = {
        "id": "pk",
        "both": Column(both, places=0),
        "apart": Column(Distance(Centroid("a_polygon"), Centroid("b_multipolygon")), places=3),
    }
    found = {n: rest for n, *rest in answers(columns)}
    common = Polygon.from_bbox((1, 1, 2, 2))
    assert float(found.pop(FIRST + 502)[0]) == pytest.approx(equal_area(common), rel=1e-9)
    assert set(map(tuple, found.values())) == {(None, None)}


def test_an_annotation_of_the_queryset_is_shown(meetings: Any) -> None:
    queryset = OURS.annotate(middle=Centroid("a_polygon")).filter(a_polygon__isnull=False)
    columns = {"id": "pk", "middle": "middle", "x": Column(Area(Buffer("middle", 10)), places=0)}
    # With a window the rows are those of a sub-query.
    for rows in (queryset, queryset.annotate(place=Window(RowNumber(), order_by="pk"))):
        found = {n: rest for n, *rest in answers(columns, rows)}
        number = FIRST + SHAPES.index(HOLED)
        assert found[number][0].equals_exact(GEOSGeometry(HOLED).centroid, 1e-12)
        assert found[number][1] == 314


def test_a_shape_of_a_group_beside_an_aggregate_of_other_rows() -> None:
    """Either is of a sub-query of its own."""
    countries = Country.objects.filter(code__in=["CH", "LU"])
    shape = {"shape": Envelope(Collect("cities__location"))}
    alone = answers(shape, countries, group_by={"code": "code"})
    beside = answers(shape | {"n": Count("airports")}, countries, group_by={"code": "code"})
    assert [row[:2] for row in beside] == alone
    assert all(found.geom_type == "Polygon" for _, found in alone)


def test_a_float_is_its_first_12_digits(meetings: Any) -> None:
    from geo.spherical.sphere import area

    number = FIRST + SHAPES.index(HOLED)
    wanted = significant(area([GEOSGeometry(HOLED).coords]))
    assert found_in(Area("a_polygon"), 4)[number] == wanted
