"""Reports of countries, cities and airports."""

from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

import reports
from geo.models import Airport, City, Country
from reports import Column, Geometry, Key, filters
from reports.expressions import (
    AnyValue,
    Avg,
    CodePoint,
    Concat,
    Count,
    First,
    GeometryType,
    Left,
    Length,
    Max,
    Median,
    Min,
    Quotient,
    Rank,
    Replace,
    StrIndex,
    StringAgg,
    Sum,
    Window,
)

COMMA = Value(",")
# Language tags such as "fr-BE", each part followed by a comma.
_TAGS = Concat(Replace("languages", Value("-"), COMMA), COMMA)


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
    area = filters.Area("location")
    near = filters.Near("location")

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


@reports.register
class CurrenciesAndCapitals(reports.Report):
    title = _("Currencies and capitals")
    description = _("Where each currency is the country's own, and how many people pay in it.")
    queryset = Country.objects.exclude(currency_code="")
    group_by = {"code": "currency_code"}
    currency = Column(AnyValue("currency_name"))
    countries = Column(Count("pk"))
    used_in = Column(StringAgg("name", ", ", order_by="-population"))
    capitals = Column(StringAgg("capital", ", ", filter=~Q(capital=""), order_by="capital"))
    population = Column(Sum("population"), unit="people")
    area = Column(Sum("area_km2"), unit="km²")
    density = Column(Quotient(Sum("population"), Sum("area_km2")), places=1, unit="people/km²")
    continent = filters.Choice("continent")

    class Meta:
        ordering = ["-countries", "-population", "code"]
        permission = None


@reports.register
class CountriesByMainLanguage(reports.Report):
    title = _("Countries by main language")
    description = _("Countries by the language that GeoNames lists first for them.")
    queryset = Country.objects.exclude(languages="")
    group_by = {"language": Left(_TAGS, StrIndex(_TAGS, COMMA) - 1)}
    countries = Column(Count("pk"))
    where = Column(StringAgg("name", ", ", order_by="-population"), label=_("Where"))
    population = Column(Sum("population"), unit="people")
    median_population = Column(Median("population"), places=0, unit="people")
    continent = filters.Choice("continent")

    class Meta:
        ordering = ["-countries", "-population", "language"]
        permission = None


@reports.register
class CountriesAndTheirNeighbours(reports.Report):
    title = _("Countries and their neighbours")
    description = _("How many countries each one borders on, and which.")
    queryset = Country.objects.all()
    country = Column("name")
    capital = Column("capital")
    neighbours = Column(
        Case(
            When(neighbours="", then=0),
            default=Length("neighbours") - Length(Replace("neighbours", COMMA)) + 1,
            output_field=IntegerField(),
        )
    )
    codes = Column("neighbours", label=_("Their codes"))
    population = Column("population", unit="people")
    density = Column(Quotient("population", "area_km2"), places=1, unit="people/km²")
    continent = filters.Choice("continent")
    people = filters.Minimum("population", label=_("Population, at least"))

    class Meta:
        ordering = ["-neighbours", "country"]
        permission = None


@reports.register
class CitiesNamedAlike(reports.Report):
    title = _("Cities named alike")
    description = _("Names that cities of several countries bear, and where.")
    queryset = City.objects.all()
    group_by = {"name": "name"}
    countries = Column(Count("country", distinct=True))
    cities = Column(Count("pk"))
    where = Column(StringAgg("country__name", ", ", distinct=True), label=_("Where"))
    largest = Column(Max("population"), unit="people", label=_("Population of the largest"))
    population = Column(Sum("population"), unit="people", label=_("Population of all"))
    people = filters.Minimum("population", label=_("Population of each, at least"))

    class Meta:
        ordering = ["-countries", "-cities", "name"]
        permission = None

    def get_queryset(self, parameters: dict[str, Any]) -> QuerySet[City]:
        """Returns the cities whose name a city in another country has too."""
        cities = self.filters["people"].apply(City.objects.all(), parameters)
        shared = (
            cities.annotate(same=CodePoint("name"))
            .values("same")
            .annotate(countries=Count("country", distinct=True))
            .filter(countries__gt=1)
        )
        return super().get_queryset(parameters).filter(name__in=shared.values("same"))


@reports.register
class NamesByCountry(reports.Report):
    title = _("Names of cities by country")
    description = _("How many names the cities of a country have, and how long the names are.")
    queryset = City.objects.all()
    group_by = {"country": "country"}
    cities = Column(Count("pk", distinct=True))
    names = Column(Count("names"))
    per_city = Column(
        Quotient(Count("names"), Count("pk", distinct=True)), places=1, label=_("Names per city")
    )
    mean_length = Column(Avg(Length("names__name")), places=1, unit="characters")
    longest = Column(
        Max(Length("names__name")), unit="characters", label=_("Length of the longest")
    )
    longest_name = Column(First("names__name", order_by=Length("names__name").desc()))
    continent = filters.Choice("country__continent")
    people = filters.Minimum("population", label=_("Population of the city, at least"))

    class Meta:
        ordering = ["-per_city", "country"]
        permission = None


@reports.register
class AirportsByTimeZone(reports.Report):
    title = _("Airports by time zone")
    description = _("How high a time zone's airports lie.")
    queryset = Airport.objects.all()
    group_by = {"time_zone": "timezone"}
    airports = Column(Count("pk"))
    countries = Column(StringAgg("country__name", ", ", distinct=True))
    lowest = Column(Min("elevation"), unit="m")
    median_elevation = Column(Median("elevation"), places=1, unit="m")
    highest = Column(Max("elevation"), unit="m")
    highest_airport = Column(First("name", order_by="-elevation"))
    continent = filters.Choice("country__continent")
    high = filters.Minimum("elevation", label=_("Elevation in metres, at least"))

    class Meta:
        ordering = ["-airports", "time_zone"]
        permission = None


@reports.register
class HighestAirports(reports.Report):
    title = _("Highest airports")
    description = _("Every airport by its height, and its place among those of its country.")
    queryset = Airport.objects.all()
    airport = Column("name")
    country = Column("country__name")
    elevation = Column("elevation", unit="m")
    place = Column(
        Window(Rank(), partition_by="country", order_by="-elevation"),
        label=_("Place in its country"),
    )
    of = Column(Window(Count("pk"), partition_by="country"), label=_("Of so many"))
    icao = Column("icao", label=_("ICAO code"))
    iata = Column("iata", label=_("IATA code"))
    country_is = filters.Choice("country")
    continent = filters.Choice("country__continent")
    area = filters.Area("location")
    near = filters.Near("location")

    class Meta:
        ordering = ["-elevation", "airport"]
        permission = None


@reports.register
class CountryShapes(reports.Report):
    title = _("Country shapes")
    description = _("The outline of every country, and how much land it holds on the sphere.")
    queryset = Country.objects.all()
    country = Column("name")
    code = Column("code")
    area = Column(
        Quotient("shape__square_metres", 1_000_000),
        places=0,
        unit="km²",
        label=_("Area of the shape"),
    )
    shape = Geometry("shape__area")
    continent = filters.Choice("continent")

    class Meta:
        ordering = ["-area", "country"]
        permission = None


@reports.register
class LargeCities(reports.Report):
    title = _("Large cities")
    description = _("Every city of more than a million people, and where it lies.")
    queryset = City.objects.filter(population__gt=1_000_000)
    city = Column("name")
    country = Column("country__name")
    population = Column("population", unit="people")
    location = Geometry("location")
    continent = filters.Choice("country__continent")
    area = filters.Area("location")
    near = filters.Near("location")

    class Meta:
        ordering = ["-population", "city"]
        permission = None
