"""The bundled files' rows, and their numbers in the units of the tables."""

import csv
import gzip
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Polygon

from geo.loading.geometry import valid
from geo.spherical.sphere import area
from tests.hostile.oracle import Row, rounded

# Polygons, each a list of rings, which are lists of positions.
type Polygons = list[Any]
# Whether a report's filter keeps a row.
type Keeps = Callable[[Any], bool]

ROOT = Path(__file__).resolve().parent.parent.parent.parent


def read(path: str) -> Iterator[dict[str, str]]:
    """The rows of a file, as texts."""
    with gzip.open(ROOT / path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def everything(row: Any) -> bool:
    """Keeps every row, as no filter does."""
    return True


@cache
def converted(number: str, factor: str, places: int) -> Decimal | None:
    """A number in another unit, rounded; None for NA."""
    return None if number == "NA" else rounded(Fraction(number) * Fraction(factor), places)


def kilometres(miles: str) -> Decimal | None:
    """International miles as kilometres, to the metre."""
    return converted(miles, "1.609344", 3)


def integer(number: str) -> int | None:
    """None for NA."""
    return None if number == "NA" else int(number)


def decimal(number: str) -> str:
    """The digits of a coordinate, to six places and without trailing zeros."""
    text = format(Decimal(number).quantize(Decimal("1e-6"), ROUND_HALF_EVEN).normalize(), "f")
    return "0" if text == "-0" else text


def _features(path: str) -> Iterator[tuple[dict[str, Any], Polygons]]:
    """The features' properties and polygons, rings of positions as they stand in the file.

    One that GEOS finds invalid is taken as the loader repairs it.
    """
    with gzip.open(ROOT / path, "rt", encoding="utf-8") as file:
        features = json.load(file)["features"]
    for feature in features:
        geometry, properties = feature["geometry"], feature["properties"]
        polygons = geometry["coordinates"]
        if geometry["type"] == "Polygon":
            polygons = [polygons]
        shape = multipolygon(polygons)
        yield properties, polygons if shape.valid else valid(shape, "")[0].coords


def multipolygon(polygons: Polygons) -> MultiPolygon:
    """The polygons as one geometry of GEOS's."""
    return MultiPolygon([Polygon(*rings) for rings in polygons], srid=4326)


def square_metres(polygons: Polygons) -> int:
    """The area on the sphere, rounded half up."""
    return math.floor(area(polygons) + 0.5)


@cache
def shapes() -> dict[str, Polygons]:
    """The polygons of countries by their codes."""
    found: dict[str, Polygons] = defaultdict(list)
    for properties, polygons in _features("geo/data/natural_earth_countries_50m.geojson.gz"):
        found[properties["iso_a2_eh"]] += polygons
    del found["-99"]  # territories without a code
    return found


@cache
def states() -> list[Row]:
    """States and provinces with their polygons."""
    return [
        {
            "code": properties["adm1_code"],
            "name": properties["name"].strip(),
            "country": countries()[properties["iso_a2"]]["name"],
            "country_code": properties["iso_a2"],
            "polygons": polygons,
        }
        for properties, polygons in _features("geo/data/natural_earth_states_50m.geojson.gz")
    ]


@cache
def airlines() -> dict[str, str]:
    """Names of airlines by their codes."""
    return {row["carrier"]: row["name"] for row in read("aviation/data/airlines.csv.gz")}


@cache
def countries() -> dict[str, Row]:
    """Countries by their codes."""
    return {
        row["iso"]: {
            "code": row["iso"],
            "name": row["name"].strip(),
            "continent": row["continentcode"],
            "capital": row["capital"].strip(),
            "area": rounded(Fraction(row["areakm2"]), 2),
            "population": int(row["population"]),
            "currency_code": row["currencycode"],
            "currency": row["currencyname"],
            "languages": row["languages"],
            "neighbours": row["neighbours"],
        }
        for row in read("geo/data/geonames_countries.csv.gz")
    }


@cache
def airports() -> list[Row]:
    """Airports, their elevation in metres to the centimetre."""
    return [
        {
            "icao": row["icao"],
            "iata": row["iata"] or None,
            "name": row["name"].strip(),
            "timezone": row["tz"],
            "country": countries()[row["country"]]["name"],
            "code": row["country"],
            "elevation": converted(row["elevation"], "0.3048", 2),
            "place": (float(row["lon"]), float(row["lat"])),
        }
        for row in read("geo/data/airports.csv.gz")
    ]


@cache
def cities() -> list[Row]:
    """Cities with all their names."""
    return [
        {
            "id": int(row["geonameid"]),
            "name": row["name"].strip(),
            "country": countries()[row["country_code"]]["name"],
            "code": row["country_code"],
            "population": int(row["population"]),
            "place": (float(row["longitude"]), float(row["latitude"])),
            "location": f"POINT ({decimal(row['longitude'])} {decimal(row['latitude'])})",
            "names": sorted(set(filter(None, row["alternate_names"].split("|")))),
        }
        for row in read("geo/data/geonames_cities15000.csv.gz")
    ]
