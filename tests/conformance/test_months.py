"""Months and years later, in any zone's calendar, against Python's datetime."""

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import DateField, DateTimeField, Value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.errors import DeclarationError, NotPortable
from reports.expressions import Shifted
from tests.conformance.harness import answers, by_row, entries, same, statement
from tests.hostile.fixture import rows
from tests.hostile.models import Entry, Instant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",  # days that begin at one o'clock
    "Australia/Lord_Howe",  # summers of half an hour
    "Pacific/Apia",  # a day that never was
    "Asia/Kolkata",
]
MONTHS = (1, -1, 6, 12, -12, 13, -37, 48, 1200, -1200)


def later(moment: Any, months: int) -> Any:
    """The same day so many months later, or the month's last; None where there is no such year."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return None
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def later_there(at: datetime, months: int, zone: tzinfo) -> datetime | None:
    """The same by the calendar and the clocks of a zone."""
    try:
        shown = later(at.astimezone(zone).replace(tzinfo=None), months)
        return None if shown is None else shown.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return None


@pytest.mark.parametrize("months", MONTHS)
def test_a_day(months: int) -> None:
    by_row(
        Shifted("day", months=months),
        lambda row: None if row["day"] is None else later(row["day"], months),
    )


@pytest.mark.parametrize("months", MONTHS)
def test_an_instant(months: int) -> None:
    by_row(
        Shifted("at", months=months),
        lambda row: None if row["at"] is None else later_there(row["at"], months, UTC),
    )


@pytest.mark.parametrize("zone_name", ZONES)
@pytest.mark.parametrize("months", [1, -6])
def test_an_instant_beside_which_clocks_change(zone_name: str, months: int) -> None:
    zone = ZoneInfo(zone_name)
    wanted = {row["id"]: row["at"] for row in rows().instants[::3]}
    asked = {"id": "pk", "later": Shifted("at", months=months, tzinfo=zone)}
    found = dict(answers(asked, queryset=Instant.objects.filter(pk__in=wanted)))
    for number, at in wanted.items():
        same(found[number], later_there(at, months, zone), (at, zone_name))


@pytest.mark.parametrize(
    ("day", "shift", "wanted"),
    [
        (date(2023, 1, 31), {"months": 1}, date(2023, 2, 28)),
        (date(2024, 1, 31), {"months": 1}, date(2024, 2, 29)),
        (date(2024, 3, 31), {"months": -1}, date(2024, 2, 29)),
        (date(2024, 2, 29), {"years": 1}, date(2025, 2, 28)),
        (date(2024, 2, 29), {"years": 4}, date(2028, 2, 29)),
        (date(2024, 2, 29), {"years": -1, "months": -1}, date(2023, 1, 29)),
        (date(2024, 1, 31), {"months": 1, "days": 1}, date(2024, 3, 1)),
        (date(9999, 12, 31), {"months": 1}, None),
        (date(1, 1, 1), {"months": -1}, None),
    ],
)
def test_the_last_day_of_a_month(day: date, shift: dict[str, int], wanted: date | None) -> None:
    row = Entry.objects.filter(pk=entries()[0]["id"])
    asked = {"later": Shifted(Value(day, output_field=DateField()), **shift)}
    assert answers(asked, queryset=row) == [(wanted,)]


moments = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    moments=st.lists(moments, min_size=1, max_size=5),
    months=st.integers(-12_000, 12_000) | st.integers(-25, 25),
    zone_name=st.sampled_from(ZONES),
)
def test_any_moment(moments: list[datetime], months: int, zone_name: str) -> None:
    zone, months = ZoneInfo(zone_name), months or 1
    asked, wanted = {}, []
    for number, moment in enumerate(moments):
        at = moment.replace(tzinfo=UTC)
        literal = Value(at, output_field=DateTimeField())
        asked[f"at{number}"] = Shifted(literal, months=months, tzinfo=zone)
        # Past 2200 offsets stay as they are, and Python's go on.
        is_known = moment.year < 2199 and moment.year + months // 12 < 2199
        wanted.append(later_there(at, months, zone) if is_known or zone_name == "UTC" else ...)
        day = Value(moment.date(), output_field=DateField())
        asked[f"day{number}"] = Shifted(day, months=months)
        wanted.append(later(moment.date(), months))
    (found,) = answers(asked, queryset=Entry.objects.filter(pk=entries()[0]["id"]))
    for value, right in zip(found, wanted, strict=True):
        if right is not ...:
            same(value, right, (moments, months, zone_name))


def test_units_come_after_months() -> None:
    by_row(
        Shifted("at", years=1, hours=-2),
        lambda row: (
            None
            if row["at"] is None or (at := later_there(row["at"], 12, UTC)) is None
            else _earlier(at, timedelta(hours=2))
        ),
    )


def _earlier(at: datetime, by: timedelta) -> datetime | None:
    try:
        return at - by
    except OverflowError:
        return None


@pytest.mark.parametrize(
    ("declared", "error", "sentence"),
    [
        (
            lambda: Shifted("at", days=1, tzinfo=ZoneInfo("Europe/Berlin")),
            DeclarationError,
            r"Shifted takes tzinfo= with months= or years=",
        ),
        (lambda: Shifted("at", months=120_001), NotPortable, "10,000 years at most, not by 120001"),
        (lambda: Shifted("at"), TypeError, r"days=1 or months=1"),
        (lambda: Shifted("at", timedelta(1), hours=1), TypeError, "a duration or units, not both"),
    ],
)
def test_a_declaration_that_is_refused(declared: Any, error: type, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        declared()


def test_a_day_has_no_zone() -> None:
    with pytest.raises(NotPortable, match="of a DateField: it has no time zone"):
        statement({"later": Shifted("day", months=1, tzinfo=ZoneInfo("Europe/Berlin"))})
