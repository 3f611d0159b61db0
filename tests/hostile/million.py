"""A million rows as reports; tests/hostile/process.py alone registers them."""

from django.db.models import Case, F, IntegerField, Value, When

import reports
from reports import Column, filters
from tests import under_test
from tests.hostile.models import Number


class Million(reports.Report):
    """0 to 999,999."""

    queryset = Number.objects.all()
    number = Column("pk")
    text = Column("text")
    at_least = filters.Minimum("pk")


class BrokenMillion(Million):
    """The last of them is a text where a number is declared, which a report for all may not."""

    number = Column(
        Case(When(pk=999_999, then=F("text")), default=Value("1"), output_field=IntegerField())
    )

    class Meta:
        databases = [under_test.name()]
