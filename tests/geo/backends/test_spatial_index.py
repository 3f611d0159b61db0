"""The spatial index serves a search within an area, where the engine can use one."""

import pytest
from django.contrib.gis.geos import Polygon
from django.db import connection

from geo.models import Airport

AREA = Polygon.from_bbox((2.0, 48.0, 3.0, 49.0))


@pytest.fixture
def index_marks() -> set[str] | None:
    """What a plan says when it goes through the spatial index; None where the ORM never does."""
    return {
        "postgis": {"Index Scan", "Bitmap Index Scan"},
        "mysql": {"location"},
        "mariadb": {"location"},
    }.get(connection.engine_name)


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["within", "intersects"])
def test_a_search_within_an_area_uses_the_spatial_index(
    lookup: str, index_marks: set[str] | None
) -> None:
    airports = Airport.objects.filter(**{f"location__{lookup}": AREA})
    assert airports.count() > 10
    plan = airports.values("pk").explain()
    if index_marks is None:
        assert "SCAN geo_airport" in plan
        return
    assert any(mark in plan for mark in index_marks), plan


@pytest.mark.django_db
def test_a_geometry_column_says_its_reference_system() -> None:
    sql = Airport._meta.get_field("location").db_type(connection)
    declared = {"postgis": "geometry(POINT,4326)", "mysql": "POINT SRID 0", "mariadb": "POINT"}
    assert sql == declared.get(connection.engine_name)
