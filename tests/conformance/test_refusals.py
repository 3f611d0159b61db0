"""What no database pair answers alike is refused, wherever it stands, before any SQL runs."""

from typing import Any

import pytest
from django.db import models
from django.db.models import (
    Case,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models import functions as django
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext

from reports.errors import NotPortable
from reports.expressions import Count, Max, Min, Sum
from tests.conformance.harness import statement
from tests.hostile.models import Entry, Owner

# Django's own, and the words of the refusal that say what to write instead.
ROWWISE = {
    "Greatest": (django.Greatest("rank", "number"), "reports.expressions.Greatest"),
    "Least": (django.Least("rank", "number"), "reports.expressions.Least"),
    "Concat of a decimal": (
        django.Concat("text", "amount", output_field=models.TextField()),
        "reports.expressions.Concat",
    ),
    "nulls first": (
        models.Window(django.RowNumber(), order_by=F("rank").asc(nulls_first=True)),
        "reports.expressions.Window",
    ),
    "Cast": (django.Cast("text", models.IntegerField()), "reports.expressions.Cast"),
    "Round": (django.Round("amount"), "reports.expressions.Round"),
    "JSONObject": (django.JSONObject(a="rank"), "JSONList"),
    "Collate": (django.Collate("text", "C"), "CodePoint"),
    "Random": (django.Random(), "Meta.ordering"),
    "MD5": (django.MD5("text"), "a column that was computed"),
    "JSON key": (F("data__a"), "JSONText"),
    "RawSQL": (RawSQL("1", ()), "reports.expressions"),
    "Func": (models.Func(F("text"), function="SOUNDEX"), "reports.expressions"),
    "/": (F("number") / F("rank"), "Quotient"),
    "^": (F("number") ** F("rank"), "Power"),
    "&": (F("number").bitand(F("rank")), "use"),
    "date + duration": (F("day") + F("span"), "Shifted"),
    "date - duration": (F("at") - F("span"), "Shifted"),
    "text + text": (F("text") + F("text"), "Concat"),
    "mixed branches": (
        Case(When(rank=1, then=F("number")), default=F("day"), output_field=models.IntegerField()),
        "Cast",
    ),
}
AGGREGATES = {
    "Avg": (models.Avg("number"), "reports.expressions.Avg"),
    "StdDev": (models.StdDev("number"), "reports.expressions.StdDev"),
    "Variance": (models.Variance("number"), "reports.expressions.Variance"),
}
LOOKUPS = {
    "text__regex": ("a", "Contains"),
    "text__iregex": ("a", "IContains"),
    "number__contains": ("1", "AsText"),
    "amount__startswith": ("1", "AsText"),
    "data__a": (1, "JSONText"),
    "data__has_key": ("a", "JSONHasKey"),
    "data": ({}, "JSONText"),
    "text": (F("number"), "Cast"),
    "number": (F("text"), "Cast"),
    "day__lt": (F("at"), "Cast"),
}


def _refused(instead: str, **options: Any) -> str:
    with pytest.raises(NotPortable) as caught:
        statement({"found": options.pop("expression", "rank")}, **options)
    sentence = str(caught.value)
    assert sentence.startswith("probe.")
    assert instead in sentence
    return sentence


@pytest.mark.parametrize("name", [*ROWWISE, *AGGREGATES])
def test_in_a_column(name: str) -> None:
    expression, instead = (ROWWISE | AGGREGATES)[name]
    group_by = {"flag": "flag"} if name in AGGREGATES else None
    sentence = _refused(instead, expression=expression, group_by=group_by)
    assert sentence.startswith("probe.found: ")


@pytest.mark.parametrize("name", ROWWISE)
def test_within_an_aggregate_of_ours(name: str) -> None:
    expression, instead = ROWWISE[name]
    _refused(instead, expression=Count(expression), group_by={"flag": "flag"})


@pytest.mark.parametrize("name", ROWWISE)
def test_as_a_group(name: str) -> None:
    expression, instead = ROWWISE[name]
    _refused(instead, expression=Count("pk"), group_by={"made": expression})


# What Django itself gives no type, it does not take into a queryset.
TYPED = [name for name in ROWWISE if name != "text + text"]


@pytest.mark.parametrize("name", TYPED)
def test_in_an_annotation_of_the_queryset(name: str) -> None:
    expression, instead = ROWWISE[name]
    sentence = _refused(instead, queryset=Entry.objects.annotate(made=expression))
    assert sentence.startswith("probe.queryset: annotation 'made': ")


@pytest.mark.parametrize("name", TYPED)
def test_in_an_alias_and_a_filter_on_it(name: str) -> None:
    expression, instead = ROWWISE[name]
    _refused(instead, queryset=Entry.objects.alias(made=expression).filter(made__isnull=False))


@pytest.mark.parametrize("name", LOOKUPS)
def test_a_lookup_in_a_filter(name: str) -> None:
    value, instead = LOOKUPS[name]
    sentence = _refused(instead, queryset=Entry.objects.filter(**{name: value}))
    assert sentence.startswith("probe.queryset: filter(): ")


@pytest.mark.parametrize("name", LOOKUPS)
def test_a_lookup_in_an_exclusion_in_q(name: str) -> None:
    value, instead = LOOKUPS[name]
    _refused(instead, queryset=Entry.objects.exclude(Q(rank=1) | Q(**{name: value})))


@pytest.mark.parametrize("name", LOOKUPS)
def test_a_lookup_in_an_aggregates_filter(name: str) -> None:
    value, instead = LOOKUPS[name]
    counted = Count("pk", filter=Q(**{name: value}))
    _refused(instead, expression=counted, group_by={"flag": "flag"})


@pytest.mark.parametrize("name", LOOKUPS)
def test_a_lookup_in_a_case(name: str) -> None:
    value, instead = LOOKUPS[name]
    _refused(instead, expression=Case(When(**{name: value}, then=1), default=0))


@pytest.mark.parametrize("name", LOOKUPS)
def test_a_lookup_in_a_sub_query(name: str) -> None:
    value, instead = LOOKUPS[name]
    inner = Entry.objects.filter(**{name: value})
    _refused(instead, queryset=Owner.objects.filter(Exists(inner)), expression="name")
    _refused(instead, queryset=Owner.objects.filter(pk__in=inner.values("pk")), expression="name")
    mine = inner.filter(owner=OuterRef("pk")).values("rank")[:1]
    _refused(instead, queryset=Owner.objects.all(), expression=Subquery(mine))


@pytest.mark.parametrize(
    ("queryset", "words"),
    [
        (Entry.objects.all()[:5], "a slice"),
        (Entry.objects.filter(pk__in=Entry.objects.order_by("rank")[:5]), "a slice in a sub-query"),
        (Entry.objects.filter(text__in=Entry.objects.values("note")[:5]), "a slice in a sub-query"),
        (Entry.objects.union(Entry.objects.all()), "union()"),
        (Entry.objects.distinct("rank"), "distinct() on fields"),
        (Entry.objects.extra(where=["1 = 1"]), "extra()"),
        (Entry.objects.extra(select={"one": "1"}), "extra()"),
        (Entry.objects.select_for_update(), "select_for_update()"),
        (
            Entry.objects.annotate(
                mine=FilteredRelation("owner", condition=Q(owner__name__regex="a"))
            ).filter(mine__id=1),
            "FilteredRelation",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_queryset_that_has_no_equal_answer(queryset: Any, words: str) -> None:
    sentence = _refused(words, queryset=queryset)
    assert sentence.startswith("probe.queryset: ")
    assert "A report's queryset cannot use" in sentence


@pytest.mark.parametrize("value", [2**63, -(2**70)])
def test_an_integer_past_64_bits(value: int) -> None:
    _refused("is past 64 bits", queryset=Entry.objects.filter(huge__lt=value))
    _refused("is past 64 bits", expression=Case(When(huge__lt=value, then=1), default=0))


def test_a_sub_query_in_random_order() -> None:
    inner = Entry.objects.filter(owner=OuterRef("pk")).order_by("?").values("rank")[:1]
    _refused("a random order", queryset=Owner.objects.all(), expression=Subquery(inner))


def test_a_sub_query_of_several_rows() -> None:
    inner = Entry.objects.filter(owner=OuterRef("pk")).values("rank")
    _refused("order_by(...)[:1]", queryset=Owner.objects.all(), expression=Subquery(inner))


@pytest.mark.parametrize(
    "expression",
    [
        Case(When(rank=1, then=F("number")), default=F("rank"), output_field=models.TextField()),
        ExpressionWrapper(F("text"), models.IntegerField()),
    ],
    ids=["Case", "ExpressionWrapper"],
)
def test_a_type_that_is_not_that_of_the_values(expression: Any) -> None:
    _refused("Cast", expression=expression)


def test_a_slice_of_groups() -> None:
    groups = Entry.objects.values("rank").annotate(most=Max("number")).values("most")[:1]
    _refused("First or Last", queryset=Owner.objects.all(), expression=Subquery(groups))


@pytest.mark.django_db
def test_no_sql_runs_before_a_refusal() -> None:
    from django.db import connection

    connection.ensure_connection()
    with CaptureQueriesContext(connection) as queries, pytest.raises(NotPortable):
        statement(
            {"found": Sum("number"), "wrong": models.Avg("number")}, group_by={"flag": "flag"}
        )
    assert len(queries) == 0


@pytest.mark.django_db
def test_what_one_database_has_alone_it_may_use(hostile: None) -> None:
    from django.db import connection

    from reports import Column, Report
    from reports.queries.statement import Statement

    class Probe(Report):
        queryset = Entry.objects.filter(text__regex="^a+$")
        number = Column(django.Abs("number"))

        class Meta:
            databases = [connection.engine_name]

    assert list(Statement(Probe(), {}, "default").stream())


def test_what_is_proven_is_not_refused() -> None:
    proven = Case(
        When(Q(rank__gt=0) & ~Q(text="x"), then=F("number") * 2),
        When(owner__name__in=["a", "b"], then=Value(1)),
        default=Value(None),
        output_field=models.BigIntegerField(),
    )

    statement({"found": proven})
    statement({"least": Min(proven)}, group_by={"flag": "flag"})
