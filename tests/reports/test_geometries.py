"""Geometries in a report: the same bits on every database, one for each row, unordered."""

import random
from typing import Any

import pytest
from django.contrib.gis.db.models import PointField
from django.contrib.gis.db.models import functions as django
from django.contrib.gis.geos import (
    GEOSGeometry,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)
from django.core.paginator import Paginator
from django.db import connection, connections
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.test.utils import CaptureQueriesContext

from geo.backends.wrapper import database_wrapper
from geo.models import Airport, City, Country, CountryShape, State
from reports import Column, Geometry, Key, Report, expressions
from reports.errors import DeclarationError, NotPortable
from reports.expressions import AnyValue, Count, TruncMonth
from reports.formats.base import Document
from reports.formats.csv import RAW
from reports.queries.statement import Statement
from tests.conformance.harness import statement
from tests.hostile.models import Anything, Entry, Meeting

pytestmark = pytest.mark.django_db
FIRST = 10**12
SQUARE = MultiPolygon(Polygon.from_bbox((0, 0, 1, 1)), srid=4326)


def answers(columns: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    """Returns the rows of a report, within the test's transaction."""
    asked = statement(columns, **options)
    return [asked.canonical(row) for row in asked.queryset]


def lines(columns: dict[str, Any], **options: Any) -> list[str]:
    """Returns the same rows in the raw dialect."""
    asked = statement(columns, **options)
    rows = [asked.canonical(row) for row in asked.queryset]
    _, *found = RAW(Document(title="", columns=asked.columns, rows=rows))
    return [line.removesuffix("\r\n") for line in found]


@pytest.fixture
def country() -> Country:
    """A square country with two cities and two states; another country without a shape."""
    made = [
        Country.objects.create(
            code=code, code3=f"{code}X", name=code, area_km2=1, population=1, geoname_id=FIRST + n
        )
        for n, code in enumerate(("QX", "QY"))
    ]
    CountryShape.objects.create(
        country=made[0], area=SQUARE, square_metres=1, label_point=Point(0, 0), name="-",
        name_long="-", population=1, population_year=2000, gdp_year=2000,
    )  # fmt: skip
    City.objects.bulk_create(
        City(geoname_id=FIRST + n, name="-", location=Point(n, n), country=owner, population=0)
        for n, owner in enumerate((made[0], made[0], made[1]))
    )
    for name in "ab":
        State.objects.create(
            code=f"QX-{name}", iso_3166_2=f"QX-{name}", country=made[0], name=name, area=SQUARE,
            square_metres=1,
        )  # fmt: skip
    return made[0]


def cities() -> Any:
    return City.objects.filter(pk__gte=FIRST)


# Values


def _hostile_floats() -> list[float]:
    chance = random.Random(11)
    return [
        *(0.1, 1 / 3, -180.0, 180.0, 5e-324, 1.7976931348623157e308, 2.0**-52, 123456789.123456789),
        *(chance.uniform(-180, 180) for _ in range(40)),
    ]


def _of_every_type() -> dict[str, GEOSGeometry]:
    numbers = _hostile_floats()
    points = list(zip(numbers, reversed(numbers), strict=True))
    line = LineString(points)
    ring = Polygon([(0.1, 1 / 3), (9.7, 0.3), (8.1, 7.7), (0.1, 1 / 3)])
    holed = Polygon([(0, 0), (9.1, 0), (9.1, 9.3), (0, 0)], [(2, 1), (2.3, 1), (2.3, 1.1), (2, 1)])
    return {
        "a_point": Point(numbers[1], numbers[-1]),
        "a_multipoint": MultiPoint(*[Point(*place) for place in points]),
        "a_linestring": line,
        "a_multilinestring": MultiLineString(line, LineString(points[::-1])),
        "a_polygon": holed,
        "a_multipolygon": MultiPolygon(ring, holed),
    }


def test_no_bit_of_a_coordinate_is_lost() -> None:
    given = _of_every_type()
    for geometry in given.values():
        geometry.srid = 4326
    Meeting.objects.create(id=1, **given)
    (row,) = answers({name: Column(name) for name in given}, queryset=Meeting.objects.all())
    for (name, geometry), found in zip(given.items(), row, strict=True):
        assert found.geom_type == geometry.geom_type
        assert bytes(found.wkb) == bytes(geometry.wkb), name


def test_rings_and_parts_stay_in_their_order() -> None:
    """Orientation does not matter. Collections are sorted by dimension, as in SpatiaLite."""
    texts = [
        "POLYGON ((0 0, 0 9, 9 9, 9 0, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1), (3 3, 3 4, 4 4, 3 3))",
        "MULTIPOLYGON (((5 5, 6 5, 6 6, 5 5)), ((0 0, 0 1, 1 1, 0 0)))",
        "MULTIPOINT ((3 3), (1 1), (3 3))",
        "GEOMETRYCOLLECTION (POINT (3 3), LINESTRING (1 1, 0 0), LINESTRING (0 0, 1 1))",
        "GEOMETRYCOLLECTION (POINT (3 3), POINT (1 1), POLYGON ((0 0, 0 1, 1 1, 0 0)))",
        "GEOMETRYCOLLECTION (POINT (3 3))",
    ]
    given = [
        *texts[:3],
        "GEOMETRYCOLLECTION (LINESTRING (1 1, 0 0), POINT (3 3), LINESTRING (0 0, 1 1))",
        "GEOMETRYCOLLECTION (POLYGON ((0 0, 0 1, 1 1, 0 0)), POINT (3 3), POINT (1 1))",
        "GEOMETRYCOLLECTION (POINT (3 3))",
    ]
    for number, text in enumerate(given):
        Anything.objects.create(id=number, shape=GEOSGeometry(text, srid=4326))
    found = answers({"id": "pk", "shape": "shape"}, queryset=Anything.objects.all())
    shape = statement({"shape": "shape"}, queryset=Anything.objects.all()).columns[0]
    assert [shape.kind.text(row[1]) for row in sorted(found)] == texts


def test_null_is_empty_and_the_precision_is_the_columns() -> None:
    Anything.objects.create(id=1, shape=Point(2.35, 48.8566666, srid=4326))
    Anything.objects.create(id=2)
    columns = {
        "plain": Column("shape"),
        "six": Geometry("shape"),
        "two": Geometry("shape", precision=2),
        "none": Column("shape", places=0),
    }
    assert lines(columns, queryset=Anything.objects.all()) == [
        "POINT (2.35 48.856667),POINT (2.35 48.856667),POINT (2.35 48.86),POINT (2 49)",
        ",,,",
    ]


# A geometry of the row


def test_a_row_has_the_geometry_of_what_it_points_to(country: Country) -> None:
    columns = {"pk": "pk", "its": "location", "countrys": Geometry("country__shape__area")}
    square = '"MULTIPOLYGON (((0 0, 0 1, 1 1, 1 0, 0 0)))"'
    found = lines(columns, queryset=cities(), ordering=["pk"])
    assert found == [
        f"{FIRST},POINT (0 0),{square}",
        f"{FIRST + 1},POINT (1 1),{square}",
        f"{FIRST + 2},POINT (2 2),",
    ]


@pytest.mark.parametrize(
    "group_by",
    [
        {"country": "country"},
        {"country": Key("country__code")},
        {"country": "country", "name": "name"},
        {"country": Key("country", shows="country__name")},
    ],
    ids=["a relation", "its key", "among others", "with a label"],
)
def test_a_group_has_the_geometry_of_its_key(country: Country, group_by: dict[str, Any]) -> None:
    columns = {"cities": Count("pk"), "shape": Geometry("country__shape__area")}
    asked = statement(columns, queryset=cities(), group_by=group_by)
    rows = [asked.canonical(row)[-2:] for row in asked.queryset]
    assert [(count, shape and shape.equals_exact(SQUARE)) for count, shape in rows] == [
        (2, True),
        (1, None),
    ]
    assert Paginator(asked.queryset, 1).count == 2
    assert "area" not in str(asked.queryset.query).split(" GROUP BY ")[1].split(" ORDER BY ")[0]


def test_a_group_that_is_a_row_has_the_rows_own(country: Country) -> None:
    columns = {"states": Count("country__states"), "location": "location"}
    found = lines(columns, queryset=cities(), group_by={"city": Key("pk")}, ordering=["city"])
    assert found == [
        f"{FIRST},2,POINT (0 0)",
        f"{FIRST + 1},2,POINT (1 1)",
        f"{FIRST + 2},0,POINT (2 2)",
    ]


def test_an_old_postgresql_has_no_any_value(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other databases never read its version."""
    monkeypatch.setitem(connections["default"].__dict__, "pg_version", 150_000)
    columns = {"shape": Geometry("country__shape__area")}
    with CaptureQueriesContext(connection) as queries:
        found = answers(columns, queryset=cities(), group_by={"country": "country"})
    assert [shape and shape.equals_exact(SQUARE) for _, shape in found] == [True, None]
    assert "ANY_VALUE" not in queries[-1]["sql"]


# Refusals


GROUPS = "A group may have many of these geometries"


@pytest.mark.parametrize(
    ("queryset", "group_by", "path"),
    [
        (City.objects.all(), {"country": "country"}, "location"),
        (City.objects.all(), {"name": "name"}, "country__shape__area"),
        (City.objects.all(), {"continent": "country__continent"}, "country__shape__area"),
        (Country.objects.all(), {"code": Key("pk")}, "states__area"),
        (Country.objects.all(), {"code": Key("pk")}, "cities__location"),
        (Airport.objects.all(), {"country": "located_in"}, "country__shape__area"),
    ],
    ids=["another row's", "no key", "above the key", "to many", "of many", "another relation's"],
)
def test_a_group_has_no_geometry_that_may_differ_within_it(
    queryset: Any, group_by: dict[str, Any], path: str
) -> None:
    for column in (Column(path), Geometry(path)):
        with pytest.raises(DeclarationError, match=rf"probe\.shape: {GROUPS}"):
            statement({"shape": column}, queryset=queryset, group_by=group_by)


def test_a_row_has_no_geometry_of_many_others() -> None:
    for path in ("states__area", "cities__location"):
        with pytest.raises(DeclarationError, match=r"probe\.shape: A row may have many"):
            statement({"shape": path}, queryset=Country.objects.all())


def test_nothing_is_grouped_or_ordered_by_a_geometry() -> None:
    cases: list[tuple[str, dict[str, Any]]] = [
        ("grouped", {"group_by": {"place": "location"}}),
        ("grouped", {"group_by": {"place": Key("country__shape__area")}}),
        ("ordered", {"group_by": {"place": Key("pk", shows="location")}}),
    ]
    for done, options in cases:
        with pytest.raises(DeclarationError, match=rf"probe\.place: Nothing is {done} by a geom"):
            statement({"n": Count("pk")}, queryset=City.objects.all(), **options)
    for ordering in (["shape"], ["-shape"]):
        with pytest.raises(DeclarationError, match=r"probe\.shape: Nothing is ordered by a geom"):
            statement({"shape": "location"}, queryset=City.objects.all(), ordering=ordering)


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        (django.Centroid("a_polygon"), "Centroid"),
        (Case(When(Q(pk=1), then=F("a_point")), default=F("b_point")), "Case is not proven"),
        (Coalesce("a_point", "b_point"), "Coalesce"),
        (expressions.Coalesce("a_point", "b_point"), "Coalesce"),
        (expressions.NullIf("a_point", "b_point"), "NullIf"),
        (expressions.Greatest("a_point", "b_point"), "Greatest"),
        (Value(Point(1, 1, srid=4326), output_field=PointField()), "Value is not proven"),
        (Subquery(Meeting.objects.filter(pk=OuterRef("pk")).values("a_point")[:1]), "proven"),
    ],
    ids=lambda given: given if isinstance(given, str) else type(given).__name__,
)
def test_geometries_that_are_made_are_refused(expression: Any, sentence: str) -> None:
    with pytest.raises((NotPortable, DeclarationError), match=sentence):
        statement({"shape": expression}, queryset=Meeting.objects.all())


@pytest.mark.parametrize(
    "expression",
    [
        AnyValue("a_point"),
        expressions.Max("a_point"),
        expressions.Min("a_point"),
        expressions.Mode("a_point"),
        expressions.First("a_point", order_by="pk"),
        expressions.Last("a_point", order_by="pk"),
    ],
    ids=lambda expression: type(expression).__name__,
)
def test_aggregates_of_geometries_are_refused(expression: Any) -> None:
    with pytest.raises((NotPortable, DeclarationError)):
        statement({"shape": expression}, queryset=Meeting.objects.all(), group_by={"pk": Key("pk")})


def test_windows_over_geometries_are_refused() -> None:
    for name in ("Lag", "FirstValue", "LastValue"):
        made = expressions.Window(getattr(expressions, name)("a_point"), order_by="pk")
        with pytest.raises((NotPortable, DeclarationError)):
            statement({"shape": made}, queryset=Meeting.objects.all())


def test_a_geometry_column_takes_a_geometry() -> None:
    with pytest.raises(DeclarationError, match=r"probe\.n: This is a CharField: declare a Column"):
        statement({"n": Geometry("name")}, queryset=City.objects.all())


@pytest.mark.parametrize("precision", [-1, 16])
def test_a_precision_has_its_bounds(precision: int) -> None:
    with pytest.raises(DeclarationError, match="A coordinate has 0 to 15 decimal places"):
        statement({"n": Geometry("location", precision=precision)}, queryset=City.objects.all())


def test_a_path_that_is_wrong_is_named() -> None:
    with pytest.raises(DeclarationError, match=r"probe\.shape: Cannot resolve keyword"):
        statement({"shape": Geometry("nowhere")}, queryset=City.objects.all())
    with pytest.raises(DeclarationError, match=r"probe\.n: Cannot resolve keyword"):
        statement(
            {"n": "nowhere"}, queryset=Entry.objects.all(), group_by={"month": TruncMonth("at")}
        )


# A report for one engine


def _of_this_engine(**attributes: Any) -> Statement:
    meta = type("Meta", (), {"databases": [database_wrapper("default").engine_name]})
    return Statement(type("Probe", (Report,), {"Meta": meta, **attributes})(), {}, "default")


def test_one_engine_may_make_geometries_its_own_way() -> None:
    area = Polygon.from_bbox((0, 0, 4, 2))
    area.srid = 4326
    Meeting.objects.create(id=1, a_polygon=area)
    asked = _of_this_engine(
        queryset=Meeting.objects.all(), middle=Geometry(django.Centroid("a_polygon"))
    )
    (row,) = [asked.canonical(row) for row in asked.queryset]
    assert asked.columns[0].kind.text(row[0]) == "POINT (2 1)"


def test_one_engine_has_no_order_of_geometries_either() -> None:
    with pytest.raises(DeclarationError, match=r"probe\.place: Nothing is grouped by a geometry"):
        _of_this_engine(
            queryset=City.objects.all(), group_by={"place": "location"}, n=Column(Count("pk"))
        )
