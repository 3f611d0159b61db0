"""Geometry computed by Isoline, beside libraries that could: script/bench geometry.

The sample data: the airport nearest to each city, the countries of each city, distances and areas.
Beside the times stands how often a library answers something else.
"""

import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy
import shapely
import spherely
from scipy.spatial import cKDTree

from aviation.models import Airport
from geo.models import City, CountryShape
from geo.spherical.kdtree import Places
from geo.spherical.polygon_index import Areas
from geo.spherical.sphere import EARTH_RADIUS, Position, area, distance, unit_vector
from tests.bench.race import turns

HEADER = "| what is computed | Isoline, ms | library | ms | other answers |\n|---|--:|---|--:|---|"
LONDON: Position = (-0.1276, 51.5072)


def run(database: str, cases: Any) -> int:
    """Print the tables; the answers of the sample data do not depend on the database."""
    cities = [(p.x, p.y) for p in City.objects.order_by("pk").values_list("location", flat=True)]
    airports = [
        (p.x, p.y) for p in Airport.objects.order_by("pk").values_list("location", flat=True)
    ]
    shapes = list(CountryShape.objects.order_by("pk").values_list("area", flat=True))
    versions = f"scipy {sys.modules['scipy'].__version__}, shapely {shapely.__version__}"
    print(f"{len(cities):,} cities, {len(airports):,} airports, {len(shapes)} countries;", end=" ")
    print(f"{versions}, spherely {spherely.__version__}\n\n{HEADER}")
    nearest(cities, airports)
    countries(cities, shapes)
    distances(cities)
    areas(shapes)
    return 0


def compare(case: str, library: str, ours: Callable[[], Any], other: Callable[[], Any]) -> Any:
    """Print a row up to the last cell, and return both answers."""
    answers: dict[str, Any] = {}

    def timed(name: str, run: Callable[[], Any]) -> Callable[[], float]:
        def once() -> float:
            begun = time.perf_counter()
            answers[name] = run()
            return time.perf_counter() - begun

        return once

    seconds = turns(timed("ours", ours), timed("other", other))
    ours_ms, other_ms = (f"{1000 * each:.0f}" for each in seconds)
    print(f"| {case} | {ours_ms} | {library} | {other_ms} |", end=" ")
    return answers["ours"], answers["other"]


def nearest(cities: list[Position], airports: list[Position]) -> None:
    """All nearest airports of each city, those as near to a millimetre included."""

    def ours() -> list[list[int]]:
        places = Places(airports)
        return [places.nearest(city) for city in cities]

    def scipy() -> list[int]:
        tree = cKDTree(numpy.array([unit_vector(each) for each in airports]))
        found: list[int] = tree.query(numpy.array([unit_vector(each) for each in cities]))[
            1
        ].tolist()
        return found

    mine, theirs = compare("nearest airport of each city", "scipy", ours, scipy)
    ties = sum(len(found) > 1 for found in mine)
    others = sum(one not in found for found, one in zip(mine, theirs, strict=True))
    print(f"{others}; one of several in {ties} ties |")


def countries(cities: list[Position], shapes: list[Any]) -> None:
    """The countries that cover each city."""
    outlines = [bytes(shape.wkb) for shape in shapes]

    def ours() -> list[list[int]]:
        index = Areas(shapes)
        return [index.holding(*city) for city in cities]

    def planar() -> list[list[int]]:
        polygons = shapely.from_wkb(outlines)
        shapely.prepare(polygons)
        tree = shapely.STRtree(polygons)
        found: list[list[int]] = [[] for _ in cities]
        for city, country in tree.query(shapely.points(cities), predicate="intersects").T.tolist():
            found[city].append(country)
        return [sorted(each) for each in found]

    mine, theirs = compare("countries of each city", "shapely", ours, planar)
    print(f"{sum(a != b for a, b in zip(mine, theirs, strict=True))} |")
    pairs = [(n, c) for n, found in enumerate(mine) for c in found]
    on_sphere = [spherely.from_wkb(outline) for outline in outlines]

    def planar_pairs() -> int:
        index = Areas(shapes)
        return sum(country in index.holding(*cities[city]) for city, country in pairs)

    def spherical() -> int:
        longitudes, latitudes = zip(*(cities[n] for n, _ in pairs), strict=True)
        places = spherely.points(numpy.array(longitudes), numpy.array(latitudes))
        found = spherely.intersects(numpy.array([on_sphere[c] for _, c in pairs]), places)
        return int(found.sum())

    mine, theirs = compare(
        "whether each city is in its country", "spherely", planar_pairs, spherical
    )
    print(f"{mine - theirs} of {len(pairs):,} |")


def distances(cities: list[Position]) -> None:
    """From London to each city."""

    def ours() -> list[float]:
        return [distance(LONDON, city) for city in cities]

    def spherical() -> list[float]:
        longitudes, latitudes = zip(*cities, strict=True)
        places = spherely.points(numpy.array(longitudes), numpy.array(latitudes))
        london = spherely.create_point(*LONDON)
        found: list[float] = spherely.distance(london, places, radius=EARTH_RADIUS).tolist()
        return found

    mine, theirs = compare("distance of each city from London", "spherely", ours, spherical)
    apart = max(abs(a - b) for a, b in zip(mine, theirs, strict=True))
    print(f"at most {apart * 1e9:.0f} nm apart |")


def areas(shapes: list[Any]) -> None:
    """Of each country, between edges straight in longitude and latitude, or great circles."""

    def ours() -> list[float]:
        return [area(shape.coords) for shape in shapes]

    def spherical() -> list[float]:
        outlines = numpy.array([spherely.from_wkb(bytes(shape.wkb)) for shape in shapes])
        found: list[float] = spherely.area(outlines, radius=EARTH_RADIUS).tolist()
        return found

    mine, theirs = compare("area of each country", "spherely", ours, spherical)
    errors = [abs(a - b) / a for a, b in zip(mine, theirs, strict=True)]
    largest = max(range(len(shapes)), key=lambda n: abs(mine[n] - theirs[n]))
    gap = abs(mine[largest] - theirs[largest]) / 1e6
    print(f"median {100 * median(errors):.3f} %, at most {gap:,.0f} km² apart |")
