"""Reads of JSON documents, against plain Python."""

import json
from decimal import ROUND_HALF_UP, Context, Decimal

import pytest
from django.db.models import Case, F, JSONField, Q, Value, When

from reports.columns import Key
from reports.errors import DeclarationError, NotPortable
from reports.expressions import Count, Max, Min, Sum
from reports.expressions.comparison import Coalesce
from reports.expressions.json.paths import (
    JSONBoolean,
    JSONDecimal,
    JSONHasKey,
    JSONInteger,
    JSONLength,
    JSONText,
    JSONType,
)
from tests.conformance.harness import answers, by_group, by_row, entries
from tests.hostile.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

NOTHING = object()


def at(document, *path):
    """What stands there, NOTHING if nothing does."""
    for step in path:
        kind = dict if isinstance(step, str) else list
        if not isinstance(document, kind):
            return NOTHING
        try:
            document = document[step]
        except LookupError:
            return NOTHING
    return document


def text(value):
    return value if isinstance(value, str) else None


def is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def integer(value):
    if not is_number(value) or value != int(value):
        return None
    value = int(Decimal(repr(value)))
    return value if -(2**63) <= value < 2**63 else None


def decimal(value, places=2):
    if not is_number(value):
        return None
    found = Decimal(repr(value)).quantize(
        Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=500)
    )
    found = found or abs(found)
    return found if abs(found) < 10 ** (15 - places) else None


def boolean(value):
    return value if isinstance(value, bool) else None


def kind(value):
    if value is NOTHING:
        return None
    if value is None:
        return "null"
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    return names.get(type(value), "object")


def length(value):
    return len(value) if isinstance(value, list) else None


def is_there(value):
    return value is not NOTHING


def read(expression, path, **extra):
    return lambda document: expression(document, *path, **extra)


READS = {
    "text": (JSONText, {}, text),
    "integer": (JSONInteger, {}, integer),
    "decimal": (JSONDecimal, {"places": 2}, decimal),
    "boolean": (JSONBoolean, {}, boolean),
    "type": (JSONType, {}, kind),
    "length": (JSONLength, {}, length),
    "has key": (JSONHasKey, {}, is_there),
}
PATHS = (
    ("a",),
    ("b",),
    ("a", "b"),
    ("a", "b", 0),
    ("a", "b", 1),
    ("a", "b", 2),
    ("a", "b", 3),
    ("a", "b", 3, "c"),
    ("a", "b", 4),
    ("a", 0),
    ("a", 1),
    ("a", 0, 0),
    ("a", 2147483647),
    (0,),
    (1,),
    (0, 0),
    (0, "a"),
    ("a b",),
    ('a"b',),
    ("a.b",),
    ("",),
    ("0",),
    ("\u00e9",),
    ("A",),
    ("a ",),
    ("e\u0301",),
    ("$",),
    ("[0]",),
    ("*",),
    ("a", "*"),
    ("-1",),
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", READS)
def test_a_column(name, path):
    expression, extra, oracle = READS[name]
    by_row(
        expression("data", *path, **extra),
        lambda row: None if row["data"] is None else oracle(at(row["data"], *path)),
    )


@pytest.mark.parametrize("name", [name for name in READS if name != "has key"])
def test_the_whole_document(name):
    expression, extra, oracle = READS[name]
    by_row(
        expression("data", **extra),
        lambda row: None if row["data"] is None else oracle(row["data"]),
    )


# Documents that the table does not have

KEYS = (
    *("a b", 'a"b', "a.b", "", "0", "\u00e9", "a\\b", "[0]", "$", "a'b", "%", "%s", "%(a)s", "{}"),
    *("\U0001f600", "a\nb", '"', "\\", "#", "a]", "*", '\u00e9"x', "A", "last", "\x7f", "\\u0061"),
    *('a\\"b', "\t", "ab", "1", "-1", "a b[0]", '"."', "\\n", "-", "--", "-a", "a-b", "$.a", "@"),
    *("**", "?", "e\u0301", "\u0130", "\u2028", "a" * 300, "\u4e2d", "-a_b-1", "{value}", "null"),
)
KEYED = {key: number for number, key in enumerate(KEYS)}
NUMBERS = (
    *(0, 1, -1, 10**15, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 2**63, 2**64 - 1),
    *(2**64, 10**20, -(10**30), 0.0, -0.0, 1.0, -1.0, 1.5, -2.5, 0.1, 0.30000000000000004, 2.675),
    *(-2.675, 0.005, -0.005, 0.0049, 100.0, 1e15, 1e16, 1.5e17, 1e18, 1.2345678901234568e18, 1e22),
    *(1e100, -1e300, 1e-5, 1e-7, 1e-300, 5e-324, 1.7976931348623157e308, 9999999999999.99, 1e13),
    *(9999999999999.994, 9999999999999.996, 123456789.125, 4503599627370495.5),
)
STRINGS = (
    *(
        "",
        " ",
        "a",
        "A",
        "\u00e9",
        "\U0001f600",
        '"',
        "\\",
        "/",
        "\n",
        "\t",
        "\x01",
        "\x7f",
        "null",
    ),
    *(
        "true",
        "1",
        '"x"',
        "\\u00e9",
        "a\\nb",
        "%s",
        "'",
        "\u2028",
        "{}",
        "[]",
        " a ",
        "\ufeff",
        "$.a",
    ),
    *("\u202ea\u202c", "x" * 5000, "\U0010ffff", "e\u0301"),
)


def alone(expression):
    """The one value of an expression that is asked of one row."""
    ((found,),) = answers({"found": expression}, queryset=Entry.objects.filter(pk=0))
    return found


def literal(document):
    return Value(document, output_field=JSONField())


@pytest.mark.parametrize("key", KEYS)
def test_keys(key):
    document = literal(KEYED)
    assert alone(JSONInteger(document, key)) == KEYED[key]
    assert alone(JSONHasKey(document, key)) is True
    assert alone(JSONHasKey(document, "\u00df" + key)) is False
    assert alone(JSONInteger(literal({"x": [KEYED]}), "x", 0, key)) == KEYED[key]
    assert alone(JSONInteger(literal({key: {key: [5]}}), key, key, 0)) == 5


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers(number):
    document = literal({"a": number, "b": [number]})
    assert alone(JSONInteger(document, "a")) == integer(number)
    assert alone(JSONInteger(document, "b", 0)) == integer(number)
    assert alone(JSONType(document, "a")) == "number"
    assert alone(JSONText(document, "a")) is None
    assert alone(JSONBoolean(document, "a")) is None
    for places in (0, 2, 6, 15):
        found = alone(JSONDecimal(document, "a", places=places))
        assert str(found) == str(decimal(number, places))


@pytest.mark.parametrize("string", STRINGS)
def test_strings(string):
    document = literal({"a": string})
    assert alone(JSONText(document, "a")) == string
    assert alone(JSONText(literal([string]), 0)) == string
    assert alone(JSONText(literal(string))) == string
    assert alone(JSONInteger(document, "a")) is None
    assert alone(JSONDecimal(document, "a", places=1)) is None
    assert alone(JSONBoolean(document, "a")) is None
    assert alone(JSONType(document, "a")) == "string"


@pytest.mark.parametrize("value", [{}, [], "a", 1, 1.5, True, False, None, {"0": 1}, [[1]], ""])
@pytest.mark.parametrize("path", [(0,), (0, 0), ("a", 0), ("a", 0, "b"), (0, "0"), ("0",)])
def test_an_index_is_of_arrays_and_a_key_of_objects(value, path):
    for document in (value, {"a": value}, [value]):
        found = at(document, *path)
        assert alone(JSONType(literal(document), *path)) == kind(found)
        assert alone(JSONHasKey(literal(document), *path)) is is_there(found)


def test_keys_of_documents_that_are_not_written_in_ascii():
    class Plain(json.JSONEncoder):
        def __init__(self, **options):
            super().__init__(**options | {"ensure_ascii": False})

    for key in KEYS:
        document = Value({key: {key: "\u00e9"}}, output_field=JSONField(encoder=Plain))
        assert alone(JSONText(document, key, key)) == "\u00e9"


# In context


def test_texts_compare_by_code_point():
    by_row(
        Case(When(Q(text=JSONText("data", "a")), then=Value("same")), default=Value("other")),
        lambda row: (
            "same"
            if row["text"] is not None
            and row["data"] is not None
            and text(at(row["data"], "a")) == row["text"]
            else "other"
        ),
    )


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        (JSONText("data", "a"), lambda row: text(at(row["data"], "a"))),
        (JSONInteger("data", "a"), lambda row: integer(at(row["data"], "a"))),
        (JSONDecimal("data", "a", places=1), lambda row: decimal(at(row["data"], "a"), 1)),
        (JSONBoolean("data", "a"), lambda row: boolean(at(row["data"], "a"))),
        (
            JSONType("data", "a"),
            lambda row: None if row["data"] is None else kind(at(row["data"], "a")),
        ),
        (JSONText("data", "a.b"), lambda row: None),
        (JSONInteger("data", "a", 0), lambda row: integer(at(row["data"], "a", 0))),
    ],
)
def test_as_a_key(expression, found):
    wanted = {}
    for row in entries():
        wanted[found(row)] = wanted.get(found(row), 0) + 1
    rows = answers({"rows": Count("*")}, group_by={"key": Key(expression)})
    assert dict(rows) == wanted
    assert len(rows) == len(wanted)


@pytest.mark.parametrize("descending", [False, True])
def test_as_an_order(descending):
    rows = answers(
        {"id": "pk", "number": JSONDecimal("data", "a", places=2)},
        ordering=["-number" if descending else "number"],
    )

    def key(row):
        number = decimal(at(row["data"], "a"))
        sign = -1 if descending else 1
        return (number is None, 0 if number is None else sign * number, row["id"])

    assert [row[0] for row in rows] == [row["id"] for row in sorted(entries(), key=key)]


def test_within_an_aggregate():
    def oracle(rows):
        found = [n for row in rows if (n := integer(at(row["data"], "a"))) is not None]
        return sum(found) if found else None

    by_group(Sum(JSONInteger("data", "a")), oracle)


def test_within_a_filtered_aggregate():
    def oracle(rows):
        found = [text(at(row["data"], "a")) for row in rows if row["flag"]]
        return max((value for value in found if value is not None), default=None)

    by_group(Max(JSONText("data", "a"), filter=Q(flag=True)), oracle)


def test_within_another():
    by_row(
        Coalesce(JSONText("data", "a"), "owner__name", Value("-")),
        lambda row: next(
            value
            for value in (text(at(row["data"], "a")), row["owner__name"], "-")
            if value is not None
        ),
    )


def test_least_of_decimals():
    def oracle(rows):
        found = [decimal(at(row["data"], "a"), 1) for row in rows]
        return min((value for value in found if value is not None), default=None)

    by_group(Min(JSONDecimal("data", "a", places=1)), oracle)


def test_within_arithmetic():
    by_row(
        JSONInteger("data", "a") + F("rank"),
        lambda row: (
            None
            if (number := integer(at(row["data"], "a"))) is None or row["rank"] is None
            else number + row["rank"]
        ),
    )


@pytest.mark.parametrize(
    ("expression", "value", "test"),
    [
        (JSONText("data", "a"), "1", lambda found: found == "1"),
        (JSONText("data", "a"), "A", lambda found: found == "A"),
        (JSONInteger("data", "a"), 1, lambda found: integer(found) == 1),
        (JSONBoolean("data", "a"), True, lambda found: found is True),
        (JSONType("data", "a"), "null", lambda found: found is None),
        (JSONHasKey("data", "a"), True, is_there),
    ],
)
def test_in_a_filter(expression, value, test):
    by_row(
        "text",
        lambda row: row["text"],
        queryset=Entry.objects.alias(found=expression).filter(found=value),
        where=lambda row: row["data"] is not None and test(at(row["data"], "a")),
    )


def test_as_a_condition():
    by_row(
        Case(When(JSONHasKey("data", "a"), then=Value(1)), default=Value(0)),
        lambda row: int(row["data"] is not None and is_there(at(row["data"], "a"))),
    )


# Refusals


@pytest.mark.parametrize("expression", [JSONText, JSONInteger, JSONBoolean, JSONType, JSONHasKey])
@pytest.mark.parametrize("field", ["text", "number", "flag"])
def test_only_json_is_read(expression, field):
    with pytest.raises(NotPortable, match=f"{expression.__name__} takes a JSONField, not a "):
        answers({"found": expression(field, "a")})


@pytest.mark.parametrize(
    ("step", "error", "sentence"),
    [
        (-1, NotPortable, "takes indexes from 0, not -1"),
        (2**31, NotPortable, "takes indexes from 0"),
        ("-\u00e9", NotPortable, "MariaDB finds a key that begins with a hyphen"),
        ("- a", NotPortable, "MariaDB finds a key that begins with a hyphen"),
        ("a\0", NotPortable, "PostgreSQL has no such text"),
        ("\ud800", NotPortable, "PostgreSQL has no such text"),
        (True, DeclarationError, "takes a path of keys"),
        (1.5, DeclarationError, "takes a path of keys"),
        (None, DeclarationError, "takes a path of keys"),
        (("a", "b"), DeclarationError, "as one argument each"),
    ],
)
def test_refused_steps(step, error, sentence):
    with pytest.raises(error, match=sentence):
        JSONText("data", "a", step)


@pytest.mark.parametrize("places", [-1, 16])
def test_refused_places(places):
    with pytest.raises(DeclarationError, match="JSONDecimal takes 0 to 15 places"):
        JSONDecimal("data", "a", places=places)
