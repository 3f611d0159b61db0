"""Values as text, against what Python writes."""

from collections import Counter
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest
from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    ExpressionWrapper,
    F,
    IntegerField,
    TimeField,
    UUIDField,
    Value,
)

from reports.errors import NotPortable
from reports.expressions import CodePoint, Count, Max, Min
from reports.expressions.conversion.to_text import AsText
from tests.conformance.harness import answers, by_group, by_row, entries
from tests.conformance.oracles import FIELDS, canonical

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]


@pytest.mark.parametrize("field", FIELDS)
def test_a_column(field):
    by_row(AsText(field), lambda row: canonical(row[field], field))


@pytest.mark.parametrize("field", FIELDS)
def test_its_least_and_greatest_text(field):
    for aggregate, best in ((Min, min), (Max, max)):
        by_group(
            aggregate(AsText(field)),
            lambda rows, best=best: best(
                (canonical(row[field], field) for row in rows if row[field] is not None),
                default=None,
            ),
        )


@pytest.mark.parametrize("field", FIELDS)
def test_groups_of_texts(field):
    found = answers({"count": Count("*")}, group_by={"text": CodePoint(AsText(field))})
    assert dict(found) == Counter(canonical(row[field], field) for row in entries())


VALUES = [
    (-(2**63) + 1, IntegerField()),
    (0, IntegerField()),
    (True, BooleanField()),
    (False, BooleanField()),
    (Decimal("-0.001"), DecimalField(max_digits=9, decimal_places=2)),
    (Decimal("0.005"), DecimalField(max_digits=9, decimal_places=3)),
    (Decimal("123456789012.345"), DecimalField(max_digits=15, decimal_places=3)),
    (Decimal("1E+3"), DecimalField(max_digits=9, decimal_places=2)),
    (date(1900, 1, 1), DateField()),
    (date(1000, 2, 3), DateField()),
    (date(9999, 12, 31), DateField()),
    (time(0, 0), TimeField()),
    (time(0, 0, 0, 1), TimeField()),
    (time(23, 59, 59, 500_000), TimeField()),
    (datetime(2000, 1, 1, tzinfo=UTC), DateTimeField()),
    (datetime(1965, 1, 1, 1, 2, 3, 450_000, tzinfo=UTC), DateTimeField()),
    (UUID(int=10), UUIDField()),
    (UUID(int=2**128 - 1), UUIDField()),
]


@pytest.mark.parametrize(("value", "field"), VALUES, ids=lambda value: str(value)[-40:])
def test_a_literal(value, field):
    wanted = canonical(value)
    if isinstance(value, Decimal):
        wanted = f"{abs(value.quantize(Decimal(1).scaleb(-field.decimal_places))):f}"
    by_row(AsText(Value(value, output_field=field)), lambda row: wanted)


@pytest.mark.parametrize("field", ["ratio", "span", "data"])
def test_what_has_no_common_text(field):
    with pytest.raises(NotPortable, match="has no text that is the same on every database"):
        answers({"text": AsText(field)})


def test_a_decimal_of_unknown_places():
    with pytest.raises(NotPortable, match="without declared places"):
        answers({"text": AsText(ExpressionWrapper(F("price"), DecimalField()))})


def test_a_literal_decimal_has_the_places_that_it_is_written_with():
    by_row(AsText(Value(Decimal("1.50"))), lambda row: "1.50")


def test_a_literal_text_is_itself():
    by_row(AsText(Value("id")), lambda row: "id")


def test_a_column_by_its_reference():
    by_row(AsText(F("owner__id")), lambda row: canonical(row["owner__id"]))
