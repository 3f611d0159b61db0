"""The reports of space, by looking at every place."""

import math
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from tests.hostile.bundled.files import airports, cities, countries
from tests.hostile.bundled.flights import flights
from tests.hostile.bundled.numbers import percentage, quotient
from tests.hostile.oracle import Table, grouped, mean, ordered, tabled

RADIUS = 6371008.7714150598
# No place lies nearer than so many degrees of latitude times this.
METRES_OF_A_DEGREE = RADIUS * math.pi / 180


def airport_density_by_country() -> Table:
    records = []
    for code, group in grouped(airports(), lambda airport: airport["code"]).items():
        country = countries()[code]
        records.append(
            {
                "country": country["name"],
                "airports": len(group),
                "population": country["population"],
                "area": country["area"],
                "by_people": quotient(len(group) * 1_000_000, country["population"], 2),
                "by_area": quotient(len(group) * 100_000, country["area"], 2),
                "code": code,
            }
        )
    return tabled(ordered(records, "-by_area", "country", "code"), *list(records[0])[:-1])


def nearest_airports_of_large_cities() -> Table:
    records = []
    for city in cities():
        if city["population"] > 1_000_000:
            millimetres, airport = _nearest(city)
            records.append(
                {
                    "city": city["name"],
                    "country": city["country"],
                    "population": city["population"],
                    "airport": airport["name"],
                    "code": airport["iata"],
                    "distance": _kilometres(millimetres),
                    "within": sum(
                        _millimetres(city, other) <= 50_000_000 for other in _around(city, 0.5)
                    ),
                    "id": city["id"],
                }
            )
    return tabled(ordered(records, "-population", "city", "id"), *list(records[0])[:-1])


def _nearest(city: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    near = [airport for airport in _around(city, 5.0) if airport["iata"]]
    found = min(((_millimetres(city, a), a["icao"], a) for a in near), key=lambda each: each[:2])
    assert found[0] < 5 * METRES_OF_A_DEGREE * 1000
    return found[0], found[2]


def _around(city: dict[str, Any], degrees: float) -> list[dict[str, Any]]:
    latitude = city["place"][1]
    return [a for a in airports() if abs(a["place"][1] - latitude) <= degrees]


def _millimetres(a: dict[str, Any], b: dict[str, Any]) -> int:
    """By the law of haversines, as a chord."""
    (x, y, z), (u, v, w) = _vector(*a["place"]), _vector(*b["place"])
    chord = math.sqrt((x - u) ** 2 + (y - v) ** 2 + (z - w) ** 2)
    return round(2 * math.asin(chord / 2) * RADIUS * 1000)


@cache
def _vector(longitude: float, latitude: float) -> tuple[float, float, float]:
    around, along = math.radians(latitude), math.radians(longitude)
    return (
        math.cos(around) * math.cos(along),
        math.cos(around) * math.sin(along),
        math.sin(around),
    )


def _kilometres(millimetres: int) -> Decimal:
    return (Decimal(millimetres) / 10**6).quantize(Decimal("0.1"), ROUND_HALF_UP)


def delays_by_distance() -> Table:
    records = []
    for band, group in grouped(flights(), lambda flight: int(flight.distance) // 500).items():
        records.append(
            {
                "band": band * 500,
                "flights": len(group),
                "destinations": len({flight.destination for flight in group}),
                "delay": mean([f.arrival_delay for f in group if f.arrival_delay is not None], 1),
                "cancelled": percentage(sum(f.is_cancelled for f in group), len(group), 1),
            }
        )
    return tabled(ordered(records, "band"), *records[0])
