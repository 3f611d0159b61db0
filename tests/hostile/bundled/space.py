"""The reports of space, by looking at every place."""

import math
from bisect import bisect_left, bisect_right
from fractions import Fraction
from functools import cache
from operator import attrgetter
from typing import NamedTuple

from tests.hostile.bundled.files import Keeps, airports, cities, countries, everything
from tests.hostile.bundled.flights import flights
from tests.hostile.bundled.numbers import percentage, quotient
from tests.hostile.oracle import Row, Table, grouped, mean, ordered, rounded, tabled

RADIUS = 6371008.7714150598
# No place lies nearer than so many degrees of latitude times this.
METRES_OF_A_DEGREE = RADIUS * math.pi / 180
# Of a chord of the unit sphere: more than a millimetre.
MILLIMETRE = 2e-10


class Place(NamedTuple):
    """An airport and where it is."""

    latitude: float
    vector: tuple[float, float, float]
    airport: Row


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
            here, latitude = vector(*city["place"]), city["place"][1]
            millimetres, airport = _nearest(city)
            records.append(
                {
                    "city": city["name"],
                    "country": city["country"],
                    "population": city["population"],
                    "airport": airport["name"],
                    "code": airport["iata"],
                    "distance": rounded(Fraction(millimetres, 1_000_000), 1),
                    "within": sum(
                        _millimetres(math.dist(here, place.vector)) <= 50_000_000
                        for place in belt(latitude - 0.5, latitude + 0.5)
                    ),
                    "id": city["id"],
                }
            )
    return tabled(ordered(records, "-population", "city", "id"), *list(records[0])[:-1])


def cities_far_from_airports(keeps: Keeps = everything) -> Table:
    records = []
    for city in cities():
        millimetres, airport = _nearest(city)
        away = rounded(Fraction(millimetres, 1_000_000), 3)
        record = {
            "city": city["name"],
            "country": city["country"],
            "population": city["population"],
            "airport": airport["name"],
            "distance": rounded(away, 1),
            # The order is by metres, not by what is shown.
            "away": away,
            "code": city["code"],
            "id": city["id"],
        }
        if keeps(record):
            records.append(record)
    return tabled(ordered(records, "-away", "city", "id"), *list(records[0])[:-3])


@cache
def _from_south(*, scheduled: bool) -> list[Place]:
    """The airports by latitude, all or those that airlines fly to."""
    places = [
        Place(airport["place"][1], vector(*airport["place"]), airport)
        for airport in airports()
        if airport["iata"] or not scheduled
    ]
    return sorted(places, key=attrgetter("latitude"))


def belt(south: float, north: float, *, scheduled: bool = False) -> list[Place]:
    """The airports between two latitudes, all or those that airlines fly to."""
    places = _from_south(scheduled=scheduled)
    first = bisect_left(places, south, key=attrgetter("latitude"))
    end = bisect_right(places, north, key=attrgetter("latitude"))
    return places[first:end]


def _nearest(city: Row) -> tuple[int, Row]:
    """Millimetres, and the nearest airport that airlines fly to; of several the least code's."""
    here, latitude = vector(*city["place"]), city["place"][1]
    degrees = 0.25
    while True:
        near = belt(latitude - degrees, latitude + degrees, scheduled=True)
        chords = [math.dist(here, place.vector) for place in near]
        least = min(chords, default=2.0)
        if _millimetres(least) < degrees * METRES_OF_A_DEGREE * 1000:
            break
        degrees *= 2
    level = [
        (_millimetres(chord), place.airport["icao"], place.airport)
        for chord, place in zip(chords, near, strict=True)
        if chord <= least + MILLIMETRE
    ]
    millimetres, _, airport = min(level, key=lambda each: each[:2])
    return millimetres, airport


def _millimetres(chord: float) -> int:
    """Along the great circle, of a chord of the unit sphere."""
    return round(2 * math.asin(chord / 2) * RADIUS * 1000)


@cache
def vector(longitude: float, latitude: float) -> tuple[float, float, float]:
    """Of length 1, from the centre of the Earth towards a place."""
    around, along = math.radians(latitude), math.radians(longitude)
    return (
        math.cos(around) * math.cos(along),
        math.cos(around) * math.sin(along),
        math.sin(around),
    )


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
