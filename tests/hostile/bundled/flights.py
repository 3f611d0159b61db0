"""The reports of flights."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from tests.hostile.bundled.files import (
    Keeps,
    airlines,
    airports,
    converted,
    everything,
    integer,
    kilometres,
    read,
)
from tests.hostile.bundled.numbers import percentage, percentile, quotient, usual
from tests.hostile.oracle import (
    Row,
    Table,
    grouped,
    least,
    local,
    mean,
    ordered,
    tabled,
    total,
)


class Flight(NamedTuple):
    carrier: str
    origin: str
    destination: str
    tailnum: str | None
    # What New York's clocks and calendars show, as in the file.
    day: date
    hour: int
    time_hour: str
    minute: int
    is_cancelled: bool
    departure_delay: int | None
    arrival_delay: int | None
    air_time: int | None
    distance: Decimal


@cache
def flights() -> list[Flight]:
    return [
        Flight(
            carrier=row["carrier"],
            origin=row["origin"],
            destination=row["dest"],
            tailnum=None if row["tailnum"] == "NA" else row["tailnum"],
            day=date(int(row["year"]), int(row["month"]), int(row["day"])),
            hour=int(row["hour"]),
            time_hour=row["time_hour"],
            minute=int(row["minute"]),
            is_cancelled=row["dep_time"] == "NA",
            departure_delay=integer(row["dep_delay"]),
            arrival_delay=integer(row["arr_delay"]),
            air_time=integer(row["air_time"]),
            distance=kilometres(row["distance"]) or Decimal(0),
        )
        for row in read("aviation/data/flights.csv.gz")
    ]


def _departure_delays(group: Iterable[Flight]) -> list[int]:
    return [f.departure_delay for f in group if f.departure_delay is not None]


def _arrival_delays(group: Iterable[Flight]) -> list[int]:
    return [f.arrival_delay for f in group if f.arrival_delay is not None]


@cache
def _airport_names() -> dict[str, str]:
    """Of airports that have a code of IATA's, by that."""
    return {airport["iata"]: airport["name"] for airport in airports() if airport["iata"]}


def carriers_by_destination(keeps: Keeps = everything) -> Table:
    records = []
    for destination, group in grouped(
        filter(keeps, flights()), lambda flight: flight.destination
    ).items():
        records.append(
            {
                "destination": destination,
                "airport": _airport_names().get(destination),
                "flights": len(group),
                "carriers": ", ".join(sorted({airlines()[flight.carrier] for flight in group})),
                "mean_delay": mean(_arrival_delays(group), 1),
            }
        )
    return tabled(ordered(records, "-flights", "destination"), *records[0])


def delays_by_month() -> Table:
    def month(flight: Flight) -> date:
        departure = datetime.fromisoformat(flight.time_hour) + timedelta(minutes=flight.minute)
        return local(departure, "America/New_York").replace(day=1)

    records = []
    for (first, code), group in grouped(flights(), lambda f: (month(f), f.carrier)).items():
        delays = _departure_delays(group)
        records.append(
            {
                "month": first,
                "carrier": airlines()[code],
                "flights": len(group),
                "departed": len(delays),
                "mean_delay": mean(delays, 2),
                "distance": total(flight.distance for flight in group),
                "code": code,
            }
        )
    return tabled(ordered(records, "month", "carrier", "code"), *list(records[0])[:-1])


def punctuality_by_carrier() -> Table:
    records = []
    for code, group in grouped(flights(), lambda flight: flight.carrier).items():
        cancelled = sum(flight.is_cancelled for flight in group)
        delays = _arrival_delays(group)
        on_time = sum(delay < 15 for delay in delays)
        records.append(
            {
                "carrier": airlines()[code],
                "flights": len(group),
                "cancelled": cancelled,
                "cancelled_share": percentage(cancelled, len(group), 2),
                "on_time": percentage(on_time, len(delays), 1),
                "mean_delay": mean(delays, 1),
                "median_delay": percentile(delays, "0.5", 1),
                "delay_of_nine_in_ten": percentile(delays, "0.9", 1),
                "code": code,
            }
        )
    return tabled(ordered(records, "-on_time", "carrier", "code"), *list(records[0])[:-1])


def delays_by_weather() -> Table:
    weather = {
        (row["origin"], row["time_hour"]): (
            converted(row["precip"], "25.4", 3),
            converted(row["wind_speed"], "0.44704", 2),
            kilometres(row["visib"]),
        )
        for row in read("aviation/data/weather.csv.gz")
    }
    groups: dict[tuple[str | None, str | None], list[Flight]] = {}
    for flight in flights():
        if there := weather.get((flight.origin, flight.time_hour)):
            key = _precipitation(there[0]), _wind(there[1])
            groups.setdefault(key, []).append(flight)
    records = []
    for (precipitation, wind), group in groups.items():
        delays = _departure_delays(group)
        hours = [(flight.origin, flight.time_hour) for flight in group]
        records.append(
            {
                "precipitation": precipitation,
                "wind": wind,
                "hours": len(set(hours)),
                "flights": len(group),
                "cancelled": percentage(sum(f.is_cancelled for f in group), len(group), 1),
                "mean_delay": mean(delays, 1),
                "median_delay": percentile(delays, "0.5", 1),
                "mean_visibility": mean((weather[hour][2] for hour in hours), 1),
            }
        )
    return tabled(ordered(records, "-mean_delay", "precipitation", "wind"), *records[0])


def _precipitation(millimetres: Decimal | None) -> str | None:
    if millimetres is None:
        return None
    if millimetres == 0:
        return "none"
    return "light: under 1 mm" if millimetres < 1 else "heavy: 1 mm and more"


def _wind(speed: Decimal | None) -> str | None:
    if speed is None:
        return None
    if speed < 4:
        return "light: under 4 m/s"
    return "moderate: under 8 m/s" if speed < 8 else "strong: 8 m/s and more"


def busiest_hours() -> Table:
    records = []
    for hour, group in grouped(flights(), lambda flight: flight.hour).items():
        origins = [flight.origin for flight in group]
        delays = _departure_delays(group)
        records.append(
            {
                "hour": hour,
                "flights": len(group),
                "newark": origins.count("EWR"),
                "kennedy": origins.count("JFK"),
                "la_guardia": origins.count("LGA"),
                "carriers": len({flight.carrier for flight in group}),
                "mean_delay": mean(delays, 1),
                "late": percentage(sum(delay >= 15 for delay in delays), len(delays), 1),
            }
        )
    return tabled(ordered(records, "-flights", "hour"), *records[0])


def busiest_days(keeps: Keeps = everything) -> Table:
    days = grouped(filter(keeps, flights()), lambda flight: flight.day)
    records = []
    for day, group in days.items():
        records.append(
            {
                "day": day,
                "rank": 1 + sum(len(other) > len(group) for other in days.values()),
                "flights": len(group),
                "destinations": len({flight.destination for flight in group}),
                "planes": len({flight.tailnum for flight in group} - {None}),
                "distance": total(flight.distance for flight in group),
                "cancelled": percentage(sum(f.is_cancelled for f in group), len(group), 1),
                "median_delay": percentile(_departure_delays(group), "0.5", 1),
            }
        )
    return tabled(ordered(records, "-flights", "day"), *records[0])


def routes_and_their_delays(keeps: Keeps = everything) -> Table:
    records: list[Row] = []
    for (origin, destination), group in grouped(
        filter(keeps, flights()), lambda flight: (flight.origin, flight.destination)
    ).items():
        flown = [flight for flight in group if flight.air_time is not None]
        delays = _arrival_delays(group)
        records.append(
            {
                "origin": origin,
                "destination": destination,
                "airport": _airport_names().get(destination),
                "flights": len(group),
                "carriers": ", ".join(sorted({flight.carrier for flight in group})),
                "mostly_by": usual(flight.carrier for flight in group),
                "distance": least(flight.distance for flight in group),
                "shortest": least(flight.air_time for flight in flown),
                "speed": quotient(
                    60 * sum(flight.distance for flight in flown),
                    sum(flight.air_time or 0 for flight in flown),
                    0,
                ),
                "late": percentage(sum(delay >= 15 for delay in delays), len(delays), 1),
            }
        )
    return tabled(ordered(records, "-flights", "origin", "destination"), *records[0])
