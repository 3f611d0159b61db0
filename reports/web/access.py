"""Who may read what: the one place where the pages ask."""

from typing import Any

from django.utils.translation import gettext as _

from reports import registry
from reports.errors import PermissionRefused
from reports.report import Report


def readable(slug: str, user: Any) -> Report:
    """The report, for this user. Raises UnknownReport and PermissionRefused."""
    report = registry.get(slug)
    if not report.allows(user):
        raise PermissionRefused(
            _("“%(title)s” is not open to you. Whoever looks after this site can change that.")
            % {"title": report.title}
            if user.is_authenticated
            else _("“%(title)s” is open only to those who have signed in.")
            % {"title": report.title}
        )
    return report


def all_readable(user: Any) -> list[Report]:
    """The reports that this user may read, by title."""
    reports = [report for report in registry.every() if report.allows(user)]
    return sorted(reports, key=lambda report: str(report.title))
