"""The reports of countries, cities and airports."""

from bisect import bisect_right
from decimal import Decimal

from tests.hostile.bundled.files import (
    Keeps,
    Polygons,
    airports,
    cities,
    countries,
    decimal,
    everything,
    shapes,
    square_metres,
)
from tests.hostile.bundled.numbers import percentile, quotient
from tests.hostile.oracle import (
    Table,
    grouped,
    joined,
    mean,
    ordered,
    tabled,
    total,
)


def airports_by_country(keeps: Keeps = everything) -> Table:
    records = [
        {
            "country": countries()[code]["name"],
            "airports": len(group),
            "mean_elevation": mean((airport["elevation"] for airport in group), 1),
            "codes": joined(group, "iata", ", "),
            "time_zones": joined(group, "timezone", ", ", distinct=True),
            "code": code,
        }
        for code, group in grouped(
            filter(keeps, airports()), lambda airport: airport["code"]
        ).items()
    ]
    return tabled(ordered(records, "-airports", "country", "code"), *list(records[0])[:-1])


def airports_by_time_zone() -> Table:
    records = []
    for zone, group in grouped(airports(), lambda airport: airport["timezone"]).items():
        elevations = [airport["elevation"] for airport in group]
        records.append(
            {
                "time_zone": zone,
                "airports": len(group),
                "countries": joined(group, "country", ", ", distinct=True),
                "lowest": min(elevations),
                "median_elevation": percentile(elevations, "0.5", 1),
                "highest": max(elevations),
                "highest_airport": ordered(group, "-elevation", "name")[0]["name"],
            }
        )
    return tabled(ordered(records, "-airports", "time_zone"), *records[0])


def highest_airports(keeps: Keeps = everything) -> Table:
    kept = list(filter(keeps, airports()))
    heights = {
        code: sorted(airport["elevation"] for airport in group)
        for code, group in grouped(kept, lambda airport: airport["code"]).items()
    }
    records = [
        {
            "airport": airport["name"],
            "country": airport["country"],
            "elevation": airport["elevation"],
            "place": 1 + len(among) - bisect_right(among, airport["elevation"]),
            "of": len(among),
            "icao": airport["icao"],
            "iata": airport["iata"],
        }
        for airport in kept
        for among in [heights[airport["code"]]]
    ]
    return tabled(ordered(records, "-elevation", "airport", "icao"), *records[0])


def cities_and_their_names() -> Table:
    records = [
        {
            "city": city["name"],
            "country": city["country"],
            "population": city["population"],
            "names": len(city["names"]),
            "also_called": " | ".join(city["names"]) or None,
            "id": city["id"],
        }
        for city in cities()
    ]
    return tabled(ordered(records, "-population", "city", "id"), *list(records[0])[:-1])


def cities_named_alike(keeps: Keeps = everything) -> Table:
    records = []
    for name, group in grouped(filter(keeps, cities()), lambda city: city["name"]).items():
        populations = [city["population"] for city in group]
        records.append(
            {
                "name": name,
                "countries": len({city["code"] for city in group}),
                "cities": len(group),
                "where": joined(group, "country", ", ", distinct=True),
                "largest": max(populations),
                "population": sum(populations),
            }
        )
    shared = [record for record in records if record["countries"] > 1]
    return tabled(ordered(shared, "-countries", "-cities", "name"), *records[0])


def names_by_country() -> Table:
    records = []
    for code, group in grouped(cities(), lambda city: city["code"]).items():
        names = [name for city in group for name in city["names"]]
        lengths = [len(name) for name in names]
        records.append(
            {
                "country": countries()[code]["name"],
                "cities": len(group),
                "names": len(lengths),
                "per_city": quotient(len(lengths), len(group), 1),
                "mean_length": mean(lengths, 1),
                "longest": max(lengths, default=None),
                "longest_name": min(names, key=lambda name: (-len(name), name), default=None),
                "code": code,
            }
        )
    return tabled(ordered(records, "-per_city", "country", "code"), *list(records[0])[:-1])


def countries_by_continent() -> Table:
    records = []
    for continent, group in grouped(
        countries().values(), lambda country: country["continent"]
    ).items():
        drawn = [shapes()[country["code"]] for country in group if country["code"] in shapes()]
        records.append(
            {
                "continent": continent,
                "countries": len(group),
                "drawn": len(drawn),
                "kinds": "MULTIPOLYGON" if drawn else None,
                "population": total(country["population"] for country in group),
                "area": total(country["area"] for country in group),
                "drawn_area": total(map(square_metres, drawn)),
            }
        )
    return tabled(ordered(records, "-population", "continent"), *records[0])


def currencies_and_capitals() -> Table:
    records = []
    paying = [country for country in countries().values() if country["currency_code"]]
    for code, group in grouped(paying, lambda country: country["currency_code"]).items():
        population = sum(country["population"] for country in group)
        area = sum((country["area"] for country in group), Decimal(0))
        records.append(
            {
                "code": code,
                "currency": min(country["currency"] for country in group),
                "countries": len(group),
                "used_in": joined(group, "name", ", ", "-population"),
                "capitals": joined([c for c in group if c["capital"]], "capital", ", "),
                "population": population,
                "area": area,
                "density": quotient(population, area, 1),
            }
        )
    return tabled(ordered(records, "-countries", "-population", "code"), *records[0])


def countries_by_main_language() -> Table:
    speaking = [country for country in countries().values() if country["languages"]]
    records = []
    for language, group in grouped(
        speaking, lambda country: country["languages"].split(",")[0].split("-")[0]
    ).items():
        populations = [country["population"] for country in group]
        records.append(
            {
                "language": language,
                "countries": len(group),
                "where": joined(group, "name", ", ", "-population"),
                "population": sum(populations),
                "median_population": percentile(populations, "0.5", 0),
            }
        )
    return tabled(ordered(records, "-countries", "-population", "language"), *records[0])


def countries_and_their_neighbours() -> Table:
    records = [
        {
            "country": country["name"],
            "capital": country["capital"],
            "neighbours": len([code for code in country["neighbours"].split(",") if code]),
            "codes": country["neighbours"],
            "population": country["population"],
            "density": quotient(country["population"], country["area"], 1),
            "code": country["code"],
        }
        for country in countries().values()
    ]
    return tabled(ordered(records, "-neighbours", "country", "code"), *list(records[0])[:-1])


def country_shapes() -> Table:
    records = [
        {
            "country": country["name"],
            "code": code,
            "area": quotient(square_metres(shapes()[code]), 1_000_000, 0)
            if code in shapes()
            else None,
            "shape": _multipolygon(shapes()[code]) if code in shapes() else None,
        }
        for code, country in countries().items()
    ]
    return tabled(ordered(records, "-area", "country", "code"), *records[0])


def _multipolygon(polygons: Polygons) -> str:
    def ring(positions: Polygons) -> str:
        return ", ".join(f"{decimal(str(x))} {decimal(str(y))}" for x, y, *_ in positions)

    texts = [", ".join(f"({ring(each)})" for each in polygon) for polygon in polygons]
    return f"MULTIPOLYGON ({', '.join(f'({text})' for text in texts)})"


def large_cities() -> Table:
    records = [
        {
            "city": city["name"],
            "country": city["country"],
            "population": city["population"],
            "location": city["location"],
            "id": city["id"],
        }
        for city in cities()
        if city["population"] > 1_000_000
    ]
    return tabled(ordered(records, "-population", "city", "id"), *list(records[0])[:-1])
