"""The reports that can be used: declared rightly, and with a statement that can be built.

What only shows when the statement is built is found here, once a process, when reports are first
asked for. A broken report is left out and told of once, by the system checks in a command that runs
them, by the log elsewhere.
"""

import logging
from collections.abc import Iterable
from functools import cache

from django.core.exceptions import FieldError
from django.db import DEFAULT_DB_ALIAS, Error

from reports import registry
from reports.errors import BrokenReport, DeclarationError, Fault, NotPortable
from reports.queries.parameters import NothingGiven
from reports.queries.statement import Statement
from reports.report import Report

logger = logging.getLogger("isoline.reports")

_told: set[Fault] = set()


def every() -> list[Report]:
    """The reports that can be used, by slug."""
    broken = _told_broken()
    return [report for report in registry.every() if report not in broken]


def get(slug: str) -> Report:
    """The report with this slug. Raises UnknownReport and BrokenReport."""
    report = registry.get(slug)
    demand(report)
    return report


def demand(report: Report) -> None:
    """Raise BrokenReport for a report that cannot be used."""
    if fault := _told_broken().get(report):
        raise BrokenReport(fault)


def faults() -> list[Fault]:
    """What is wrong with every report, and every module of reports, that cannot be used."""
    return [*registry.faults(), *_broken().values()]


def tell(found: Iterable[Fault]) -> None:
    """Count these as told: the log does not repeat them."""
    _told.update(found)


def _told_broken() -> dict[Report, Fault]:
    """`_broken`, with a line in the log for each fault of which nobody has been told."""
    broken = _broken()
    for fault in (*registry.faults(), *broken.values()):
        if fault not in _told:
            _told.add(fault)
            logger.warning("%s: (%s) %s It is left out.", fault.of, fault.id, fault)
    return broken


def _broken() -> dict[Report, Fault]:
    """The reports whose statement cannot be built on `default`, as far as it answers."""
    broken = {}
    for report in registry.every():
        try:
            fault = _fault(report)
        except Error:  # `default` is away, which is no fault of a report
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
