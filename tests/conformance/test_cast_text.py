"""Casts of texts, against plain Python."""

import pytest
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateField,
    DecimalField,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Subquery,
    TextField,
    UUIDField,
    Value,
    When,
)

from reports.expressions import Cast
from reports.expressions.conversion import between_types
from reports.expressions.rounding import significant
from tests.conformance.casts import (
    BIG,
    INT,
    alone,
    quantized,
    to_date,
    to_decimal,
    to_integer,
    to_uuid,
)
from tests.conformance.harness import by_row
from tests.hostile.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

NUMBERS = (
    *(
        "0",
        "00",
        "-0",
        "+0",
        "5",
        "+5",
        "-5",
        "--5",
        "+-5",
        "- 5",
        " 5",
        "5 ",
        "5\n",
        "\t5",
        "5\r\n",
    ),
    *("5\u2028", "5\x85", "5a", "a5", "5.", ".5", "5.0", "5.5", "-5.5", "2.675", "-2.675", "0.005"),
    *("-0.005", "0.0049999", "-0.0049", "1e5", "1E5", "1e-5", "1_000", "1,000", "1.2.3", "0x1F"),
    *(
        "0b1",
        "0o7",
        "\u0663",
        "\uff15",
        "\u06f5",
        "\u00b2",
        "\u2155",
        "5\u0663",
        "NaN",
        "nan",
        "inf",
    ),
    *("Infinity", "-Infinity", "", " ", "+", "-", ".", "-.", "true", "null", "2147483647"),
    *("2147483648", "-2147483648", "-2147483649", "9223372036854775807", "9223372036854775808"),
    *("-9223372036854775808", "-9223372036854775809", "18446744073709551615", "9" * 20, "9" * 66),
    *("9" * 100, "9" * 101, "-" + "9" * 100, "0" * 99 + "5", "0" * 100 + "5", "1" + "0" * 99),
    *(
        "0." + "4" * 100,
        "0." + "9" * 97,
        "0." + "4" * 98,
        "0." + "9" * 101,
        "9999999999999.99",
        "9999999999999.995",
    ),
    *(
        "9999999999999.994",
        "10000000000000",
        "123456789012.345",
        "1;",
        "1'",
        "'1'",
        "$1",
        "1%",
        "\\1",
    ),
    *(
        "999999999",
        "-999999999",
        "+999999999",
        "1000000000",
        "123456789 ",
        "000000000",
        "0000000005",
    ),
    *("9" * 18, "-" + "9" * 18, "1" + "0" * 18, "0" * 17 + "5", "0" * 18 + "5", "007", "-007"),
    *("12.50", "-12.50", "12.5", "012.50", "0.00", "-0.00", "12.500", "99.99", "999.99", "999.995"),
    *("1_0.00", " 12.50", "12.50\n", "NAN", "0x5", "-inf", "1e2", "12.5e1", "12.50f"),
    *("\u22125", "5\u00a0", "\ufeff5", "5\u200b", "2020-01-01", "1/2"),
)
DATES = (
    *("2020-02-29", "2019-02-29", "1900-02-29", "2000-02-29", "2020-02-30", "2020-04-31"),
    *("2020-13-01", "2020-00-10", "2020-01-00", "2020-01-32", "0000-01-01", "0001-01-01"),
    *(
        "0004-02-29",
        "9999-12-31",
        "10000-01-01",
        "2020-1-1",
        "20-01-01",
        "2020-01-01 ",
        " 2020-01-01",
    ),
    *(
        "2020-01-01\n",
        "2020/01/01",
        "20200101",
        "01.01.2020",
        "2020-01-01 00:00:00",
        "2020-01-01T00",
    ),
    *("now", "today", "infinity", "epoch", "-2020-01-01", "2459000", "2459000.5", "2020-06-31", ""),
    *(
        "\u0662\u0660\u0662\u0660-01-01",
        "2020-01-0\uff11",
        "2020-11-30",
        "2020-12-31",
        "0000-00-00",
    ),
    *(
        "2020-01--1",
        "2020--1-01",
        "-020-01-01",
        "2020-01-1-",
        "2020-Ja-01",
        "y2020-1-01",
        "2020-1-001",
    ),
    *("2020-W01-1", "2020-001", "January 1, 2020", "2100-02-29", "2400-02-29", "+2020-01-01"),
)
UUIDS = (
    *("12345678-1234-4234-8234-123456789abc", "12345678123442348234123456789abc"),
    *("12345678-1234-4234-8234-123456789ABC", "{12345678-1234-4234-8234-123456789abc}"),
    *("12345678-1234-4234-8234-123456789ab", "12345678-1234-4234-8234-123456789abcd"),
    *("12345678-1234-4234-8234-123456789abg", "1234-56781234-4234-8234-123456789abc", ""),
    *("urn:uuid:12345678-1234-4234-8234-123456789abc", "12345678-1234-4234-8234-123456789abc\n"),
    *(" 12345678-1234-4234-8234-123456789abc", "00000000-0000-0000-0000-000000000000"),
    *("12345678 1234 4234 8234 123456789abc", "1234567812344234-8234-123456789abc"),
    "\uff112345678-1234-4234-8234-123456789abc",
    *("{12345678123442348234123456789abc}", "1234-5678-1234-4234-8234123456789abc"),
    *("{12345678-1234-42348234-123456789ab}", "1234567812344234823412345678-9abc-de"),
)


def by_text(texts, target, oracle):
    """Every text in a row of its own, so that no planner sees a constant; and as a constant."""
    whens = [When(pk=number, then=Value(text)) for number, text in enumerate(texts)]
    text = Case(*whens, default=F("text"), output_field=TextField())
    by_row(
        Cast(text, target),
        lambda row: oracle(texts[row["id"]] if row["id"] < len(texts) else row["text"]),
    )


# From text


@pytest.mark.parametrize(("target", "limits"), [(IntegerField(), INT), (BigIntegerField(), BIG)])
def test_text_to_integer(target, limits):
    by_text(NUMBERS, target, lambda text: to_integer(text, *limits))


@pytest.mark.parametrize("text", NUMBERS)
def test_a_literal_to_an_integer(text):
    assert alone(Cast(Value(text), BigIntegerField())) == to_integer(text, *BIG)


@pytest.mark.parametrize(("digits", "places"), [(15, 2), (15, 6), (5, 2), (3, 3), (15, 0), (1, 0)])
def test_text_to_decimal(digits, places):
    by_text(
        NUMBERS,
        DecimalField(max_digits=digits, decimal_places=places),
        lambda text: to_decimal(text, digits, places),
    )


@pytest.mark.parametrize("text", NUMBERS)
def test_a_literal_to_a_decimal(text):
    found = alone(Cast(Value(text), DecimalField(max_digits=15, decimal_places=2)))
    assert str(found) == str(to_decimal(text, 15, 2))


def test_text_to_float():
    texts = [text for text in NUMBERS if len(text) < 30]

    def oracle(text):
        number = to_decimal(text, 100, 50)
        return None if number is None else quantized(significant(float(number)), 3)

    whens = [When(pk=number, then=Value(text)) for number, text in enumerate(texts)]
    text = Case(*whens, default=F("text"), output_field=TextField())
    by_row(
        Cast(text, FloatField()),
        lambda row: oracle(texts[row["id"]] if row["id"] < len(texts) else row["text"]),
        places=3,
    )


def test_text_to_date():
    by_text(DATES, DateField(), to_date)


@pytest.mark.parametrize("text", DATES)
def test_a_literal_to_a_date(text):
    assert alone(Cast(Value(text), DateField())) == to_date(text)


def test_text_to_uuid():
    by_text(UUIDS, UUIDField(), to_uuid)


@pytest.mark.parametrize("text", UUIDS)
def test_a_literal_to_a_uuid(text):
    assert alone(Cast(Value(text), UUIDField())) == to_uuid(text)


CASTS = [
    (NUMBERS, IntegerField(), lambda text: to_integer(text, *INT)),
    (NUMBERS, BigIntegerField(), lambda text: to_integer(text, *BIG)),
    (NUMBERS, DecimalField(max_digits=15, decimal_places=2), lambda text: to_decimal(text, 15, 2)),
    (DATES, DateField(), to_date),
    (UUIDS, UUIDField(), to_uuid),
]


@pytest.mark.parametrize(("texts", "target", "oracle"), CASTS)
def test_a_server_that_cannot_tell_what_it_reads(texts, target, oracle, monkeypatch):
    """Before version 16 PostgreSQL has an error for what a type cannot read, and nothing else."""
    monkeypatch.setattr(between_types, "SOFT_INPUT", 1_000_000)
    by_text(texts, target, oracle)


@pytest.mark.parametrize(("texts", "target", "oracle"), CASTS)
def test_text_of_a_sub_query(texts, target, oracle):
    whens = [When(pk=number, then=Value(text)) for number, text in enumerate(texts)]
    text = Case(*whens, default=F("text"), output_field=TextField())
    own = Entry.objects.filter(pk=OuterRef("pk")).annotate(found=text).order_by().values("found")
    by_row(
        Cast(Subquery(own[:1]), target),
        lambda row: oracle(texts[row["id"]] if row["id"] < len(texts) else row["text"]),
    )


@pytest.mark.parametrize("field", ["text", "note", "owner__name"])
@pytest.mark.parametrize(
    ("target", "oracle"),
    [
        (IntegerField(), lambda text: to_integer(text, *INT)),
        (DecimalField(max_digits=9, decimal_places=2), lambda text: to_decimal(text, 9, 2)),
        (DateField(), to_date),
        (UUIDField(), to_uuid),
        (TextField(), lambda text: text),
        (CharField(max_length=1), lambda text: text and text[:1]),
        (CharField(max_length=3), lambda text: text and text[:3]),
    ],
)
def test_text_of_a_column(field, target, oracle):
    by_row(Cast(field, target), lambda row: oracle(row[field]))
