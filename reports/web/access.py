"""Access control: the pages check here whether a user may read a report."""

import logging
from typing import Any

from django.db import Error

from reports import registry
from reports.errors import logged
from reports.permissions import demand
from reports.queries import available
from reports.report import Report

logger = logging.getLogger("isoline.web")


def readable(slug: str, user: Any) -> Report:
    """Returns the report. Raises UnknownReport, PermissionRefused, BrokenReport."""
    report = registry.get(slug)
    demand(report, user)
    available.demand(report)
    return report


def all_readable(user: Any) -> list[Report]:
    """Returns the reports that this user may read, by title."""
    reports = [report for report in available.every() if _allows(report, user)]
    return sorted(reports, key=lambda report: str(report.title))


def _allows(report: Report, user: Any) -> bool:
    """Whether a report allows the user. If its own rule fails, only that report is left out."""
    try:
        return report.allows(user)
    except Error:
        raise
    except Exception as error:  # noqa: BLE001 -- whatever an author's code raises
        logged(logger, error, "the permissions of report %s could not be checked", report.slug)
        return False
