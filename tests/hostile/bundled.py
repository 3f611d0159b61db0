"""What bundled reports must answer, computed in plain Python from the bundled files."""

import csv
import gzip
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

from tests.hostile.oracle import Row, Table, grouped, joined, local, mean, ordered, rounded, tabled

ROOT = Path(__file__).resolve().parent.parent.parent


def airports_by_country() -> Table:
    names = _country_names()
    airports = [
        {
            "iata": row["iata"] or None,
            "timezone": row["tz"],
            "country": row["country"],
            # Feet to metres, to the centimetre.
            "elevation": rounded(Fraction(row["elevation"]) * Fraction("0.3048"), 2),
        }
        for row in _read("geo/data/airports.csv.gz")
    ]
    records = [
        {
            "country": names[code],
            "airports": len(group),
            "mean_elevation": mean((airport["elevation"] for airport in group), 1),
            "codes": joined(group, "iata", ", "),
            "time_zones": joined(group, "timezone", ", ", distinct=True),
            "code": code,
        }
        for code, group in grouped(airports, lambda airport: airport["country"]).items()
    ]
    return tabled(ordered(records, "-airports", "country", "code"), *list(records[0])[:-1])


def cities_and_their_names() -> Table:
    countries = _country_names()
    records = []
    for row in _read("geo/data/geonames_cities15000.csv.gz"):
        listed = row["alternate_names"]
        names = set(listed.split("|")) if listed else set()
        records.append(
            {
                "city": row["name"].strip(),
                "country": countries[row["country_code"]],
                "population": int(row["population"]),
                "names": len(names),
                "also_called": " | ".join(sorted(names)) or None,
                "id": int(row["geonameid"]),
            }
        )
    return tabled(ordered(records, "-population", "city", "id"), *list(records[0])[:-1])


def delays_by_month() -> Table:
    airlines = {row["carrier"]: row["name"] for row in _read("aviation/data/airlines.csv.gz")}
    groups: dict[tuple[date, str], list[Row]] = {}
    for row in _read("aviation/data/flights.csv.gz"):
        hour = datetime.fromisoformat(row["time_hour"])
        departure = hour + timedelta(minutes=int(row["minute"]))
        month = local(departure, "America/New_York").replace(day=1)
        groups.setdefault((month, row["carrier"]), []).append(row)
    records = []
    for (month, code), flights in groups.items():
        distances = (kilometres(flight["distance"]) for flight in flights)
        delays = [int(f["dep_delay"]) for f in flights if f["dep_delay"] != "NA"]
        records.append(
            {
                "month": month,
                "carrier": airlines[code],
                "flights": len(flights),
                "departed": len(delays),
                "mean_delay": mean(delays, 2),
                "distance": sum(distances, Decimal(0)),
                "code": code,
            }
        )
    return tabled(ordered(records, "month", "carrier", "code"), *list(records[0])[:-1])


def planes_by_model() -> Table:
    planes = list(_read("aviation/data/planes.csv.gz"))
    records = [
        {
            "manufacturer": manufacturer,
            "model": model,
            "planes": len(group),
            "engine": min(plane["engine"] for plane in group),
            "mean_seats": mean((int(plane["seats"]) for plane in group), 1),
            "mean_year": mean((int(p["year"]) for p in group if p["year"] != "NA"), 1),
        }
        for (manufacturer, model), group in grouped(
            planes, lambda plane: (plane["manufacturer"], plane["model"])
        ).items()
    ]
    return tabled(ordered(records, "-planes", "manufacturer", "model"), *records[0])


@cache
def kilometres(miles: str) -> Decimal:
    """International miles as kilometres, to the metre."""
    return rounded(Decimal(miles) * Decimal("1.609344"), 3)


def _country_names() -> dict[str, str]:
    return {row["iso"]: row["name"].strip() for row in _read("geo/data/geonames_countries.csv.gz")}


def _read(path: str) -> Iterator[dict[str, str]]:
    with gzip.open(ROOT / path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
