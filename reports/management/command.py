"""Base class of the report commands: shared arguments, and errors as exit codes."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections

from geo.errors import IsolineError
from reports import installation
from reports.errors import ParameterError, RowFailed, StatementFailed, UnknownReport
from reports.permissions import anonymous, demand
from reports.problems import WRONG_USAGE, problem
from reports.report import Report

INTERRUPTED = 130


class ReportCommand(BaseCommand):
    """A command about reports. Its help keeps its line breaks."""

    requires_system_checks = ["reports"]

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_param_argument(self, parser: CommandParser) -> None:
        """Adds `--param NAME=VALUE`, which may be repeated."""
        parser.add_argument(
            "--param",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help=(
                "a parameter of the report, as in the address of its page; repeat it for more"
                " parameters or values"
            ),
        )

    def add_user_argument(self, parser: CommandParser) -> None:
        """Adds `--user NAME`."""
        parser.add_argument(
            "--user", metavar="NAME", help="with this user's permissions and rows; default: all"
        )

    def user(self, name: str | None) -> Any:
        """Returns the named user, the anonymous one for "", and None, who sees all, for None."""
        if name is None:
            return None
        if not name:
            return anonymous()
        users = get_user_model()
        try:
            return users._default_manager.get_by_natural_key(name)
        except users.DoesNotExist:
            raise CommandError(f"There is no user {name!r}.", returncode=WRONG_USAGE) from None

    def demand_permission(self, report: Report, user: Any) -> None:
        """Raises PermissionRefused if a named user may not read the report."""
        if user is not None:
            demand(report, user)

    def given(self, params: list[str]) -> dict[str, list[str]]:
        """Returns the parameters' texts by name, as in a query string."""
        given: dict[str, list[str]] = {}
        for param in params:
            name, separator, value = param.partition("=")
            if not separator or not name:
                raise CommandError(
                    f"--param takes NAME=VALUE, not {param!r}.", returncode=WRONG_USAGE
                )
            given.setdefault(name, []).append(value)
        return given

    def known_database(self, alias: str) -> str:
        """Returns the alias if there is such a database, and reports can use it."""
        if alias not in connections.settings:
            raise CommandError(
                f"Unknown database {alias!r}. Databases: {', '.join(installation.databases())}."
                f" Set DATABASE_{alias.upper()}_URL to attach it.",
                returncode=WRONG_USAGE,
            )
        for lack in installation.engine(alias):
            raise CommandError(lack.sentence, returncode=WRONG_USAGE)
        return alias

    @contextmanager
    def errors_as_exit_codes(self) -> Iterator[None]:
        """Reports errors as one line and an exit code."""
        try:
            yield
        except KeyboardInterrupt as error:
            raise CommandError("Interrupted.", returncode=INTERRUPTED) from error
        except (IsolineError, DatabaseError) as error:
            raise CommandError(_said(error), returncode=problem(error).exit_code) from error


def _said(error: Exception) -> str:
    """What a command says of an error: as a page, and more where its user may know it."""
    found = problem(error)
    match error:
        case ParameterError():
            return "\n".join(f"{name}: {' '.join(said)}" for name, said in found.errors.items())
        case UnknownReport():
            return f"{found.detail} `manage.py exportreport --list` lists the reports."
        case StatementFailed() | DatabaseError():
            # A user who can run commands may see which database failed, and its message.
            return " ".join(dict.fromkeys(map(str, (found.detail, error, error.__cause__))))
        case RowFailed():
            return f"{error} {error.__cause__}"
    return found.detail
