"""The reports of areas, by asking GEOS about each whole shape."""

import math
from functools import cache
from itertools import combinations

from django.contrib.gis.geos import GEOSGeometry, LineString, Point

from geo.spherical.bbox import Box
from tests.hostile.bundled.files import (
    Keeps,
    airlines,
    airports,
    countries,
    everything,
    multipolygon,
    shapes,
    square_metres,
    states,
)
from tests.hostile.bundled.flights import flights
from tests.hostile.bundled.numbers import percentage, quotient
from tests.hostile.bundled.space import RADIUS, belt, vector
from tests.hostile.oracle import Row, Table, grouped, ordered, tabled, total

# Metres between two points of a route.
STEP = 100_000
# Letters and digits of a code make a number of this base.
BASE = 36


class Shape:
    """A geometry of GEOS's, with what makes it fast to ask about many others."""

    def __init__(self, geometry: GEOSGeometry) -> None:
        self.geometry = geometry
        self.prepared = geometry.prepared
        self.box: Box = geometry.extent

    def is_near(self, box: Box) -> bool:
        """Whether the boxes meet: only then geometries can."""
        west, south, east, north = self.box
        return west <= box[2] and box[0] <= east and south <= box[3] and box[1] <= north

    def meets(self, other: "Shape") -> bool:
        """Whether the geometries intersect."""
        return self.is_near(other.box) and bool(self.prepared.intersects(other.geometry))


@cache
def country_shapes() -> dict[str, Shape]:
    """Of the countries that have one, by their codes."""
    return {code: Shape(multipolygon(polygons)) for code, polygons in shapes().items()}


@cache
def _neighbours() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {code: [] for code in country_shapes()}
    for (one, shape), (other, its) in combinations(country_shapes().items(), 2):
        if shape.meets(its):
            found[one].append(other)
            found[other].append(one)
    return found


def neighbours_on_the_map(keeps: Keeps = everything) -> Table:
    records = [
        {
            "country": countries()[code]["name"],
            "drawn": ",".join(sorted(codes)) or None,
            "number": len(codes) or None,
            "listed": countries()[code]["neighbours"],
            "code": code,
        }
        for code, codes in _neighbours().items()
        if keeps(countries()[code])
    ]
    return tabled(ordered(records, "country", "code"), *list(records[0])[:-1])


def states_by_airport_density(keeps: Keeps = everything) -> Table:
    records = []
    for state in filter(keeps, states()):
        shape = Shape(multipolygon(state["polygons"]))
        held = _held(shape)
        metres = square_metres(state["polygons"])
        records.append(
            {
                "state": state["name"],
                "country": state["country"],
                "airports": held,
                "area": quotient(metres, 1_000_000, 0),
                "density": quotient(held * 100_000_000_000, metres, 2),
                "code": state["code"],
            }
        )
    return tabled(ordered(records, "-density", "state", "code"), *list(records[0])[:-1])


def _held(shape: Shape) -> int:
    """How many airports stand in it or on its boundary."""
    _, south, _, north = shape.box
    places = (place.airport["place"] for place in belt(south, north))
    return sum(
        shape.is_near((*place, *place)) and shape.prepared.intersects(Point(*place))
        for place in places
    )


@cache
def routes() -> list[Row]:
    """The pairs of airports that flights join, with their great circles."""
    stops = {airport["iata"]: airport for airport in airports() if airport["iata"]}
    pairs = {(flight.origin, flight.destination) for flight in flights()}
    return [
        {
            "id": int(origin + destination, BASE),
            "origin": origin,
            "destination": destination,
            "name": stops[destination]["name"],
            "line": Shape(_great_circle(stops[origin]["place"], stops[destination]["place"])),
            "angle": _angle(stops[origin]["place"], stops[destination]["place"]),
        }
        for origin, destination in pairs
        if destination in stops
    ]


def _angle(start: tuple[float, float], end: tuple[float, float]) -> float:
    return 2 * math.asin(math.dist(vector(*start), vector(*end)) / 2)


def _great_circle(start: tuple[float, float], end: tuple[float, float]) -> LineString:
    """A point at least every 100 km, to six decimal places of a degree."""
    angle = _angle(start, end)
    parts = math.ceil(angle * RADIUS / STEP)
    places = [start]
    for part in range(1, parts):
        a, b = math.sin(angle * (parts - part) / parts), math.sin(angle * part / parts)
        x, y, z = (
            (a * i + b * j) / math.sin(angle)
            for i, j in zip(vector(*start), vector(*end), strict=True)
        )
        places.append((math.degrees(math.atan2(y, x)), math.degrees(math.asin(z))))
    # None leads over the antimeridian, where it would be cut.
    assert max(abs(start[0] - end[0]), *(abs(x) for x, _ in places)) < 180
    return LineString([(round(x, 6), round(y, 6)) for x, y in [*places, end]])


def routes_and_what_they_cross(keeps: Keeps = everything) -> Table:
    records = [
        {
            "origin": route["origin"],
            "destination": route["name"],
            "length": quotient(math.floor(route["angle"] * RADIUS + 0.5), 1000, 1),
            "countries": ", ".join(
                sorted(
                    countries()[code]["name"]
                    for code, shape in country_shapes().items()
                    if shape.meets(route["line"])
                )
            )
            or None,
            "id": route["id"],
        }
        for route in filter(keeps, routes())
    ]
    return tabled(
        ordered(records, "-length", "origin", "destination", "id"), *list(records[0])[:-1]
    )


def flights_over_an_area(keeps: Keeps = everything) -> Table:
    records = []
    for code, group in grouped(filter(keeps, flights()), lambda flight: flight.carrier).items():
        destinations = {flight.destination for flight in group}
        records.append(
            {
                "carrier": airlines()[code],
                "flights": len(group),
                "destinations": len(destinations),
                "places": ", ".join(sorted(destinations)),
                "distance": total(flight.distance for flight in group),
                "cancelled": percentage(sum(f.is_cancelled for f in group), len(group), 1),
                "code": code,
            }
        )
    return tabled(ordered(records, "-flights", "carrier", "code"), *list(records[0])[:-1])


@cache
def _crossing(code: str) -> set[tuple[str, str]]:
    shape = country_shapes()[code]
    return {
        (route["origin"], route["destination"]) for route in routes() if shape.meets(route["line"])
    }


def flown_over(code: str) -> Keeps:
    """Keeps the flights whose route meets a country's shape."""
    return lambda flight: (flight.origin, flight.destination) in _crossing(code)
