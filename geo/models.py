"""Places of the world: countries, shapes, states, cities, airports; and shared areas.

Lengths are metres, areas as each field states, coordinates degrees of longitude and latitude on WGS
84 (SRID 4326). Missing text is the empty string, a missing code or number is NULL.
"""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class DataLoad(models.Model):
    """The record of a loaded file, by which a second load changes nothing."""

    source = models.CharField(_("file"), max_length=100, primary_key=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    rules = models.IntegerField(
        _("rules"), help_text=_("Version of the conversion that made rows of the file.")
    )
    rows = models.BigIntegerField(_("rows"), help_text=_("Rows read from the file."))
    limit = models.BigIntegerField(
        _("limit"), null=True, help_text=_("How many rows were asked for; empty: all of them.")
    )

    class Meta:
        db_table = "geo_dataload"
        verbose_name = _("data load")
        verbose_name_plural = _("data loads")

    def __str__(self) -> str:
        return self.source


class SharedArea(models.Model):
    """An area that a user drew, stored for a short link; see geo.sharing."""

    key = models.CharField(
        _("key"),
        max_length=32,
        primary_key=True,
        help_text=_("The first 128 bits of the SHA-256 of the well-known binary, in hexadecimal."),
    )
    wkb = models.BinaryField(_("well-known binary"))
    bytes = models.IntegerField(_("bytes"), help_text=_("Of the well-known binary."))
    created = models.DateTimeField(_("created"), db_index=True)

    class Meta:
        db_table = "geo_sharedarea"
        verbose_name = _("shared area")
        verbose_name_plural = _("shared areas")

    def __str__(self) -> str:
        return self.key


class Country(models.Model):
    """A country or territory with an ISO 3166-1 code, from GeoNames."""

    class Continent(models.TextChoices):
        AFRICA = "AF", _("Africa")
        ANTARCTICA = "AN", _("Antarctica")
        ASIA = "AS", _("Asia")
        EUROPE = "EU", _("Europe")
        NORTH_AMERICA = "NA", _("North America")
        OCEANIA = "OC", _("Oceania")
        SOUTH_AMERICA = "SA", _("South America")

    code = models.CharField(
        _("code"), max_length=2, primary_key=True, help_text=_("ISO 3166-1 alpha-2.")
    )
    code3 = models.CharField(
        _("three-letter code"), max_length=3, unique=True, help_text=_("ISO 3166-1 alpha-3.")
    )
    number = models.SmallIntegerField(
        _("number"), null=True, help_text=_("ISO 3166-1 numeric; empty if there is none.")
    )
    name = models.CharField(_("name"), max_length=100)
    continent = models.CharField(_("continent"), max_length=2, choices=Continent)
    capital = models.CharField(_("capital"), max_length=100, blank=True)
    area_km2 = models.DecimalField(
        _("area"), max_digits=12, decimal_places=2, help_text=_("Square kilometres, as published.")
    )
    population = models.BigIntegerField(_("population"), help_text=_("Persons."))
    tld = models.CharField(_("top-level domain"), max_length=10, blank=True)
    currency_code = models.CharField(
        _("currency code"), max_length=3, blank=True, help_text=_("ISO 4217.")
    )
    currency_name = models.CharField(_("currency"), max_length=50, blank=True)
    phone = models.CharField(_("telephone prefix"), max_length=40, blank=True)
    languages = models.CharField(
        _("languages"),
        max_length=255,
        blank=True,
        help_text=_("Language tags joined by commas, mostly the most spoken first."),
    )
    neighbours = models.CharField(
        _("neighbours"),
        max_length=255,
        blank=True,
        help_text=_("Country codes joined by commas."),
    )
    geoname_id = models.BigIntegerField(_("GeoNames id"), unique=True)

    class Meta:
        db_table = "geo_country"
        verbose_name = _("country")
        verbose_name_plural = _("countries")

    def __str__(self) -> str:
        return self.name


class CountryShape(models.Model):
    """The polygons of a country, and Natural Earth's facts about it."""

    country = models.OneToOneField(
        Country,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="shape",
        verbose_name=_("country"),
    )
    area = models.MultiPolygonField(_("area"), srid=4326)
    square_metres = models.BigIntegerField(
        _("square metres"),
        help_text=_(
            "Area in m² on the sphere of radius 6371008.7714150598 m, edges straight in longitude"
            " and latitude; see geo.spherical.sphere.ring_area for the formula."
        ),
    )
    label_point = models.PointField(_("label point"), srid=4326)
    name = models.CharField(_("name"), max_length=100)
    name_long = models.CharField(_("long name"), max_length=150)
    formal_name = models.CharField(_("formal name"), max_length=150, blank=True)
    sovereignty = models.CharField(_("sovereignty"), max_length=100)
    kind = models.CharField(_("kind"), max_length=50)
    region = models.CharField(_("region"), max_length=50)
    subregion = models.CharField(_("subregion"), max_length=50)
    income_group = models.CharField(_("income group"), max_length=50)
    economy = models.CharField(_("economy"), max_length=50)
    population = models.BigIntegerField(_("population"), help_text=_("Persons, estimated."))
    population_year = models.SmallIntegerField(_("year of the population"))
    gdp_musd = models.BigIntegerField(
        _("gross domestic product"), null=True, help_text=_("Millions of US dollars.")
    )
    gdp_year = models.SmallIntegerField(_("year of the gross domestic product"), null=True)
    name_ar = models.CharField(_("Arabic name"), max_length=150)
    name_de = models.CharField(_("German name"), max_length=150)
    name_es = models.CharField(_("Spanish name"), max_length=150)
    name_fr = models.CharField(_("French name"), max_length=150)
    name_ja = models.CharField(_("Japanese name"), max_length=150)
    name_ru = models.CharField(_("Russian name"), max_length=150)
    name_zh = models.CharField(_("Chinese name"), max_length=150)

    class Meta:
        db_table = "geo_countryshape"
        verbose_name = _("country shape")
        verbose_name_plural = _("country shapes")

    def __str__(self) -> str:
        return self.name


class Territory(models.Model):
    """A polygon of Natural Earth without an ISO 3166-1 code, and so without a Country."""

    code = models.CharField(
        _("code"), max_length=3, primary_key=True, help_text=_("Natural Earth's adm0_a3.")
    )
    name = models.CharField(_("name"), max_length=100)
    name_long = models.CharField(_("long name"), max_length=150)
    sovereignty = models.CharField(_("sovereignty"), max_length=100)
    kind = models.CharField(_("kind"), max_length=50)
    area = models.MultiPolygonField(_("area"), srid=4326)
    square_metres = models.BigIntegerField(
        _("square metres"), help_text=_("Area in m², computed as for country shapes.")
    )

    class Meta:
        db_table = "geo_territory"
        verbose_name = _("territory")
        verbose_name_plural = _("territories")

    def __str__(self) -> str:
        return self.name


class State(models.Model):
    """A state or province of one of nine large countries."""

    code = models.CharField(
        _("code"), max_length=20, primary_key=True, help_text=_("Natural Earth's adm1_code.")
    )
    iso_3166_2 = models.CharField(_("ISO 3166-2 code"), max_length=10, unique=True)
    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="states", verbose_name=_("country")
    )
    name = models.CharField(_("name"), max_length=100)
    name_alt = models.CharField(
        _("other names"), max_length=255, blank=True, help_text=_("Joined by vertical bars.")
    )
    kind = models.CharField(_("kind"), max_length=50, blank=True)
    abbreviation = models.CharField(_("abbreviation"), max_length=20, blank=True)
    postal = models.CharField(_("postal abbreviation"), max_length=10, blank=True)
    name_ar = models.CharField(_("Arabic name"), max_length=100)
    name_ja = models.CharField(_("Japanese name"), max_length=100)
    name_zh = models.CharField(_("Chinese name"), max_length=100)
    area = models.MultiPolygonField(_("area"), srid=4326)
    square_metres = models.BigIntegerField(
        _("square metres"), help_text=_("Area in m², computed as for country shapes.")
    )

    class Meta:
        db_table = "geo_state"
        verbose_name = _("state")
        verbose_name_plural = _("states")

    def __str__(self) -> str:
        return self.name


class City(models.Model):
    """A city of more than 15,000 people, or a capital, from GeoNames."""

    geoname_id = models.BigIntegerField(_("GeoNames id"), primary_key=True)
    name = models.CharField(_("name"), max_length=200)
    location = models.PointField(_("location"), srid=4326)
    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="cities", verbose_name=_("country")
    )
    admin1_code = models.CharField(
        _("first-level division"),
        max_length=20,
        blank=True,
        help_text=_("GeoNames' code within the country."),
    )
    population = models.BigIntegerField(_("population"), db_index=True, help_text=_("Persons."))
    timezone = models.CharField(_("time zone"), max_length=64, help_text=_("IANA name."))

    class Meta:
        db_table = "geo_city"
        verbose_name = _("city")
        verbose_name_plural = _("cities")

    def __str__(self) -> str:
        return self.name


class CityName(models.Model):
    """An alternate name of a city, exactly as in the file, including leading blanks."""

    id = models.BigIntegerField(
        primary_key=True,
        help_text=_("1000 times the city's GeoNames id, plus the place in its list of names."),
    )
    city = models.ForeignKey(
        City, on_delete=models.CASCADE, related_name="names", verbose_name=_("city")
    )
    name = models.CharField(_("name"), max_length=255)

    class Meta:
        db_table = "geo_cityname"
        verbose_name = _("city name")
        verbose_name_plural = _("city names")

    def __str__(self) -> str:
        return self.name


class AirportQuerySet(models.QuerySet["Airport"]):
    def contradicted(self) -> "AirportQuerySet":
        """Returns the airports whose polygon is another country's than the file's code."""
        return self.filter(located_in__isnull=False).exclude(located_in=models.F("country"))


class Airport(models.Model):
    """An airport or airfield.

    `country` is from the file; `located_in` and `placed_by` are computed from the polygons.
    """

    class PlacedBy(models.TextChoices):
        POLYGON = "polygon", _("inside a polygon")
        NEAREST = "nearest", _("nearest polygon, within half a degree")
        NONE = "none", _("no polygon within half a degree")

    icao = models.CharField(
        _("ICAO code"),
        max_length=4,
        primary_key=True,
        help_text=_("ICAO location indicator, or the local code where there is none."),
    )
    iata = models.CharField(_("IATA code"), max_length=3, null=True, blank=True, unique=True)
    lid = models.CharField(
        _("local code"),
        max_length=10,
        blank=True,
        help_text=_("US location identifier (FAA) or other local one."),
    )
    name = models.CharField(_("name"), max_length=150)
    city = models.CharField(_("city"), max_length=100, blank=True)
    subdivision = models.CharField(_("subdivision"), max_length=100, blank=True)
    country = models.ForeignKey(
        Country,
        on_delete=models.PROTECT,
        related_name="airports",
        verbose_name=_("country"),
        help_text=_("The file's own code."),
    )
    elevation = models.DecimalField(
        _("elevation"),
        max_digits=8,
        decimal_places=2,
        help_text=_("Metres above sea level: feet x 0.3048, rounded half up to centimetres."),
    )
    location = models.PointField(_("location"), srid=4326)
    timezone = models.CharField(_("time zone"), max_length=64, help_text=_("IANA name."))
    located_in = models.ForeignKey(
        Country,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="airports_located",
        verbose_name=_("located in"),
        help_text=_("Country whose polygon holds the airport or is nearest."),
    )
    located_in_territory = models.ForeignKey(
        Territory,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="airports_located",
        verbose_name=_("located in territory"),
        help_text=_("The same for a polygon without a country code."),
    )
    placed_by = models.CharField(_("placed by"), max_length=7, choices=PlacedBy)

    objects = AirportQuerySet.as_manager()

    class Meta:
        db_table = "geo_airport"
        verbose_name = _("airport")
        verbose_name_plural = _("airports")

    def __str__(self) -> str:
        return f"{self.name} ({self.iata or self.icao})"
