"""Pairs that GEOS decides: from one snapshot, within limits, by keys of any type."""

import math
from typing import Any

import pytest
from django.contrib.gis.db.models.functions import Centroid
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon
from django.core.exceptions import ImproperlyConfigured
from django.db import NotSupportedError, connection
from django.db.models import Count, Exists, F, OuterRef, Q
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from geo.backends.refine import CHUNK_ROWS, TooManyCandidates
from geo.backends.wrapper import database_wrapper
from geo.models import Airport, Country, CountryShape, Territory
from reports.errors import NotPortable
from tests.catalogue import is_of_catalogue
from tests.conformance.harness import statement
from tests.geo.reported import as_in_a_report
from tests.hostile.models import LineStringShape, PointShape, PolygonShape

LINE = GEOSGeometry("LINESTRING (0 0, 2 2)", srid=4326)


def square(x: float, y: float, side: float = 1) -> Polygon:
    found = Polygon.from_bbox((x, y, x + side, y + side))
    found.srid = 4326
    return found


def territory(code: str, area: Polygon) -> Territory:
    return Territory.objects.create(code=code, area=MultiPolygon(area, srid=4326), square_metres=1)


@pytest.fixture
def squares() -> None:
    """Nine squares that touch, in a table with integer keys."""
    PolygonShape.objects.bulk_create(
        PolygonShape(id=3 * x + y, shape=square(x, y)) for x in range(3) for y in range(3)
    )


@pytest.mark.django_db
def test_each_lookup_reads_its_candidates_once(squares: None) -> None:
    area = square(0, 0)
    rows = PolygonShape.objects.filter(shape__touches=area).values_list("pk", flat=True)
    assert set(rows) == {1, 3, 4}
    with CaptureQueriesContext(connection) as queries:
        assert set(rows.all()) == {1, 3, 4}
    assert len([each for each in queries if not is_of_catalogue(each["sql"])]) == 2
    points = PointShape.objects.filter(shape__coveredby=area).values("pk")
    with CaptureQueriesContext(connection) as queries:
        assert not points.all()
    assert len([each for each in queries if not is_of_catalogue(each["sql"])]) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["within", "coveredby", "intersects", "disjoint", "touches"])
@pytest.mark.parametrize("side", [1.5, 2e-16], ids=["wide", "narrow"])
def test_a_rectangle_holds_points_to_the_last_bit(lookup: str, side: float) -> None:
    """Points on its edges, beside them and far away agree with GEOS."""
    west, south = 0.3, -0.3
    area = Polygon.from_bbox((west, south, west + side, south + side))
    area.srid = 4326
    edges = [area.extent[0::2], area.extent[1::2]]
    near = [
        sorted({edge for e in pair for edge in (e, math.nextafter(e, -9), math.nextafter(e, 9))})
        for pair in edges
    ]
    points = [Point(x, y, srid=4326) for x in [*near[0], 0.31, 77] for y in [*near[1], -0.29, -77]]
    PointShape.objects.bulk_create(PointShape(id=n, shape=p) for n, p in enumerate(points))
    predicate = {"coveredby": "covers", "within": "contains"}.get(lookup, lookup)
    wanted = {n for n, point in enumerate(points) if getattr(area, predicate)(point)}
    rows = PointShape.objects.filter(**{f"shape__{lookup}": area})
    assert set(rows.values_list("pk", flat=True)) == wanted
    others = PointShape.objects.exclude(**{f"shape__{lookup}": area})
    assert set(others.values_list("pk", flat=True)) == set(range(len(points))) - wanted


CODES = ("AA", "aa", "A A", "A'", 'A"\\', "É", "%s")


@pytest.mark.django_db
def test_keys_are_texts_as_well_as_numbers(squares: None) -> None:
    first = Territory.objects.count()
    for place, code in enumerate(CODES):
        territory(code, square(place * 10, 60, side=2))
        PolygonShape.objects.create(id=100 + place, shape=square(place * 10, 60))
    assert Territory.objects.count() == first + len(CODES)
    ours = Territory.objects.filter(pk__in=CODES)
    for place, code in enumerate(CODES):
        inside = square(place * 10, 60)
        assert ours.get(area__contains=inside).pk == code
        assert ours.filter(area__disjoint=inside).count() == len(CODES) - 1
    inner = PolygonShape.objects.filter(shape__coveredby=OuterRef("area"))
    assert ours.filter(Exists(inner)).count() == len(CODES)
    pairs = ours.annotate(found=inner.order_by("pk").values("pk")[:1]).values_list("pk", "found")
    assert dict(pairs) == {code: 100 + place for place, code in enumerate(CODES)}


@pytest.fixture
def places() -> list[Airport]:
    """An airport inside its territory, one outside, and one without a territory."""
    country = Country.objects.get(pk="FR")
    area = territory("Q1", square(100, -60, side=4))
    return [
        Airport.objects.create(
            icao=icao,
            country=country,
            elevation=0,
            located_in_territory=within,
            location=Point(x, -58, srid=4326),
        )
        for icao, within, x in (("QQ1", area, 102), ("QQ2", area, 110), ("QQ3", None, 102))
    ]


@pytest.mark.django_db
def test_what_an_outer_join_has_not_found_is_neither_in_nor_out(places: list[Airport]) -> None:
    ours = Airport.objects.filter(pk__in=[each.pk for each in places])
    for asked, said in (
        (Q(located_in_territory__area__contains=F("location")), [True, False, None]),
        (Q(located_in_territory__area__disjoint=F("location")), [False, True, None]),
        (Q(located_in_territory__area__contains=square(101, -59)), [True, True, None]),
        (Q(located_in_territory__area__contains=square(0, 0)), [False, False, None]),
    ):
        found = ours.annotate(found=asked).order_by("pk").values_list("found", flat=True)
        assert [None if each is None else bool(each) for each in found] == said
    inside = Q(located_in_territory__area__contains=F("location"))
    assert ours.exclude(inside).count() == 2
    assert ours.aggregate(n=Count("pk", filter=inside))["n"] == 1


@pytest.mark.django_db
def test_a_condition_on_a_joined_table_and_itself(squares: None) -> None:
    other = PolygonShape.objects.filter(shape__touches=OuterRef("shape")).values("pk")
    corner = PolygonShape.objects.filter(Exists(other), pk=0)
    assert corner.exists()
    middle = PolygonShape.objects.filter(pk=4, shape__touches=square(-1, -1))
    assert not middle.exists()


# Refusals and limits


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"candidates": 8}, "more than 8 candidates .*REFINE_LIMITS\\['candidates'\\]"),
        ({"keys": 3}, "more than 3 rows.*REFINE_LIMITS\\['keys'\\]"),
    ],
)
def test_more_than_the_limits_is_an_error_and_never_a_shorter_answer(
    limits: dict[str, int], words: str, squares: None
) -> None:
    rows = PolygonShape.objects.filter(shape__coveredby=square(0, 0, side=3))
    assert rows.count() == 9
    across = PolygonShape.objects.filter(
        Exists(PolygonShape.objects.filter(shape__touches=OuterRef("shape")))
    )
    assert across.count() == 9
    with override_settings(REFINE_LIMITS=limits):
        for asked in (rows, across):
            with pytest.raises(TooManyCandidates, match=words):
                as_in_a_report(asked).count()
        if connection.ops.gis_operators["coveredby"].django is None:  # as on MariaDB
            with pytest.raises(TooManyCandidates, match=words):
                rows.count()
        else:
            with CaptureQueriesContext(connection) as queries:
                rows.count()  # Django's SQL, whatever the server makes of shared boundaries
            assert "isoline" not in queries[-1]["sql"]
    with override_settings(REFINE_LIMITS={"candidates": 9, "keys": 9}):
        assert rows.count() == 9


@pytest.fixture
def refines_points() -> bool:
    """Does GEOS decide which points are in an area?"""
    return (0, 2) not in connection.ops.gis_operators["within"].predicates.templates["within"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("limits", "words"),
    [({"candidates": 24}, "more than 24 candidates"), ({"keys": 5}, "more than 5 rows")],
)
def test_points_in_an_area_have_the_same_limits(
    limits: dict[str, int], words: str, refines_points: bool
) -> None:
    PointShape.objects.bulk_create(
        PointShape(id=5 * x + y, shape=Point(x, y, srid=4326)) for x in range(5) for y in range(5)
    )
    area = GEOSGeometry("POLYGON ((0 0, 4 0, 4 4, 0 0))", srid=4326)
    inside = PointShape.objects.filter(shape__intersects=area)
    assert inside.count() == 15
    assert PointShape.objects.filter(shape__within=area).count() == 3
    assert PointShape.objects.filter(shape__touches=area).count() == 12
    with override_settings(REFINE_LIMITS=limits):
        if not refines_points:
            assert inside.count() == 15
            return
        with pytest.raises(TooManyCandidates, match=words):
            as_in_a_report(inside).count()
    with override_settings(REFINE_LIMITS={"candidates": 25, "keys": 15}):
        assert inside.count() == 15


@pytest.mark.django_db
def test_more_points_than_are_read_at_once() -> None:
    number = 2 * CHUNK_ROWS + 1
    PointShape.objects.bulk_create(
        PointShape(id=n, shape=Point(n, n % 3, srid=4326)) for n in range(number)
    )
    area = GEOSGeometry(f"POLYGON ((-1 0.5, {number} 0.5, {number} 1.5, 0 1.5, -1 0.5))", srid=4326)
    found = PointShape.objects.filter(shape__within=area).values_list("pk", flat=True)
    assert set(found) == set(range(1, number, 3))


@pytest.mark.django_db
def test_a_limit_that_is_none_is_told() -> None:
    rows = PolygonShape.objects.filter(shape__touches=LINE)
    with (
        override_settings(REFINE_LIMITS={"rows": 3}),
        pytest.raises(ImproperlyConfigured, match="REFINE_LIMITS has no rows; it takes"),
    ):
        rows.count()


def test_a_report_says_what_to_do_about_too_many(committed: Any) -> None:
    LineStringShape.objects.create(id=1, shape=LINE)
    try:
        crossing = GEOSGeometry("LINESTRING (0 2, 2 0)", srid=4326)
        asked = statement(
            {"id": "pk"}, queryset=LineStringShape.objects.filter(shape__crosses=crossing)
        )
        assert list(asked.stream()) == [(1,)]
        with (
            override_settings(REFINE_LIMITS={"candidates": 0}),
            pytest.raises(NotPortable, match="probe: A spatial lookup has more than 0 candidates"),
        ):
            list(asked.stream())
    finally:
        LineStringShape.objects.all().delete()


@pytest.mark.django_db
def test_an_expression_and_another_reference_system_are_refused() -> None:
    central = LineStringShape.objects.annotate(c=Centroid("shape")).filter(
        c__intersects=GEOSGeometry("POLYGON ((0 0, 3 0, 0 3, 0 0))", srid=4326)
    )
    if connection.vendor == "mysql":
        with pytest.raises(NotSupportedError, match="and Centroid is neither"):
            as_in_a_report(central).exists()
    else:
        assert not central.exists()
    elsewhere = GEOSGeometry(LINE.wkt, srid=3857)
    with pytest.raises(
        NotSupportedError, match=r"one SRID, not of 4326 and 3857|Transform function"
    ):
        as_in_a_report(LineStringShape.objects.filter(shape__crosses=elsewhere)).exists()


def test_candidates_and_answer_are_of_one_moment(committed: Any) -> None:
    LineStringShape.objects.create(id=1, shape=LINE)
    rows = LineStringShape.objects.filter(shape__equals=LINE)
    try:
        with database_wrapper("default").snapshot() as snapshot:
            compiler = rows.values_list("pk").query.get_compiler(connection=snapshot)
            LineStringShape.objects.all().delete()
            assert list(compiler.results_iter(tuple_expected=True)) == [(1,)]
        assert not rows.exists()
    finally:
        LineStringShape.objects.all().delete()


@pytest.mark.django_db
def test_a_key_may_be_a_relation() -> None:
    area = MultiPolygon(square(50, -80), srid=4326)
    CountryShape.objects.filter(pk="FR").update(area=area)
    assert CountryShape.objects.get(area__covers=square(50, -80), area__within=area).pk == "FR"
