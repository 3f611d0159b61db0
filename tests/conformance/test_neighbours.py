"""Spatial joins, against every distance and against GEOS, asked one by one."""

import gc
import random
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.db import connection
from django.db.models import OuterRef, Q, Subquery

from geo.models import Airport, City, CityName, Country, CountryShape, Territory
from geo.spherical.sphere import area as area_of
from geo.spherical.sphere import distance
from reports.columns import Column, Key
from reports.errors import DeclarationError, NotPortable
from reports.expressions import (
    Area,
    Avg,
    Centroid,
    Coalesce,
    ContainingArea,
    Count,
    CountContained,
    CountWithinDistance,
    DistanceToNearest,
    GeoHash,
    IntersectingAreas,
    Longitude,
    Lower,
    Materialized,
    Max,
    Nearest,
    StringAgg,
    Sum,
    keyed_lookup,
)
from tests.conformance.harness import statement
from tests.hostile.models import PointShape

pytestmark = pytest.mark.django_db
FIRST = 10**12
OURS = City.objects.filter(pk__gte=FIRST)
AIRPORTS = Airport.objects.filter(pk__startswith="~")
TERRITORIES = Territory.objects.filter(pk__startswith="~")


def answers(columns: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    """What a report answers within the test's own transaction."""
    asked = statement(columns, **options)
    return [asked.canonical(row) for row in asked.queryset]


def of_ours(expression: Any) -> dict[int, Any]:
    return dict(answers({"id": "pk", "found": expression}, queryset=OURS))


PLACES = (
    *((0.0, 0.0), (0.5, 0.5), (1.0, 0.25), (180.0, 5.0), (-180.0, 5.0), (-179.999, 5.0)),
    *((12.0, 90.0), (-100.0, 89.99), (77.0, -90.0), (2.0, 2.0), (2.0, 1.0), (33.3, 44.4)),
)


@pytest.fixture(autouse=True)
def country() -> Country:
    return Country.objects.create(
        code="QX", code3="QXX", name="-", area_km2=1, population=1, geoname_id=FIRST
    )


@pytest.fixture
def cities(country: Country) -> list[City]:
    chance = random.Random(4)
    places = [*PLACES, *[(chance.uniform(-180, 180), chance.uniform(-90, 90)) for _ in range(150)]]
    return City.objects.bulk_create(
        City(geoname_id=n, name=f"C{n}", location=Point(*place), country=country, population=n % 7)
        for n, place in enumerate(places, FIRST)
    )


@pytest.fixture
def airports(country: Country) -> list[Airport]:
    chance = random.Random(5)
    others = [(chance.uniform(-180, 180), chance.uniform(-90, 90)) for _ in range(90)]
    return Airport.objects.bulk_create(
        Airport(
            icao=f"~{n:03}", name=f'É"{n}\\', country=country, elevation=Decimal(n),
            location=Point(*place), timezone="UTC", placed_by="none",
        )
        for n, place in enumerate([*PLACES[3:], *others])
    )  # fmt: skip


@pytest.fixture
def territories() -> list[Territory]:
    """Two that share a side and overlap a third, one of them with a hole."""
    hole = ((0.2, 0.2), (0.4, 0.2), (0.4, 0.4), (0.2, 0.4), (0.2, 0.2))
    first = Polygon(((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)), hole)
    second = Polygon.from_bbox((1, 0, 2, 1))
    third = Polygon.from_bbox((0.5, 0.5, 3, 3))
    far = Polygon.from_bbox((-180, 0, -179, 10))
    areas = {"~b": (first,), "~c": (second, far), "~a": (third,)}
    return Territory.objects.bulk_create(
        Territory(code=code, name=f"n{code}", area=MultiPolygon(*parts), square_metres=len(parts))
        for code, parts in areas.items()
    )


def millimetres(a: Any, b: Any) -> int:
    return round(distance(a.location.coords, b.location.coords) * 1000)


def test_the_nearest(cities: list[City], airports: list[Airport]) -> None:
    names = of_ours(Nearest(AIRPORTS, "location", of="location", value="name"))
    keys = of_ours(Nearest(AIRPORTS, "location", of="location"))
    metres = of_ours(DistanceToNearest(AIRPORTS, "location", of="location"))
    for city in cities:
        least, key = min((millimetres(city, airport), airport.pk) for airport in airports)
        assert keys[city.pk] == key
        assert names[city.pk] == next(a.name for a in airports if a.pk == key)
        assert metres[city.pk] == Decimal(least) / 1000


def test_an_integer_of_the_nearest_over_a_relation(
    cities: list[City], airports: list[Airport]
) -> None:
    found = of_ours(Nearest(AIRPORTS, "location", of="location", value="country__geoname_id"))
    assert set(found.values()) == {FIRST}


def test_no_row_is_its_own_neighbour(airports: list[Airport]) -> None:
    columns = {
        "id": "pk",
        "nearest": Nearest(AIRPORTS, "location", of="location"),
        "near": CountWithinDistance(AIRPORTS, "location", of="location", metres=2_000_000),
    }
    for key, nearest, near in answers(columns, queryset=AIRPORTS):
        airport = next(a for a in airports if a.pk == key)
        others = [(millimetres(airport, a), a.pk) for a in airports if a.pk != key]
        assert nearest == min(others)[1]
        assert near == sum(away <= 2_000_000_000 for away, _ in others)


@pytest.mark.parametrize("metres", [0.001, 111_195.0, 3_000_000, 20_000_000])
def test_how_many_are_within(metres: float, cities: list[City], airports: list[Airport]) -> None:
    found = of_ours(CountWithinDistance(AIRPORTS, "location", of="location", metres=metres))
    for city in cities:
        near = sum(millimetres(city, airport) <= round(metres * 1000) for airport in airports)
        assert found[city.pk] == near


def test_the_area_that_holds(cities: list[City], territories: list[Territory]) -> None:
    found = of_ours(ContainingArea(TERRITORIES, "area", of="location", value="name"))
    for city in cities:
        holding = sorted(t.pk for t in territories if t.area.covers(city.location))
        assert found[city.pk] == (f"n{holding[0]}" if holding else None)
    assert len(set(found.values())) == 4


def test_groups_by_the_area_that_holds(cities: list[City], territories: list[Territory]) -> None:
    found = answers(
        {"cities": Count("pk"), "people": Sum("population")},
        queryset=OURS,
        group_by={"area": Key(ContainingArea(TERRITORIES, "area", of="location"))},
        ordering=["-cities"],
    )
    wanted: dict[Any, list[City]] = {}
    for city in cities:
        holding = sorted(t.pk for t in territories if t.area.covers(city.location))
        wanted.setdefault(holding[0] if holding else None, []).append(city)
    assert {key: rest for key, *rest in found} == {
        key: [len(held), sum(city.population for city in held)] for key, held in wanted.items()
    }
    assert [row[1] for row in found] == sorted((row[1] for row in found), reverse=True)


def test_how_many_an_area_holds(cities: list[City], territories: list[Territory]) -> None:
    held = CountContained(OURS.filter(population__lt=5), "location", of="area")
    found = dict(answers({"id": "pk", "held": held}, queryset=TERRITORIES, ordering=["-held"]))
    few = [city for city in cities if city.population < 5]
    assert found == {t.pk: sum(t.area.covers(c.location) for c in few) for t in territories}
    nobody = CountContained(OURS.none(), "location", of="area")
    assert {n for (n,) in answers({"held": nobody}, queryset=TERRITORIES)} == {0}


def test_the_areas_that_an_area_meets(territories: list[Territory]) -> None:
    """Neighbours that share a side, and what overlaps; none meets itself."""
    names = IntersectingAreas(TERRITORIES, "area", of="area", value="name", delimiter=";")
    keys = IntersectingAreas(TERRITORIES.exclude(pk="~a"), "area", of="area")
    columns = {"id": "pk", "names": names, "keys": keys}
    assert {row[0]: row[1:] for row in answers(columns, queryset=TERRITORIES)} == {
        "~a": ("n~b;n~c", "~b, ~c"),
        "~b": ("n~a;n~c", "~c"),
        "~c": ("n~a;n~b", "~b"),
    }


def test_an_area_that_meets_none_and_one_that_is_not_there(country: Country) -> None:
    Territory.objects.create(
        code="~1", name="", area=MultiPolygon(Polygon.from_bbox((5, 5, 6, 6))), square_metres=1
    )
    columns = {"met": IntersectingAreas(TERRITORIES, "area", of="area")}
    assert answers(columns, queryset=TERRITORIES) == [(None,)]
    columns = {
        "met": IntersectingAreas(TERRITORIES, "area", of="shape__area"),
        "held": CountContained(AIRPORTS, "location", of="shape__area"),
    }
    assert answers(columns, queryset=Country.objects.filter(pk="QX")) == [(None, None)]


def test_filters_orders_and_aggregates(cities: list[City], airports: list[Airport]) -> None:
    away = DistanceToNearest(AIRPORTS, "location", of="location")
    least = {c.pk: min(millimetres(c, a) for a in airports) for c in cities}
    queryset = OURS.annotate(away=away).filter(Q(away__gt=800_000) | Q(away=0))
    found = answers({"id": "pk", "away": "away"}, queryset=queryset, ordering=["-away", "id"])
    kept = [(key, Decimal(mm) / 1000) for key, mm in least.items() if mm > 800_000_000 or not mm]
    assert found == sorted(kept, key=lambda row: (-row[1], row[0]))
    ((_, mean, most),) = answers(
        {
            "mean": Avg(away, places=3),
            "most": Sum(CountWithinDistance(AIRPORTS, "location", of="location", metres=900_000)),
        },
        queryset=OURS,
        group_by={"in": "country"},
    )
    assert abs(mean - Decimal(sum(least.values())) / len(least) / 1000) <= Decimal("0.0005")
    assert most == sum(millimetres(c, a) <= 900_000_000 for c in cities for a in airports)


def test_the_place_of_a_related_row(cities: list[City], airports: list[Airport]) -> None:
    CityName.objects.bulk_create(
        CityName(id=FIRST + n, city=cities[n % 5], name="x") for n in range(20)
    )
    nearest = Nearest(AIRPORTS, "location", of="city__location")
    queryset = CityName.objects.filter(pk__gte=FIRST)
    for number, key in answers({"id": "pk", "found": nearest}, queryset=queryset):
        city = cities[(number - FIRST) % 5]
        assert key == min((millimetres(city, a), a.pk) for a in airports)[1]


def test_whatever_a_query_is_made_of_its_rows_have_their_answers(
    cities: list[City], airports: list[Airport]
) -> None:
    """A condition over a join, of a count, of the answer itself; a sub-query."""
    CityName.objects.bulk_create(
        CityName(id=FIRST + n, city=cities[n % 3], name="x") for n in range(9)
    )
    nearest = Nearest(AIRPORTS, "location", of="location")
    wanted = {c.pk: min((millimetres(c, a), a.pk) for a in airports)[1] for c in cities}
    joined = answers(
        {"id": "pk", "found": nearest}, queryset=OURS.filter(names__name="x"), ordering=["id"]
    )
    assert joined == [(c.pk, wanted[c.pk]) for c in cities[:3] for _ in range(3)]
    inner = City.objects.filter(pk=OuterRef("city")).annotate(found=nearest).values("found")[:1]
    rows = CityName.objects.filter(pk__gte=FIRST)
    for number, found in answers({"id": "pk", "found": Subquery(inner)}, queryset=rows):
        assert found == wanted[cities[(number - FIRST) % 3].pk]
    named = OURS.annotate(named=Count("names")).filter(named__gt=0)
    assert dict(answers({"id": "pk", "found": nearest}, queryset=named)) == {
        c.pk: wanted[c.pk] for c in cities[:3]
    }
    chosen = OURS.annotate(found=nearest).filter(found=wanted[cities[0].pk], population__lt=4)
    assert {key for (key,) in answers({"id": "pk"}, queryset=chosen)} == {
        c.pk for c in cities if wanted[c.pk] == wanted[cities[0].pk] and c.population < 4
    }


def test_no_place_has_no_neighbours(airports: list[Airport]) -> None:
    """On the far side of a join that finds nothing."""
    columns = {
        "nearest": Nearest(AIRPORTS, "location", of="cities__location"),
        "near": CountWithinDistance(AIRPORTS, "location", of="cities__location", metres=1),
    }
    assert answers(columns, queryset=Country.objects.filter(pk="QX")) == [(None, None)]


def test_nobody_is_near_where_there_is_nobody(cities: list[City]) -> None:
    assert set(of_ours(Nearest(AIRPORTS, "location", of="location")).values()) == {None}
    assert set(of_ours(DistanceToNearest(AIRPORTS, "location", of="location")).values()) == {None}
    assert set(of_ours(ContainingArea(TERRITORIES, "area", of="location")).values()) == {None}
    found = of_ours(CountWithinDistance(AIRPORTS, "location", of="location", metres=1))
    assert set(found.values()) == {0}


def test_its_value_is_one_like_any_other(cities: list[City], airports: list[Airport]) -> None:
    nearest = Nearest(AIRPORTS, "location", of="location", value="name")
    plain = of_ours(nearest)
    assert of_ours(Lower(nearest)) == {key: name.lower() for key, name in plain.items()}
    nobody = Nearest(AIRPORTS.filter(pk=""), "location", of="location", value="name")
    assert of_ours(Coalesce(nobody, nearest)) == plain


def test_the_others_are_filtered_by_what_is_proven(cities: list[City]) -> None:
    others = Airport.objects.filter(name__regex="x")
    with pytest.raises(NotPortable, match="regex"):
        of_ours(Nearest(others, "location", of="location"))


@pytest.mark.parametrize(
    ("made", "error", "words"),
    [
        (lambda: Nearest(Airport, "name", of="location"), NotPortable, "takes a PointField"),
        (
            lambda: ContainingArea(Airport, "location", of="location"),
            NotPortable,
            "PolygonField or",
        ),
        (lambda: Nearest(Airport, "location", of="name"), NotPortable, "takes a PointField"),
        (lambda: Nearest(Airport, "location", of=Lower("name")), NotPortable, "name of a field"),
        (
            lambda: Nearest(Airport, "location", of="location", value="elevation"),
            NotPortable,
            "gives a text or an integer",
        ),
        (
            lambda: Nearest(Airport.objects.all()[:3], "location", of="location"),
            NotPortable,
            "slice",
        ),
        (
            lambda: CountWithinDistance(Airport, "location", of="location", metres=0),
            DeclarationError,
            "more than 0",
        ),
        (
            lambda: CountWithinDistance(Airport, "location", of="location", metres=3e7),
            DeclarationError,
            "half of the Earth's",
        ),
    ],
)
def test_what_it_cannot_take(made: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        of_ours(made())


def test_more_answers_than_a_statement_takes(
    cities: list[City], airports: list[Airport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyed_lookup, "MOST_BYTES", 100)
    with pytest.raises(NotPortable, match="store them in a field"):
        of_ours(Nearest(AIRPORTS, "location", of="location"))


def test_two_that_differ_in_what_they_ask_have_answers_of_their_own(
    cities: list[City], airports: list[Airport]
) -> None:
    columns = {
        "id": "pk",
        "few": CountWithinDistance(AIRPORTS, "location", of="location", metres=1_000_000),
        "more": CountWithinDistance(AIRPORTS, "location", of="location", metres=9_000_000),
        "one": CountWithinDistance(
            AIRPORTS.filter(pk="~000"), "location", of="location", metres=2e7
        ),
    }
    for _, few, more, one in answers(columns, queryset=OURS):
        assert few < more
        assert one <= 1


def test_as_many_as_there_are_columns_shown_and_filtered_by() -> None:
    """Each with answers of its own: SQLite keeps them beside the statement, not in it."""
    places = {number: Point(number / 2, 0, srid=4326) for number in range(40)}
    PointShape.objects.bulk_create(PointShape(id=n, shape=place) for n, place in places.items())
    joins = {
        f"n{number}": CountWithinDistance(PointShape, "shape", of="shape", metres=20_000 * number)
        for number in range(1, 65)
    }
    wanted = {
        n: [
            sum(
                n != m and distance(a.coords, b.coords) <= 20_000 * number
                for m, b in places.items()
            )
            for number in range(1, 65)
        ]
        for n, a in places.items()
    }
    least = {f"{name}__gte": int(name == "n32") * 20 for name in joins}
    chosen = PointShape.objects.alias(**joins).filter(**least)
    found = answers({"id": "pk", **joins}, queryset=chosen, ordering=["n64", "-n1"])
    assert {n: numbers for n, *numbers in found} == {
        n: numbers for n, numbers in wanted.items() if numbers[31] >= 20
    }
    assert 0 < len(found) < len(places)


def test_answers_of_an_open_cursor_outlast_other_statements(
    cities: list[City], airports: list[Airport]
) -> None:
    def near(metres: float) -> Any:
        return CountWithinDistance(AIRPORTS, "location", of="location", metres=metres)

    rows = OURS.annotate(n=near(9_000_000)).order_by("pk")
    wanted = list(rows.values_list("pk", "n"))
    streamed = rows.values_list("pk", "n").iterator(chunk_size=1)
    found = [next(streamed)]
    for number in range(100):
        assert OURS.annotate(n=near(1000.0 + number)).exists()
    assert [*found, *streamed] == wanted


def test_answers_are_given_up_with_the_statement(
    cities: list[City], airports: list[Airport]
) -> None:
    """Where they are kept beside it."""
    of_ours(Nearest(AIRPORTS, "location", of="location"))
    if connection.engine_name == "spatialite":
        gc.collect()
        assert connection.answers._kept == {}


def test_the_answers_of_a_statement_are_limited_together(
    cities: list[City], airports: list[Airport], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As often as they stand in it, which is what a server's largest packet is about."""
    nearest = Nearest(AIRPORTS, "location", of="location")
    size = sum(len(f'[{pk},"{key}"],') for pk, key in of_ours(nearest).items() if key)
    monkeypatch.setattr(keyed_lookup, "MOST_BYTES", 2 * size)
    assert of_ours(nearest)
    shown = {"id": "pk", "a": nearest, "b": nearest}
    assert answers(shown, queryset=OURS)
    with pytest.raises(NotPortable, match="store them in a field"):
        answers({**shown, "c": nearest}, queryset=OURS)


def test_shapes_are_read_whatever_their_key(cities: list[City], country: Country) -> None:
    """Also where the key is a relation."""
    shape = CountryShape.objects.create(
        country=country, area=MultiPolygon(Polygon.from_bbox((-1, -1, 1, 1))), square_metres=1,
        label_point=Point(0, 0), name="n", name_long="n", sovereignty="n", kind="n", region="n",
        subregion="n", income_group="n", economy="n", population=1, population_year=1,
        gdp_year=1, **{f"name_{code}": "n" for code in ("ar", "de", "es", "fr", "ja", "ru", "zh")},
    )  # fmt: skip
    shapes = CountryShape.objects.filter(pk="QX")
    found = of_ours(ContainingArea(shapes, "area", of="location"))
    wanted = {c.pk for c in cities if shape.area.covers(c.location)}
    assert {key for key, code in found.items() if code == "QX"} == wanted
    near = answers(
        {"near": Nearest(OURS, "location", of="label_point", value="name")}, queryset=shapes
    )
    assert near == [(f"C{FIRST}",)]


def test_a_measure_is_found_before_it_is_filtered_and_ordered_by(
    territories: list[Territory],
) -> None:
    measured = Materialized("area", Area)
    wanted = {t.pk: area_of(part.coords for part in t.area) for t in territories}
    columns = {"id": "pk", "found": Column(measured, places=0)}
    found = answers(columns, queryset=TERRITORIES, ordering=["-found"])
    assert [key for key, _ in found] == sorted(wanted, key=lambda key: -wanted[key])
    for key, value in found:
        assert abs(float(value) - wanted[key]) <= 0.51
    least = sorted(wanted.values())[1]
    queryset = TERRITORIES.annotate(measured=measured).filter(measured__gte=least)
    assert {key for (key,) in answers({"id": "pk"}, queryset=queryset)} == {
        key for key, value in wanted.items() if value >= least
    }
    ((_, most, hashes),) = answers(
        {
            "most": Column(Max(measured), places=0),
            "hashes": StringAgg(Materialized("area", lambda g: GeoHash(Centroid(g), 3)), " "),
        },
        queryset=TERRITORIES,
        group_by={"kind": "kind"},
    )
    assert abs(float(most) - max(wanted.values())) <= 1
    assert len(hashes.split()) == len(territories)


def test_djangos_lookup_of_validity_is_asked_of_geos(territories: list[Territory]) -> None:
    bow_tie = MultiPolygon(Polygon(((0, 0), (1, 1), (1, 0), (0, 1), (0, 0))))
    Territory.objects.create(code="~x", name="", area=bow_tie, square_metres=1)
    for lookup, wanted in (
        ({"area__isvalid": True}, {"~a", "~b", "~c"}),
        ({"area__isvalid": False}, {"~x"}),
        ({"area__isempty": True}, set()),
    ):
        rows = TERRITORIES.filter(**lookup)
        assert {key for (key,) in answers({"id": "pk"}, queryset=rows)} == wanted
    others = TERRITORIES.exclude(area__isvalid=True)
    assert answers({"id": "pk"}, queryset=others) == [("~x",)]
    valid = Count("pk", filter=Q(area__isvalid=True))
    found = answers({"valid": valid}, queryset=TERRITORIES, group_by={"kind": "kind"})
    assert [row[1] for row in found] == [3]


@pytest.mark.parametrize(
    ("make", "words"),
    [(Longitude, "is SQL: use it as it is"), (Centroid, "gives a number or a text")],
)
def test_what_cannot_be_found_before(make: Any, words: str) -> None:
    with pytest.raises(NotPortable, match=words):
        of_ours(Materialized("location", make))
