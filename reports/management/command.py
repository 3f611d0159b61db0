"""What the report commands share: their arguments, and errors as exit codes."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from reports.errors import ParameterError, ReportError, RowFailed, StatementFailed, UnknownReport

REFUSED, WRONG_USAGE, INTERRUPTED = 1, 2, 130


class ReportCommand(BaseCommand):
    """A command that speaks of reports. Its help keeps the line breaks it was written with."""

    requires_system_checks = ["reports"]

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_param_argument(self, parser: CommandParser) -> None:
        """`--param NAME=VALUE`, as often as wanted."""
        parser.add_argument(
            "--param",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a parameter of the report, as in its page's address; may be given several times",
        )

    def given(self, params: list[str]) -> dict[str, list[str]]:
        """Texts by name, as a query string gives them."""
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
        """The alias, if there is such a database."""
        if alias not in connections.settings:
            raise CommandError(
                f"There is no database {alias!r}; there are {', '.join(connections.settings)}."
                f" Set DATABASE_{alias.upper()}_URL to attach it.",
                returncode=WRONG_USAGE,
            )
        return alias

    @contextmanager
    def errors_as_exit_codes(self) -> Iterator[None]:
        """What goes wrong with a report, as one line and an exit code."""
        try:
            yield
        except ParameterError as error:
            lines = [f"{name}: {' '.join(texts)}" for name, texts in error.errors.items()]
            raise CommandError("\n".join(lines), returncode=WRONG_USAGE) from error
        except UnknownReport as error:
            raise CommandError(str(error), returncode=WRONG_USAGE) from error
        except (StatementFailed, RowFailed) as error:
            # Whoever runs commands here may see what the database said.
            raise CommandError(f"{error} {error.__cause__}", returncode=REFUSED) from error
        except ReportError as error:
            raise CommandError(str(error), returncode=REFUSED) from error
        except KeyboardInterrupt as error:
            raise CommandError("Interrupted.", returncode=INTERRUPTED) from error
