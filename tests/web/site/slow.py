"""A report whose database needs minutes to find the first row."""

import os

from django.db.models import Count, IntegerField, OuterRef, Subquery, Value

import reports
from geo.models import City, CityName
from reports import Column

# Each of 350,000 names is ranked by counting 17,000 cities, in the mean, and all are then sorted.
LARGER = (
    City.objects.filter(population__gt=OuterRef("city__population"))
    .order_by()
    .annotate(one=Value(1))
    .values("one")
    .annotate(number=Count("pk"))
    .values("number")
)


class Slow(reports.Report):
    """Only for the engine under test, because databases differ in this SQL."""

    queryset = CityName.objects.all()
    name = Column("name")
    rank = Column(Subquery(LARGER, output_field=IntegerField()))

    class Meta:
        ordering = ["-rank"]
        permission = None
        databases = [os.environ["DATABASE_URL"].partition(":")[0]]
