"""Spatial filters: what they accept, find and refuse, in addresses and commands."""

import hashlib
import html
import math
import os
import random
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.core.management import call_command

import reports
from geo.models import Airport, City, Country, CountryShape, State
from geo.spherical.sphere import EARTH_RADIUS, distance
from geo.spherical.spherical_cap import Circle
from reports import Column, filters, registry
from reports.checks import check_reports
from reports.errors import DeclarationError, ParameterError
from reports.expressions import Distance, InNearest
from reports.expressions.rounding import Significant, significant
from reports.expressions.spatial import distance as nearness
from reports.queries.parameters import read
from reports.queries.statement import Statement
from tests.fixtures.hostile import ROOT

pytestmark = pytest.mark.django_db
FIRST = 10**12
HIGHEST = "/reports/highest-airports/"
OUTLINE = "POLYGON((2 48,3 48,3 49,2 49,2 48))"


class Cities(reports.Report):
    queryset = City.objects.filter(pk__gte=FIRST)
    number = Column("pk")
    area = filters.Area("location")
    touching = filters.Area("location", predicate="intersects")
    nearest = filters.Nearest("location")
    near = filters.Near("location")
    country_area = filters.Area("country__shape__area", predicate="intersects")


def values(**given: str) -> dict[str, Any]:
    return dict(read(Cities(), {name: [text] for name, text in given.items()}, "default").values)


def refused(name: str, text: str) -> str:
    with pytest.raises(ParameterError) as caught:
        values(**{name: text})
    assert list(caught.value.errors) == [name]
    (sentence,) = caught.value.errors[name]
    return sentence


def found(**given: str) -> set[int]:
    """Returns the numbers, from 0, of the places that these parameters find."""
    statement = Statement(Cities(), values(**given), "default")
    return {row[0] - FIRST for row in statement.queryset}


PLACES = [
    *((0.0, 0.0), (1.0, 0.0), (0.5, 0.5), (1.0, 1.0), (2.0, 2.0), (180.0, 0.5), (-180.0, 0.5)),
    *((179.9, -16.7), (-179.9, -16.7), (0.0, 90.0), (90.0, 89.9), (-90.0, -89.9), (2.35, 48.85)),
]


@pytest.fixture
def places() -> list[tuple[float, float]]:
    """Cities at PLACES and random places, in a country and a state of one square degree each."""
    square = MultiPolygon(Polygon.from_bbox((0, 0, 1, 1)), srid=4326)
    country = Country.objects.create(
        code="QX", code3="QXX", name="-", area_km2=1, population=1, geoname_id=FIRST
    )
    CountryShape.objects.create(
        country=country, area=square, square_metres=1, label_point=Point(0, 0), name="-",
        name_long="-", population=1, population_year=2000, gdp_year=2000,
    )  # fmt: skip
    State.objects.create(
        code="QX-1", iso_3166_2="QX-AB", country=country, name="-", area=square, square_metres=1
    )
    chance = random.Random(7)
    found = PLACES + [(chance.uniform(-180, 180), chance.uniform(-90, 90)) for _ in range(300)]
    City.objects.bulk_create(
        City(geoname_id=FIRST + n, name="-", location=Point(*p), country=country, population=0)
        for n, p in enumerate(found)
    )
    return found


# Area


@pytest.mark.parametrize(
    "text",
    [
        "POLYGON((0 0,1 0,1 1,0 1,0 0))",
        "SRID=4326;MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)))",
        '{"type":"Polygon","coordinates":[[[0,0],[0,1],[1,1],[1,0],[0,0]]]}',
        " bbox=0,0,1,1 ",
        "country:QX",
        "state:QX-AB",
    ],
)
def test_an_area_is_a_text_a_box_or_a_stored_place(text: str, places: Any) -> None:
    assert found(area=text) == {2} | _inside(places, lambda x, y: 0 < x < 1 and 0 < y < 1)
    assert found(touching=text) >= {0, 1, 2, 3}


def _inside(places: Any, test: Any) -> set[int]:
    return {n for n, place in enumerate(places) if test(*place)}


@pytest.mark.parametrize(
    ("box", "inside"),
    [
        ((-50, -20, 30.5, 40), lambda x, y: -50 < x < 30.5 and -20 < y < 40),
        ((170, -20, -170, 10), lambda x, y: (x > 170 or x < -170) and -20 < y < 10),
        ((-180, -90, 180, 90), lambda x, y: abs(y) < 90),
    ],
)
def test_a_box_holds_what_is_within_it(box: Any, inside: Any, places: Any) -> None:
    assert found(area=f"bbox={','.join(map(str, box))}") == _inside(places, inside)


def test_an_area_may_be_that_of_a_related_object(places: Any) -> None:
    assert len(found(country_area="bbox=0.5,0.5,0.6,0.6")) == len(places)
    assert found(country_area="bbox=5,5,6,6") == set()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("POINT(1 2)", "An area consists of polygons, and this is a Point: draw its outline."),
        ("GEOMETRYCOLLECTION(POINT(1 2))", "this is a GeometryCollection"),
        ("POLYGON((0 0,1 1,0 1,1 0,0 0))", "Ring 1 (the outer one), between vertices 1 and 2"),
        ("POLYGON((0 NaN,1 1,0 1,0 0))", "Ring 1 (the outer one), vertex 1: the latitude is nan"),
        ("SRID=12345;POLYGON((0 0,1 1,0 1,0 0))", "SRID “12345” is not supported"),
        ("GEOMETRYCOLLECTION(" * 1000, "deeper than 8"),
        ("country:XX", "This database has no shape of the country “XX”: use codes of ISO 3166-1"),
        ("country:fr", "This database has no shape of the country “fr”"),
        ("country:F%", "This database has no shape of the country “F%”"),
        (
            "state:US-'--",
            "This database has no shape of the state “US-'--”: use codes of ISO 3166-2",
        ),
        ("city:1", "Unknown kind of place: “city”. Kinds: country, state."),
        ("nowhere", "The WKT is invalid at character 1"),
        ("POINT(1 \ud800)", "characters that are not text"),
    ],
)
def test_a_wrong_area_is_an_error_of_its_parameter(text: str, sentence: str) -> None:
    assert sentence in refused("area", text)


def test_a_stored_place_may_have_any_number_of_vertices(settings: Any, places: Any) -> None:
    settings.GEOMETRY_LIMITS = {"vertices": 4}
    assert 2 in found(area="country:QX")
    assert "more than 4 vertices" in refused("area", OUTLINE)


# Near

UNITS = {"m": 1.0, "km": 1000.0, "mi": 1609.344, "nmi": 1852.0}


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    ("longitude", "latitude", "kilometres"),
    [
        (2.35, 48.85, 1),
        (2.35, 48.85, 2500),
        (180, 0, 4000),
        (-179.5, -17, 300),
        (12, 90, 3000),
        (0, -89.5, 100),
        (0.5, 0.5, 78.6),
        (-30, 20, 20015),
    ],
)
def test_near_finds_what_the_sphere_says(
    longitude: float, latitude: float, kilometres: float, unit: str, places: Any
) -> None:
    radius = Decimal(kilometres * 1000 / UNITS[unit]).quantize(Decimal("0.001"))
    metres = float(radius) * UNITS[unit]
    away = [distance((longitude, latitude), place) for place in places]
    assert all(abs(each - metres) > 1e-6 for each in away)
    wanted = {n for n, each in enumerate(away) if each <= metres}
    assert found(near=f"{longitude},{latitude},{radius}{unit}") == wanted


def test_a_place_at_the_very_distance_is_near(places: Any) -> None:
    """Distances are compared in 12 digits; from (0, 0) to a pole is a quarter of the way around."""
    quarter = "10007557.1762m"
    assert {0, 9} <= found(near=f"0,0,{quarter}")
    assert 9 not in found(near="0,0,10007557.1760m")


@pytest.mark.parametrize("metres", [0.25, 3.0, 100.0, 20_000.0, 5e6, 1.8e7])
def test_places_a_little_nearer_and_farther_than_the_distance(metres: float, places: Any) -> None:
    chance = Random(9)
    here, reach = (10.0, 50.0), math.degrees(metres / EARTH_RADIUS)
    around = [
        (10 + chance.uniform(-1.5, 1.5) * reach, 50 + chance.uniform(-1, 1) * reach)
        for _ in range(200)
    ]
    country = Country.objects.get(pk="QX")
    sites = [site for site in around if abs(site[0]) <= 180 and abs(site[1]) <= 90]
    City.objects.bulk_create(
        City(geoname_id=FIRST + n, name="-", location=Point(*p), country=country, population=0)
        for n, p in enumerate(sites, len(places))
    )
    shown = Significant(Distance("location", Point(*here)))
    away = dict(City.objects.filter(pk__gte=FIRST).values_list("pk", shown))
    nearer = [each for each in sorted(away.values()) if each < metres]
    for limit in [*nearer[::10], nearer[-1]]:
        for step in (-1, 0, 1):
            asked = limit + step * Decimal(10) ** (limit.adjusted() - 11)
            wanted = {n - FIRST for n, each in away.items() if each <= asked}
            assert found(near=f"10,50,{asked:f}m") == wanted


@pytest.mark.parametrize(
    ("text", "circle"),
    [
        ("2.35,48.85,50km", Circle(2.35, 48.85, 50_000)),
        (" 2.35 , +48.85 , 50 KM ", Circle(2.35, 48.85, 50_000)),
        ("-180,-90,.5nmi", Circle(-180, -90, 926)),
        ("0,0,1mi", Circle(0, 0, 1609.344)),
        ("0,0,20015114m", Circle(0, 0, 20_015_114)),
    ],
)
def test_a_circle_is_read_in_any_unit(text: str, circle: Circle) -> None:
    assert values(near=text)["near"] == circle


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2.35,48.85", "Write longitude,latitude,radius with a unit (m, km, mi, nmi), such as"),
        ("2.35,48.85,50", "with a unit"),
        ("2.35,48.85,50 furlongs", "with a unit"),
        ("2.35,48.85,50km,1", "with a unit"),
        ("2.35;48.85;50km", "with a unit"),
        ("x,48.85,50km", "“x” is not a number"),
        ("1e1,48.85,50km", "“1e1” is not a number"),
        ("nan,48.85,50km", "“nan” is not a number"),
        ("٣,48.85,50km", "“٣” is not a number"),
        ("2.35,1_0,50km", "“1_0” is not a number"),
        ("9" * 100_000 + ",1,50km", "is not a number"),
        ("2.35,,50km", "“” is not a number"),
        ("170,139.7,50km", "The latitude 139.7 is beyond 90 degrees."),
        ("35.7,139.7,50km", "The latitude 139.7 is beyond 90 degrees: write the longitude first."),
        ("180.5,0,50km", "The longitude 180.5 is beyond 180 degrees."),
        ("0,0,0km", "The radius must be more than 0 and at most 20015 km"),
        ("0,0,-5km", "The radius must be more than 0"),
        ("0,0,20016km", "at most 20015 km, half of the Earth's circumference."),
    ],
)
def test_a_wrong_circle_is_an_error_of_its_parameter(text: str, sentence: str) -> None:
    assert sentence in refused("near", text)


# Nearest


@pytest.mark.parametrize("count", [1, 7, 300, 1000])
@pytest.mark.parametrize("place", [(2.35, 48.85), (180.0, 0.0), (-179.5, -17.0), (12.0, 90.0)])
def test_the_nearest_are_those_of_the_least_distances(
    place: tuple[float, float], count: int, places: Any
) -> None:
    away = sorted((significant(distance(place, each)), n) for n, each in enumerate(places))
    assert found(nearest=f"{place[0]},{place[1]},{count}") == {n for _, n in away[:count]}


def test_of_those_that_are_equally_far_the_first_keys_are_taken(places: Any) -> None:
    assert found(nearest="180,0.5,1") == {5}
    assert found(nearest="180,0.5,2") == {5, 6}


@pytest.mark.parametrize("count", [1, 40, 300])
def test_the_nearest_do_not_hang_on_where_they_were_looked_for_before(
    count: int, places: Any
) -> None:
    """Searches far away and among many places make the first circle too large or too small."""
    chance = Random(8)
    crowd = [(chance.gauss(30, 1e-3), chance.gauss(60, 1e-3)) for _ in range(300)]
    country = Country.objects.get(pk="QX")
    City.objects.bulk_create(
        City(geoname_id=FIRST + n, name="-", location=Point(*p), country=country, population=0)
        for n, p in enumerate(crowd, len(places))
    )
    everywhere = [*places, *crowd]
    for place in [(30, 60), (-120, -60), (30.001, 60), (150, 10), (30, 60)]:
        away = sorted((significant(distance(place, each)), n) for n, each in enumerate(everywhere))
        wanted = {n for _, n in away[:count]}
        assert found(nearest=f"{place[0]},{place[1]},{count}") == wanted


@pytest.mark.parametrize("most", [0, 5, 40])
@pytest.mark.parametrize("place", [(2.35, 48.85), (180.0, 0.0), (12.0, 90.0)])
def test_the_nearest_of_very_many_are_the_same(
    place: tuple[float, float], most: int, places: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(nearness, "MOST_AROUND", most)
    away = sorted((significant(distance(place, each)), n) for n, each in enumerate(places))
    for count in (1, 7, 300):
        assert found(nearest=f"{place[0]},{place[1]},{count}") == {n for _, n in away[:count]}


def test_the_nearest_are_of_what_the_other_filters_leave(places: Any) -> None:
    away = sorted((distance((0, 0), place), n) for n, place in enumerate(places))
    west = [n for _, n in away if -170 < places[n][0] < -10 and -80 < places[n][1] < 80]
    assert found(nearest="0,0,5", area="bbox=-170,-80,-10,80") == set(west[:5])


@pytest.mark.parametrize("rows", [City.objects.all()[:9], City.objects.union(City.objects.all())])
def test_the_nearest_are_not_of_a_slice_or_a_union(rows: Any) -> None:
    with pytest.raises(DeclarationError, match="not of a slice or a union"):
        InNearest(rows, "location", Point(0, 0, srid=4326), 5)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2.35,48.85", "Write longitude,latitude,count, the count 1 to 1000"),
        ("2.35,48.85,0", "the count 1 to 1000"),
        ("2.35,48.85,1001", "the count 1 to 1000"),
        ("2.35,48.85,٣", "the count 1 to 1000"),
        ("2.35,48.85,5km", "the count 1 to 1000"),
        ("x,48.85,5", "“x” is not a number"),
        ("35.7,139.7,5", "write the longitude first"),
        ("180.5,0,5", "beyond 180 degrees"),
    ],
)
def test_a_wrong_count_is_an_error_of_its_parameter(text: str, sentence: str) -> None:
    assert sentence in refused("nearest", text)


# Declaration


def test_a_predicate_that_is_none_is_a_wrong_declaration() -> None:
    with pytest.raises(DeclarationError, match="takes no predicate 'inside'; it takes bboverlaps"):
        filters.Area("location", predicate="inside")


@pytest.mark.parametrize(
    ("filter_", "sentence"),
    [
        (filters.Area("name"), r"Area\('name'\) needs a GeometryField, not a CharField"),
        (filters.Near("country__shape__area"), "needs a PointField, not a MultiPolygonF"),
    ],
)
def test_a_filter_of_another_field_is_found_by_check(filter_: Any, sentence: str) -> None:
    class Wrong(reports.Report):
        queryset = City.objects.all()
        name = Column("name")
        wrong = filter_

    reports.register(Wrong)
    try:
        (message,) = check_reports()
    finally:
        del registry.default._reports[Wrong.slug]
    assert message.id == "reports.E001"
    assert re.search(sentence, message.msg)


# By address and command


def test_a_page_is_narrowed_by_area_and_by_distance(client: Any) -> None:
    response = client.get(HIGHEST, {"area": "country:FR", "near": "2.35,48.85,50km"})
    assert response.status_code == 200
    wanted = [
        airport.icao
        for airport in Airport.objects.filter(
            location__within=CountryShape.objects.get(pk="FR").area
        )
        if distance((2.35, 48.85), airport.location.coords) <= 50_000
    ]
    assert f"{len(wanted)} rows" in response.text
    assert all(f">{icao}<" in response.text for icao in wanted)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("area", "POLYGON((0 0,1 1,0 1,1 0,0 0))", "edges cross or run along one another"),
        ("area", '{"type":"Point","coordinates":[1e20,0]}', "the longitude 1e+20 is beyond 180"),
        ("near", '2.35,48.85,"<b>', "with a unit"),
    ],
)
def test_a_refused_value_is_an_error_at_its_field_and_stays(
    client: Any, name: str, text: str, sentence: str
) -> None:
    response = client.get(HIGHEST, {name: text})
    assert response.status_code == 400
    error = re.search(rf'id="id_{name}_error">(.*?)</p>', response.text)
    assert error
    assert sentence in html.unescape(error[1])
    field = re.search(rf'<input type="text" name="{name}"[^>]*>', response.text)
    assert field
    assert f'value="{html.escape(text)}"' in field[0].replace("&#x27;", "&#x27;")
    assert 'aria-invalid="true"' in field[0]
    download = client.get(f"{HIGHEST[:-1]}.csv?{urlencode({name: text})}")
    assert download.status_code == 400
    assert sentence in html.unescape(download.text)


def _export(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "manage.py", "exportreport", "highest-airports", "--dialect", "raw"]
        + [part for argument in arguments for part in ("--param", argument)],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        check=False,
    )


def test_a_command_refuses_with_the_same_sentence() -> None:
    found = _export(f"area={OUTLINE[:-1]}", "near=1,2")
    assert found.returncode == 2
    assert found.stdout == b""
    error = found.stderr.decode()
    assert "area: The WKT is invalid at character 35, its end: expected “)”." in error
    assert "near: Write longitude,latitude,radius with a unit" in error


@pytest.mark.parametrize(
    ("argument", "sha256"),
    [
        ("area=country:FR", "c2bab3c01be8ba2a"),
        ("area=state:US-NY", "6d372d1fc9c500bd"),
        ("area=bbox=170,-50,-170,0", "6505a4d334c7cdb5"),
        (f"area={OUTLINE}", "5349f53997d3a018"),
        ("near=2.35,48.85,50km", "d67e0acb9aeef371"),
        ("near=179.9,-17,800km", "ca8c37fa5e80c004"),
        ("near=0,89,1000nmi", "491e61f25c4bffe5"),
    ],
)
def test_a_command_writes_the_same_bytes_on_every_database(
    argument: str, sha256: str, tmp_path: Path
) -> None:
    path = tmp_path / "airports.csv"
    call_command(
        "exportreport", "highest-airports", dialect="raw", param=[argument], output=str(path)
    )
    assert hashlib.sha256(path.read_bytes()).hexdigest()[:16] == sha256


def test_more_candidates_than_the_limit_are_a_page_that_says_so(client: Any, settings: Any) -> None:
    class Overlapping(reports.Report):
        queryset = CountryShape.objects.all()
        code = Column("pk")
        area = filters.Area("area", predicate="overlaps")

        class Meta:
            permission = None

    reports.register(Overlapping)
    try:
        page = client.get("/reports/overlapping/", {"area": "bbox=-6,48,-4,49"})
        assert page.status_code == 200
        assert ">FR<" in page.text
        settings.REFINE_LIMITS = {"candidates": 0}
        page = client.get("/reports/overlapping/", {"area": "bbox=-6,48,-4,49"})
    finally:
        del registry.default._reports[Overlapping.slug]
    assert page.status_code == 409
    assert "raise REFINE_LIMITS" in html.unescape(page.text)
