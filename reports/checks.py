"""System checks of the declared reports."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage

from reports.exports.fastcsv import library
from reports.queries import available

# Is it the command `check` that asks?
_is_check = ContextVar("is_check", default=False)


def check_reports(**_: Any) -> list[CheckMessage]:
    """E001 declared wrongly, E002 not portable. Asks no database for rows.

    Errors for the command `check`; warnings for every other, which Django would end otherwise.
    """
    faults = available.faults()
    available.tell(faults)
    if _is_check.get():
        return [checks.Error(str(each), obj=each.of, id=each.id) for each in faults]
    hint = "It is left out here; `manage.py check` ends with an error."
    return [checks.Warning(str(each), hint=hint, obj=each.of, id=each.id) for each in faults]


@contextmanager
def as_errors() -> Iterator[None]:
    """Within, a broken report is an error."""
    token = _is_check.set(True)
    try:
        yield
    finally:
        _is_check.reset(token)


def check_lines(**_: Any) -> list[CheckMessage]:
    """W001 csvrows.c is not compiled."""
    if library.load() is not None:
        return []
    return [
        checks.Warning(
            "CSV of many rows takes several times as long as it could:"
            f" {library.SOURCE.name} is not compiled.",
            hint=f"Run `python {library.__file__}`, which needs a C compiler, and restart.",
            id="reports.W001",
        )
    ]
