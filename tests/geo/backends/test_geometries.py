"""Geometries from a database have their SRID, whatever created them."""

import pytest
from django.contrib.gis.db.models import Collect, Extent
from django.contrib.gis.db.models.functions import Transform
from django.contrib.gis.geos import GEOSGeometry, Point, Polygon
from django.db import NotSupportedError, connection

from tests.hostile.models import Anything, PointShape

pytestmark = pytest.mark.django_db


@pytest.fixture
def points() -> list[Point]:
    made = [Point(10, 20, srid=4326), Point(1 / 3, -0.1, srid=4326)]
    PointShape.objects.bulk_create(PointShape(id=n, shape=point) for n, point in enumerate(made))
    return made


def test_a_column_has_the_srid_of_its_field(points: list[Point]) -> None:
    found = list(PointShape.objects.order_by("pk").values_list("shape", flat=True))
    assert found == points
    assert [(type(point), point.srid) for point in found] == [(Point, 4326)] * 2


def test_null_is_none() -> None:
    Anything.objects.create(id=1)
    assert Anything.objects.get().shape is None


def test_what_is_transformed_or_collected_has_the_srid_that_it_was_given(
    points: list[Point],
) -> None:
    there = Transform("shape", 3857)
    if not connection.features.supports_transform:
        with pytest.raises(NotSupportedError, match="Transform"):
            PointShape.objects.annotate(there=there).first()
        return
    first = PointShape.objects.annotate(there=there).get(pk=0)
    assert first.there.srid == 3857
    assert first.there.x == pytest.approx(1113194.9, abs=1)
    assert PointShape.objects.aggregate(all=Collect(there))["all"].srid == 3857


def test_djangos_extent_reads_the_box_of_all_rows(points: list[Point]) -> None:
    if connection.vendor == "mysql":
        with pytest.raises(NotSupportedError, match="Extent"):
            PointShape.objects.aggregate(Extent("shape"))
        return
    found = PointShape.objects.aggregate(Extent("shape"))["shape__extent"]
    assert found == pytest.approx((1 / 3, -0.1, 10, 20))


@pytest.mark.parametrize(
    "wkt",
    [
        "POINT Z (1 2 3)",
        "LINESTRING Z (0 0 1, 1 1 2)",
        "POLYGON Z ((0 0 1, 1 1 2, 1 0 3, 0 0 1))",
        "MULTIPOLYGON Z (((0 0 1, 1 1 2, 1 0 3, 0 0 1)))",
        "GEOMETRYCOLLECTION Z (POINT Z (1 2 3), LINESTRING Z (0 0 1, 1 1 2))",
    ],
)
def test_a_third_coordinate_is_sent_as_the_database_reads_it(wkt: str) -> None:
    geometry = GEOSGeometry(wkt, srid=4326)
    if connection.vendor == "mysql":
        with pytest.raises(NotSupportedError, match="hasz"):
            connection.ops.Adapter(geometry)
        return
    field = Anything._meta.get_field("shape")
    compiler = Anything.objects.all().query.get_compiler(connection=connection)
    value = field.get_db_prep_value(geometry, connection)
    placeholder = connection.ops.get_geom_placeholder(field, value, compiler)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {connection.ops.select % placeholder}", [value])
        (found,) = cursor.fetchone()
    # PostGIS gives hexadecimal digits.
    sent = GEOSGeometry(found if isinstance(found, str) else memoryview(found))
    assert sent.wkt == geometry.wkt


def test_an_adapter_has_djangos_hook() -> None:
    polygon = Polygon.from_bbox((0, 0, 1, 1))
    assert connection.ops.Adapter._fix_polygon(polygon) is polygon
