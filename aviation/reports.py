"""The bundled reports. Each is what an author of reports writes: a declaration, no more."""

from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

import reports
from aviation.models import Flight, Plane
from geo.functions import GeometryType
from geo.models import Airport, City, Country
from reports import Column, Key, filters
from reports.expressions import AnyValue, Avg, Count, StringAgg, Sum, TruncMonth

NEW_YORK = ZoneInfo("America/New_York")


@reports.register
class AirportsByCountry(reports.Report):
    title = _("Airports by country")
    description = _("How many airports a country has, how high they lie and what they are called.")
    queryset = Airport.objects.all()
    group_by = {"country": "country"}
    airports = Column(Count("pk"))
    mean_elevation = Column(Avg("elevation"), places=1, unit="m")
    codes = Column(StringAgg("iata", ", ", order_by="iata"), label=_("IATA codes"))
    time_zones = Column(StringAgg("timezone", ", ", distinct=True))
    continent = filters.Choice("country__continent")

    class Meta:
        ordering = ["-airports", "country"]
        permission = None


@reports.register
class CitiesAndTheirNames(reports.Report):
    title = _("Cities and their names")
    description = _("Every name of every city of more than 15,000 people, in every script.")
    queryset = City.objects.all()
    city = Column("name")
    country = Column("country__name")
    population = Column("population")
    names = Column(Count("names"))
    also_called = Column(StringAgg("names__name", " | ", order_by="names__name"))
    continent = filters.Choice("country__continent")
    people = filters.Minimum("population", label=_("Population, at least"))

    class Meta:
        ordering = ["-population", "city"]
        permission = None


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
    origin = filters.Choice(
        "origin__iata",
        label=_("From"),
        choices=[("EWR", "Newark"), ("JFK", "John F. Kennedy"), ("LGA", "LaGuardia")],
    )
    flown = filters.DateRange("scheduled_departure", zone=NEW_YORK)

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
    flown = filters.DateRange("scheduled_departure", zone=NEW_YORK)

    class Meta:
        ordering = ["month", "carrier"]
        permission = None


@reports.register
class PlanesByModel(reports.Report):
    title = _("Planes by model")
    description = _("The fleet that served New York City, by model.")
    queryset = Plane.objects.all()
    group_by = {"manufacturer": "manufacturer", "model": "model"}
    planes = Column(Count("pk"))
    engine = Column(AnyValue("engine"), label=_("An engine"))
    mean_seats = Column(Avg("seats"), places=1)
    mean_year = Column(Avg("year"), places=1, label=_("Mean year of manufacture"))

    class Meta:
        ordering = ["-planes", "manufacturer", "model"]
        permission = None


@reports.register
class CountriesByContinent(reports.Report):
    title = _("Countries by continent")
    description = _("Countries, their people, and the shape and size of their land on the sphere.")
    queryset = Country.objects.all()
    group_by = {"continent": Key("continent")}
    countries = Column(Count("pk"))
    drawn = Column(Count("shape"), label=_("With a shape"))
    kinds = Column(StringAgg(GeometryType("shape__area"), ", ", distinct=True))
    population = Column(Sum("population"))
    area = Column(Sum("area_km2"), unit="km²")
    drawn_area = Column(Sum("shape__square_metres"), unit="m²", label=_("Area of the shapes"))

    class Meta:
        ordering = ["-population"]
        permission = None
