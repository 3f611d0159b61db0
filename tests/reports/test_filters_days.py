"""Filters by days: of dates, of instants in any zone, and of periods."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import filters
from reports.errors import DeclarationError, ParameterError
from reports.expressions import LocalDate, Max
from reports.filters.days import PERIODS, days_of, is_period
from reports.queries.parameters import bind, read
from tests.hostile.models import Post, Remark
from tests.reports.posts import over, titles

BERLIN = ZoneInfo("Europe/Berlin")
APIA = ZoneInfo("Pacific/Apia")
ST_JOHNS = ZoneInfo("America/St_Johns")
# A day on which: clocks go forward, go back, go forward at midnight, go back to midnight, go back
# over midnight; a day that there was not.
ZONES = [
    (BERLIN, date(2024, 3, 31)),
    (BERLIN, date(2024, 10, 27)),
    (ZoneInfo("America/Sao_Paulo"), date(2018, 11, 4)),
    (ZoneInfo("America/Havana"), date(2023, 11, 5)),
    (ST_JOHNS, date(2009, 11, 1)),
    (ST_JOHNS, date(2009, 3, 8)),
    (APIA, date(2011, 12, 30)),
    (ZoneInfo("America/Sao_Paulo"), date(2018, 2, 18)),
]


@pytest.mark.usefixtures("posts")
@pytest.mark.parametrize("zone", [None, UTC, BERLIN, APIA])
def test_a_date_is_its_own_day_in_every_zone(zone: Any) -> None:
    report = over(on=filters.DateRange("day", zone=zone))
    for number, title in enumerate("abc", 4):
        assert titles(report, on_from=f"2024-07-0{number}", on_to=f"2024-07-0{number}") == title
    assert titles(report, on_from="2024-07-05") == "bc"
    assert titles(report, on_to="2024-07-05") == "ab"


@pytest.mark.usefixtures("posts")
def test_an_instant_is_of_a_local_day() -> None:
    in_berlin = over(on=filters.DateRange("at", zone=BERLIN))
    assert titles(in_berlin, on_from="2024-07-05", on_to="2024-07-05") == "a"
    assert titles(over(on=filters.DateRange("at")), on_from="2024-07-05", on_to="2024-07-05") == "b"


@pytest.mark.usefixtures("posts")
def test_without_a_zone_days_are_those_of_the_setting(settings: Any) -> None:
    report = over(on=filters.DateRange("at"))
    settings.TIME_ZONE = "Europe/Berlin"
    assert titles(report, on_from="2024-07-05", on_to="2024-07-05") == "a"


@pytest.mark.usefixtures("posts")
def test_annotations_and_several_values_have_days() -> None:
    rows = Post.objects.annotate(
        local=LocalDate("at", tzinfo=BERLIN), since=F("at"), latest=Max("remarks__at")
    )
    day = {"on_from": "2024-07-05", "on_to": "2024-07-05"}
    assert titles(over(rows, on=filters.DateRange("local")), **day) == "a"
    assert titles(over(rows, on=filters.DateRange("since")), **day) == "b"
    Remark.objects.filter(words__in=[5, 60]).update(at=datetime(2024, 7, 5, 12, tzinfo=UTC))
    assert titles(over(rows, on=filters.DateRange("remarks__at")), **day) == "ac"
    assert titles(over(rows, on=filters.DateRange("latest")), **day) == "ac"


@pytest.mark.django_db
@pytest.mark.parametrize(("zone", "middle"), ZONES, ids=str)
def test_local_days_are_those_of_the_zone_when_its_clocks_change(zone: Any, middle: date) -> None:
    noon = datetime(middle.year, middle.month, middle.day, 12, tzinfo=UTC)
    instants = [noon + timedelta(minutes=15 * step, seconds=30) for step in range(-200, 200)]
    Post.objects.bulk_create(Post(title=str(at.timestamp()), at=at) for at in instants)
    report = over(Post.objects.exclude(at=None), on=filters.DateRange("at", zone=zone))
    for day in (middle + timedelta(days=step) for step in (-1, 0, 1)):
        expected = [at for at in instants if at.astimezone(zone).date() == day]
        found = titles(report, on_from=day.isoformat(), on_to=day.isoformat())
        assert found == "".join(sorted(str(at.timestamp()) for at in expected)), day
        since = [at for at in instants if at.astimezone(zone).date() >= day]
        found = titles(report, on_from=day.isoformat())
        assert found == "".join(sorted(str(at.timestamp()) for at in since)), day


# Periods.

TODAY = date(2024, 3, 31)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("today", "2024-03-31", "2024-03-31"),
        ("yesterday", "2024-03-30", "2024-03-30"),
        ("last-1-days", "2024-03-31", "2024-03-31"),
        ("last-90-days", "2024-01-02", "2024-03-31"),
        ("last-2-weeks", "2024-03-18", "2024-03-31"),
        ("last-1-months", "2024-03-01", "2024-03-31"),
        ("last-13-months", "2023-03-01", "2024-03-31"),
        ("last-4-years", "2020-04-01", "2024-03-31"),
        ("this-month", "2024-03-01", "2024-03-31"),
        ("last-month", "2024-02-01", "2024-02-29"),
        ("this-year", "2024-01-01", "2024-12-31"),
        ("last-year", "2023-01-01", "2023-12-31"),
    ],
)
def test_a_period_is_two_days(period: str, first: str, last: str) -> None:
    assert days_of(period, TODAY) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("period", PERIODS)
@settings(max_examples=50)
@given(today=st.dates(date(1010, 1, 1), date(9990, 1, 1)))
def test_every_period_offered_is_one_and_is_near_today(period: str, today: date) -> None:
    assert is_period(period)
    first, last = days_of(period, today)
    assert today - timedelta(days=731) <= first <= last <= today + timedelta(days=366)


@given(today=st.dates(date(1100, 1, 1)), count=st.integers(1, 600))
def test_months_follow_one_another_without_gap_or_overlap(today: date, count: int) -> None:
    first, last = days_of(f"last-{count}-months", today)
    assert last == today
    before = first - timedelta(days=1)
    months = (today.year - before.year) * 12 + today.month - before.month
    assert months == count
    assert before.day == today.day or (before.day < today.day and first.day == 1)


@pytest.mark.usefixtures("posts")
@pytest.mark.parametrize("zone", [UTC, APIA, ZoneInfo("Pacific/Pago_Pago")])
def test_today_is_that_of_the_zone_at_one_instant(zone: Any) -> None:
    report = over(on=filters.DateRange("day", zone=zone))
    now = datetime(2024, 7, 5, 10, 30, tzinfo=UTC)
    days = {UTC: "2024-07-05", APIA: "2024-07-05"}.get(zone, "2024-07-04")
    parameters = read(report, {"on": ["today"]}, "default", now=now)
    assert parameters.given == {"on": "today", "on_from": days, "on_to": days}
    assert parameters.values["on_from"] == parameters.values["on_to"] == date.fromisoformat(days)


@pytest.mark.usefixtures("posts")
def test_a_period_finds_what_its_days_find_and_says_which_they_are() -> None:
    report = over(on=filters.DateRange("day", default="last-2-days"))
    now = datetime(2024, 7, 5, 12, tzinfo=UTC)
    form, errors = bind(report, {}, "default", now=now)
    assert errors == {}
    assert form.explained == {"on": "2024-07-04 to 2024-07-05"}
    told = form.texts()
    assert told == {"on": "last-2-days", "on_from": "2024-07-04", "on_to": "2024-07-05"}
    del told["on"]
    assert titles(report, **told) == "ab"
    assert titles(report, on="") == "abcd"
    assert titles(report, on="last-9999-days") == "abc"


@pytest.mark.usefixtures("posts")
@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ({"on": "last-0-days"}, "on: “last-0-days” is not a period. Write today, yesterday"),
        ({"on": "last-90-day"}, "is not a period"),
        ({"on": "Last 90 days"}, "is not a period"),
        ({"on": "last-٣-days"}, "is not a period"),
        ({"on": "last-9999-years"}, "begins before 1000-01-02: write fewer"),
        (
            {"on": "last-9999-months", "on_to": "2024-01-01"},
            "on: Give either the period “on” or on_to",
        ),
        ({"on": "today", "on_from": "2024-01-01"}, "the period “on” or on_from, not both"),
    ],
)
def test_what_is_no_period_is_refused(texts: dict[str, str], sentence: str) -> None:
    report = over(on=filters.DateRange("day"))
    with pytest.raises(ParameterError, match=sentence):
        read(report, {name: [text] for name, text in texts.items()}, "default")


@pytest.mark.usefixtures("posts")
def test_periods_can_be_left_out() -> None:
    report = over(on=filters.DateRange("day", periods=False))
    with pytest.raises(ParameterError, match=r"Unknown parameter\. Parameters: on_from, on_to"):
        read(report, {"on": ["today"]}, "default")


@pytest.mark.parametrize(
    "options", [{"default": "last-0-days"}, {"default": "today", "periods": False}]
)
def test_a_default_that_is_no_period_is_a_declaration_error(options: Any) -> None:
    with pytest.raises(DeclarationError, match="Write a period, such as 'last-90-days'"):
        filters.DateRange("day", **options)
