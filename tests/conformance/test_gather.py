"""Aggregates of geometries: every group's, whole, in one order, against plain Python."""

import uuid
from collections import defaultdict
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry, Point, Polygon
from django.db.models import F, Q, QuerySet

from geo.models import City, CityName, Country, CountryShape
from reports import Column
from reports.columns import Key
from reports.errors import DeclarationError, NotPortable
from reports.expressions import (
    Area,
    Centroid,
    Collect,
    Count,
    Distance,
    Envelope,
    Extent,
    Length,
    MakeLine,
    Union,
)
from tests.conformance.harness import statement
from tests.hostile.models import Meeting, Parcel

pytestmark = pytest.mark.django_db
FIRST = 10**12
CITIES: QuerySet[Any] = City.objects.filter(pk__gte=FIRST)
MEETINGS: QuerySet[Any] = Meeting.objects.filter(pk__gte=FIRST)
PLACES = [
    (0.1, 0.2),
    (179.99999999999997, -5.0),
    (0.1, 0.2),
    (-180.0, 70.0),
    (5.0, 5.0),
    (2.5, -0.0),
]


def answers(columns: dict[str, Any], queryset: QuerySet[Any], **options: Any) -> list[Any]:
    """What a report answers within the test's own transaction."""
    asked = statement(columns, queryset=queryset, **options)
    return [asked.canonical(row) for row in asked.queryset]


@pytest.fixture
def cities() -> dict[str, list[City]]:
    """By country: six, one, and none."""
    found = defaultdict(list)
    for number, code in enumerate(("QX", "QY", "QZ")):
        Country.objects.create(
            code=code, code3=f"{code}X", name=code, area_km2=1, population=1,
            geoname_id=FIRST + number,
        )  # fmt: skip
    for number, place in enumerate([*PLACES, (33.0, 44.0)], FIRST):
        code = "QY" if place == (33.0, 44.0) else "QX"
        city = City(
            geoname_id=number, name="-", location=Point(*place), country_id=code,
            population=number % 2,
        )  # fmt: skip
        city.save()
        found[code].append(city)
    return dict(found)


def by_country(expression: Any, queryset: QuerySet[Any] = CITIES, **options: Any) -> dict[str, Any]:
    return dict(
        answers({"found": Column(expression, **options)}, queryset, group_by={"of": "country"})
    )


def wkb(point: Any) -> bytes:
    return bytes(Point(*point).wkb)


def test_collected_points_are_those_of_the_group(cities: Any) -> None:
    found = by_country(Collect("location"))
    assert found["QX"].geom_type == "MultiPoint"
    # In the order of their binary, which plain Python knows as well.
    assert [p.coords for p in found["QX"]] == sorted(PLACES, key=wkb)
    assert found["QY"].coords == ((33.0, 44.0),)
    assert found["QX"].srid == 4326


def test_a_union_of_points_has_each_once(cities: Any) -> None:
    found = by_country(Union("location"))
    assert {p.coords for p in found["QX"]} == set(PLACES)
    assert len(found["QX"]) == len(set(PLACES))
    assert found["QY"].geom_type == "Point"


def test_a_filter_says_which_geometries(cities: Any) -> None:
    odd = [p for n, p in enumerate(PLACES, FIRST) if n % 2]
    for made in (Collect, Union):
        found = by_country(made("location", filter=Q(population=1)))
        assert {p.coords for p in found["QX"]} == set(odd)
        assert found["QY"] is None
    line = by_country(MakeLine("location", order_by="pk", filter=Q(population=1)))
    assert line == {"QX": line["QX"], "QY": None}
    assert list(line["QX"].coords) == odd
    extent = by_country(Extent("location", filter=Q(population=1)))
    assert extent["QX"].extent == GEOSGeometry(line["QX"].wkt).extent
    assert extent["QY"] is None


@pytest.mark.parametrize(
    ("order_by", "key", "is_reverse"),
    [
        ("pk", lambda n: n, False),
        ("-pk", lambda n: n, True),
        (F("pk").desc(), lambda n: n, True),
        (["population", "-pk"], lambda n: (n % 2, -n), False),
        (["population"], lambda n: (n % 2, wkb(PLACES[n - FIRST])), False),
        ("country", lambda n: wkb(PLACES[n - FIRST]), False),
    ],
)
def test_a_line_goes_in_the_order_that_was_said(
    order_by: Any, key: Any, is_reverse: bool, cities: Any
) -> None:
    found = by_country(MakeLine("location", order_by=order_by))
    numbers = sorted(range(FIRST, FIRST + len(PLACES)), key=key, reverse=is_reverse)
    assert list(found["QX"].coords) == [PLACES[n - FIRST] for n in numbers]
    assert found["QY"] is None


def test_keys_that_are_null_are_last(cities: Any) -> None:
    """Of a join that finds nothing for most cities."""
    first, second = cities["QX"][:2]
    CityName.objects.create(id=FIRST, city=first, name="b")
    CityName.objects.create(id=FIRST + 1, city=second, name="a")
    found = by_country(MakeLine("location", order_by=["names__name", "pk"]))
    others = PLACES[2:]
    assert list(found["QX"].coords) == [PLACES[1], PLACES[0], *others]
    found = by_country(MakeLine("location", order_by=["-names__name", "pk"]))
    assert list(found["QX"].coords) == [PLACES[0], PLACES[1], *others]


def test_an_extent_is_the_least_box(cities: Any) -> None:
    found = by_country(Extent("location"))
    assert found["QX"].geom_type == "Polygon"
    assert found["QX"].extent == (-180.0, -5.0, 179.99999999999997, 70.0)
    assert found["QY"].coords == (33.0, 44.0)


@pytest.fixture
def areas(cities: Any) -> dict[str, list[Polygon]]:
    """Areas of two colours, some of which overlap, one NULL."""
    shapes = [
        Polygon.from_bbox((0, 0, 2, 2)),
        Polygon.from_bbox((1, 1, 3, 3)),
        Polygon.from_bbox((10, 0, 11, 1)),
        None,
        Polygon.from_bbox((0, 50, 0.1, 50.1)),
    ]
    for number, shape in enumerate(shapes, FIRST):
        Meeting.objects.create(id=number, a_polygon=shape, b_point=Point(number % 2, 0))
    return {"even": [shapes[0], shapes[2], shapes[4]], "odd": [shapes[1]]}


def by_colour(expression: Any, **options: Any) -> dict[int, Any]:
    from reports.expressions import Longitude, Round

    colour = Round(Longitude("b_point"))
    columns = {"found": Column(expression, **options)}
    found = answers(columns, MEETINGS, group_by={"x": Key(colour, places=0)})
    return {int(x): value for x, value in found}


def test_a_union_dissolves_areas_and_leaves_nulls_out(areas: Any) -> None:
    found = by_colour(Union("a_polygon"))
    assert found[0].equals(Polygon.from_bbox((0, 0, 2, 2)).union(areas["even"][1]).union(
        areas["even"][2]))  # fmt: skip
    assert found[1].equals(areas["odd"][0])
    collected = by_colour(Collect("a_polygon"))
    assert collected[0].geom_type == "MultiPolygon"
    assert {p.wkt for p in collected[0]} == {p.wkt for p in areas["even"]}
    assert by_colour(Extent("a_polygon"))[0].extent == (0.0, 0.0, 11.0, 50.1)


def test_measures_of_what_was_gathered(areas: Any) -> None:
    one = Polygon.from_bbox((0, 0, 2, 2))
    together = by_colour(Area(Union("a_polygon")), places=0)
    apart = [answers({"a": Column(Area("a_polygon"), places=0)}, MEETINGS.filter(pk=FIRST + n))
             for n in (0, 2, 4)]  # fmt: skip
    assert abs(together[0] - sum(value for ((value,),) in apart)) <= 2
    # The middle of the box is on the equator's parallel of its centre.
    assert by_colour(Centroid(Envelope(Extent("a_polygon"))))[1].coords == (2.0, 2.0)
    away = by_colour(Distance(Union("a_polygon"), one), places=1)
    assert away == {0: 0, 1: 0}


def test_a_geometry_that_the_key_tells(cities: Any) -> None:
    """That of the group's country, beside aggregates of its cities."""
    fields = {field.name: "" for field in CountryShape._meta.fields if hasattr(field, "max_length")}
    box = Polygon.from_bbox((0, 0, 1, 1))
    from django.contrib.gis.geos import MultiPolygon

    CountryShape.objects.create(
        **{name: value for name, value in fields.items()
           if CountryShape._meta.get_field(name).get_internal_type() == "CharField"},
        country_id="QX", area=MultiPolygon(box), square_metres=1, population=1,
        population_year=1, label_point=Point(0, 0),
    )  # fmt: skip
    columns = {
        "cities": Count("pk"),
        "square": Column(Area("country__shape__area"), places=-0),
        "away": Column(Distance(Centroid(Collect("location")), "country__shape__area"), places=0),
        "long": Column(Length(MakeLine("location", order_by="pk")), places=0),
    }
    found = {name: rest for name, *rest in answers(columns, CITIES, group_by={"of": "country"})}
    assert found["QX"][:2] == [6, 12363718034]
    assert found["QX"][2] > 0
    assert found["QX"][3] > 0
    assert found["QY"] == [1, None, None, None]


def test_a_geometry_of_a_row_whose_key_is_a_uuid() -> None:
    key = uuid.UUID(int=FIRST)
    Parcel.objects.create(id=key, shape=Polygon.from_bbox((0, 0, 1, 1)))
    columns = {"square": Column(Area("shape"), places=0), "rows": Count("pk")}
    mine = Parcel.objects.filter(pk=key)
    assert answers(columns, mine, group_by={"of": Key("pk")}) == [(key, 12363718034, 1)]


def test_what_the_key_does_not_tell_is_refused(cities: Any) -> None:
    with pytest.raises(NotPortable, match=r"probe\.found: Envelope in a group takes an aggregate"):
        by_country(Area(Envelope("location")), places=0)


def test_the_names_of_what_cannot_be_meant() -> None:
    with pytest.raises(DeclarationError, match="MakeLine takes order_by"):
        MakeLine("location", order_by=())
    with pytest.raises(DeclarationError, match="two geometries takes no filter"):
        Union("a", "b", filter=Q(pk=1))
    with pytest.raises(DeclarationError, match="takes a field, not a geometry"):
        Collect(Point(0, 0))
    with pytest.raises(NotPortable, match="MakeLine takes a PointField of SRID 4326, not a Poly"):
        statement({"x": MakeLine("a_polygon", order_by="pk")}, queryset=MEETINGS,
                  group_by={"of": "id"})  # fmt: skip
