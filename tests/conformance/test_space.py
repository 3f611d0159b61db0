"""Distances: what the sphere says, every database says."""

import math
import random
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.db import models
from django.db.models import F, Q

from geo.models import Airport, City, CityName, Country
from geo.spherical.sphere import EARTH_RADIUS, distance
from reports import Column
from reports.errors import DeclarationError, NotPortable
from reports.expressions import Distance, Latitude, Longitude, Max, Min
from reports.expressions.rounding import significant
from tests.conformance.harness import statement

pytestmark = pytest.mark.django_db
FIRST = 10**12
OURS = City.objects.filter(pk__gte=FIRST)
PARIS, LONDON, TAVEUNI = (2.3522, 48.8566), (-0.1276, 51.5072), (179.8770, -16.6906)
PLACES = (
    *(PARIS, LONDON, TAVEUNI, (0.0, 0.0), (180.0, 0.0), (-180.0, 0.0), (0.0, 90.0), (0.0, -90.0)),
    *((180.0, 90.0), (-179.9999, -16.6906), (-177.6478, -48.8566), (2.3522, 48.85660001)),
    *((1e-9, -1e-9), (90.0, 0.0), (-90.0, 1e-7), (45.0, 45.0), (-135.0, -45.0)),
    (math.nextafter(180, 0), math.nextafter(-90, 0)),
)


def answers(columns: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    """What a report answers within the test's own transaction."""
    asked = statement(columns, **options)
    return [asked.canonical(row) for row in asked.queryset]


def metres(start: Any, end: Any) -> float:
    """The distance; beyond a quarter of the circle by way of the antipode."""
    found = distance(start, end)
    if found < EARTH_RADIUS * math.pi / 2:
        return found
    longitude, latitude = end
    return math.pi * EARTH_RADIUS - distance(start, (longitude + 180, -latitude))


def close(found: Decimal, wanted: float, places: int) -> bool:
    """Equal in 12 digits, or in the last place that is shown."""
    return abs(float(found) - wanted) <= max(abs(wanted) * 1e-11, 10.0**-places)


@pytest.fixture
def country() -> Country:
    """One that is none, beside whatever is in the tables."""
    return Country.objects.create(
        code="QX", code3="QXX", name="-", area_km2=1, population=1, geoname_id=FIRST
    )


def city(country: Country, place: Any, number: int = FIRST) -> City:
    point = Point(*place)
    return City(geoname_id=number, name="-", location=point, country=country, population=0)


@pytest.fixture
def cities(country: Country) -> list[City]:
    chance = random.Random(4)
    places = [*PLACES, *[(chance.uniform(-180, 180), chance.uniform(-90, 90)) for _ in range(200)]]
    return City.objects.bulk_create(
        city(country, place, n) for n, place in enumerate(places, FIRST)
    )


@pytest.mark.parametrize("start", PLACES)
def test_a_distance_is_the_great_circles(start: Any, cities: list[City]) -> None:
    made = Column(Distance("location", Point(*start)), places=6)
    found = dict(answers({"id": "pk", "metres": made}, queryset=OURS))
    for city in cities:
        wanted = metres((city.location.x, city.location.y), start)
        assert close(found[city.pk], wanted, 6), (found[city.pk], wanted, city.location.coords)


def test_a_place_is_no_metre_from_itself(cities: list[City]) -> None:
    made = Column(Distance("location", "location"), places=3)
    found = answers({"metres": made}, queryset=OURS)
    assert set(found) == {(Decimal("0.000"),)}


def test_a_distance_is_the_same_both_ways(cities: list[City]) -> None:
    there, back = Distance("location", Point(*PARIS)), Distance(Point(*PARIS), F("location"))
    columns = {"there": Column(there, places=3), "back": Column(back, places=3)}
    assert all(a == b for a, b in answers(columns, queryset=OURS))


def test_a_distance_between_two_fields_over_a_join(cities: list[City]) -> None:
    CityName.objects.bulk_create(
        CityName(id=city.pk, city=cities[city.pk % 7], name="x") for city in cities[:20]
    )
    made = Column(Distance("city__location", Point(*LONDON)), places=2)
    found = dict(
        answers({"id": "pk", "metres": made}, queryset=CityName.objects.filter(pk__gte=FIRST))
    )
    for number, answer in found.items():
        place = cities[number % 7].location
        assert close(answer, metres((place.x, place.y), LONDON), 2)


def test_a_distance_filters_orders_and_aggregates_by_its_value(cities: list[City]) -> None:
    to_paris = Distance("location", Point(*PARIS))
    wanted = {c.pk: significant(metres((c.location.x, c.location.y), PARIS)) for c in cities}
    queryset = OURS.alias(away=to_paris).filter(Q(away__lte=5e6) & Q(away__gt=0))
    found = answers({"metres": Column(to_paris, places=0), "id": "pk"}, queryset=queryset,
                    ordering=["metres"])  # fmt: skip
    near = sorted((m, n) for n, m in wanted.items() if 0 < m <= 5_000_000)
    assert [n for _, n in found] == [n for _, n in near]
    columns = {
        "nearest": Column(Min(to_paris), places=0),
        "farthest": Column(Max(to_paris), places=0),
    }
    (found_row,) = answers(columns, queryset=OURS, group_by={"in": "country"})
    assert close(found_row[1], float(min(wanted.values())), 0)
    assert close(found_row[2], float(max(wanted.values())), 0)


def test_no_point_has_no_distance(country: Country) -> None:
    """Nor one on the far side of a join that finds nothing."""
    queryset = Country.objects.filter(pk="QX")
    columns = {
        "metres": Column(Distance("cities__location", Point(0, 0)), places=0),
        "x": Column(Longitude("cities__location"), places=6),
        "y": Column(Latitude("cities__location"), places=6),
    }
    assert answers(columns, queryset=queryset) == [(None, None, None)]


@pytest.mark.parametrize("place", [(181.0, 0.0), (0.0, 91.0), (-180.5, 0.0), (0.0, -90.5)])
def test_a_place_off_the_map_has_no_distance(place: Any, country: Country) -> None:
    city(country, place).save()
    made = Column(Distance("location", Point(0, 0)), places=0)
    assert answers({"metres": made}, queryset=OURS) == [(None,)]


def test_coordinates_are_those_that_were_stored(cities: list[City]) -> None:
    columns = {
        "id": "pk",
        "x": Column(Longitude("location"), places=9),
        "y": Column(Latitude("location"), places=9),
    }
    found = {n: (x, y) for n, x, y in answers(columns, queryset=OURS)}
    for city in cities:
        x, y = found[city.pk]
        assert close(x, city.location.x, 9)
        assert close(y, city.location.y, 9)


def test_what_is_no_point_has_no_coordinates() -> None:
    with pytest.raises(NotPortable, match="Longitude takes a PointField of SRID 4326, not a CharF"):
        statement({"x": Longitude("name")}, queryset=OURS)
    with pytest.raises(NotPortable, match="not a MultiPolygonField of SRID 4326"):
        statement({"x": Latitude("shape__area")}, queryset=Country.objects.all())


def test_a_point_of_another_srid_is_refused() -> None:
    with pytest.raises(DeclarationError, match="geometries of SRID 4326, not 3857"):
        Distance("location", Point(0, 0, srid=3857))


def test_djangos_distance_is_refused_with_what_to_write() -> None:
    from django.contrib.gis.db.models.functions import Distance as DjangosDistance

    with pytest.raises(NotPortable, match=r"Use reports\.expressions\.Distance"):
        made = DjangosDistance("location", Point(0, 0, srid=4326))
        statement({"x": Column(made, places=0)}, queryset=Airport.objects.all())


def test_the_published_distance_of_two_airports(country: Country) -> None:
    """Los Angeles to New York in the Aviation Formulary: 0.623585 radians."""
    lax, jfk = (-(118 + 24 / 60), 33 + 57 / 60), (-(73 + 47 / 60), 40 + 38 / 60)
    city(country, lax).save()
    made = Column(Distance("location", Point(*jfk)), places=0)
    ((found,),) = answers({"metres": made}, queryset=OURS)
    assert float(found) / EARTH_RADIUS == pytest.approx(0.623585, abs=5e-7)


def test_the_field_is_a_float_of_no_natural_places() -> None:
    assert isinstance(Distance("a", "b").output_field, models.FloatField)
    with pytest.raises(DeclarationError, match="say places="):
        statement({"x": Distance("location", Point(0, 0))}, queryset=OURS)
