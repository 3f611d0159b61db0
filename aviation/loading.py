"""Loads the flights that left New York City in 2013, from the files in aviation/data."""

import math
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.contrib.gis.geos import LineString, MultiLineString
from django.db.models import Count

from aviation.models import Airline, Flight, Plane, Route, Weather
from geo.loading import Loader, LoadError, values
from geo.loading.geometry import PRECISION, SRID
from geo.loading.sources import Row
from geo.models import Airport
from geo.spherical import sphere

FOLDER = Path(__file__).resolve().parent / "data"

AIRLINES = "airlines.csv.gz"
AIRLINE_COLUMNS = ("carrier", "name")
PLANES = "planes.csv.gz"
PLANE_COLUMNS = (
    "tailnum", "year", "type", "manufacturer", "model", "engines", "seats", "speed", "engine",
)  # fmt: skip
WEATHER = "weather.csv.gz"
WEATHER_COLUMNS = (
    "origin", "year", "month", "day", "hour", "temp", "dewp", "humid", "wind_dir", "wind_speed",
    "wind_gust", "precip", "pressure", "visib", "time_hour",
)  # fmt: skip
FLIGHTS = "flights.csv.gz"
FLIGHT_COLUMNS = (
    "year", "month", "day", "dep_time", "sched_dep_time", "dep_delay", "arr_time",
    "sched_arr_time", "arr_delay", "carrier", "flight", "tailnum", "origin", "dest", "air_time",
    "distance", "hour", "minute", "time_hour",
)  # fmt: skip

# Kilometres in a statute mile; metres a second in a mile an hour; millimetres in an inch. All three
# are exact (international yard of 1959).
MILE = "1.609344"
MILE_AN_HOUR = "0.44704"
INCH = "25.4"

# The number of three-letter codes of letters and digits.
CODES = 36**3
# The range of hours since 1970 in the key of Weather: until the year 2084.
HOURS = 1_000_000

_integer = values.optional(values.integer, values.NA)
_count = values.optional(values.count, values.NA)
_clock = values.optional(values.clock, values.NA)
_required = values.required
_tailnum = values.optional(values.required, values.NA)
_km = values.scaled(MILE, 3)
_kmh = values.optional(values.scaled(MILE, 1), values.NA)
_ms = values.optional(values.scaled(MILE_AN_HOUR, 2), values.NA)
_mm = values.optional(values.scaled(INCH, 3), values.NA)
_percent = values.optional(values.scaled("1", 2), values.NA)
_hectopascals = values.optional(values.scaled("1", 1), values.NA)
_visibility = values.optional(_km, values.NA)


def celsius(fahrenheit: str) -> Decimal:
    """Returns degrees Celsius, rounded half up to two places."""
    return values.half_up((values.decimal(fahrenheit) - 32) * 5 / 9, 2)


_celsius = values.optional(celsius, values.NA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What flights need of an airport."""

    icao: str
    iata: str
    location: sphere.Position


class FlightsLoader(Loader):
    """Loads airlines, planes, weather, flights, and the routes flown."""

    rules = 1
    primary = {AIRLINES: Airline, PLANES: Plane, WEATHER: Weather, FLIGHTS: Flight}
    tables = (Airline, Plane, Weather, Flight, Route)
    limited = FLIGHTS

    def fill(self) -> list[str]:
        stops = self._stops()
        airlines = self._fill_airlines()
        planes = self._fill_planes()
        self._fill_weather(stops)
        pairs = self._fill_flights(stops, airlines, planes)
        self._fill_routes(pairs)
        return []

    def observe(self) -> list[str]:
        flights = Flight.objects.using(self.using)
        unknown = (
            flights.filter(destination=None)
            .values("destination_code")
            .annotate(flights=Count("pk"))
            .order_by("destination_code")
        )
        strangers = flights.filter(plane=None, tailnum__isnull=False).count()
        return [
            f"{strangers:,} flights carry a tail number that the registry lacks,"
            f" {flights.filter(tailnum=None).count():,} carry none.",
            *(
                f"{row['flights']:,} flights go to {row['destination_code']},"
                " which the airports file lacks: no destination, no route."
                for row in unknown
            ),
        ]

    def _stops(self) -> dict[str, Stop]:
        """Returns the airports by IATA code. Raises LoadError if the world is not loaded."""
        airports = Airport.objects.using(self.using)
        stops = {
            iata: Stop(icao=icao, iata=iata, location=(location.x, location.y))
            for icao, iata, location in airports.values_list("icao", "iata", "location")
            if iata
        }
        if not stops:
            raise LoadError(
                f"The database {self.using!r} holds no airports;"
                f" run `manage.py loadworld --database {self.using}` first."
            )
        return stops

    def _fill_airlines(self) -> dict[str, str]:
        table = self.table(Airline)
        known = {}
        for row in self.rows(AIRLINES, AIRLINE_COLUMNS):
            airline = Airline(code=row.get("carrier", _required), name=row.get("name", _required))
            table.add(airline, row.place)
            known[airline.code] = airline.code
        table.flush()
        return known

    def _fill_planes(self) -> set[str]:
        table = self.table(Plane)
        known = set()
        for row in self.rows(PLANES, PLANE_COLUMNS):
            plane = Plane(
                tailnum=row.get("tailnum", _required),
                year=row.get("year", _count),
                kind=row.get("type", _required),
                manufacturer=row.get("manufacturer", _required),
                model=row.get("model", _required),
                engines=row.get("engines", values.count),
                seats=row.get("seats", values.count),
                speed=row.get("speed", _kmh),
                engine=row.get("engine", _required),
            )
            table.add(plane, row.place)
            known.add(plane.tailnum)
        table.flush()
        return known

    def _fill_weather(self, stops: dict[str, Stop]) -> None:
        table = self.table(Weather)
        for row in self.rows(WEATHER, WEATHER_COLUMNS):
            origin = row.find("origin", stops, "airport")
            time = row.get("time_hour", values.instant)
            weather = Weather(
                id=int(origin.iata, 36) * HOURS + int(time.timestamp()) // 3600,
                origin_id=origin.icao,
                time=time,
                temperature=row.get("temp", _celsius),
                dew_point=row.get("dewp", _celsius),
                humidity=row.get("humid", _percent),
                wind_direction=row.get("wind_dir", _count),
                wind_speed=row.get("wind_speed", _ms),
                wind_gust=row.get("wind_gust", _ms),
                precipitation=row.get("precip", _mm),
                pressure=row.get("pressure", _hectopascals),
                visibility=row.get("visib", _visibility),
            )
            table.add(weather, row.place)

    def _fill_flights(
        self, stops: dict[str, Stop], airlines: dict[str, str], planes: set[str]
    ) -> dict[tuple[str, str], tuple[Row, Stop, Stop]]:
        """Returns the pairs of airports flown, each with its first row."""
        table = self.table(Flight)
        pairs: dict[tuple[str, str], tuple[Row, Stop, Stop]] = {}
        for number, row in enumerate(self.rows(FLIGHTS, FLIGHT_COLUMNS), 1):
            origin = row.find("origin", stops, "airport")
            destination = stops.get(row["dest"])
            table.add(_flight(number, row, origin, destination, airlines, planes), row.place)
            if destination:
                pairs.setdefault((origin.iata, destination.iata), (row, origin, destination))
        return pairs

    def _fill_routes(self, pairs: dict[tuple[str, str], tuple[Row, Stop, Stop]]) -> None:
        table = self.table(Route)
        for row, origin, destination in pairs.values():
            try:
                route = _route(origin, destination)
            except ValueError as error:
                raise row.place.error(f"no route from origin to dest ({error})") from error
            table.add(route, row.place)


def _flight(
    number: int,
    row: Row,
    origin: Stop,
    destination: Stop | None,
    airlines: dict[str, str],
    planes: set[str],
) -> Flight:
    tailnum = row.get("tailnum", _tailnum)
    hour = row.get("time_hour", values.instant)
    return Flight(
        id=number,
        carrier_id=row.find("carrier", airlines, "airline"),
        number=row.get("flight", values.count),
        tailnum=tailnum,
        plane_id=tailnum if tailnum in planes else None,
        origin_id=origin.icao,
        destination_id=destination.icao if destination else None,
        destination_code=row.get("dest", _required),
        time_hour=hour,
        scheduled_departure=hour + timedelta(minutes=row.get("minute", values.count)),
        scheduled_departure_time=row.get("sched_dep_time", values.clock),
        departure_time=row.get("dep_time", _clock),
        departure_delay=row.get("dep_delay", _integer),
        scheduled_arrival_time=row.get("sched_arr_time", values.clock),
        arrival_time=row.get("arr_time", _clock),
        arrival_delay=row.get("arr_delay", _integer),
        air_time=row.get("air_time", _count),
        distance=row.get("distance", _km),
    )


def _route(origin: Stop, destination: Stop) -> Route:
    return Route(
        id=int(origin.iata, 36) * CODES + int(destination.iata, 36),
        origin_id=origin.icao,
        destination_id=destination.icao,
        line=great_circle_line(origin.location, destination.location),
        length_m=math.floor(sphere.distance(origin.location, destination.location) + 0.5),
    )


def great_circle_line(start: sphere.Position, end: sphere.Position) -> MultiLineString:
    """Returns the great circle as lines between -180 and 180 degrees, a point every 100 km.

    Raises ValueError for a single place and for antipodes.
    """
    pieces = sphere.cut_at_antimeridian(sphere.great_circle(start, end))
    return MultiLineString(
        [
            LineString([(round(x, PRECISION), round(y, PRECISION)) for x, y in piece])
            for piece in pieces
        ],
        srid=SRID,
    )
