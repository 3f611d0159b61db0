"""Text lookups, against Python's own on code points."""

import pytest
from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.lookups import IsNull

from geo.backends.letters import LOWER
from reports.errors import DeclarationError, NotPortable
from reports.expressions import Count
from reports.expressions.text.functions import Concat, Left
from reports.expressions.text.lookups import (
    Contains,
    EndsWith,
    IContains,
    IEndsWith,
    IExact,
    IStartsWith,
    StartsWith,
    portable_lookup,
)
from tests.conformance.harness import answers, by_group, by_row, entries
from tests.hostile.models import Entry, Owner
from tests.hostile.texts import TEXTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]


def small(text):
    return text.translate(LOWER)


def blind(function):
    return lambda text, needle: function(small(text), small(needle))


LOOKUPS = {
    "contains": (Contains, lambda text, needle: needle in text),
    "startswith": (StartsWith, str.startswith),
    "endswith": (EndsWith, str.endswith),
    "icontains": (IContains, blind(lambda text, needle: needle in text)),
    "istartswith": (IStartsWith, blind(str.startswith)),
    "iendswith": (IEndsWith, blind(str.endswith)),
    "iexact": (IExact, blind(str.__eq__)),
}
COMPARISONS = {
    "exact": str.__eq__,
    "gt": str.__gt__,
    "gte": str.__ge__,
    "lt": str.__lt__,
    "lte": str.__le__,
}


def of(function):
    return lambda *values: None if None in values else function(*values)


def rewritten(name, rhs, path="text"):
    """What the engine makes of `path__name=rhs`, as a condition that finds rows."""
    queryset = Entry.objects.filter(Q((f"{path}__{name}", rhs)))
    where = queryset.query.where
    where.children = [portable_lookup(child) for child in where.children]
    assert None not in where.children
    return queryset


def found(queryset):
    return set(queryset.values_list("pk", flat=True))


def wanted(function, *fields):
    return {row["id"] for row in entries() if of(function)(*(row[field] for field in fields))}


@pytest.mark.parametrize("needle", TEXTS[1:])
def test_every_lookup_of_a_literal(needle):
    columns = {name: kind("text", needle) for name, (kind, _) in LOOKUPS.items()}
    rows = answers({"id": "pk", **columns}, ordering=["id"])
    assert rows == [
        (
            row["id"],
            *(of(lambda t, n=oracle: n(t, needle))(row["text"]) for _, oracle in LOOKUPS.values()),
        )
        for row in entries()
    ]


@pytest.mark.parametrize(
    "needle", ["a", "*", "?", "[", "]", "^", "-", "[a]", "a*", "\\a", "\u212a"]
)
@pytest.mark.parametrize("text", ["A[a]*?^-\\A", "*", "?", "[A]", "\\A", "K\u212a", ""])
def test_no_character_has_a_meaning_of_its_own(text, needle):
    columns = {name: kind(Value(text), needle) for name, (kind, _) in LOOKUPS.items()}
    ((*found,),) = answers(columns, queryset=Entry.objects.filter(pk=0))
    assert found == [oracle(text, needle) for _, oracle in LOOKUPS.values()]


@pytest.mark.parametrize("name", LOOKUPS)
def test_a_long_text(name):
    kind, oracle = LOOKUPS[name]
    text = "aB" * 10_000
    ((found,),) = answers({"found": kind(Value(text), text)}, queryset=Entry.objects.filter(pk=0))
    assert found is oracle(text, text)


@pytest.mark.parametrize("name", LOOKUPS)
@pytest.mark.parametrize(
    ("lhs", "rhs"), [("text", "note"), ("note", "owner__name"), ("owner__name", "text")]
)
def test_a_lookup_of_a_column(name, lhs, rhs):
    kind, oracle = LOOKUPS[name]
    by_row(kind(lhs, F(rhs)), lambda row: of(oracle)(row[lhs], row[rhs]))
    assert found(Entry.objects.filter(kind(F(lhs), F(rhs)))) == wanted(oracle, lhs, rhs)


NEEDLES = ("a", "A", "\u00e1", "", "%", "_", "\\", "\u0130", "SS", " ", "\U0001f600", "\u03c3")


@pytest.mark.parametrize("needle", NEEDLES)
@pytest.mark.parametrize("name", LOOKUPS)
def test_djangos_lookup_rewritten(name, needle):
    oracle = LOOKUPS[name][1]
    assert found(rewritten(name, needle)) == wanted(lambda text: oracle(text, needle), "text")


@pytest.mark.parametrize("name", LOOKUPS)
def test_djangos_lookup_of_columns_rewritten(name):
    oracle = LOOKUPS[name][1]
    assert found(rewritten(name, F("note"))) == wanted(oracle, "text", "note")
    assert found(rewritten(name, F("text"), "owner__name")) == wanted(oracle, "owner__name", "text")
    assert found(rewritten(name, Left("note", 1))) == wanted(
        lambda text, note: oracle(text, note[:1]), "text", "note"
    )


@pytest.mark.parametrize("needle", NEEDLES)
@pytest.mark.parametrize("name", COMPARISONS)
def test_a_comparison_rewritten(name, needle):
    oracle = COMPARISONS[name]
    assert found(rewritten(name, needle)) == wanted(lambda text: oracle(text, needle), "text")


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_comparison_of_columns_rewritten(name):
    assert found(rewritten(name, F("note"))) == wanted(COMPARISONS[name], "text", "note")
    assert found(rewritten(name, F("text"), "owner__name")) == wanted(
        COMPARISONS[name], "owner__name", "text"
    )


@pytest.mark.parametrize(
    "values", [["a"], ["a", "A", None], ["a", "a"], ["\u00e1", ""], [None, "%"], [F("note"), "a"]]
)
def test_membership_rewritten(values):
    names = [value for value in values if isinstance(value, str)]
    columns = any(isinstance(value, F) for value in values)
    assert found(rewritten("in", values)) == {
        row["id"]
        for row in entries()
        if row["text"] is not None
        and (row["text"] in names or (columns and row["text"] == row["note"]))
    }


def test_membership_of_a_query_rewritten():
    names = {row["note"] for row in entries() if row["number"] is not None and row["number"] > 1500}
    inner = Entry.objects.filter(number__gt=1500).values("note")
    assert found(rewritten("in", inner)) == wanted(lambda text: text in names, "text")


@pytest.mark.parametrize("ends", [("A", "a"), ("", "\uffff"), ("a", "A"), ("\u00e0", "\u00e1")])
def test_a_range_rewritten(ends):
    first, last = ends
    assert found(rewritten("range", ends)) == wanted(lambda text: first <= text <= last, "text")


@pytest.mark.parametrize("is_null", [True, False])
def test_null_rewritten(is_null):
    assert found(rewritten("isnull", is_null)) == {
        row["id"] for row in entries() if (row["text"] is None) is is_null
    }


@pytest.mark.parametrize(("name", "rhs"), [("regex", "a"), ("iregex", "a")])
def test_what_is_not_known(name, rhs):
    (lookup,) = Entry.objects.filter(Q((f"text__{name}", rhs))).query.where.children
    assert portable_lookup(lookup) is None


@pytest.mark.parametrize("field", ["number", "amount", "day", "flag", "uid", "owner"])
def test_what_is_not_text(field):
    queryset = Entry.objects.filter(Q((f"{field}__isnull", True)))
    (lookup,) = queryset.query.where.children
    assert portable_lookup(lookup) is None
    with pytest.raises(NotPortable, match="takes text, not a"):
        Entry.objects.filter(Contains(field, "a"))


@pytest.mark.parametrize("name", LOOKUPS)
def test_none(name):
    with pytest.raises(DeclarationError, match="cannot look for None: use isnull"):
        LOOKUPS[name][0]("text", None)


@pytest.mark.parametrize("name", LOOKUPS)
def test_in_q_and_its_negation(name):
    kind, oracle = LOOKUPS[name]
    queryset = Entry.objects.filter(Q(kind("text", "a")) | Q(number__gt=1900))
    assert found(queryset) == {
        row["id"]
        for row in entries()
        if (row["text"] is not None and oracle(row["text"], "a")) or (row["number"] or 0) > 1900
    }
    assert found(Entry.objects.filter(~Q(kind("text", "a")))) == wanted(
        lambda text: not oracle(text, "a"), "text"
    )


@pytest.mark.parametrize("name", LOOKUPS)
def test_in_when_and_in_an_aggregates_filter(name):
    kind, oracle = LOOKUPS[name]
    by_row(
        Case(When(kind("text", "a"), then=Value(1)), default=Value(0)),
        lambda row: int(row["text"] is not None and oracle(row["text"], "a")),
    )
    by_group(
        Count("id", filter=kind("text", "A")),
        lambda rows: sum(row["text"] is not None and oracle(row["text"], "A") for row in rows),
    )


def test_of_other_expressions():
    by_row(
        IContains(Concat("text", Value("\u00c9")), "\u00e9"),
        lambda row: True,
    )
    by_row(
        StartsWith(Left("text", 2), Left("note", 1)),
        lambda row: of(lambda t, n: t[:2].startswith(n[:1]))(row["text"], row["note"]),
    )


def test_a_group_key():
    rows = answers({"count": Count("*")}, group_by={"has": Contains("text", "a")}, ordering=["has"])
    counts = {True: 0, False: 0, None: 0}
    for row in entries():
        counts[of(lambda text: "a" in text)(row["text"])] += 1
    assert rows == [(False, counts[False]), (True, counts[True]), (None, counts[None])]


def test_within_a_sub_query():
    inner = Owner.objects.filter(pk=OuterRef("owner_id")).filter(
        Contains(OuterRef("text"), F("name"))
    )
    assert found(Entry.objects.filter(Exists(inner))) == wanted(
        lambda text, name: name in text, "text", "owner__name"
    )


def test_it_is_a_condition():
    lookup = Contains("text", "a")
    assert lookup.conditional
    assert isinstance(lookup.output_field, BooleanField)
    assert not isinstance(lookup, IsNull)
