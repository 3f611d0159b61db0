"""Who may read what: the one place where the pages ask."""

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
    """The report, for this user. Raises UnknownReport, PermissionRefused, BrokenReport."""
    report = registry.get(slug)
    demand(report, user)
    available.demand(report)
    return report


def all_readable(user: Any) -> list[Report]:
    """The reports that this user may read, by title."""
    reports = [report for report in available.every() if _allows(report, user)]
    return sorted(reports, key=lambda report: str(report.title))


def _allows(report: Report, user: Any) -> bool:
    """Whether a report allows the user. One whose own rule fails is left out, not the others."""
    try:
        return report.allows(user)
    except Error:
        raise
    except Exception as error:  # noqa: BLE001 -- whatever an author's code raises
        logged(logger, error, "report %s could not say who may read it", report.slug)
        return False
