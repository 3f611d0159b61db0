"""A report with a filter for every kind of value."""

import reports
from aviation.models import Weather
from reports import Column, filters


class Hours(reports.Report):
    """Hours of weather at New York's airports."""

    queryset = Weather.objects.all()
    origin_ = Column("origin__name", label="Airport")
    time_ = Column("time")
    temperature_ = Column("temperature")
    airports = filters.Choice("origin", several=True, default=["KEWR", "KJFK"])
    time = filters.DateRange("time")
    temperature = filters.Range("temperature")
    named = filters.Contains("origin__name", ignore_case=True, label="Airport's name contains")
    gust = filters.IsEmpty("wind_gust", label="Gust is missing")
    dry = filters.Maximum("humidity", default="95")

    class Meta:
        ordering = ["time_", "origin_"]
        permission = None
