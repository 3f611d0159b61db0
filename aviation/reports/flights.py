"""Reports of the flights: who flew where, how late, and in what weather."""

from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

import reports
from aviation.models import Flight, Weather
from reports import Column, filters
from reports.expressions import (
    AnyValue,
    Avg,
    Count,
    ExtractHour,
    Median,
    Min,
    Mode,
    Percentile,
    Quotient,
    Rank,
    StringAgg,
    Sum,
    TruncDay,
    TruncMonth,
    Window,
)

NEW_YORK = ZoneInfo("America/New_York")
ORIGINS = [("EWR", "Newark"), ("JFK", "John F. Kennedy"), ("LGA", "LaGuardia")]
# Minutes from which a flight is late, as for the US Department of Transportation.
LATE = 15
CANCELLED = Q(departure_time__isnull=True)


def percentage(part: Any, whole: Any) -> Any:
    """Returns a count as a percentage of another."""
    return Quotient(part * 100, whole)


@reports.register
class CarriersByDestination(reports.Report):
    title = _("Carriers by destination")
    description = _("Who flew where from New York City in 2013, and how often.")
    queryset = Flight.objects.all()
    group_by = {"destination": "destination_code"}
    airport = Column(AnyValue("destination__name"))
    flights = Column(Count("pk"))
    carriers = Column(StringAgg("carrier__name", ", ", distinct=True))
    mean_delay = Column(Avg("arrival_delay"), places=1, unit="min", label=_("Mean arrival delay"))
    origin = filters.Choice("origin__iata", label=_("Leaving from"), choices=ORIGINS)
    flown = filters.DateRange("scheduled_departure", zone=NEW_YORK, periods=False)

    class Meta:
        ordering = ["-flights", "destination"]
        permission = None


@reports.register
class DelaysByMonth(reports.Report):
    title = _("Delays by month")
    description = _("Departure delays by carrier and month, on New York's calendar.")
    queryset = Flight.objects.all()
    group_by = {
        "month": TruncMonth("scheduled_departure", tzinfo=NEW_YORK),
        "carrier": "carrier",
    }
    flights = Column(Count("pk"))
    departed = Column(Count("departure_delay"))
    mean_delay = Column(Avg("departure_delay"), places=2, unit="min", label=_("Mean delay"))
    distance = Column(Sum("distance"), unit="km", label=_("Distance flown"))
    carrier_is = filters.Choice("carrier", label=_("Carrier"))
    flown = filters.DateRange("scheduled_departure", zone=NEW_YORK, periods=False)

    class Meta:
        ordering = ["month", "carrier"]
        permission = None


@reports.register
class PunctualityByCarrier(reports.Report):
    title = _("Punctuality by carrier")
    description = _("What share of its flights each carrier cancelled, and brought in on time.")
    queryset = Flight.objects.all()
    group_by = {"carrier": "carrier"}
    flights = Column(Count("pk"))
    cancelled = Column(Count("pk", filter=CANCELLED))
    cancelled_share = Column(
        percentage(Count("pk", filter=CANCELLED), Count("pk")), places=2, unit="%"
    )
    on_time = Column(
        percentage(Count("pk", filter=Q(arrival_delay__lt=LATE)), Count("arrival_delay")),
        places=1,
        unit="%",
        label=_("On time: less than 15 minutes late"),
    )
    mean_delay = Column(Avg("arrival_delay"), places=1, unit="min", label=_("Mean arrival delay"))
    median_delay = Column(
        Median("arrival_delay"), places=1, unit="min", label=_("Median arrival delay")
    )
    delay_of_nine_in_ten = Column(
        Percentile("arrival_delay", "0.9"),
        places=1,
        unit="min",
        label=_("Nine in ten were less late than"),
    )
    origin = filters.Choice("origin__iata", label=_("Leaving from"), choices=ORIGINS)
    flown = filters.DateRange("scheduled_departure", zone=NEW_YORK, periods=False)

    class Meta:
        ordering = ["-on_time", "carrier"]
        permission = None
        totals = True


@reports.register
class DelaysByWeather(reports.Report):
    title = _("Delays by weather")
    description = _("How late flights left when it was raining or blowing at their airport.")
    # The hour's weather at an airport, with each flight that was scheduled in that hour.
    queryset = Weather.objects.filter(origin__departures__time_hour=F("time"))
    group_by = {
        "precipitation": Case(
            When(precipitation=0, then=Value("none")),
            When(precipitation__lt=1, then=Value("light: under 1 mm")),
            When(precipitation__gte=1, then=Value("heavy: 1 mm and more")),
        ),
        "wind": Case(
            When(wind_speed__lt=4, then=Value("light: under 4 m/s")),
            When(wind_speed__lt=8, then=Value("moderate: under 8 m/s")),
            When(wind_speed__gte=8, then=Value("strong: 8 m/s and more")),
        ),
    }
    hours = Column(Count("pk", distinct=True))
    flights = Column(Count("origin__departures"))
    cancelled = Column(
        percentage(
            Count("pk", filter=Q(origin__departures__departure_time__isnull=True)), Count("pk")
        ),
        places=1,
        unit="%",
    )
    mean_delay = Column(
        Avg("origin__departures__departure_delay"),
        places=1,
        unit="min",
        label=_("Mean departure delay"),
    )
    median_delay = Column(
        Median("origin__departures__departure_delay"),
        places=1,
        unit="min",
        label=_("Median departure delay"),
    )
    mean_visibility = Column(Avg("visibility"), places=1, unit="km")
    origin_is = filters.Choice("origin__iata", label=_("Leaving from"), choices=ORIGINS)
    carrier = filters.Choice("origin__departures__carrier")
    warm = filters.Minimum("temperature", label=_("Temperature in °C, at least"))
    day = filters.DateRange("time", zone=NEW_YORK, periods=False)

    class Meta:
        ordering = ["-mean_delay"]
        permission = None


@reports.register
class BusiestHours(reports.Report):
    title = _("Busiest hours")
    description = _("How many flights leave New York City in each hour of its day, and how late.")
    queryset = Flight.objects.all()
    group_by = {"hour": ExtractHour("scheduled_departure", tzinfo=NEW_YORK)}
    flights = Column(Count("pk"))
    newark = Column(Count("pk", filter=Q(origin__iata="EWR")), label=_("From Newark"))
    kennedy = Column(Count("pk", filter=Q(origin__iata="JFK")), label=_("From John F. Kennedy"))
    la_guardia = Column(Count("pk", filter=Q(origin__iata="LGA")), label=_("From LaGuardia"))
    carriers = Column(Count("carrier", distinct=True))
    mean_delay = Column(
        Avg("departure_delay"), places=1, unit="min", label=_("Mean departure delay")
    )
    late = Column(
        percentage(Count("pk", filter=Q(departure_delay__gte=LATE)), Count("departure_delay")),
        places=1,
        unit="%",
        label=_("Left 15 minutes late or more"),
    )
    carrier = filters.Choice("carrier")
    flown = filters.DateRange("scheduled_departure", zone=NEW_YORK, periods=False)

    class Meta:
        ordering = ["-flights"]
        permission = None


@reports.register
class BusiestDays(reports.Report):
    title = _("Busiest days")
    description = _("Every day of the year by how many flights were to leave New York City.")
    queryset = Flight.objects.all()
    group_by = {"day": TruncDay("scheduled_departure", tzinfo=NEW_YORK)}
    rank = Column(Window(Rank(), order_by=Count("pk").desc()))
    flights = Column(Count("pk"))
    destinations = Column(Count("destination_code", distinct=True))
    planes = Column(Count("tailnum", distinct=True))
    distance = Column(Sum("distance"), unit="km", label=_("Distance flown"))
    cancelled = Column(percentage(Count("pk", filter=CANCELLED), Count("pk")), places=1, unit="%")
    median_delay = Column(
        Median("departure_delay"), places=1, unit="min", label=_("Median departure delay")
    )
    origin = filters.Choice("origin__iata", label=_("Leaving from"), choices=ORIGINS)
    carrier = filters.Choice("carrier")
    flown = filters.DateRange("scheduled_departure", zone=NEW_YORK, periods=False)

    class Meta:
        ordering = ["-flights", "day"]
        permission = None


@reports.register
class RoutesAndTheirDelays(reports.Report):
    title = _("Routes and their delays")
    description = _("Each pair of airports: how often and how fast it was flown, and how late.")
    queryset = Flight.objects.all()
    group_by = {"origin": "origin__iata", "destination": "destination_code"}
    airport = Column(AnyValue("destination__name"))
    flights = Column(Count("pk"))
    carriers = Column(StringAgg("carrier", ", ", distinct=True))
    mostly_by = Column(Mode("carrier"), label=_("Mostly by"))
    distance = Column(AnyValue("distance"), unit="km")
    shortest = Column(Min("air_time"), unit="min", label=_("Shortest time in the air"))
    speed = Column(
        Quotient(Sum("distance", filter=Q(air_time__isnull=False)) * 60, Sum("air_time")),
        places=0,
        unit="km/h",
        label=_("Mean speed"),
    )
    late = Column(
        percentage(Count("pk", filter=Q(arrival_delay__gte=LATE)), Count("arrival_delay")),
        places=1,
        unit="%",
        label=_("Arrived 15 minutes late or more"),
    )
    origin_is = filters.Choice("origin__iata", label=_("Leaving from"), choices=ORIGINS)
    carrier = filters.Choice("carrier")
    far = filters.Minimum("distance", label=_("Distance in km, at least"))
    flown = filters.DateRange("scheduled_departure", zone=NEW_YORK, periods=False)

    class Meta:
        ordering = ["-flights", "origin", "destination"]
        permission = None
