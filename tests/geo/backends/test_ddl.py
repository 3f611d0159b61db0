"""Each statement reads the catalogue again: another process may change a table."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.gis.db import models
from django.contrib.gis.geos import Point
from django.db import connection
from django.test.utils import isolate_apps

from reports.expressions import CodePoint
from tests.geo.backends.test_refine import square


@pytest.fixture
def table(committed: Any) -> Iterator[Any]:
    """A table with an indexed point and a text that compares by code point."""
    with isolate_apps("tests.hostile"):

        class Changing(models.Model):
            text = models.CharField(max_length=20)
            place = models.PointField(srid=4326)

            class Meta:
                app_label = "hostile"

    with committed.schema_editor() as editor:
        editor.create_model(Changing)
    Changing.objects.bulk_create(
        Changing(id=number, text=text, place=Point(number, 0, srid=4326))
        for number, text in enumerate("bAaB", 1)
    )
    yield Changing
    with committed.schema_editor() as editor:
        editor.delete_model(Changing)


RECOLLATE = {
    "postgis": 'ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar(20) COLLATE "und-x-icu"',
    "mysql": "ALTER TABLE {table} MODIFY {column} varchar(20) COLLATE utf8mb4_0900_ai_ci",
    "mariadb": "ALTER TABLE {table} MODIFY {column} varchar(20) COLLATE utf8mb4_uca1400_ai_ci",
}


def test_a_collation_that_is_changed_is_noticed(table: Any) -> None:
    """Any session may change it. SQLite's catalogue is not read: it says BINARY."""
    ordered = table.objects.order_by(CodePoint("text")).values_list("text", flat=True)
    assert list(ordered) == ["A", "B", "a", "b"]
    if sql := RECOLLATE.get(connection.engine_name):
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute(sql.format(table=table._meta.db_table, column="text"))
        finally:
            other.close()
        assert table.objects.order_by("text").first().text in "aA"
    assert list(ordered.all()) == ["A", "B", "a", "b"]


def test_an_index_that_is_taken_away_is_noticed(table: Any) -> None:
    """Only SpatiaLite's index is named in statements; disabling it leaves its old entries."""
    inside = table.objects.filter(place__within=square(0.5, -0.5, side=2))
    assert sorted(row.pk for row in inside) == [1, 2]
    if connection.engine_name == "spatialite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT DisableSpatialIndex(%s, 'place')", [table._meta.db_table])
    table.objects.filter(pk=4).update(place=Point(1.5, 0, srid=4326))
    assert sorted(row.pk for row in inside.all()) == [1, 2, 4]
