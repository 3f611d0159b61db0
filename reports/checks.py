"""System checks of the registered reports."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core import checks
from django.core.checks import CheckMessage

from reports import installation
from reports.exports.fastcsv import library
from reports.queries import available

# Whether the command `check` is running.
_is_check = ContextVar("is_check", default=False)


def check_reports(**_: object) -> list[CheckMessage]:
    """Reports E001 (wrong declaration) and E002 (not portable). Queries no rows.

    They are errors for the command `check`, and warnings for all others: Django would refuse to run
    them otherwise.
    """
    faults = available.faults()
    available.tell(faults)
    if _is_check.get():
        return [checks.Error(str(each), obj=each.of, id=each.id) for each in faults]
    hint = "It is left out here; `manage.py check` ends with an error."
    return [checks.Warning(str(each), hint=hint, obj=each.of, id=each.id) for each in faults]


@contextmanager
def as_errors() -> Iterator[None]:
    """Within this context a broken report is an error."""
    token = _is_check.set(True)
    try:
        yield
    finally:
        _is_check.reset(token)


def check_installation(databases: Collection[str] | None = None, **_: object) -> list[CheckMessage]:
    """Reports E010 to E015: the project lacks something that reports need.

    They are errors for `check`, and for commands that check databases, such as `migrate`. Commands
    that work without it, such as `makemigrations`, get warnings.
    """
    kind = checks.Error if _is_check.get() or databases else checks.Warning
    return [kind(each.sentence, id=each.id) for each in installation.lacks()]


def check_lines(**_: object) -> list[CheckMessage]:
    """Reports W001: csvrows.c is not compiled."""
    if library.load() is not None:
        return []
    return [
        checks.Warning(
            "Large CSV exports are several times slower than necessary:"
            f" {library.SOURCE.name} is not compiled.",
            hint=f"Run `python {library.__file__}`, which needs a C compiler, and restart.",
            id="reports.W001",
        )
    ]
