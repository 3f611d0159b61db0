"""The usable reports: those with a correct declaration and a statement that can be built.

Some mistakes only show when the statement is built. They are found once a process, when reports are
first asked for. A broken report is left out, and reported once: by the system checks in a command
that runs them, otherwise in the log.
"""

import logging
from collections.abc import Iterable
from functools import cache

from django.core.exceptions import FieldError
from django.db import DEFAULT_DB_ALIAS, Error

from reports import installation, registry
from reports.errors import BrokenReport, DeclarationError, Fault, NotPortable
from reports.queries.parameters import NothingGiven
from reports.queries.statement import Statement
from reports.report import Report

logger = logging.getLogger("isoline.reports")

_told: set[Fault] = set()


def every() -> list[Report]:
    """Returns the usable reports, by slug."""
    broken = _told_broken()
    return [report for report in registry.every() if report not in broken]


def get(slug: str) -> Report:
    """Returns the report with this slug. Raises UnknownReport and BrokenReport."""
    report = registry.get(slug)
    demand(report)
    return report


def demand(report: Report) -> None:
    """Raises BrokenReport for a report that cannot be used."""
    if fault := _told_broken().get(report):
        raise BrokenReport(fault)


def faults() -> list[Fault]:
    """Returns the faults of all reports and modules of reports that cannot be used."""
    return [*registry.faults(), *_broken().values()]


def tell(found: Iterable[Fault]) -> None:
    """Marks faults as reported, so that the log does not repeat them."""
    _told.update(found)


def _told_broken() -> dict[Report, Fault]:
    """Returns `_broken()`, and logs each fault that has not been reported yet."""
    broken = _broken()
    for fault in (*registry.faults(), *broken.values()):
        if fault not in _told:
            _told.add(fault)
            logger.warning("%s: (%s) %s It is left out.", fault.of, fault.id, fault)
    return broken


def _broken() -> dict[Report, Fault]:
    """Returns the reports whose statement cannot be built on `default`, if `default` responds."""
    broken: dict[Report, Fault] = {}
    if installation.engine():  # which is not the reports' fault
        return broken
    for report in registry.every():
        try:
            fault = _fault(report)
        except Error:  # `default` is down, which is not the report's fault
            break
        except Exception as error:  # noqa: BLE001 -- whatever an author's code raises, this time
            fault = registry.fault(type(report), error)
        if fault is not None:
            broken[report] = fault
    return broken


@cache
def _fault(report: Report) -> Fault | None:
    if report.options.databases:
        return None  # found where it runs: `default` need not be one of its databases
    try:
        statement = Statement(report, NothingGiven(), DEFAULT_DB_ALIAS)
        statement.check()
    except NotPortable as error:
        return registry.fault(type(report), error, "reports.E002")
    except (DeclarationError, FieldError) as error:
        return registry.fault(type(report), error)
    return None
