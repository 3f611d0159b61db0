"""Flights that left New York City in 2013, with their airlines, planes, weather and routes.

Units are metric: kilometres, millimetres, degrees Celsius, metres a second; instants are UTC,
fields named `..._time` are local wall-clock times.
"""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from geo.models import Airport


class Airline(models.Model):
    """An airline by its two-character carrier code."""

    code = models.CharField(_("code"), max_length=2, primary_key=True)
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("airline")
        verbose_name_plural = _("airlines")

    def __str__(self) -> str:
        return self.name


class Plane(models.Model):
    """An aircraft of the FAA's registry by its tail number."""

    tailnum = models.CharField(_("tail number"), max_length=10, primary_key=True)
    year = models.SmallIntegerField(_("year of manufacture"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=50)
    manufacturer = models.CharField(_("manufacturer"), max_length=50)
    model = models.CharField(_("model"), max_length=50)
    engines = models.SmallIntegerField(_("engines"))
    seats = models.SmallIntegerField(_("seats"))
    speed = models.DecimalField(
        _("cruising speed"),
        max_digits=6,
        decimal_places=1,
        null=True,
        blank=True,
        help_text=_("Kilometres an hour: miles an hour x 1.609344, rounded half up."),
    )
    engine = models.CharField(_("engine"), max_length=50)

    class Meta:
        verbose_name = _("plane")
        verbose_name_plural = _("planes")

    def __str__(self) -> str:
        return self.tailnum


class Flight(models.Model):
    """A scheduled flight; without `departure_time` it was cancelled."""

    id = models.BigIntegerField(primary_key=True, help_text=_("Number of the row in the file."))
    carrier = models.ForeignKey(
        Airline, on_delete=models.PROTECT, related_name="flights", verbose_name=_("airline")
    )
    number = models.SmallIntegerField(_("flight number"))
    tailnum = models.CharField(
        _("tail number"), max_length=10, null=True, blank=True, db_index=True
    )
    plane = models.ForeignKey(
        Plane,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="flights",
        verbose_name=_("plane"),
        help_text=_("Empty where the registry lacks the tail number."),
    )
    origin = models.ForeignKey(
        Airport,
        on_delete=models.PROTECT,
        related_name="departures",
        db_index=False,  # the index below begins with it
        verbose_name=_("origin"),
    )
    destination = models.ForeignKey(
        Airport,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="arrivals",
        verbose_name=_("destination"),
        help_text=_("Empty where no airport has the destination's code."),
    )
    destination_code = models.CharField(
        _("destination code"), max_length=3, help_text=_("IATA code, as in the file.")
    )
    time_hour = models.DateTimeField(
        _("scheduled hour"), help_text=_("Hour of the scheduled departure, UTC.")
    )
    scheduled_departure = models.DateTimeField(
        _("scheduled departure"), db_index=True, help_text=_("UTC, to the minute.")
    )
    scheduled_departure_time = models.TimeField(
        _("scheduled departure, local time"), help_text=_("New York wall clock.")
    )
    departure_time = models.TimeField(
        _("departure, local time"),
        null=True,
        blank=True,
        help_text=_("New York wall clock; the file's 24:00 is 00:00."),
    )
    departure_delay = models.SmallIntegerField(
        _("departure delay"), null=True, blank=True, help_text=_("Minutes; negative if early.")
    )
    scheduled_arrival_time = models.TimeField(
        _("scheduled arrival, local time"), help_text=_("Destination's wall clock.")
    )
    arrival_time = models.TimeField(
        _("arrival, local time"),
        null=True,
        blank=True,
        help_text=_("Destination's wall clock; the file's 24:00 is 00:00."),
    )
    arrival_delay = models.SmallIntegerField(
        _("arrival delay"), null=True, blank=True, help_text=_("Minutes; negative if early.")
    )
    air_time = models.SmallIntegerField(
        _("air time"), null=True, blank=True, help_text=_("Minutes in the air.")
    )
    distance = models.DecimalField(
        _("distance"),
        max_digits=8,
        decimal_places=3,
        help_text=_("Kilometres: statute miles x 1.609344, rounded half up to metres."),
    )

    class Meta:
        verbose_name = _("flight")
        verbose_name_plural = _("flights")
        indexes = [models.Index(fields=["origin", "time_hour"], name="flight_origin_hour")]

    def __str__(self) -> str:
        return f"{self.carrier_id} {self.number}, {self.scheduled_departure:%Y-%m-%d %H:%M}"


class Weather(models.Model):
    """An hour's weather at one of the three airports of departure."""

    id = models.BigIntegerField(
        primary_key=True, help_text=_("Derived from the airport's code and the hour.")
    )
    origin = models.ForeignKey(
        Airport,
        on_delete=models.PROTECT,
        related_name="weather",
        db_index=False,  # the constraint below begins with it
        verbose_name=_("airport"),
    )
    time = models.DateTimeField(_("time"), help_text=_("UTC."))
    temperature = models.DecimalField(
        _("temperature"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Degrees Celsius."),
    )
    dew_point = models.DecimalField(
        _("dew point"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Degrees Celsius."),
    )
    humidity = models.DecimalField(
        _("relative humidity"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Per cent."),
    )
    wind_direction = models.SmallIntegerField(
        _("wind direction"), null=True, blank=True, help_text=_("Degrees, clockwise from north.")
    )
    wind_speed = models.DecimalField(
        _("wind speed"),
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Metres a second."),
    )
    wind_gust = models.DecimalField(
        _("wind gust"),
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Metres a second."),
    )
    precipitation = models.DecimalField(
        _("precipitation"),
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("Millimetres in the hour."),
    )
    pressure = models.DecimalField(
        _("pressure"),
        max_digits=6,
        decimal_places=1,
        null=True,
        blank=True,
        help_text=_("Hectopascals at sea level."),
    )
    visibility = models.DecimalField(
        _("visibility"),
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("Kilometres; 16.093 (ten miles) is the most that is reported."),
    )

    class Meta:
        verbose_name = _("weather")
        verbose_name_plural = _("weather")
        constraints = [
            models.UniqueConstraint(fields=["origin", "time"], name="weather_origin_time")
        ]

    def __str__(self) -> str:
        return f"{self.origin_id}, {self.time:%Y-%m-%d %H:%M}"


class Route(models.Model):
    """A pair of airports between which flights were scheduled, and the great circle joining them.

    The line has a point at least every 100 km and is cut at the antimeridian.
    """

    id = models.BigIntegerField(
        primary_key=True, help_text=_("Derived from the codes of the two airports.")
    )
    origin = models.ForeignKey(
        Airport,
        on_delete=models.PROTECT,
        related_name="routes_from",
        db_index=False,  # the constraint below begins with it
        verbose_name=_("origin"),
    )
    destination = models.ForeignKey(
        Airport,
        on_delete=models.PROTECT,
        related_name="routes_to",
        verbose_name=_("destination"),
    )
    line = models.MultiLineStringField(_("line"), srid=4326)
    length_m = models.BigIntegerField(
        _("length"),
        help_text=_("Metres along the great circle of the sphere of radius 6371008.7714150598 m."),
    )

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        constraints = [
            models.UniqueConstraint(
                fields=["origin", "destination"], name="route_origin_destination"
            )
        ]

    def __str__(self) -> str:
        return f"{self.origin_id}-{self.destination_id}"
