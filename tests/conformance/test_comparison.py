"""The first, the greatest, the least and none, against plain Python."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import pytest
from django.db.models import (
    Case,
    DateField,
    DateTimeField,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)

from reports.columns import Key
from reports.errors import DeclarationError, NotPortable
from reports.expressions import Count, Min, Sum
from reports.expressions.comparison import Coalesce, Greatest, Least, NullIf
from reports.expressions.rounding import significant
from tests.conformance.harness import answers, by_group, by_row, entries, groups
from tests.hostile.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

NOON = datetime(2020, 6, 1, 12, tzinfo=UTC)
SECONDS = datetime(2000, 1, 2, 23, 59, 59, tzinfo=UTC)
UID = UUID("12345678-1234-4234-8234-123456789abc")

# (operands, what each of them is in a row, decimal places of the result)
FIELDS = {
    "integers": (("number", "rank"), None),
    "big integers": (("big", "huge"), None),
    "integers of two sizes": (("rank", "huge"), None),
    "three integers": (("number", "rank", "big"), None),
    "decimals": (("amount", "amount"), None),
    "decimals of unequal places": (("price", "amount"), None),
    "integer and decimal": (("number", "price"), None),
    "texts": (("text", "note"), None),
    "three texts": (("text", "note", "owner__name"), None),
    "joined texts": (("note", "owner__name"), None),
    "dates": (("day", "day"), None),
    "times": (("clock", "clock"), None),
    "instants": (("at", "at"), None),
    "floats": (("ratio", "ratio"), 6),
    "float and integer": (("rank", "ratio"), 6),
    "float and decimal": (("price", "ratio"), 6),
}
CONSTANTS = {
    "integer": ("number", 0),
    "negative integer": ("rank", -1),
    "big integer": ("huge", 2**62),
    "decimal": ("amount", Decimal("0.5")),
    "decimal of more places": ("price", Decimal("0.0501")),
    "decimal for an integer": ("rank", Decimal("0.5")),
    "integer for a decimal": ("price", 1),
    "text": ("text", "a"),
    "capital": ("text", "A"),
    "empty text": ("note", ""),
    "blank": ("note", " "),
    "emoji": ("text", "\U0001f600"),
    "percent": ("text", "%s"),
    "backslash": ("text", "\\"),
    "date": ("day", date(2020, 2, 29)),
    "time": ("clock", time(12)),
    "time of microseconds": ("clock", time(12, 59, 59, 1)),
    "instant": ("at", NOON),
    "instant of whole seconds": ("at", SECONDS),
    "joined text": ("owner__name", "a"),
}
PLACES = {"price": 2, "amount": 6}


def _exact(value, *operands):
    """The value with the most places of the operands, if one of them is a decimal."""
    places = [
        PLACES[each] if each in PLACES else -each.as_tuple().exponent
        for each in operands
        if each in PLACES or isinstance(each, Decimal)
    ]
    return Decimal(value).quantize(Decimal(1).scaleb(-max(places))) if places else value


def _rounded(value):
    value = significant(float(value)).quantize(Decimal("0.000001"), "ROUND_HALF_UP")
    return value or abs(value)


def _oracle(choose, fields, places):
    def oracle(row):
        values = [row[field] for field in fields if row[field] is not None]
        if not values:
            return None
        value = choose(values)
        return _exact(value, *fields) if places is None else _rounded(value)

    return oracle


CHOICES = [(Coalesce, lambda values: values[0]), (Greatest, max), (Least, min)]


@pytest.mark.parametrize("case", FIELDS)
@pytest.mark.parametrize(("choice", "choose"), CHOICES)
def test_of_fields(choice, choose, case):
    fields, places = FIELDS[case]
    by_row(choice(*fields), _oracle(choose, fields, places), places=places)


@pytest.mark.parametrize("case", CONSTANTS)
@pytest.mark.parametrize(("choice", "choose"), CHOICES)
def test_with_a_constant(choice, choose, case):
    field, constant = CONSTANTS[case]

    def oracle(row):
        values = [row[field], constant] if row[field] is not None else [constant]
        return _exact(choose(values), field, constant)

    by_row(choice(field, Value(constant)), oracle)


@pytest.mark.parametrize("case", CONSTANTS)
def test_null_if(case):
    field, constant = CONSTANTS[case]
    by_row(
        NullIf(field, Value(constant)),
        lambda row: (
            None
            if row[field] is None or row[field] == constant
            else _exact(row[field], field, constant)
        ),
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("text", "note"),
        ("note", "owner__name"),
        ("number", "rank"),
        ("price", "amount"),
        ("rank", "price"),
        ("day", "day"),
        ("at", "at"),
        ("clock", "clock"),
        ("flag", "flag"),
        ("uid", "uid"),
        ("huge", "big"),
    ],
)
def test_null_if_of_fields(first, second):
    by_row(
        NullIf(first, second),
        lambda row: (
            None
            if row[first] is None or row[first] == row[second]
            else _exact(row[first], first, second)
        ),
    )


@pytest.mark.parametrize("text", ["a", "A", "\u00e1", "a ", "", "ss", "\u00df", "\uff10", "-5"])
def test_null_if_tells_texts_apart_by_code_point(text):
    by_row(NullIf("text", Value(text)), lambda row: None if row["text"] == text else row["text"])


@pytest.mark.parametrize("constant", [True, False])
def test_booleans_have_a_first_one(constant):
    by_row(
        Coalesce("flag", Value(constant)),
        lambda row: constant if row["flag"] is None else row["flag"],
    )


def test_uuids_have_a_first_one():
    by_row(Coalesce("uid", Value(UID)), lambda row: row["uid"] or UID)


def test_the_first_uuid_can_be_a_constant():
    by_row(Coalesce(Value(UID), F("uid")), lambda row: UID)


def test_a_constant_first():
    by_row(Coalesce(Value(NOON), "at"), lambda row: NOON)


@pytest.mark.parametrize(
    ("constants", "wanted"),
    [
        ((1, 3, 2), (1, 3, 1)),
        (("b", "a", "B"), ("b", "b", "B")),
        ((NOON, SECONDS), (NOON, NOON, SECONDS)),
        ((date(2020, 1, 1), date(1999, 1, 1)), (date(2020, 1, 1),) * 2 + (date(1999, 1, 1),)),
        ((Decimal("1.5"), 2), (Decimal("1.5"), Decimal("2.0"), Decimal("1.5"))),
    ],
)
def test_of_constants_alone(constants, wanted):
    for (choice, _), value in zip(CHOICES, wanted, strict=True):
        by_row(choice(*map(Value, constants)), lambda row, value=value: value)


def test_a_typed_null():
    by_row(Greatest("number", Value(None, IntegerField())), lambda row: row["number"])
    by_row(Coalesce(Value(None, TextField()), "text"), lambda row: row["text"])
    by_row(Least(Value(None, DateTimeField()), "at"), lambda row: row["at"])


def test_all_null():
    null = Value(None, DateField())
    by_row(Greatest(null, null), lambda row: None)


# In context


def test_nested():
    by_row(
        Greatest(Least("number", Value(100)), Coalesce("rank", Value(-50)), Value(-40)),
        lambda row: max(
            min(100 if row["number"] is None else row["number"], 100),
            -50 if row["rank"] is None else row["rank"],
            -40,
        ),
    )


def test_of_a_case_of_instants():
    instant = Case(When(flag=True, then=Value(NOON)), default=F("at"))

    def oracle(row):
        values = [v for v in (NOON if row["flag"] else row["at"], SECONDS) if v]
        return max(values)

    by_row(Greatest(instant, Value(SECONDS)), oracle)


def test_of_arithmetic():
    by_row(
        Greatest(F("rank") * 2, F("number") + 1),
        lambda row: max(
            (
                *([row["rank"] * 2] if row["rank"] is not None else []),
                *([row["number"] + 1] if row["number"] is not None else []),
            ),
            default=None,
        ),
    )


def test_within_an_aggregate():
    def oracle(rows):
        values = [v for row in rows for v in (row["text"], row["note"]) if v is not None]
        return min(values, default=None)

    by_group(Min(Least("text", "note")), oracle)


def test_within_a_filtered_aggregate():
    by_group(
        Sum(Coalesce("number", Value(1)), filter=Q(flag=True)),
        lambda rows: (
            sum(1 if row["number"] is None else row["number"] for row in kept)
            if (kept := [row for row in rows if row["flag"]])
            else None
        ),
    )


def test_within_an_aggregates_filter():
    by_group(
        Count("pk", filter=Q(pk__gt=0) & Q(rank__lt=Coalesce("number", Value(0)))),
        lambda rows: sum(
            row["id"] > 0 and row["rank"] is not None and row["rank"] < (row["number"] or 0)
            for row in rows
        ),
    )


@pytest.mark.parametrize(("choice", "choose"), CHOICES)
def test_of_aggregates(choice, choose):
    def oracle(rows):
        numbers = [row["number"] for row in rows if row["number"] is not None]
        ranks = [row["rank"] for row in rows if row["rank"] is not None]
        values = [sum(v) for v in (numbers, ranks) if v]
        return choose(values) if values else None

    by_group(choice(Sum("number"), Sum("rank")), oracle)


@pytest.mark.parametrize(("choice", "choose"), CHOICES)
def test_of_sums_of_decimals(choice, choose):
    def oracle(rows):
        amounts = [row["amount"] for row in rows if row["amount"] is not None]
        prices = [row["price"] for row in rows if row["price"] is not None]
        values = [sum(v) for v in (amounts, prices) if v]
        return _exact(choose(values), "amount", "price") if values else None

    queryset = Entry.objects.filter(pk__lt=900)
    by_group(
        choice(Sum("amount"), Sum("price")),
        oracle,
        queryset=queryset,
        where=lambda row: row["id"] < 900,
    )


@pytest.mark.parametrize(("choice", "choose"), CHOICES)
def test_of_aggregates_with_a_constant(choice, choose):
    def oracle(rows):
        numbers = [row["number"] for row in rows if row["number"] is not None]
        return choose([*([sum(numbers)] if numbers else []), 0])

    by_group(choice(Sum("number"), Value(0)), oracle)


@pytest.mark.parametrize(("choice", "choose"), CHOICES)
@pytest.mark.parametrize("constant", [0, 2**62, -(2**63)])
def test_of_sums_past_64_bits(choice, choose, constant):
    def oracle(rows):
        values = [
            sum(found)
            for field in ("huge", "big")
            if (found := [row[field] for row in rows if row[field] is not None])
        ]
        return choose([*values, constant])

    by_group(choice(Sum("huge"), Sum("big"), Value(constant)), oracle)


@pytest.mark.parametrize(("choice", "choose"), CHOICES)
@pytest.mark.parametrize("fields", [("huge", "price"), ("price", "huge"), ("price", "amount")])
def test_of_sums_past_15_digits(choice, choose, fields):
    """An integer beside a decimal, and decimals without the negative ones."""
    positive = Q(price__gt=0)
    found = dict(
        answers(
            {"found": choice(*(Sum(field, filter=positive) for field in fields))},
            group_by={"flag": Key(F("flag"))},
        )
    )
    for flag, answer in found.items():
        rows = [row for row in entries() if row["flag"] is flag and (row["price"] or 0) > 0]
        totals = [
            sum(row[field] for row in rows if row[field] is not None) for field in fields if rows
        ]
        assert answer == choose(totals)
        assert str(answer) == str(_exact(answer, *fields))


@pytest.mark.parametrize("sign", ["", "-"])
def test_sums_past_64_bits_in_order_and_reckoned_with(sign):
    total = Coalesce(Sum("huge"), Value(0))
    found = answers(
        {"total": total, "more": total + 1},
        group_by={"owner": Key(F("owner_id"))},
        ordering=[f"{sign}total"],
    )
    totals = [row[1] for row in found]
    assert max(map(abs, totals)) > 2**63
    assert totals == sorted(totals, reverse=bool(sign))
    assert [row[2] for row in found] == [value + 1 for value in totals]


@pytest.mark.parametrize(
    ("expression", "key"),
    [
        (Coalesce("note", "text"), lambda row: row["text"] if row["note"] is None else row["note"]),
        (
            Greatest("rank", Value(0)),
            lambda row: max(0, row["rank"] or 0),
        ),
        (NullIf("text", Value("a")), lambda row: None if row["text"] == "a" else row["text"]),
        (
            Coalesce("owner__name", Value("nobody")),
            lambda row: "nobody" if row["owner__name"] is None else row["owner__name"],
        ),
    ],
)
def test_as_a_key(expression, key):
    found = answers({"rows": Count("*")}, group_by={"key": Key(expression)})
    wanted = {}
    for row in entries():
        wanted[key(row)] = wanted.get(key(row), 0) + 1
    assert dict(found) == wanted
    assert len(found) == len(wanted)


@pytest.mark.parametrize("descending", [False, True])
def test_as_an_order(descending):
    found = [
        row[0]
        for row in answers(
            {"id": "pk", "text": Least("text", "note")},
            ordering=["-text" if descending else "text"],
        )
    ]

    def least(row):
        return min((v for v in (row["text"], row["note"]) if v is not None), default=None)

    rows = sorted(entries(), key=lambda row: least(row) or "", reverse=descending)
    if descending:  # level rows go by id, upwards
        rows = sorted(entries(), key=lambda row: row["id"])
        rows.sort(key=lambda row: least(row) or "", reverse=True)
    rows.sort(key=lambda row: least(row) is None)
    assert found == [row["id"] for row in rows]


def test_in_a_subquery():
    latest = (
        Entry.objects.filter(owner_id=OuterRef("owner_id"))
        .annotate(most=Greatest("number", "rank"))
        .filter(most__isnull=False)
        .order_by("-most", "pk")
        .values("most")[:1]
    )

    def oracle(row):
        return max(
            (
                value
                for other in groups()[row["owner_id"]]
                for value in (other["number"], other["rank"])
                if value is not None and row["owner_id"] is not None
            ),
            default=None,
        )

    by_row(Subquery(latest), oracle)


# Refusals


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        (Greatest("flag", "flag"), "Greatest has no common meaning for a BooleanField"),
        (Least("uid", "uid"), "Least has no common meaning for a UUIDField"),
        (Greatest("data", "data"), "Greatest has no common meaning for a JSONField"),
        (Coalesce("data", "data"), "Coalesce has no common meaning for a JSONField"),
        (Coalesce("number", "text"), r"not number and text \(IntegerField, StockCharField\)"),
        (Coalesce("day", "at"), r"not date and instant \(DateField, DateTimeField\)"),
        (Greatest("day", "clock"), "not date and time"),
        (Coalesce("flag", Value(1)), "not boolean and number"),
        (NullIf("text", Value(1)), "NullIf takes values of one kind"),
        (NullIf("ratio", Value(0.5)), "NullIf cannot tell whether floats are equal"),
        (Coalesce("number", Value(None)), "needs to know the type of each value"),
        (Least("uid", "text"), "Use reports.expressions.Cast"),
    ],
)
def test_refused(expression, sentence):
    with pytest.raises(NotPortable, match=sentence):
        answers({"found": expression})


def test_one_is_too_few():
    with pytest.raises(DeclarationError, match="takes two expressions or more"):
        Coalesce("number")
