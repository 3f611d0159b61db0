"""Values as texts on pages."""

from datetime import timedelta

from django.contrib.gis.geos import GeometryCollection, GEOSGeometry, Point
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# NARROW NO-BREAK SPACE, between groups of three from five digits on: years stay unbroken.
GROUP_SEPARATOR = "\u202f"
FEWEST_GROUPED_DIGITS = 5
# Decimal places of degrees on pages: eleven metres.
DEGREE_PLACES = 4


def grouped(number: str) -> str:
    """Returns a number's text with its integer digits in groups of three."""
    sign = "-" if number.startswith("-") else ""
    integer, point, places = number.removeprefix("-").partition(".")
    if len(integer) >= FEWEST_GROUPED_DIGITS:
        integer = f"{int(integer):,}".replace(",", GROUP_SEPARATOR)
    return f"{sign}{integer}{point}{places}"


def hours(duration: timedelta) -> str:
    """Returns a duration as hours, minutes and seconds: `26:03:04`, `-0:00:01.500000`."""
    minutes, seconds = divmod(abs(duration), timedelta(minutes=1))
    hour, minute = divmod(minutes, 60)
    fraction = f".{seconds.microseconds:06d}" if seconds.microseconds else ""
    sign = "-" if duration < timedelta() else ""
    return f"{sign}{grouped(str(hour))}:{minute:02d}:{seconds.seconds:02d}{fraction}"


def shape(geometry: GEOSGeometry, precision: int, *, is_in_degrees: bool) -> str:
    """Returns a point's degrees as on a map; for other shapes the type and the size."""
    if geometry.empty:
        return str(_("%s, empty") % geometry.geom_type)
    if isinstance(geometry, Point):
        places = min(precision, DEGREE_PLACES)
        if is_in_degrees:
            latitude = _degrees(geometry.y, places, _("N"), _("S"))
            return f"{latitude}, {_degrees(geometry.x, places, _('E'), _('W'))}"
        return f"{geometry.x:.{places}f}, {geometry.y:.{places}f}"
    words: list[str] = [geometry.geom_type]
    if isinstance(geometry, GeometryCollection) and geometry.geom_type.startswith("Multi"):
        words.append(_counted(ngettext("%s part", "%s parts", len(geometry)), len(geometry)))
    vertices = geometry.num_coords
    words.append(_counted(ngettext("%s vertex", "%s vertices", vertices), vertices))
    return ", ".join(words)


def _degrees(number: float, places: int, positive: str, negative: str) -> str:
    """Returns `48.8567° N`; zero has no letter."""
    text = f"{abs(number):.{places}f}°"
    if not round(number, places):
        return text
    return f"{text}\N{NO-BREAK SPACE}{positive if number > 0 else negative}"


def _counted(words: str, count: int) -> str:
    return words % grouped(str(count))
