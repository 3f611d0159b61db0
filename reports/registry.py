"""The reports there are, found in every app's `reports.py` as the admin finds `admin.py`."""

from collections.abc import Iterator

from django.utils.module_loading import autodiscover_modules

from reports.errors import DeclarationError, UnknownReport
from reports.report import Report

_reports: dict[str, Report] = {}


def register[R: type[Report]](cls: R) -> R:
    """Class decorator. Raises DeclarationError when another report has the same slug."""
    other = _reports.get(cls.slug)
    if other is not None:
        raise DeclarationError(
            f"{cls.__module__}.{cls.__qualname__} and {type(other).__module__}."
            f"{type(other).__qualname__} both have the slug {cls.slug!r}: rename one."
        )
    _reports[cls.slug] = cls()
    return cls


def get(slug: str) -> Report:
    """The report with this slug; raises UnknownReport."""
    try:
        return _reports[slug]
    except KeyError:
        raise UnknownReport(
            f"There is no report {slug!r}. `manage.py exportreport --list` names those there are."
        ) from None


def every() -> Iterator[Report]:
    """All reports, by slug."""
    return iter([_reports[slug] for slug in sorted(_reports)])


def autodiscover() -> None:
    """Import the `reports` module of every installed app."""
    autodiscover_modules("reports")
