"""Expressions that every database evaluates alike, and those that are refused."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import models
from django.db.models import Q, Value

from reports import Column, Report
from reports.errors import DeclarationError, NotPortable
from reports.expressions import (
    AnyValue,
    Avg,
    CodePoint,
    Max,
    Min,
    StringAgg,
    Sum,
    TruncDay,
    TruncYear,
)
from reports.expressions.temporal.zones import transitions
from reports.queries.statement import Statement
from tests.hostile.fixture import rows
from tests.hostile.models import Entry, Instant, Long


def _statement(expression: Any, **column: Any) -> Statement:
    class Probe(Report):
        queryset = Entry.objects.all()
        group_by = {"flag": "flag"}
        found = Column(expression, **column)

    return Statement(Probe(), {}, "default")


def _over(expression: Any, where: Q, **column: Any) -> Statement:
    """Returns a statement with one value over the entries that match."""

    class Probe(Report):
        queryset = Entry.objects.filter(where)
        group_by = {"all": Value(1, output_field=models.IntegerField())}
        found = Column(expression, **column)

    return Statement(Probe(), {}, "default")


def _one(expression: Any, where: Q, **column: Any) -> Any:
    """Returns one value over the entries that match."""
    ((_, found),) = _over(expression, where, **column).stream()
    return found


@pytest.mark.parametrize("aggregate", [Sum, Avg], ids=lambda aggregate: aggregate.__name__)
@pytest.mark.parametrize("field", ["text", "day", "flag", "uid", "data"])
def test_what_has_no_sum_is_refused(aggregate: Any, field: str) -> None:
    with pytest.raises(NotPortable, match="takes integers, floats and decimals"):
        _statement(aggregate(field), places=1)


@pytest.mark.parametrize("aggregate", [Min, Max, AnyValue], ids=lambda one: one.__name__)
@pytest.mark.parametrize("field", ["flag", "data"])
def test_what_has_no_common_order_has_no_least_and_no_greatest(aggregate: Any, field: str) -> None:
    with pytest.raises(NotPortable, match="no common meaning"):
        _statement(aggregate(field))


@pytest.mark.parametrize("field", ["ratio", "span", "data"])
def test_what_has_no_common_text_is_not_joined(field: str) -> None:
    with pytest.raises(NotPortable, match="no text that is the same on every database"):
        _statement(StringAgg(field, ","))


@pytest.mark.parametrize("delimiter", ["note", "owner__name", "owner_id", "pk"])
def test_a_delimiter_that_names_a_field_must_say_what_it_is(delimiter: str) -> None:
    with pytest.raises(DeclarationError, match=rf'Value\("{delimiter}"\).*F\("{delimiter}"\)'):
        _statement(StringAgg("text", delimiter))


@pytest.mark.django_db
def test_a_delimiter_said_to_be_a_literal_is_one(hostile: None) -> None:
    assert _one(StringAgg("number", Value("note")), Q(owner=20)) == "-2note-3"


def test_distinct_texts_have_no_order_but_their_own() -> None:
    with pytest.raises(DeclarationError, match="its own texts alone"):
        StringAgg("text", ",", distinct=True, order_by="rank")


def test_a_mean_without_places_is_refused() -> None:
    with pytest.raises(DeclarationError, match="Avg needs its decimal places"):
        _statement(Avg("number"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("owner", "places", "mean"),
    [
        (20, 0, "-3"),
        (20, 1, "-2.5"),
        (21, 0, "3"),
        (22, 0, "1"),
        (22, 12, "0.666666666667"),
        (24, 0, None),
    ],
)
def test_a_mean_is_rounded_once_half_away_from_zero(
    owner: int, places: int, mean: str | None, hostile: None
) -> None:
    found = _one(Avg("number"), Q(owner=owner), places=places)
    assert (None if found is None else str(found)) == mean


@pytest.mark.django_db
def test_a_sum_of_integers_past_63_bits_is_whole(hostile: None) -> None:
    wanted = sum(
        row["big"]
        for row in rows().entries
        if row["big"] is not None and (row["owner_id"] == 23 or row["big"] > 0)
    )
    assert wanted > 2**63
    assert _one(Sum("big"), Q(owner=23) | Q(big__gt=0)) == wanted


@pytest.mark.django_db
def test_a_sum_of_decimals_of_15_digits_is_exact(hostile: None) -> None:
    where = Q(price__gt=9 * 10**12) | Q(owner=21)
    assert str(_one(Sum("price"), where)) == "9999999999999.99"


@pytest.mark.django_db
def test_a_sum_of_decimals_past_15_digits_is_exact(hostile: None) -> None:
    """This includes columns that a database stores as floats."""
    entries = [Entry(id=40_000_000 + n, price=Decimal("9999999999999.99")) for n in range(101)]
    Entry.objects.bulk_create(entries)
    # In the test's own transaction, which has the rows.
    statement = _over(Sum("price"), Q(pk__gte=40_000_000))
    ((_, found),) = map(statement.canonical, statement.queryset)
    assert str(found) == "1009999999999998.99"


@pytest.mark.django_db
def test_the_least_text_is_so_by_code_point(hostile: None) -> None:
    where = Q(text__isnull=False, text__gt="")
    texts = {row["text"] for row in rows().entries if row["text"]}
    assert _one(Min("text"), where) == min(texts)
    assert _one(Max("text"), where) == max(texts)


@pytest.mark.django_db
def test_text_past_every_limit_is_joined_whole(hostile: None) -> None:
    class Probe(Report):
        queryset = Long.objects.filter(kind=Long.Kind.OVER_20_MB)
        group_by = {"kind": "kind"}
        joined = Column(StringAgg("text", "", default=""))

    ((_, joined),) = Statement(Probe(), {}, "default").stream()
    assert len(joined.encode()) > 20 * 2**20


@pytest.mark.django_db
def test_texts_group_by_code_point_under_any_collation(hostile: None) -> None:
    class Probe(Report):
        queryset = Entry.objects.filter(pk__gte=0)
        group_by = {"text": CodePoint("text")}
        entries = Column(models.Count("pk"))

    found = [text for text, _ in Statement(Probe(), {}, "default").stream()]
    assert found == [*sorted({text for text in found if text is not None}), None]
    assert len(found) == len(set(Entry.objects.values_list("text", flat=True)))


YEAR = (datetime(2011, 1, 1, tzinfo=UTC), datetime(2011, 12, 31, tzinfo=UTC))
ZONES = ["America/New_York", "Europe/Paris", "Pacific/Apia", "Africa/Casablanca", "UTC"]


@pytest.mark.parametrize("name", ZONES)
def test_offsets_are_those_of_zoneinfo(name: str) -> None:
    zone = ZoneInfo(name)
    changes = transitions(zone)
    assert list(changes) == sorted(changes)
    for at, offset in changes[1:]:
        for instant in (at, at + timedelta(hours=1)):
            assert instant.astimezone(zone).utcoffset() == timedelta(seconds=offset)
        before = (at - timedelta(seconds=1)).astimezone(zone).utcoffset()
        assert before != timedelta(seconds=offset)


@pytest.mark.parametrize("zone", ["UTC", timezone(timedelta(microseconds=1))])
def test_a_zone_must_be_one_whose_changes_are_known(zone: Any) -> None:
    with pytest.raises(TypeError, match=r"zoneinfo\.ZoneInfo"):
        TruncDay("at", tzinfo=zone)


def test_only_instants_have_a_time_zone() -> None:
    with pytest.raises(NotPortable, match="it has no time zone"):
        _statement(Min(TruncDay("day", tzinfo=ZoneInfo("Europe/Paris"))))


@pytest.mark.django_db
def test_a_zone_without_changes_needs_no_search(hostile: None) -> None:
    class Probe(Report):
        queryset = Instant.objects.filter(at__range=YEAR)
        group_by = {"year": TruncYear("at", tzinfo=UTC)}
        instants = Column(models.Count("pk"))

    ((year, _),) = Statement(Probe(), {}, "default").stream()
    assert year.isoformat() == "2011-01-01"
