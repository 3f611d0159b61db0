"""Cells of a file become typed values, or an error that says what was expected."""

from datetime import UTC, datetime, time
from decimal import Decimal

import pytest

from geo.loading import values

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("convert", "text", "value"),
    [
        (values.integer, "-12", -12),
        (values.decimal, "1e3", Decimal(1000)),
        (values.clock, "517", time(5, 17)),
        (values.clock, "1", time(0, 1)),
        (values.clock, "2400", time(0, 0)),
        (values.instant, "2013-01-01T10:00:00Z", datetime(2013, 1, 1, 10, tzinfo=UTC)),
        (values.longitude, "-180", -180.0),
        (values.optional(values.integer, values.NA), "NA", None),
        (values.scaled("0.3048", 2), "3435", Decimal("1046.99")),
        (values.scaled("0.5", 2), "0.25", Decimal("0.13")),
        (values.scaled("0.5", 2), "-0.25", Decimal("-0.13")),
        (values.text, " Willemstad", "Willemstad"),
    ],
)
def test_text_becomes_a_value(convert, text, value):
    assert convert(text) == value


def test_zero_has_no_sign():
    assert str(values.scaled("1", 1)("-0.01")) == "0.0"


@pytest.mark.parametrize(
    ("convert", "text"),
    [
        (values.integer, "1_000"),
        (values.integer, "٣"),
        (values.integer, " 1"),
        (values.integer, "1.0"),
        (values.count, "-1"),
        (values.decimal, "nan"),
        (values.decimal, "Infinity"),
        (values.decimal, "1e99"),
        (values.decimal, ""),
        (values.longitude, "180.1"),
        (values.latitude, "-90.5"),
        (values.clock, "1260"),
        (values.clock, "2401"),
        (values.instant, "2013-01-01 10:00"),
        (values.instant, "2013-02-30T10:00:00Z"),
        (values.required, "NA"),
        (values.required, "  "),
    ],
)
def test_anything_else_is_refused(convert, text):
    with pytest.raises(ValueError, match=r"."):
        convert(text)
