"""System checks of the declared reports."""

from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldError
from django.db import DEFAULT_DB_ALIAS

from reports import native, registry
from reports.engine import Statement
from reports.errors import DeclarationError, NotPortable


def check_reports(**_: Any) -> list[CheckMessage]:
    """E001 declared wrongly, E002 not portable. Asks no database for rows."""
    messages: list[CheckMessage] = []
    for report in registry.every():
        if report.options.databases:
            continue  # checked where it runs: `default` need not be one of its databases
        where = f"{type(report).__module__}.{type(report).__qualname__}"
        try:
            Statement(report, _NothingGiven(), DEFAULT_DB_ALIAS)
        except (DeclarationError, FieldError) as error:
            messages.append(Error(str(error), obj=where, id="reports.E001"))
        except NotPortable as error:
            messages.append(Error(str(error), obj=where, id="reports.E002"))
    return messages


def check_lines(**_: Any) -> list[CheckMessage]:
    """W001 lines.c is not compiled."""
    if native.library() is not None:
        return []
    return [
        checks.Warning(
            "CSV of many rows takes several times as long as it could:"
            f" {native.SOURCE.name} is not compiled.",
            hint=f"Run `python {native.__file__}`, which needs a C compiler, and restart.",
            id="reports.W001",
        )
    ]


class _NothingGiven(dict[str, Any]):
    """Parameters none of which was given."""

    def __missing__(self, name: str) -> None:
        return None
