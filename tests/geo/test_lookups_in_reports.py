"""A report may filter by the spatial lookups that all databases evaluate alike, and no others."""

from typing import Any

import pytest
from django.contrib.gis.db.models.functions import Centroid
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import connection
from django.db.models import Case, F, Q, Value, When
from django.test.utils import CaptureQueriesContext

from geo.backends import agreement
from reports.errors import NotPortable
from reports.expressions import Count, GeometryType
from tests.conformance.harness import statement
from tests.geo.fuzz.oracle import PREDICATES, expected
from tests.hostile.models import Anything, Meeting, PointShape, PolygonShape

SHAPES = (
    "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))",
    "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 3 1, 3 3, 1 3, 1 1))",
    "POLYGON ((4 0, 8 0, 8 4, 4 4, 4 0))",
    "POLYGON ((2 2, 6 2, 6 6, 2 6, 2 2))",
    "POLYGON ((1 1, 3 1, 3 3, 1 3, 1 1))",
)
GIVEN = GEOSGeometry("POLYGON ((1 1, 3 1, 3 3, 1 3, 1 1))", srid=4326)


def answers(columns: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    """Returns the rows of a report, within the test's transaction."""
    asked = statement(columns, **options)
    return [tuple(asked.canonical(row)) for row in asked.queryset]


@pytest.fixture
def areas() -> list[GEOSGeometry]:
    shapes = [GEOSGeometry(wkt, srid=4326) for wkt in SHAPES]
    for number, shape in enumerate(shapes):
        PolygonShape.objects.create(id=number, shape=shape)
        Meeting.objects.create(id=number, a_polygon=shape, b_polygon=GIVEN)
    Meeting.objects.create(id=len(shapes))
    return shapes


@pytest.mark.django_db
@pytest.mark.parametrize("predicate", [*PREDICATES, "exact", "same_as"])
def test_a_filter_and_an_exclusion(predicate: str, areas: list[GEOSGeometry]) -> None:
    meant = "equals" if predicate in ("exact", "same_as") else predicate
    wanted = [(n,) for n, shape in enumerate(areas) if expected(meant, shape, GIVEN)]
    others = [(n,) for n in range(len(areas)) if (n,) not in wanted]
    is_so = Q(**{f"shape__{predicate}": GIVEN})
    rows = PolygonShape.objects
    assert answers({"id": "pk"}, queryset=rows.filter(is_so), ordering=["id"]) == wanted
    assert answers({"id": "pk"}, queryset=rows.exclude(is_so), ordering=["id"]) == others
    columns = Meeting.objects.filter(**{f"a_polygon__{predicate}": F("b_polygon")})
    assert answers({"id": "pk"}, queryset=columns, ordering=["id"]) == wanted


@pytest.mark.django_db
def test_a_condition_in_a_case_and_in_an_aggregates_filter(areas: list[GEOSGeometry]) -> None:
    inside = Q(a_polygon__covers=GIVEN)
    case = Case(When(inside, then=Value(1)), default=Value(0))
    found = answers({"id": "pk", "x": case}, queryset=Meeting.objects.all(), ordering=["id"])
    assert [value for _, value in found] == [1, 0, 0, 0, 1, 0]
    counted = Count("pk", filter=inside)
    assert answers(
        {"n": counted}, queryset=Meeting.objects.all(), group_by={"kind": GeometryType("a_polygon")}
    ) == [("POLYGON", 2), (None, 0)]


@pytest.mark.django_db
def test_a_filter_by_the_name_of_a_type(areas: list[GEOSGeometry]) -> None:
    Anything.objects.create(id=1, shape=GEOSGeometry("GEOMETRYCOLLECTION (POINT (1 1))", srid=4326))
    Anything.objects.create(id=2, shape=areas[0])
    rows = Anything.objects.filter(shape__geom_type="GEOMETRYCOLLECTION")
    assert answers({"id": "pk"}, queryset=rows) == [(1,)]


PLACE = Point(1, 1, srid=4326)
REFUSED: dict[str, tuple[Any, str]] = {
    "directional": (
        PolygonShape.objects.filter(shape__left=GIVEN),
        "the lookup 'left' is refused: only PostgreSQL has it. Use intersects,",
    ),
    "contains_properly": (
        PolygonShape.objects.filter(shape__contains_properly=PLACE),
        "'contains_properly' is refused",
    ),
    "relate": (
        PolygonShape.objects.filter(shape__relate=(GIVEN, "T********")),
        "the lookup 'relate' is refused: MySQL has none",
    ),
    "a distance": (
        PolygonShape.objects.filter(shape__distance_lte=(PLACE, 5)),
        "the lookup 'distance_lte' is refused: the distance is metres on",
    ),
    "dwithin": (PolygonShape.objects.filter(shape__dwithin=(PLACE, 5)), "'dwithin' is refused"),
    "a column of any type": (
        Anything.objects.filter(shape__within=GIVEN),
        "does not take a GeometryCollection",
    ),
    "an empty geometry": (
        PointShape.objects.filter(shape__within=GEOSGeometry("POLYGON EMPTY", srid=4326)),
        "does not take an empty geometry",
    ),
    "another reference system": (
        PointShape.objects.filter(shape__within=GEOSGeometry(GIVEN.wkt, srid=3857)),
        "compares SRID 4326 with SRID 3857",
    ),
    "a function of Django's": (
        PolygonShape.objects.annotate(c=Centroid("shape")).filter(c__intersects=GIVEN),
        "Centroid is refused",
    ),
    "a sub-query": (
        PointShape.objects.filter(shape__within=PolygonShape.objects.values("shape")[:1]),
        "the lookup 'within' is refused",
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", REFUSED)
def test_what_differs_is_refused_before_any_sql(name: str) -> None:
    queryset, words = REFUSED[name]
    connection.ensure_connection()
    with CaptureQueriesContext(connection) as queries, pytest.raises(NotPortable) as caught:
        statement({"id": "pk"}, queryset=queryset)
    assert words in str(caught.value)
    assert str(caught.value).startswith("probe.queryset: ")
    assert len(queries) == 0


def test_every_engine_has_the_same_lookups() -> None:
    assert {*PREDICATES, "exact", "same_as"} == agreement.LOOKUPS
    assert connection.ops.gis_operators.keys() >= agreement.LOOKUPS
