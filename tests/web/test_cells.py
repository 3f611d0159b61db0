"""Values as people read them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import models

from reports.canonical import kind_of
from reports.engine import ResultColumn
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
