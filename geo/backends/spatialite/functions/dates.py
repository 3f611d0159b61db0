"""Dates and times, which SQLite keeps as text."""

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

_zone = lru_cache(ZoneInfo)


def isoline_offset(instant: str | None, zone: str) -> int | None:
    """How many seconds the zone's clocks are ahead of UTC at `instant`."""
    if instant is None:
        return None
    at = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    # A ZoneInfo has an offset for every instant.
    offset = cast("timedelta", at.astimezone(_zone(zone)).utcoffset())
    return offset.days * 86_400 + offset.seconds


def isoline_local_offset(shown: str | None, zone: str) -> int | None:
    """How many seconds the zone's clocks are ahead of UTC when they show this; the first time."""
    if shown is None:
        return None
    offset = datetime.fromisoformat(shown).replace(tzinfo=_zone(zone)).utcoffset()
    assert offset is not None
    return offset.days * 86_400 + offset.seconds


def isoline_shift(moment: str | None, microseconds: int | None) -> str | None:
    """The instant, or the date, so much later; NULL beyond the years 1 to 9999."""
    if moment is None or microseconds is None:
        return None
    read = date.fromisoformat if len(moment) == len("1970-01-01") else datetime.fromisoformat
    try:
        return str(read(moment) + timedelta(microseconds=microseconds))
    except OverflowError:
        return None


def isoline_shift_months(moment: str | None, months: int) -> str | None:
    """The same day so many months later, or the month's last; NULL beyond the years 1 to 9999."""
    if moment is None:
        return None
    read = date.fromisoformat if len(moment) == len("1970-01-01") else datetime.fromisoformat
    found = read(moment)
    year, month = divmod(found.year * 12 + found.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return None
    day = min(found.day, monthrange(year, month + 1)[1])
    return str(found.replace(year=year, month=month + 1, day=day))


FUNCTIONS = (isoline_offset, isoline_local_offset, isoline_shift, isoline_shift_months)
