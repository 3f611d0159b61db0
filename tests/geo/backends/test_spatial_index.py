"""Searches within an area use the spatial index, if the engine can."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPoint, Point, Polygon
from django.db import connection, transaction
from django.db.models import Q

import reports
from geo.models import Airport
from reports import Column, filters
from reports.expressions import InNearest, dwithin
from reports.queries.parameters import read
from reports.queries.statement import Statement
from tests.catalogue import is_of_catalogue
from tests.hostile.models import PointShape, PolygonShape


@pytest.mark.django_db
def test_a_geometry_column_says_its_reference_system() -> None:
    sql = Airport._meta.get_field("location").db_type(connection)
    declared = {"postgis": "geometry(POINT,4326)", "mysql": "POINT SRID 0", "mariadb": "POINT"}
    assert sql == declared.get(connection.engine_name)


@pytest.fixture(scope="module")
def many_places(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Enough points and squares for a planner to look for an index; rolled back at the end.

    Filling the tables takes seconds: all tests of this module share them.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        _fill()
        yield
        transaction.set_rollback(True)


def _fill() -> None:
    columns = (*range(-360, -340), *range(-100, 100), *range(340, 360))
    places = [(x / 2, y / 2) for x in columns for y in range(-50, 50)]
    PointShape.objects.bulk_create(
        PointShape(id=number, shape=Point(*place, srid=4326)) for number, place in enumerate(places)
    )
    PolygonShape.objects.bulk_create(
        PolygonShape(id=number, shape=_square(*place, 0.3)) for number, place in enumerate(places)
    )
    if connection.vendor != "mysql":  # where it would commit, and nothing but the index tempts
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _square(x: float, y: float, side: float) -> Polygon:
    square = Polygon.from_bbox((x, y, x + side, y + side))
    square.srid = 4326
    return square


def plans(rows: Any) -> list[str]:
    """Returns the plan of each statement for the rows; if GEOS decides, the candidates' first.

    Those that ask a catalogue are left out.
    """
    asked: list[tuple[str, Any]] = []

    def noted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not is_of_catalogue(sql):
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(noted):
        list(rows.all())
    explain = {
        "postgis": "EXPLAIN ",
        "mysql": "EXPLAIN FORMAT=TREE ",
        "mariadb": "EXPLAIN ",
        "spatialite": "EXPLAIN QUERY PLAN ",
    }[connection.engine_name]
    found = []
    for sql, params in asked:
        with connection.cursor() as cursor:
            cursor.execute(explain + sql, params)
            found.append("\n".join(" ".join(map(str, row)) for row in cursor.fetchall()))
    return found


def is_spatial(plan: str) -> bool:
    match connection.engine_name:
        case "postgis":
            return "Index Scan" in plan and "_id" in plan and "_pkey" not in plan
        case "spatialite":
            return "VIRTUAL TABLE INDEX" in plan and "USING INTEGER PRIMARY KEY" in plan
    return "shape" in plan and not is_full_scan(plan)


def is_full_scan(plan: str) -> bool:
    marks = {
        "postgis": "Seq Scan",
        "mysql": "Table scan on hostile",
        "mariadb": r"hostile_\w+ ALL",
        "spatialite": "SCAN hostile",
    }
    return bool(re.search(marks[connection.engine_name], plan))


def assert_served_by_the_index(rows: Any) -> None:
    first, *then = plans(rows)
    assert is_spatial(first), first
    assert not any(is_full_scan(plan) for plan in then), then


@pytest.mark.django_db
@pytest.mark.parametrize(
    "lookup",
    ["bboverlaps", "contained", "intersects", "within", "coveredby", "touches", "exact"],
)
def test_points_are_found_through_the_index(lookup: str, many_places: None) -> None:
    area = _square(10, 10, 1)
    wanted = Point(10, 10, srid=4326) if lookup == "exact" else area
    rows = PointShape.objects.filter(**{f"shape__{lookup}": wanted}).values("pk")
    assert len(rows) in {1, 4, 8, 9}
    assert_served_by_the_index(rows)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "lookup",
    ["bbcontains", "bboverlaps", "intersects", "contains", "covers", "crosses", "overlaps"],
)
def test_areas_are_found_through_the_index(lookup: str, many_places: None) -> None:
    given = {
        "crosses": MultiPoint(Point(10.1, 10.1), Point(10.4, 10.4), srid=4326),
        "overlaps": _square(10.1, 10.1, 0.5),
    }.get(lookup, Point(10.1, 10.1, srid=4326))
    rows = PolygonShape.objects.filter(**{f"shape__{lookup}": given}).values("pk")
    assert len(rows) >= 1
    assert_served_by_the_index(rows)


@pytest.mark.django_db
def test_points_near_a_place_are_found_through_the_index(many_places: None) -> None:
    place = Point(10.1, 10.1, srid=4326)
    near = PointShape.objects.filter(dwithin("shape", place, 60_000)).values("pk")
    assert len(near) == 3
    assert_served_by_the_index(near)
    nearest = PointShape.objects.filter(
        InNearest(PointShape.objects.all(), "shape", place, 9)
    ).values("pk")
    assert len(nearest) == 9
    assert_served_by_the_index(nearest)


class Places(reports.Report):
    queryset = PointShape.objects.all()
    number = Column("pk")
    area = filters.Area("shape")
    touched = filters.Area("shape", predicate="intersects")
    near = filters.Near("shape")
    nearest = filters.Nearest("shape")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "text", "number"),
    [
        ("area", "bbox=9.9,9.9,11.1,11.1", 9),
        ("area", "POLYGON((9.9 9.9,11.1 9.9,11.2 11.1,9.8 11.1,9.9 9.9))", 9),
        ("touched", "bbox=10,10,11,11", 9),
        ("near", "10.1,10.1,60km", 3),
        ("nearest", "10.1,10.1,9", 9),
        # Over the antimeridian:
        ("area", "bbox=179.4,9.9,-179.4,10.6", 6),
        ("touched", "bbox=179.4,9.9,-179.4,10.6", 6),
        (
            "touched",
            "MULTIPOLYGON(((179.4 9,180 9,180 11,179.4 9)),((-180 9,-179 9,-180 11,-180 9)))",
            10,
        ),
        ("near", "180,10.1,60km", 4),
        ("nearest", "-179.9,10.1,9", 9),
    ],
)
def test_a_filter_of_a_page_is_served_by_the_index(
    name: str, text: str, number: int, many_places: None
) -> None:
    values = dict(read(Places(), {name: [text]}, "default").values)
    rows = Statement(Places(), values, "default").queryset
    assert len(rows) == number
    assert_served_by_the_index(rows)


@pytest.mark.django_db
def test_the_index_hides_no_row_from_or_and_exclude(many_places: None) -> None:
    area = _square(10, 10, 1)
    everywhere = PointShape.objects.count()
    rows = PointShape.objects.filter(Q(shape__within=area) | Q(shape__touches=area), id__gte=0)
    assert rows.count() == 9
    assert PointShape.objects.exclude(shape__coveredby=area).count() == everywhere - 9
    assert PointShape.objects.filter(shape__disjoint=area).count() == everywhere - 9
