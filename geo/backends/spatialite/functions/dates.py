"""Dates and times, which SQLite keeps as text."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_zone = lru_cache(ZoneInfo)


def isoline_offset(instant: str | None, zone: str) -> int | None:
    """How many seconds the zone's clocks are ahead of UTC at `instant`."""
    if instant is None:
        return None
    offset = datetime.fromisoformat(instant).replace(tzinfo=UTC).astimezone(_zone(zone)).utcoffset()
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


FUNCTIONS = (isoline_offset, isoline_shift)
