"""Text primary keys with the server's collation: rows are ordered by code point."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps

from reports import Column, Report
from reports.queries.statement import Statement
from tests.authoring.asking import filed, paged, streamed

KEYS = ["B", "C", "a", "d", "z", "É"]
# One that orders letters as people do.
COLLATIONS = {
    "spatialite": "NOCASE",
    "postgis": "en-x-icu",
    "mysql": "utf8mb4_general_ci",
    "mariadb": "utf8mb4_general_ci",
}


@pytest.fixture
def lettered(committed: Any) -> Iterator[Any]:
    """A table whose primary key is a text with such a collation."""
    with isolate_apps("tests.hostile"):

        class Lettered(models.Model):
            letter = models.CharField(
                primary_key=True, max_length=20, db_collation=COLLATIONS[connection.engine_name]
            )
            number = models.IntegerField()

            class Meta:
                app_label = "hostile"

    with committed.schema_editor() as editor:
        editor.create_model(Lettered)
    Lettered.objects.bulk_create(Lettered(letter=key, number=1) for key in reversed(KEYS))
    yield Lettered
    with committed.schema_editor() as editor:
        editor.delete_model(Lettered)


@pytest.mark.parametrize("ordering", [[], ["number"]], ids=["no order", "level rows"])
def test_level_rows_go_by_their_key_s_code_points(lettered: Any, ordering: list[str]) -> None:
    names = {
        "queryset": lettered.objects.all(),
        "number": Column("number"),
        "letter": Column("letter"),
        "Meta": type("Meta", (), {"ordering": ordering}),
    }
    statement = Statement(type("Probe", (Report,), names)(), {}, "default")
    rows = [("1", key) for key in KEYS]
    assert list(lettered.objects.order_by("letter").values_list("pk", flat=True)) != KEYS
    assert streamed(statement) == rows
    assert filed(statement) == rows
    assert paged(statement, 2) == rows
