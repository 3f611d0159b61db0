"""Reports of locations: near, within and across places."""

from typing import Any

from django import forms
from django.db.models import Exists, F, Model, OuterRef, QuerySet, Value
from django.utils.translation import gettext_lazy as _

import reports
from aviation.models import Flight, Route
from aviation.reports.flights import CANCELLED, percentage
from geo.models import Airport, City, CountryShape, State
from reports import Column, Key, filters
from reports.expressions import (
    AnyValue,
    Avg,
    Count,
    CountContained,
    CountWithinDistance,
    DistanceToNearest,
    Floor,
    IntegerDivision,
    IntersectingAreas,
    Length,
    Nearest,
    Quotient,
    Replace,
    StringAgg,
    Sum,
)

# Airports with scheduled flights have an IATA code.
SCHEDULED = Airport.objects.filter(iata__isnull=False)
NEAR = 50_000  # metres
BAND = 500  # kilometres


def _kilometres(metres: Any) -> Any:
    return Quotient(metres, 1000, places=3)


@reports.register
class AirportDensityByCountry(reports.Report):
    title = _("Airport density by country")
    description = _("How many airports a country has for its people and for its area.")
    queryset = Airport.objects.all()
    group_by = {"country": "country"}
    airports = Column(Count("pk"))
    population = Column(AnyValue("country__population"), unit="people")
    area = Column(AnyValue("country__area_km2"), unit="km²")
    by_people = Column(
        Quotient(Count("pk") * 1_000_000, AnyValue("country__population")),
        places=2,
        label=_("For each million people"),
    )
    by_area = Column(
        Quotient(Count("pk") * 100_000, AnyValue("country__area_km2")),
        places=2,
        label=_("On each 100,000 km²"),
    )
    continent = filters.Choice("country__continent")

    class Meta:
        ordering = ["-by_area", "country"]
        permission = None


@reports.register
class CitiesFarFromAirports(reports.Report):
    title = _("Cities far from airports")
    description = _("Cities of more than 15,000 people by their distance to the nearest airport.")
    queryset = City.objects.annotate(
        away=_kilometres(DistanceToNearest(SCHEDULED, "location", of="location"))
    )
    city = Column("name")
    country = Column("country__name")
    population = Column("population", unit="people")
    airport = Column(
        Nearest(SCHEDULED, "location", of="location", value="name"), label=_("Nearest airport")
    )
    distance = Column("away", places=1, unit="km")
    far = filters.Minimum("away", number=forms.DecimalField, label=_("Distance in km, at least"))
    people = filters.Minimum("population", label=_("Population, at least"))
    continent = filters.Choice("country__continent")

    class Meta:
        ordering = ["-distance", "city"]
        permission = None


@reports.register
class NearestAirportsOfLargeCities(reports.Report):
    title = _("Nearest airports of large cities")
    description = _("Each city of more than a million people, and the airports around it.")
    queryset = City.objects.filter(population__gt=1_000_000)
    city = Column("name")
    country = Column("country__name")
    population = Column("population", unit="people")
    airport = Column(
        Nearest(SCHEDULED, "location", of="location", value="name"), label=_("Nearest airport")
    )
    code = Column(Nearest(SCHEDULED, "location", of="location", value="iata"), label=_("IATA code"))
    distance = Column(
        _kilometres(DistanceToNearest(SCHEDULED, "location", of="location")), places=1, unit="km"
    )
    within = Column(
        CountWithinDistance(Airport, "location", of="location", metres=NEAR),
        label=_("Airports and airfields within 50 km"),
    )
    continent = filters.Choice("country__continent")
    near = filters.Near("location")
    nearest = filters.Nearest("location", label=_("The nearest to"))

    class Meta:
        ordering = ["-population", "city"]
        permission = None


@reports.register
class NeighboursOnTheMap(reports.Report):
    title = _("Neighbours on the map")
    description = _("Whom each country's shape borders on, beside the neighbours GeoNames lists.")
    queryset = CountryShape.objects.annotate(
        on_the_map=IntersectingAreas(CountryShape, "area", of="area", delimiter=",")
    )
    country = Column("country__name")
    drawn = Column("on_the_map", label=_("On the map"))
    number = Column(
        Length("on_the_map") - Length(Replace("on_the_map", Value(","))) + 1,
        label=_("Number on the map"),
    )
    listed = Column("country__neighbours", label=_("In GeoNames"))
    continent = filters.Choice("country__continent")
    area = filters.Area("area", predicate="intersects")

    class Meta:
        ordering = ["country"]
        permission = None


@reports.register
class StatesByAirportDensity(reports.Report):
    title = _("States by airport density")
    description = _("States and provinces of nine large countries by the airports in them.")
    queryset = State.objects.annotate(held=CountContained(Airport, "location", of="area"))
    state = Column("name")
    country = Column("country__name")
    airports = Column("held")
    area = Column(Quotient("square_metres", 1_000_000), places=0, unit="km²")
    density = Column(
        Quotient(F("held") * 100_000_000_000, "square_metres"),
        places=2,
        label=_("On each 100,000 km²"),
    )
    country_is = filters.Choice("country", label=_("Country"))
    within = filters.Area("area", predicate="intersects", label=_("Area"))

    class Meta:
        ordering = ["-density", "state"]
        permission = None


@reports.register
class RoutesAndWhatTheyCross(reports.Report):
    title = _("Routes and what they cross")
    description = _("The great circle of each route from New York City, and the countries below.")
    queryset = Route.objects.all()
    origin = Column("origin__iata", label=_("From"))
    destination = Column("destination__name", label=_("To"))
    length = Column(Quotient("length_m", 1000), places=1, unit="km")
    countries = Column(IntersectingAreas(CountryShape, "area", of="line", value="country__name"))
    area = filters.Area("line", predicate="intersects", label=_("Crosses"))

    class Meta:
        ordering = ["-length", "origin", "destination"]
        permission = None


class Crossing(filters.Area):
    """Flights whose route intersects an area."""

    def apply(self, queryset: QuerySet[Model], values: dict[str, Any]) -> QuerySet[Model]:
        area = values[self.name]
        if area is None:
            return queryset
        crossing = Route.objects.filter(line__intersects=area)
        routes = Route.objects.filter(
            pk__in=crossing.values("pk"),  # run once, not for each flight
            origin=OuterRef("origin"),
            destination=OuterRef("destination"),
        )
        return queryset.filter(Exists(routes))


@reports.register
class FlightsOverAnArea(reports.Report):
    title = _("Flights over an area")
    description = _("Who flies over a drawn area, or a country, on the way from New York City.")
    queryset = Flight.objects.all()
    group_by = {"carrier": "carrier"}
    flights = Column(Count("pk"))
    destinations = Column(Count("destination_code", distinct=True))
    places = Column(StringAgg("destination_code", ", ", distinct=True), label=_("Where to"))
    distance = Column(Sum("distance"), unit="km", label=_("Distance flown"))
    cancelled = Column(percentage(Count("pk", filter=CANCELLED), Count("pk")), places=1, unit="%")
    area = Crossing("destination", label=_("Flown over"))

    class Meta:
        ordering = ["-flights", "carrier"]
        permission = None


@reports.register
class DelaysByDistance(reports.Report):
    title = _("Delays by distance")
    description = _("How late flights arrive, by how far they fly.")
    queryset = Flight.objects.all()
    group_by = {
        "band": Key(IntegerDivision(Floor("distance"), BAND) * BAND, label=_("From"), unit="km")
    }
    flights = Column(Count("pk"))
    destinations = Column(Count("destination_code", distinct=True))
    delay = Column(Avg("arrival_delay"), places=1, unit="min", label=_("Mean arrival delay"))
    cancelled = Column(percentage(Count("pk", filter=CANCELLED), Count("pk")), places=1, unit="%")
    carrier = filters.Choice("carrier")

    class Meta:
        ordering = ["band"]
        permission = None
