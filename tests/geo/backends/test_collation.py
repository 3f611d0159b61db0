"""Isoline's tables compare text by code point; other tables are recognised."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps

from geo.backends.collation import CollationMixin
from geo.backends.reads import Reads
from geo.models import Airport, CityName
from reports.expressions import CodePoint
from tests.hostile.models import Entry

ORDER = sorted(["a", "A", "\u00e1", "a\u0301", "\uff41", "a ", "", "\U0001f600", "z", "Z"])


@pytest.fixture
def has_collation_catalogue() -> bool:
    """Does the database's catalogue show the collation of a column?"""
    return type(connection.ops).collations is not CollationMixin.collations


def is_code_point(table: str, column: str) -> bool:
    """Returns whether a statement on the table assumes that the column compares by code point."""
    reads = Reads(None, connection)
    with reads.compiling():
        connection.ops.is_code_point(table, column)
    reads.read()
    with reads.compiling():
        return connection.ops.is_code_point(table, column)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "field",
    [
        field
        for model in (Airport, CityName)
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField)
    ],
    ids=str,
)
def test_a_new_tables_texts_compare_by_code_point(
    field: Any, has_collation_catalogue: bool
) -> None:
    table = field.model._meta.db_table
    if has_collation_catalogue:
        found = connection.ops.collations(table)[field.column]
        assert found in connection.ops.code_point_collations
        assert is_code_point(table, field.column)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MIN({field.column}), MAX({field.column}) FROM {table}")
        least, greatest = cursor.fetchone()
    texts = [text for text in field.model.objects.values_list(field.attname, flat=True) if text]
    assert greatest == max(texts)
    assert least in (min(texts), "")


@pytest.fixture
def made_now(committed: Any) -> Iterator[Any]:
    """A new table with the texts of ORDER."""
    with isolate_apps("tests.hostile"):

        class MadeNow(models.Model):
            text = models.CharField(max_length=20)
            note = models.TextField()

            class Meta:
                app_label = "hostile"

    with committed.schema_editor() as editor:
        editor.create_model(MadeNow)
    MadeNow.objects.bulk_create(MadeNow(text=text, note=text) for text in reversed(ORDER))
    yield MadeNow
    with committed.schema_editor() as editor:
        editor.delete_model(MadeNow)


@pytest.mark.parametrize("name", ["text", "note"])
def test_a_table_made_now_compares_by_code_point(
    name: str, made_now: Any, has_collation_catalogue: bool
) -> None:
    assert list(made_now.objects.order_by(name).values_list(name, flat=True)) == ORDER
    assert made_now.objects.get(**{name: "a"}).text == "a"
    assert is_code_point(made_now._meta.db_table, name) == has_collation_catalogue


@pytest.mark.django_db
def test_a_column_with_another_collation_is_told_from_them(
    hostile: None, has_collation_catalogue: bool
) -> None:
    assert not is_code_point("hostile_entry", "text")
    if has_collation_catalogue:
        # UUIDs and JSON are texts to some.
        found = connection.ops.collations("hostile_entry").keys()
        assert found - {"uid", "data"} == {"text", "note"}


@pytest.mark.django_db
def test_a_statement_asks_the_catalogue_once_for_a_table(
    django_assert_num_queries: Any, has_collation_catalogue: bool
) -> None:
    texts = Airport.objects.order_by(CodePoint("iata"), CodePoint("name"), CodePoint("icao"))
    with django_assert_num_queries(1 + has_collation_catalogue):
        list(texts.values_list("iata", CodePoint("name"))[:3])
    with django_assert_num_queries(0):
        assert not connection.ops.is_code_point("geo_airport", "iata")  # nobody has asked yet


@pytest.mark.django_db
def test_a_table_that_is_not_there_has_no_collations() -> None:
    assert is_code_point("nothing", "text") is False


@pytest.mark.django_db
def test_code_point_orders_any_text(hostile: None) -> None:
    Entry.objects.filter(pk__lt=len(ORDER)).update(text=None)
    for number, text in enumerate(reversed(ORDER)):
        Entry.objects.filter(pk=number).update(text=text)
    entries = Entry.objects.filter(pk__lt=len(ORDER)).order_by(CodePoint("text"))
    assert list(entries.values_list("text", flat=True)) == ORDER


@pytest.mark.django_db
def test_a_code_point_column_is_left_alone_so_that_its_index_serves() -> None:
    query = Airport.objects.annotate(c=CodePoint("iata")).values("c").query
    column, _ = query.get_compiler(connection=connection).executable_sql()
    assert "CONVERT" not in column
    assert '"C"' not in column
