"""A million rows as a report; tests/hostile/process.py alone registers it."""

import reports
from reports import Column, filters
from tests.hostile.models import Number


class Million(reports.Report):
    """0 to 999,999."""

    queryset = Number.objects.all()
    number = Column("pk")
    text = Column("text")
    at_least = filters.Minimum("pk")
