"""Users' geometries: accepted ones are exact and valid, others are refused with a sentence."""

import json
import math
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.input import GeometryRefused, geometry
from tests.geo import fuzz_input

pytestmark = pytest.mark.once

# The same ones each time; python -m tests.geo.fuzz_input draws its own.
EXAMPLES = settings(max_examples=200, derandomize=True, deadline=None, print_blob=True)
SQUARE = "(0 0,9 0,9 9,0 9,0 0)"
SIZE = 512 * 1024


def refused(text: str) -> str:
    with pytest.raises(GeometryRefused) as caught:
        geometry(text)
    return str(caught.value)


def geojson(kind: str, coordinates: Any, **more: Any) -> str:
    return json.dumps({"type": kind, "coordinates": coordinates} | more)


def collection(*geometries: str) -> str:
    features = [{"type": "Feature", "geometry": json.loads(each)} for each in geometries]
    return json.dumps({"type": "FeatureCollection", "features": features})


# What is taken


@pytest.mark.parametrize("text", fuzz_input.VALID)
def test_a_valid_text_is_a_valid_geometry_of_4326(text: str) -> None:
    found = geometry(text)
    assert (found.srid, found.valid, found.empty) == (4326, True, False)


numbers = st.floats(-180, 180), st.floats(-90, 90)
positions = st.tuples(*numbers)


@st.composite
def stars(draw: Any, x: float = 0.0, y: float = 0.0) -> list[tuple[float, float]]:
    """Draws a star-shaped ring around a place, in either orientation."""
    radii = draw(st.lists(st.floats(0.5, 9), min_size=3, max_size=12))
    steps = [2 * math.pi * n / len(radii) for n in range(len(radii))]
    ring = [(x + r * math.cos(a), y + r * math.sin(a)) for r, a in zip(radii, steps, strict=True)]
    ring.append(ring[0])
    return ring if draw(st.booleans()) else ring[::-1]


shapes = st.one_of(
    positions.map(lambda p: ("Point", p)),
    st.lists(positions, min_size=1).map(lambda p: ("MultiPoint", p)),
    st.lists(positions, min_size=2, unique=True).map(lambda p: ("LineString", p)),
    st.lists(st.lists(positions, min_size=2, unique=True), min_size=1, max_size=3).map(
        lambda lines: ("MultiLineString", lines)
    ),
    stars().map(lambda ring: ("Polygon", [ring])),
    st.tuples(stars(), stars(20, 0), stars(0, 20)).map(
        lambda rings: ("MultiPolygon", [[ring] for ring in rings])
    ),
)


def wkt(kind: str, coordinates: Any) -> str:
    def written(value: Any) -> str:
        if isinstance(value[0], float):
            return " ".join(map(repr, value))
        return "(" + ",".join(written(each) for each in value) + ")"

    return kind + (f"({written(coordinates)})" if kind == "Point" else written(coordinates))


@EXAMPLES
@given(shapes)
def test_every_number_of_a_shape_arrives_to_the_last_bit(shape: tuple[str, Any]) -> None:
    def listed(value: Any) -> Any:
        return [listed(each) for each in value] if isinstance(value, list | tuple) else value

    for text in (geojson(*shape), wkt(*shape), f"srid=4326; {wkt(*shape).upper()} "):
        found = geometry(text)
        assert found.geom_type == shape[0]
        assert listed(found.coords) == listed(shape[1])


def test_zero_has_no_sign() -> None:
    assert math.copysign(1, geometry("POINT(-0.0 -0)").x) == 1


@pytest.mark.parametrize(
    ("text", "kind", "count"),
    [
        (collection(geojson("Point", [1, 2])), "Point", 1),
        (collection(geojson("Point", [1, 2]), geojson("MultiPoint", [[3, 4]])), "MultiPoint", 2),
        (collection(*[geojson("LineString", [[1, 2], [n, 4]]) for n in (2, 3)]),
         "MultiLineString", 2),
        (collection(geojson("Point", [1, 2]), geojson("LineString", [[1, 2], [3, 4]])),
         "GeometryCollection", 2),
        (collection(*[geojson("Polygon", [[[x, 0], [x + 1, 0], [x, 1], [x, 0]]]) for x in (0, 5)]),
         "MultiPolygon", 2),
    ],
)  # fmt: skip
def test_features_become_one_geometry(text: str, kind: str, count: int) -> None:
    found = geometry(text)
    assert (found.geom_type, getattr(found, "num_geom", 1)) == (kind, count)


@pytest.mark.parametrize("name", ["EPSG:4326", "urn:ogc:def:crs:OGC:1.3:CRS84"])
def test_a_crs_may_say_what_is_so_anyway(name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    assert geometry(geojson("Point", [1, 2], crs=crs)).coords == (1, 2)


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        ("bbox=-5,41,9.5,51", [(-5, 41, 9.5, 51)]),
        ("BBOX= -180, -90, 180, 90", [(-180, -90, 180, 90)]),
        ("bbox=170,-10,-160,10", [(170, -10, 180, 10), (-180, -10, -160, 10)]),
        ("bbox=180,-10,-160,10", [(-180, -10, -160, 10)]),
        ("bbox=170,-10,-180,10", [(170, -10, 180, 10)]),
    ],
)
def test_a_box_of_west_more_than_east_crosses_the_antimeridian(text: str, boxes: Any) -> None:
    found = geometry(text)
    parts = list(found) if found.geom_type == "MultiPolygon" else [found]
    assert [part.extent for part in parts] == boxes
    assert found.area == sum((e - w) * (n - s) for w, s, e, n in boxes)


# What is refused, each with its sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "No geometry was given: write GeoJSON, WKT, or bbox=west,south,east,north."),
        ("0101000000", "“0101000000” is not a geometry: write GeoJSON"),
        ("POINT(NaN 2)", "The point: the longitude is nan, which is not a finite number"),
        ("LINESTRING(1 1,2 -inf)", "Vertex 2: the latitude is -inf, which is not a finite number"),
        ("POINT(1e999 2)", "The point: the longitude is inf, which is not a finite number"),
        (geojson("Point", [math.nan, 0]), "The GeoJSON holds NaN, which is not a number in JSON"),
        (geojson("Point", [0, -math.inf]), "The GeoJSON holds -Infinity, which is not a number"),
        ('{"type":"Point","coordinates":[1e999,0]}', "The point: the longitude is inf"),
        ("POINT(1e150 0)", "The point: the longitude 1e+150 is beyond 180 degrees"),
        (geojson("Point", [1e20, 0]), "The point: the longitude 1e+20 is beyond 180 degrees"),
        ("POINT(48.85 139.7)", "the latitude 139.7 is beyond 90 degrees: write the longitude fir"),
        ("POINT(190 0)", "the longitude 190 is beyond 180 degrees: cut the shape at the antimerid"),
        ("POINT(0 90.00000000000001)", "the latitude 90 is beyond 90 degrees"),
        ("SRID=12345;POINT(0 0)", "SRID “12345” is not supported: transform the geometry to"),
        ("SRID=3857;POINT(0 0)", "SRID “3857” is not supported"),
        ("SRID=4326", "“SRID=4326” is not EWKT: write SRID=4326;POINT(2.35 48.85)."),
        (geojson("Point", [1, 2], crs={"type": "name", "properties": {"name": "EPSG:3857"}}),
         "In the GeoJSON the crs is the text “EPSG:3857”, which is not supported: transform"),
        (geojson("Point", [1, 2], crs="EPSG:4326"), "the crs is nothing (null, or left out)"),
        ("POINT Z (1 2 3)", "The geometry has Z: write longitude and latitude alone."),
        ("GEOMETRYCOLLECTION(POINT(1 2),POINTM(1 2 3))", "Member 2 has M: write longitude and"),
        ("POINT ZM (1 2 3 4)", "The geometry has ZM: write longitude and latitude alone."),
        ("POINT Z EMPTY", "The geometry has Z"),
        ("LINESTRING(1 2,3 4 5)", "Vertex 2 has 3 numbers: write longitude and latitude alone"),
        (geojson("Point", [1, 2, 3]), "The point has 3 numbers: write longitude and latitude"),
        ("POLYGON EMPTY", "The polygon is empty: give it positions, or leave it out."),
        ("GEOMETRYCOLLECTION EMPTY", "The collection is empty"),
        ("MULTIPOINT((1 2),EMPTY)", "Point 2 is empty"),
        (f"MULTIPOLYGON(({SQUARE}),EMPTY)", "Polygon 2 is empty"),
        (geojson("Polygon", [[]]), "Ring 1 (the outer one) is empty"),
        ('{"type":"Feature","geometry":null}', "expected an object with a type, not noth"),
        (collection(), "The collection is empty"),
        ("POLYGON((0 0,4 0,4 4,0 4))",
         "Ring 1 (the outer one) is not closed: repeat its first position after vertex 4."),
        (f"MULTIPOLYGON(({SQUARE}),((20 0,29 0,29 9,20 0),(21 1,22 2,21 2,21 1.5)))",
         "Ring 2 (a hole) of polygon 2 is not closed: repeat its first position after vertex 4."),
        ("POLYGON((0 0,1 1,0 0))", "Ring 1 (the outer one) has 3 positions: a ring has at least 4"),
        ("POLYGON((0 0,1 1,0 0,0 0))", "the ring has fewer than three different positions"),
        ("LINESTRING(1 1,1 1)", "The line has no length: a line has two different positions."),
        ("MULTILINESTRING((0 0,1 1),(2 2))", "Line 2 has no length"),
    ],
)  # fmt: skip
def test_a_bad_geometry_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    assert sentence in refused(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("POLYGON((0 0,1 1,0 1,1 0,0 0))",
         "Ring 1 (the outer one), between vertices 1 and 2 (at 0.5 0.5), where it meets ring 1 (the"
         " outer one), between vertices 3 and 4: edges cross or run along one another; redraw"),
        (f"POLYGON({SQUARE},(20 20,21 20,21 21,20 20))",
         "Ring 2 (a hole), vertex 1 (at 20 20): the hole is outside its polygon;"),
        (f"POLYGON({SQUARE},(2 2,8 2,8 8,2 8,2 2),(4 4,5 4,5 5,4 4))",
         "Ring 3 (a hole), vertex 1 (at 4 4): a hole is within another"),
        (f"MULTIPOLYGON(({SQUARE}),((4 4,5 4,5 5,4 4)))",
         "Ring 1 (the outer one) of polygon 2, vertex 1 (at 4 4): a polygon is within another"),
        (f"MULTIPOLYGON(({SQUARE}),((8 8,12 8,12 12,8 12,8 8)))",
         "Ring 1 (the outer one) of polygon 1, between vertices 2 and 3 (at 9 8), where it meets"
         " ring 1 (the outer one) of polygon 2, between vertices 1 and 2"),
        ("POLYGON((0 0,4 0,4 4,2 0,0 4,0 0))",
         "Ring 1 (the outer one), between vertices 1 and 2 (at 2 0), where it meets ring 1 (the"
         " outer one), vertex 4: the ring touches itself"),
        (f"POLYGON({SQUARE},(4 0,9 4,4 9,0 4,4 0))", "holes cut the polygon apart"),
        (collection(*[geojson("Polygon", [[[0, 0], [9, 0], [0, 9], [0, 0]]])] * 2),
         "of feature 1, vertex"),
    ],
)  # fmt: skip
def test_an_invalid_polygon_is_refused_with_its_polygon_ring_and_vertex(
    text: str, sentence: str
) -> None:
    assert sentence in refused(text)


@EXAMPLES
@given(ring=stars(), data=st.data())
def test_a_ring_that_is_crossed_is_refused_where_geos_says(ring: Any, data: Any) -> None:
    """Two vertices are swapped; GEOS decides, and the error names the edge where it says."""
    first = data.draw(st.integers(1, len(ring) - 3))
    ring[first], ring[first + 1] = ring[first + 1], ring[first]
    text = geojson("Polygon", [ring])
    if GEOSGeometry(text).valid:
        geometry(text)
    else:
        assert refused(text).startswith("Ring 1 (the outer one), ")


# Syntax


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("POINT(1 2", "The WKT is invalid at character 10, its end: expected “)”."),
        ("POINT(1 2))", "The WKT is invalid at character 11, “)”: expected the end of the text"),
        ("POINT(1 2) -- x", "at character 12, “-- x”: expected the end of the text."),
        ("POINT(1 2) /* x */", "expected the end of the text."),
        ("POINT(1)", "at character 7, “1)”: expected a position: longitude and latitude"),
        ("POINT(1_0 2)", "at character 7, “1_0 2)”: expected a number."),
        ("POINT(٣ 2)", "expected a number."),
        ("POINT(0x1 2)", "expected a number."),
        ("POINT(1e 2)", "expected a number."),
        ("POINT(1\u00a02)", "“1\\xa02)”: expected a number."),
        ("POINT(1 2,3 4)", "expected one position."),
        ("POINT(1 2 3 4 5)", "at character 15, “5)”: expected “,” or “)”."),
        ("CIRCULARSTRING(0 0,1 1,2 2)", "one of POINT, LINESTRING, POLYGON, MULTIPOINT"),
        ("TIN EMPTY", "one of POINT, LINESTRING"),
        ("\ufeffPOINT(1 2)", "The geometry begins with a byte order mark: leave it out."),
        ("POINT(1 2)\0", "characters that are not text"),
        ("POINT(1 \ud800)", "characters that are not text"),
        ("x\u202e\x1b[0m", "“x\\u202e\\x1b[0m”"),
        ("POINT(" + "0" * 100_000 + " 0)", "“000000000000000000000000000000…” has 100,000 charac"),
        ('{"type":"Point","coordinates":[' + "1" * 5000 + ",0]}", "has 5,000 characters, more"),
        ('{"type":"Point","coordinates":[1,2]', "is invalid at character 36: Expecting ',' delim"),
        ('{"type":"Point","coordinates":[1,2]} //', "is invalid at character 38: Extra data."),
        ('{"type":"Point","type":"Point","coordinates":[1,2]}', "gives “type” twice in one object"),
        ('{"type":"Point","coordinates":[1,2],"\x01":1}', "Invalid control character"),
        ("[1,2]", "expected an object with a type, not a list of 2."),
        (geojson("point", [1, 2]), "the type is the text “point”: it is one of Point, LineString"),
        (geojson("Curve", []), "the type is the text “Curve”"),
        ('{"type":["Point"]}', "the type is a list of 1"),
        (geojson("Point", None), "expected a list of coordinates, not nothing"),
        (geojson("Point", ["1", 2]), "expected a number, not the text “1”."),
        (geojson("Point", [True, 2]), "expected a number, not true."),
        (geojson("Point", [[1, 2]]), "expected a position [longitude, latitude], not"),
        (geojson("Polygon", [[[0, 0], [1, 0], 5, [0, 0]]]),
         "In vertex 3 of ring 1 (the outer one) expected a position [longitude, latitude], not the"
         " number 5."),
        (geojson("MultiPolygon", [[[0, 0]]]), "In vertex 1 of ring 1 (the outer one) of polygon 1"),
        (collection(geojson("Point", [1, 2]), geojson("Point", [1])),
         "In feature 2 expected a position"),
        ('{"type":"FeatureCollection","features":[{"type":"Point","coordinates":[1,2]}]}',
         "In feature 1 expected a Feature, not an object."),
        ('{"type":"Feature","geometry":{"type":"Feature"}}', "the type is the text “Feature”"),
        ("bbox=1,2,3", "A box has four numbers, bbox=west,south,east,north, and “1,2,3” has 3."),
        ("bbox=1,2,x,4", "“x” in the box is not a number: write degrees."),
        ("bbox=1,2,1_0,4", "“1_0” in the box is not a number"),
        ("bbox=1,5,3,4", "south is greater than north: write west,south,east,north."),
        ("bbox=1,2,1,4", "has no area"),
        ("bbox=180,2,-180,4", "has no area"),
        ("bbox=nan,2,3,4", "the longitude is nan"),
        ("bbox=0,0,190,4", "the longitude 190 is beyond 180 degrees"),
        ("bbox=190,0,-170,4", "the longitude 190 is beyond 180 degrees"),
    ],
)  # fmt: skip
def test_what_is_no_geometry_is_refused_with_its_place(text: str, sentence: str) -> None:
    assert sentence in refused(text)


def test_one_text_is_refused_for_the_first_of_its_faults() -> None:
    """The order is size, depth, syntax, finite, range, Z, vertices, empty, closed, length."""
    faults = [
        ("x" * (SIZE + 1), "bytes"),
        ("(" * 9 + "y" * 9, "is not a geometry"),
        ("GEOMETRYCOLLECTION(" * 9 + "POINT(1 z", "deeper than 8"),
        ("MULTILINESTRING((NaN 999 5),(1 x))", "expected a number"),
        ("MULTILINESTRING((999 0 5),(0 NaN))", "finite"),
        ("MULTILINESTRING((0 0 5),(999 0))", "beyond 180"),
        ("MULTILINESTRING((0 0),(0 0 5))", "3 numbers"),
        ("MULTILINESTRING((0 0),EMPTY)", "empty"),
    ]
    for text, sentence in faults:
        assert sentence in refused(text), text[:40]
