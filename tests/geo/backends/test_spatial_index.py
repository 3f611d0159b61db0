"""The spatial index serves a search within an area, where the engine can use one."""

from typing import Any

import pytest
from django.contrib.gis.geos import MultiPoint, Point, Polygon
from django.db import connection
from django.db.models import Q

from geo.models import Airport
from tests.hostile.models import PointShape, PolygonShape

AREA = Polygon.from_bbox((2.0, 48.0, 3.0, 49.0))


@pytest.fixture
def index_marks() -> set[str]:
    """What a plan says when it goes through the spatial index."""
    return {
        "postgis": {"Index Scan", "Bitmap Index Scan"},
        "mysql": {"location"},
        "mariadb": {"location"},
        "spatialite": {"VIRTUAL TABLE INDEX"},
    }[connection.engine_name]


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["within", "intersects"])
def test_a_search_within_an_area_uses_the_spatial_index(lookup: str, index_marks: set[str]) -> None:
    airports = Airport.objects.filter(**{f"location__{lookup}": AREA})
    assert airports.count() > 10
    plan = airports.values("pk").explain()
    assert any(mark in plan for mark in index_marks), plan


@pytest.mark.django_db
def test_a_geometry_column_says_its_reference_system() -> None:
    sql = Airport._meta.get_field("location").db_type(connection)
    declared = {"postgis": "geometry(POINT,4326)", "mysql": "POINT SRID 0", "mariadb": "POINT"}
    assert sql == declared.get(connection.engine_name)


@pytest.fixture
def many_places() -> None:
    """Enough points and squares for a planner to look for an index."""
    places = [(x / 2, y / 2) for x in range(-100, 100) for y in range(-50, 50)]
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


def uses_spatial_index(rows: Any) -> bool:
    match connection.engine_name:
        case "postgis":
            return "Index Scan" in rows.explain()
        case "spatialite":
            plan = rows.explain()
            return "VIRTUAL TABLE INDEX" in plan and "USING INTEGER PRIMARY KEY" in plan
        case _:
            plan = rows.explain(format="TRADITIONAL" if connection.mysql_is_mariadb else "TREE")
            return "shape" in plan and "Table scan" not in plan and " ALL " not in plan


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
    assert uses_spatial_index(rows), rows.explain()


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
    assert uses_spatial_index(rows), rows.explain()


@pytest.mark.django_db
def test_the_index_hides_no_row_from_or_and_exclude(many_places: None) -> None:
    area = _square(10, 10, 1)
    rows = PointShape.objects.filter(Q(shape__within=area) | Q(shape__touches=area), id__gte=0)
    assert rows.count() == 9
    assert PointShape.objects.exclude(shape__coveredby=area).count() == 20_000 - 9
    assert PointShape.objects.filter(shape__disjoint=area).count() == 20_000 - 9
