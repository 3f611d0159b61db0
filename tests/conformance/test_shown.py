"""Client-side expressions can only be shown; every other use is refused before any SQL."""

from typing import Any

import pytest
from django.contrib.gis.db.models import aggregates as django_aggregates
from django.contrib.gis.db.models import functions as django
from django.contrib.gis.db.models.fields import PointField, PolygonField
from django.contrib.gis.geos import Point
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.expressions import Col

from reports import Column
from reports.errors import DeclarationError, NotPortable
from reports.expressions import (
    Area,
    Azimuth,
    Buffer,
    Centroid,
    Coalesce,
    Count,
    Distance,
    GeoHash,
    Length,
    Max,
    Rank,
    Rotate,
    Simplify,
    Sum,
    Transform,
    Union,
    Window,
)
from reports.expressions.client_side import demand_geometry
from tests.conformance.harness import statement
from tests.hostile.models import Meeting, PointShape, PolygonShape

ROWS = PolygonShape.objects.all()
AREA = Area("shape")


def refused(words: str, columns: dict[str, Any] | None = None, **options: Any) -> str:
    with pytest.raises(NotPortable) as caught:
        statement(columns or {"id": "pk"}, **({"queryset": ROWS} | options))
    sentence = str(caught.value)
    assert "is computed row by row outside the database, and can only be shown" in sentence
    assert words in sentence
    assert sentence.endswith("Store its value in a column when the row is written, and use that.")
    return sentence


def annotated(**names: Any) -> Any:
    return PolygonShape.objects.alias(**names)


@pytest.mark.parametrize(
    "queryset",
    [
        annotated(a=AREA).filter(a__gt=5),
        annotated(a=AREA).exclude(Q(pk=1) | Q(a__in=[1, 2])),
        annotated(a=AREA).filter(a__isnull=True),
        annotated(a=AREA).filter(pk__gt=F("a")),
        annotated(a=Centroid("shape")).filter(a__intersects=Point(0, 0, srid=4326)),
        annotated(a=Distance("shape", Point(0, 0))).filter(a__lte=1000),
        PointShape.objects.alias(a=GeoHash("shape")).filter(a__startswith="u"),
    ],
)
def test_a_filter_is_refused(queryset: Any) -> None:
    assert refused("cannot be filtered by", queryset=queryset).startswith("probe.queryset: ")


def test_a_filter_is_refused_for_one_engine_too() -> None:
    from reports import Report
    from reports.queries.statement import Statement
    from tests.under_test import name

    class OfOneEngine(Report):
        queryset = annotated(a=AREA).filter(a__gt=5)
        found = Column("pk")

        class Meta:
            databases = (name(),)
            permission = None

    with pytest.raises(NotPortable, match=r"of-one-engine\.queryset: Area is computed row by row"):
        Statement(OfOneEngine(), {}, "default")


@pytest.mark.parametrize(
    "expression",
    [
        AREA + 1,
        Sum("a") * AREA,
        Coalesce(AREA, 0.0),
        Case(When(pk=1, then=AREA), default=0.0),
        Case(When(a__gt=5, then=1), default=0),
    ],
    ids=str,
)
def test_reckoning_on_is_refused(expression: Any) -> None:
    queryset = PolygonShape.objects.alias(a=AREA)
    with pytest.raises(NotPortable, match="can only be shown: it cannot be"):
        statement({"x": Column(expression, places=1)}, queryset=queryset)


@pytest.mark.parametrize("aggregate", [Sum(AREA), Max("a"), Union(Centroid("shape"))], ids=str)
def test_an_aggregate_of_it_is_refused(aggregate: Any) -> None:
    columns = {"x": Column(aggregate, places=1)}
    queryset = PolygonShape.objects.alias(a=AREA)
    refused(
        "it cannot be part of an aggregate or", columns, queryset=queryset, group_by={"of": "pk"}
    )


def test_an_order_and_a_group_are_refused() -> None:
    refused("it cannot be ordered by", {"x": Column(AREA, places=1)}, ordering=["-x"])
    refused("it cannot be grouped by", {"n": Count("pk")}, group_by={"x": AREA})
    ranked = Window(Rank(), order_by=AREA)
    refused("it cannot be part of an aggregate or of another expression", {"x": ranked})
    refused("distinct()", queryset=ROWS.annotate(a=AREA).distinct())


def test_a_sub_query_is_refused() -> None:
    inner = PointShape.objects.filter(pk=OuterRef("pk"))
    one = Subquery(inner.annotate(a=Azimuth("shape", Point(0, 0))).values("a")[:1])
    refused("selected by a sub-query", {"x": Column(one, places=1)})
    there = inner.alias(a=GeoHash("shape")).filter(a="u")
    refused("", queryset=ROWS.filter(Exists(there)))
    refused("", queryset=ROWS.filter(pk__in=there.values("pk")))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (
            lambda: Area("pk"),
            "Area takes a PolygonField or MultiPolygonField of SRID 4326, not a Big",
        ),
        (lambda: Length("shape"), "LineLength takes a LineStringField or MultiLineStringField"),
        (
            lambda: Azimuth("shape", Point(0, 0)),
            "Azimuth takes a PointField of SRID 4326, not a Pol",
        ),
        (lambda: Distance("pk", Point(0, 0)), "Distance takes a GeometryField of SRID 4326"),
        (lambda: Centroid(Transform("shape", 3857)), "not a GeometryField of SRID 3857"),
    ],
)
def test_what_is_no_such_geometry_is_refused(made: Any, words: str) -> None:
    with pytest.raises(NotPortable, match=words):
        statement({"x": Column(made(), places=1)}, queryset=ROWS)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (PointField(srid=4326, dim=3), "two dimensions, and a PointField of SRID 4326 has 3"),
        (PointField(srid=4326, dim=4), "MySQL and MariaDB store neither Z nor M"),
        (PolygonField(srid=3857), "of SRID 4326, not a PolygonField of SRID 3857"),
        (PointField(geography=True), "not a geography PointField"),
    ],
)
def test_a_field_that_not_every_database_has_is_refused(field: Any, words: str) -> None:
    with pytest.raises(NotPortable, match=words):
        demand_geometry("Centroid", Col("table", field))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: Area(Point(0, 0, srid=3857)), "SRID 4326, not 3857"),
        (lambda: Centroid(Point(0, 0, 0)), "two dimensions"),
        (lambda: Buffer("shape", -5), "Buffer takes 1 to 1000000 metres, not -5"),
        (lambda: Buffer("shape", 2e6), "Buffer takes 1 to 1000000 metres"),
        (lambda: Simplify("shape", -1), "tolerance is degrees"),
        (lambda: Transform("shape", 27700), "Transform to SRID 27700 is refused"),
        (lambda: Rotate("shape", 5, (0, 0)), "origin is a Point, not a tuple"),
        (lambda: GeoHash("shape", 21), "1 to 20 letters, not 21"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_once(made: Any, words: str) -> None:
    with pytest.raises(DeclarationError, match=words):
        made()


def test_a_value_without_a_column_is_refused() -> None:
    with pytest.raises(DeclarationError, match="Centroid takes at least one column"):
        statement({"x": Centroid(Point(0, 0))}, queryset=ROWS)


NAMES = (
    *("Area", "Perimeter", "Centroid", "PointOnSurface", "Envelope", "IsValid", "IsEmpty"),
    *("GeoHash",),
)


@pytest.mark.parametrize("name", NAMES)
def test_djangos_own_of_the_name_is_refused(name: str) -> None:
    with pytest.raises(NotPortable, match=rf"Use reports\.expressions\.{name}\b"):
        made = getattr(django, name)("shape")
        statement({"x": Column(made, places=1)}, queryset=PolygonShape.objects.all())


@pytest.mark.parametrize("name", ["Collect", "Union", "Extent", "MakeLine"])
def test_djangos_own_aggregate_of_the_name_is_refused(name: str) -> None:
    with pytest.raises(NotPortable, match=rf"Use reports\.expressions\.{name}\."):
        made = getattr(django_aggregates, name)("shape")
        statement({"x": made}, queryset=PointShape.objects.all(), group_by={"of": "pk"})


@pytest.mark.parametrize("name", ["Intersection", "Difference", "SymDifference", "Union"])
def test_djangos_own_of_two_is_refused(name: str) -> None:
    with pytest.raises(NotPortable, match=rf"Use reports\.expressions\.{name}\."):
        made = getattr(django, name)("a_point", "b_point")
        statement({"x": made}, queryset=Meeting.objects.all())


def test_djangos_own_of_other_things_names_no_other() -> None:
    with pytest.raises(NotPortable) as caught:
        statement({"x": django.Reverse("shape")}, queryset=PolygonShape.objects.all())
    assert "reports.expressions.Reverse" not in str(caught.value)
