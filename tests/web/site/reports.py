"""Reports with every kind of cell, and reports that break."""

import os

from django.db.models import Case, CharField, F, IntegerField, Value, When

import reports
from geo.models import City, CityName
from reports import Column
from tests.web.site.hours import Hours
from tests.web.site.slow import Slow

reports.register(Hours)
reports.register(Slow)

ENGINE = os.environ["DATABASE_URL"].partition(":")[0]
# About 150 of 34,000 cities have a greater GeoNames id, so that megabytes come before.
LATE = 13_000_000


@reports.register
class Cells(reports.Report):
    title = "Cells"
    queryset = City.objects.filter(pk__lt=100_000)
    city = Column("name")
    nothing = Column(Value(None, output_field=CharField()))
    empty = Column(Value("", output_field=CharField()))
    hebrew = Column(Value("ירושלים (Jerusalem)", output_field=CharField()))
    long = Column(Value("word " * 100, output_field=CharField()))
    unbroken = Column(Value("x" * 290, output_field=CharField()))
    markup = Column(Value("<script>alert(1)</script>", output_field=CharField()))
    population = Column("population", unit="people")

    class Meta:
        permission = None


@reports.register
class Elsewhere(reports.Report):
    """A report for every engine except the one under test."""

    queryset = City.objects.filter(population__gte=1_000_000)
    name = Column("name")

    class Meta:
        permission = None
        databases = sorted({"postgis", "mysql", "mariadb", "spatialite"} - {ENGINE})


@reports.register
class Towns(reports.Report):
    """Large enough to be cut anywhere, fast enough for some hundred downloads."""

    queryset = City.objects.filter(population__gte=50_000)
    name = Column("name")
    timezone = Column("timezone")
    population = Column("population", unit="people")

    class Meta:
        permission = None


@reports.register
class Names(reports.Report):
    """Larger than the buffers between a server and its reader."""

    queryset = CityName.objects.all()
    city = Column("city__name")
    name = Column("name")

    class Meta:
        permission = None


@reports.register
class Wide(reports.Report):
    """Larger than all buffers between a database and a reader."""

    queryset = CityName.objects.all()
    name = Column("name")
    filling = Column(Value("x" * 500, output_field=CharField()))

    class Meta:
        permission = None


@reports.register
class BreaksLate(reports.Report):
    """Declares a number whose last rows hold a text, which a report for all engines may not."""

    queryset = City.objects.all()
    name = Column("name")
    timezone = Column("timezone")
    number = Column(
        Case(When(pk__gt=LATE, then=F("name")), default=Value("1"), output_field=IntegerField())
    )

    class Meta:
        permission = None
        databases = [ENGINE]
