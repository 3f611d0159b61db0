"""The text of values on pages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import GEOSGeometry
from django.db import models

from reports.queries.result import ResultColumn
from reports.values.kinds import kind_of
from reports.web.cells import LONGEST_TEXT, cell


def shown(field, value, places=None):
    column = ResultColumn(id="x", label="X", unit="", kind=kind_of(field, places))
    return cell(column, value)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-7, "-7"),
        (2013, "2013"),
        (12590, "12\u202f590"),
        (-1234567, "-1\u202f234\u202f567"),
    ],
)
def test_integers_are_grouped_from_five_digits_on(number, text):
    assert shown(models.BigIntegerField(), number).text == text


def test_decimals_keep_their_places():
    assert shown(models.FloatField(), Decimal("-12345.60"), 2).text == "-12\u202f345.60"
    assert shown(models.FloatField(), Decimal("0.00001"), 5).text == "0.00001"


def test_null_and_an_empty_text_are_told_apart():
    assert shown(models.CharField(), None).kind == "null"
    assert shown(models.CharField(), "").kind == "empty"
    assert shown(models.CharField(), " ").kind == "text"


def test_instants_are_iso():
    assert shown(models.DateField(), date(2013, 7, 4)).text == "2013-07-04"
    instant = datetime(2013, 7, 4, 12, tzinfo=UTC)
    assert shown(models.DateTimeField(), instant).text == "2013-07-04T12:00:00Z"


@pytest.mark.parametrize(
    ("wkt", "text"),
    [
        ("POINT (2.3522 48.85661)", "48.8566° N, 2.3522° E"),
        ("POINT (-0.5 -90)", "90.0000° S, 0.5000° W"),
        ("POINT (0.00001 -0.00001)", "0.0000°, 0.0000°"),
        ("LINESTRING (0 0, 1 1)", "LineString, 2 vertices"),
        ("MULTIPOINT (1 1)", "MultiPoint, 1 part, 1 vertex"),
        (
            "MULTIPOLYGON (((0 0,1 0,1 1,0 0)), ((5 5,6 5,6 6,5 5)))",
            "MultiPolygon, 2 parts, 8 vertices",
        ),
        (
            "GEOMETRYCOLLECTION (POINT (1 1), LINESTRING (0 0, 1 1))",
            "GeometryCollection, 3 vertices",
        ),
        ("POINT EMPTY", "Point, empty"),
    ],
)
def test_a_geometry_is_a_place_or_its_size(wkt, text):
    found = shown(GeometryField(srid=4326), GEOSGeometry(wkt))
    assert found.text.replace("\N{NO-BREAK SPACE}", " ") == text
    assert found.kind == "plain"


def test_a_place_has_no_more_digits_than_its_column():
    assert shown(GeometryField(), GEOSGeometry("POINT (2.3522 48.85661)"), 1).text == (
        "48.9°\N{NO-BREAK SPACE}N, 2.4°\N{NO-BREAK SPACE}E"
    )


def test_what_is_not_in_degrees_is_two_numbers():
    metres = GeometryField(srid=3857)
    assert shown(metres, GEOSGeometry("POINT (1000.5 -2)"), 2).text == "1000.50, -2.00"


def test_a_large_shape_is_short():
    line = GEOSGeometry(f"LINESTRING ({','.join(f'{n} 0' for n in range(12_345))})")
    assert shown(GeometryField(), line).text == "LineString, 12\u202f345 vertices"


def test_truth_is_a_word():
    assert shown(models.BooleanField(), True).text == "yes"
    assert shown(models.BooleanField(), False).text == "no"


def test_a_long_text_is_clipped_and_says_how_long_it_is():
    whole = "x" * LONGEST_TEXT
    assert shown(models.TextField(), whole).text == whole
    clipped = shown(models.TextField(), "x" * 24312)
    assert clipped.text == whole
    assert clipped.length == "24,312"


def test_a_text_is_not_cut_between_a_letter_and_its_marks():
    text = "x" * (LONGEST_TEXT - 1) + "e\u0301" + "y" * 10
    assert shown(models.TextField(), text).text == "x" * (LONGEST_TEXT - 1)
