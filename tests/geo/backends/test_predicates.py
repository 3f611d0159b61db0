"""Spatial lookups give exactly GEOS's results, through the index, or are refused with a reason."""

import math
from typing import Any

import pytest
from django.contrib.gis.db import models
from django.contrib.gis.db.models import F
from django.contrib.gis.db.models.functions import IsValid
from django.contrib.gis.geos import GEOSException, GEOSGeometry, Point, Polygon
from django.contrib.gis.geos.libgeos import geos_version_tuple
from django.db import DatabaseError, NotSupportedError, connection, transaction
from django.db.models import CompositePrimaryKey, Exists, Func, OuterRef, Q, Value
from django.test.utils import CaptureQueriesContext, isolate_apps

from geo.backends.predicates import SAME_POINT, TAKE_COLLECTIONS
from tests import under_test
from tests.geo.fuzz.comparison import TABLES
from tests.geo.fuzz.oracle import PREDICATES
from tests.geo.reported import as_in_a_report
from tests.hostile.models import Anything, Meeting, PointShape, PolygonShape

SQUARE = "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"
HOLED = "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 3 1, 3 3, 1 3, 1 1))"
FILLING = "POLYGON ((1 1, 3 1, 3 3, 1 3, 1 1))"
MEETS = {"intersects", "bboverlaps"}
SAME = {"contains", "within", "covers", "coveredby", "equals", "bbcontains", "contained"}
# Two geometries, and every predicate that is true of them.
HARD = {
    "a point inside": (
        "POINT (2 2)",
        SQUARE,
        MEETS | {"within", "coveredby", "contained"},
    ),
    "a point on an edge": ("POINT (2 0)", SQUARE, MEETS | {"touches", "coveredby", "contained"}),
    "a point on a vertex": ("POINT (4 4)", SQUARE, MEETS | {"touches", "coveredby", "contained"}),
    "a point in a hole": ("POINT (2 2)", HOLED, {"disjoint", "bboverlaps", "contained"}),
    "a point on the edge of a hole": (
        "POINT (1 2)",
        HOLED,
        MEETS | {"touches", "coveredby", "contained"},
    ),
    "points in and out": ("MULTIPOINT (2 2, 9 9)", SQUARE, MEETS | {"crosses"}),
    "points on an edge and out": ("MULTIPOINT (2 0, 9 9)", SQUARE, MEETS | {"touches"}),
    "points that share one": (
        "MULTIPOINT (0 0, 1 1)",
        "MULTIPOINT (1 1, 2 2)",
        MEETS | {"overlaps"},
    ),
    "an area in the hole of another": (FILLING, HOLED, MEETS | {"touches", "contained"}),
    "a line along a hole that touches the outer ring": (
        "POLYGON ((0 0, 6 0, 6 6, 0 6, 0 0), (3 5, 4 3, 5 3, 0 2, 3 5))",
        "LINESTRING (0 2, 0 0, 0 3)",
        MEETS | {"touches", "covers", "bbcontains"},
    ),
    "an area whose hole touches its outer ring, beside another": (
        "POLYGON ((-3 -3, 3 -3, 3 3, -3 3, -3 -3), (3 2, -1 2, -2 0, 3 2))",
        "MULTIPOLYGON (((4 0, 3 0, 3 3, 4 0)), ((4 2, 6 5, 6 2, 4 2)))",
        MEETS | {"touches"},
    ),
    "areas with a shared boundary": (
        SQUARE,
        "POLYGON ((4 0, 8 0, 8 4, 4 4, 4 0))",
        MEETS | {"touches"},
    ),
    "areas with a shared vertex": (
        SQUARE,
        "POLYGON ((4 4, 8 4, 8 8, 4 8, 4 4))",
        MEETS | {"touches"},
    ),
    "areas that are equal but for where they begin": (
        SQUARE,
        "POLYGON ((4 4, 4 0, 0 0, 0 4, 4 4))",
        MEETS | SAME,
    ),
    "an area and the same with a vertex more": (
        SQUARE,
        "MULTIPOLYGON (((0 0, 2 0, 4 0, 4 4, 0 4, 0 0)))",
        MEETS | SAME,
    ),
    "an area inside along an edge": (
        SQUARE,
        "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))",
        MEETS | {"contains", "covers", "bbcontains"},
    ),
    "areas that overlap": (
        SQUARE,
        "POLYGON ((2 2, 6 2, 6 6, 2 6, 2 2))",
        MEETS | {"overlaps"},
    ),
    "parts of areas that touch and overlap": (
        "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((6 6, 8 6, 8 8, 6 8, 6 6)))",
        "POLYGON ((4 0, 7 0, 7 7, 4 7, 4 0))",
        MEETS | {"overlaps", "bbcontains"},
    ),
    "a line along an edge": (
        SQUARE,
        "LINESTRING (1 0, 3 0)",
        MEETS | {"touches", "covers", "bbcontains"},
    ),
    "a line along an edge and in": (
        SQUARE,
        "LINESTRING (1 0, 3 0, 2 2)",
        MEETS | {"contains", "covers", "bbcontains"},
    ),
    "a line that enters": (SQUARE, "LINESTRING (2 2, 9 2)", MEETS | {"crosses"}),
    "a line that ends at an edge": (SQUARE, "LINESTRING (4 2, 9 2)", MEETS | {"touches"}),
    "a line that runs back over itself": (
        SQUARE,
        "LINESTRING (1 0, 1 2, 1 0)",
        MEETS | {"contains", "covers", "bbcontains"},
    ),
    "an envelope without height": (
        "LINESTRING (0 2, 4 2)",
        "POINT (4 2)",
        MEETS | {"touches", "covers", "bbcontains"},
    ),
    "lines that share a piece": (
        "LINESTRING (0 0, 2 0)",
        "LINESTRING (1 0, 3 0)",
        MEETS | {"overlaps"},
    ),
    "lines that are equal": (
        "LINESTRING (0 0, 2 0)",
        "MULTILINESTRING ((2 0, 1 0), (1 0, 0 0))",
        MEETS | SAME,
    ),
    "lines that cross": (
        "LINESTRING (0 0, 2 2)",
        "LINESTRING (0 2, 2 0)",
        MEETS | {"crosses", "bbcontains", "contained"},
    ),
    "lines that meet at their ends": (
        "LINESTRING (0 0, 2 2)",
        "LINESTRING (2 2, 4 0)",
        MEETS | {"touches"},
    ),
    "either side of the antimeridian": (
        "POINT (180 10)",
        "POLYGON ((-180 0, -170 0, -170 20, -180 20, -180 0))",
        {"disjoint"},
    ),
    "on the antimeridian": (
        "POINT (-180 10)",
        "POLYGON ((-180 0, -170 0, -170 20, -180 20, -180 0))",
        MEETS | {"touches", "coveredby", "contained"},
    ),
    "at the pole, which is a line on the plane": (
        "POINT (77 90)",
        "POLYGON ((-180 80, 180 80, 180 90, -180 90, -180 80))",
        MEETS | {"touches", "coveredby", "contained"},
    ),
    "at the pole, in another longitude": ("POINT (77 90)", "POINT (-103 90)", {"disjoint"}),
    "the whole world": (
        "POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))",
        "POINT (-180 -90)",
        MEETS | {"touches", "covers", "bbcontains"},
    ),
}


def geometry(wkt: str) -> GEOSGeometry:
    return GEOSGeometry(wkt, srid=4326)


@pytest.mark.django_db
@pytest.mark.parametrize("name", HARD)
def test_a_hard_case(name: str) -> None:
    a, b = (geometry(wkt) for wkt in HARD[name][:2])
    table = TABLES[a.geom_type]._base_manager
    table.create(id=1, shape=a)
    expected = HARD[name][2]
    assert {p for p in PREDICATES if table.filter(**{f"shape__{p}": b}).exists()} == expected
    assert {p for p in PREDICATES if not table.exclude(**{f"shape__{p}": b}).exists()} == expected
    left, right = (f"{s}_{g.geom_type.lower()}" for s, g in (("a", a), ("b", b)))
    Meeting.objects.create(id=1, **{left: a, right: b})
    rows = Meeting.objects.all()
    assert {p for p in PREDICATES if rows.filter(**{f"{left}__{p}": F(right)})} == expected

    Meeting.objects.filter(id=1).update(**{right: None})
    Meeting.objects.create(id=2, **{right: b})
    found = {
        p
        for p in PREDICATES
        if rows.filter(
            Exists(
                rows.filter(
                    **{f"{right}__isnull": False, f"{right}__{_converse(p)}": OuterRef(left)}
                )
            )
        )
    }
    assert found == expected


def _converse(predicate: str) -> str:
    pairs = [("contains", "within"), ("covers", "coveredby"), ("bbcontains", "contained")]
    return (dict(pairs) | {second: first for first, second in pairs}).get(predicate, predicate)


@pytest.mark.django_db
@pytest.mark.parametrize("name", HARD)
def test_a_hard_case_the_other_way_round(name: str) -> None:
    a, b = (geometry(wkt) for wkt in HARD[name][:2])
    expected = {_converse(p) for p in HARD[name][2]}
    table = TABLES[b.geom_type]._base_manager
    table.create(id=1, shape=b)
    assert {p for p in PREDICATES if table.filter(**{f"shape__{p}": a}).exists()} == expected


@pytest.mark.django_db
@pytest.mark.parametrize("predicate", [*PREDICATES, "exact", "same_as"])
@pytest.mark.parametrize("kind", ["point", "linestring", "polygon"])
def test_null_is_neither_true_nor_false(predicate: str, kind: str) -> None:
    other = geometry(
        {"point": "POINT (1 1)", "linestring": "LINESTRING (0 0, 2 2)"}.get(kind, SQUARE)
    )
    column = f"a_{kind}"
    for rhs in (geometry(SQUARE), F(f"b_{kind}"), geometry("POINT (1 1)")):
        Meeting.objects.all().delete()
        Meeting.objects.create(id=1, **{f"b_{kind}": other})
        rows = Meeting.objects.alias(one=F("id"))
        is_so = Q(**{f"{column}__{predicate}": rhs})
        assert not rows.filter(is_so).exists()
        assert rows.annotate(found=is_so).get().found is None


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["exact", "same_as", "equals"])
def test_the_same_place_is_the_same_geometry_however_it_is_written(lookup: str) -> None:
    """Neither vertex order, as in Django, nor the envelope, as in PostGIS, is compared."""
    PolygonShape.objects.create(id=1, shape=geometry(SQUARE))
    PolygonShape.objects.create(id=2, shape=geometry(HOLED))
    again = geometry("POLYGON ((4 0, 4 2, 4 4, 0 4, 0 0, 4 0))")
    assert PolygonShape.objects.get(**{f"shape__{lookup}": again}).pk == 1


@pytest.mark.django_db
def test_a_geometry_keeps_the_last_bits_of_its_coordinates() -> None:
    place = Point(0.1 + 0.2, 1e-17, srid=4326)
    PointShape.objects.create(id=1, shape=place)
    assert PointShape.objects.get(shape__equals=place).shape.coords == place.coords
    assert not PointShape.objects.filter(shape=Point(0.3, 1e-17, srid=4326)).exists()
    assert not PointShape.objects.filter(shape__bboverlaps=Point(0.3, 1e-17, srid=4326)).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("predicate", ["bboverlaps", "bbcontains", "contained"])
def test_envelopes_are_compared_to_the_last_bit(predicate: str) -> None:
    """PostGIS and SQLite store the envelopes of an index in 32 bits."""
    PointShape.objects.create(id=1, shape=Point(16777217.0 / 2**20, 10, srid=4326))
    beside = Point(16777217.0 / 2**20 + 2**-40, 10, srid=4326)
    assert not PointShape.objects.filter(**{f"shape__{predicate}": beside}).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["bboverlaps", "contained", "intersects", "coveredby"])
@pytest.mark.parametrize("number", range(4))
def test_a_box_ends_at_the_last_bit(lookup: str, number: int) -> None:
    """For each edge: a point on it, and its neighbouring floats."""
    box = (-0.1, 20.3, 11.7, 31.9)
    rows = PointShape.objects.filter(**{f"shape__{lookup}": Polygon.from_bbox(box)}).order_by("id")
    middle = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]
    PointShape.objects.create(id=1, shape=Point(*middle, srid=4326))
    assert [row.id for row in rows] == [1]
    inward, outward = (math.inf, -math.inf)[:: 1 if number < 2 else -1]
    edge = box[number]
    for id_, value in enumerate(
        (edge, math.nextafter(edge, inward), math.nextafter(edge, outward))
    ):
        place = [value if axis == number % 2 else middle[axis] for axis in range(2)]
        PointShape.objects.create(id=2 + id_, shape=Point(*place, srid=4326))
    assert [row.id for row in rows.all()] == [1, 2, 3]
    PointShape.objects.exclude(id=4).delete()
    assert not rows.all()


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", [*sorted(SAME_POINT), "bboverlaps"])
def test_two_points_are_one_to_the_last_bit(lookup: str) -> None:
    x, y = -115.306665, 28.162256
    places = (x, y), (math.nextafter(x, -math.inf), y), (x, math.nextafter(y, math.inf))
    for number, place in enumerate(places):
        PointShape.objects.create(id=number, shape=Point(*place, srid=4326))
    for number, place in enumerate(places):
        rows = PointShape.objects.filter(**{f"shape__{lookup}": Point(*place, srid=4326)})
        assert [row.id for row in rows] == [number]
    same = PointShape.objects.filter(**{f"shape__{lookup}": OuterRef("shape")})
    others = same.exclude(pk=OuterRef("pk"))
    assert PointShape.objects.filter(Exists(same)).count() == len(places)
    assert not PointShape.objects.filter(Exists(others)).exists()


# Collections


COLLECTION = "GEOMETRYCOLLECTION (POINT (9 9), LINESTRING (2 2, 6 2))"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("inner", "members"),
    [
        ("MULTIPOINT ((1 1), (2 2))", "POINT (1 1), POINT (2 2)"),
        ("GEOMETRYCOLLECTION (POINT (1 1))", "POINT (1 1)"),
    ],
)
def test_a_collection_in_a_collection_keeps_its_members(inner: str, members: str) -> None:
    nested = geometry(f"GEOMETRYCOLLECTION (POINT (3 3), {inner})")
    # SpatiaLite stores one list of members, as of Django's text.
    is_flat = connection.engine_name == "spatialite"
    stored = geometry(f"GEOMETRYCOLLECTION (POINT (3 3), {members})") if is_flat else nested
    Anything.objects.create(id=1, shape=nested)
    Anything.objects.bulk_create([Anything(id=2, shape=nested)])
    Anything.objects.create(id=3)
    Anything.objects.filter(id=3).update(shape=nested)
    found = Anything.objects.values_list("shape", flat=True)
    assert [shape.equals_exact(stored) for shape in found] == [True] * 3


@pytest.mark.django_db
def test_a_collection_is_met_where_a_member_is() -> None:
    Anything.objects.create(id=1, shape=geometry(COLLECTION))
    Anything.objects.create(id=2, shape=geometry(SQUARE))
    Anything.objects.create(id=3)

    def found(lookup: str, wkt: str) -> set[int]:
        rows = Anything.objects.filter(**{f"shape__{lookup}": geometry(wkt)})
        return set(rows.values_list("pk", flat=True))

    assert found("intersects", SQUARE) == {1, 2}
    assert found("intersects", COLLECTION) == {1, 2}
    assert found("intersects", "POINT (5 2)") == {1}
    for nested in (
        "GEOMETRYCOLLECTION (MULTIPOINT (9 9, 8 8), POINT (7 7))",
        "GEOMETRYCOLLECTION (MULTIPOLYGON (((8 8, 10 8, 10 10, 8 8))), POINT (7 7))",
        "GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (MULTILINESTRING ((8 8, 9 9), (5 5, 7 7))))",
    ):
        assert found("intersects", nested) == {1}
        assert found("disjoint", nested) == {2}
        assert found("bboverlaps", nested) == {1}
    assert found("disjoint", "POINT (5 2)") == {2}
    assert found("disjoint", "GEOMETRYCOLLECTION (POINT (7 7), POINT (8 8))") == {1, 2}
    assert found("contained", "POLYGON ((2 2, 9 2, 9 9, 2 9, 2 2))") == {1}
    assert found("bbcontains", "POINT (9 2)") == {1}
    assert found("bboverlaps", "POINT (2 2)") == {1, 2}


@pytest.mark.django_db
def test_a_type_is_found_by_the_name_that_the_database_gives() -> None:
    Anything.objects.create(id=1, shape=geometry(COLLECTION))
    Anything.objects.create(id=2, shape=geometry("MULTIPOINT (1 1, 2 2)"))
    Anything.objects.create(id=3, shape=geometry(HOLED))
    collection = "GEOMCOLLECTION" if under_test.name() == "mysql" else "GEOMETRYCOLLECTION"
    for number, name in enumerate((collection, "MULTIPOINT", "POLYGON"), start=1):
        assert Anything.objects.get(shape__geom_type=name).pk == number


# Refusals, before any SQL


COLLECTION_WORDS = "does not take a GeometryCollection"
EMPTY_WORDS = "does not take an empty geometry"


@pytest.mark.parametrize("predicate", [p for p in PREDICATES if p not in TAKE_COLLECTIONS])
@pytest.mark.parametrize(
    ("table", "column", "given", "words"),
    [
        (PolygonShape, "shape", COLLECTION, f"{COLLECTION_WORDS}.* the given geometry is one"),
        (Anything, "shape", SQUARE, f"{COLLECTION_WORDS}.* the column 'shape' may hold one"),
        (PolygonShape, "shape", "POLYGON EMPTY", f"{EMPTY_WORDS}.*none\\(\\)"),
        (
            PolygonShape,
            "shape",
            "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))",
            "does not take an invalid geometry.*Self-intersection.*make_valid",
        ),
    ],
)
@pytest.mark.django_db
def test_what_no_two_libraries_read_alike_is_refused(
    predicate: str, table: Any, column: str, given: str, words: str
) -> None:
    connection.ensure_connection()
    rows = table.objects.filter(**{f"{column}__{predicate}": geometry(given)})
    with (
        CaptureQueriesContext(connection) as queries,
        pytest.raises(NotSupportedError, match=f"lookup '{predicate}' {words}"),
    ):
        as_in_a_report(rows).exists()
    assert len(queries) == 0
    # Elsewhere Django's own SQL stands, if its engine has the lookup.
    if (django := connection.ops.gis_operators[predicate].django) is not None:
        sql, _ = rows.query.get_compiler(connection=connection).as_sql()
        assert django.func in sql


@pytest.mark.django_db
def test_validity_is_asked_of_the_database_or_refused(has_isvalid: bool) -> None:
    PolygonShape.objects.create(id=1, shape=geometry(SQUARE))
    if has_isvalid:
        assert PolygonShape.objects.filter(shape__isvalid=True).exists()
        assert PolygonShape.objects.annotate(valid=IsValid("shape")).get().valid is True
        return
    with pytest.raises(NotSupportedError, match="IsValid"):
        PolygonShape.objects.filter(shape__isvalid=True).exists()


@pytest.fixture
def has_isvalid() -> bool:
    """Does the database have ST_IsValid?"""
    return "IsValid" not in connection.ops.unsupported_functions


@pytest.mark.django_db
def test_a_column_without_an_index_is_searched_all_the_same() -> None:
    assert not Meeting._meta.get_field("a_point").spatial_index
    Meeting.objects.create(id=1, a_point=Point(1, 1, srid=4326))
    assert Meeting.objects.filter(a_point__within=geometry(SQUARE)).exists()


@isolate_apps("tests.hostile")
def test_what_geos_decides_needs_a_key_of_one_column() -> None:
    class Leg(models.Model):
        pk = CompositePrimaryKey("trip", "number")
        trip = models.IntegerField()
        number = models.IntegerField()
        line = models.LineStringField()

        class Meta:
            app_label = "hostile"

    rows = Leg.objects.filter(line__crosses=geometry("LINESTRING (0 4, 4 0)")).values("number")
    with pytest.raises(NotSupportedError, match=r"hostile\.Leg has 2"):
        as_in_a_report(rows).query.get_compiler(connection=connection).as_sql()


@pytest.mark.django_db
@pytest.mark.parametrize("wkt", ["POINT M (1 2 3)", "POINT Z (1 2 3)", "POINT ZM (1 2 3 4)"])
def test_what_has_a_third_coordinate_is_refused_by_a_column_of_two(wkt: str) -> None:
    point = GEOSGeometry(wkt, srid=4326)
    # Ours, PostGIS's own, and SpatiaLite's; some versions of GEOS take M for Z.
    refusal = "hasz or hasm was given|column does not|violates Geometry constraint"
    with pytest.raises(DatabaseError, match=refusal), transaction.atomic():
        PointShape.objects.create(id=1, shape=point)
    connection.set_rollback(False)  # SpatiaLite's trigger has ended the test's transaction too
    assert not PointShape.objects.exists()


def test_hasm_is_told_by_a_geos_that_knows_m() -> None:
    point = GEOSGeometry("POINT M (1 2 3)")
    if geos_version_tuple() >= (3, 12):
        assert point.hasm
    else:
        with pytest.raises(GEOSException, match=r"hasm requires GEOS >= 3\.12"):
            _ = point.hasm


class _Percent(Func):
    """An unchanged geometry, in SQL that contains `%s` as a text, and maybe a parameter."""

    template = "(CASE WHEN '%%%%s' <> %(expressions)s END)"
    arg_joiner = " THEN "
    output_field = models.PointField(srid=4326)


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["bboverlaps", "intersects", "bbcontains", "contained"])
@pytest.mark.parametrize("swapped", [False, True], ids=["", "swapped"])
def test_each_side_has_its_own_parameters(lookup: str, swapped: bool) -> None:
    """An engine's SQL may repeat a side, and a side may contain percent signs."""
    PointShape.objects.create(id=1, shape=geometry("POINT (1 1)"))
    PointShape.objects.create(id=2, shape=geometry("POINT (7 7)"))
    places = PointShape.objects.annotate(
        a=_Percent(Value("a"), "shape"), b=_Percent(Value("b"), "shape")
    )
    first, second = ("b", "a") if swapped else ("a", "b")
    both = places.filter(**{f"{first}__{lookup}": F(second)})
    assert sorted(both.values_list("pk", flat=True)) == [1, 2]
    literal = places.filter(**{f"a__{lookup}": geometry("POINT (1 1)")})
    assert list(literal.values_list("pk", flat=True)) == [1]
    column = places.filter(**{f"a__{lookup}": F("shape")})
    assert sorted(column.values_list("pk", flat=True)) == [1, 2]
