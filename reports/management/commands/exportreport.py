"""`exportreport`: a report's whole result, to a file or to standard output."""

import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.management.base import CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS
from tqdm import tqdm

from reports import registry
from reports.engine import Statement
from reports.errors import PermissionRefused
from reports.export import Export, write_file
from reports.formats import FORMATS
from reports.limits import export_limits
from reports.management.command import REFUSED, WRONG_USAGE, ReportCommand
from reports.parameters import read
from reports.report import Report


def seconds(text: str) -> float:
    """A time that a limit may be; raises ArgumentTypeError."""
    with suppress(ValueError):
        if 0 < (number := float(text)) < inf:
            return number
    raise ArgumentTypeError(f"{text!r} is no number of seconds above 0")


class Command(ReportCommand):
    help = """Write a report's whole result.

  exportreport --list
  exportreport airports-by-country -o airports.csv
  exportreport large-cities --format geojson -o cities.geojson
  exportreport delays-by-month --param carrier_is=UA --dialect raw | sha256sum

Dialects of CSV: `safe`, the default, has labels and neutralises what a spreadsheet would run;
`excel` is safe with a byte order mark; `raw` has column ids and values as they are, the same
bytes on every database. GeoJSON is for reports with a geometry.

Exit code 0 only when everything was written; 1 when the report was refused or failed, 2 for
wrong usage. A file appears whole or not at all."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", metavar="SLUG", help="the report")
        parser.add_argument(
            "--list", action="store_true", help="the reports there are, a line each"
        )
        parser.add_argument("--format", default="csv", choices=sorted(FORMATS), help="default: csv")
        parser.add_argument(
            "--dialect", help="a way to write the format; of csv: safe, excel or raw"
        )
        parser.add_argument(
            "--database", default=DEFAULT_DB_ALIAS, metavar="ALIAS", help="which to ask"
        )
        self.add_param_argument(parser)
        parser.add_argument("--user", metavar="NAME", help="with this user's permissions")
        parser.add_argument(
            "--seconds",
            type=seconds,
            metavar="N",
            help="fail if it takes longer; default: no limit",
        )
        parser.add_argument("-o", dest="output", metavar="FILE", help="default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for report in registry.every():
                self.stdout.write(f"{report.slug:<28} {report.title}")
            return
        if not options["slug"]:
            raise CommandError("Name a report, or say --list.", returncode=WRONG_USAGE)
        with self.errors_as_exit_codes():
            self._export(options)

    def _export(self, options: dict[str, Any]) -> None:
        report = registry.get(options["slug"])
        database = self.known_database(options["database"])
        format_ = FORMATS[options["format"]]
        if options["dialect"] not in (None, *format_.dialects):
            raise CommandError(
                f"{format_.name} has no dialect {options['dialect']!r}; it has"
                f" {', '.join(format_.dialects)}.",
                returncode=WRONG_USAGE,
            )
        self._check_permission(report, options["user"])
        parameters = read(report, self.given(options["param"]), database)
        statement = Statement(report, dict(parameters.values), database)
        # Whoever runs a command waits for it, and ends it, as they like.
        limits = replace(export_limits(), seconds=options["seconds"], statement_seconds=None)
        export = Export(
            statement, format_, options["dialect"], given=parameters.given, limits=limits
        )
        self._write(self._shown(export), options["output"])

    def _shown(self, export: Export) -> Iterator[bytes]:
        """The pieces, with the rows that have passed on a terminal."""
        slug = export.statement.report.slug
        hidden = not sys.stderr.isatty()
        with tqdm(unit=" rows", desc=slug, disable=hidden, leave=False) as progress:
            for piece in export.pieces():
                yield piece
                progress.update(export.rows - progress.n)

    def _check_permission(self, report: Report, name: str | None) -> None:
        """Whoever may run commands here may read everything, unless a user is named."""
        if name is None:
            return
        users = get_user_model()
        user: Any = AnonymousUser()
        if name:
            try:
                user = users._default_manager.get_by_natural_key(name)
            except users.DoesNotExist:
                raise CommandError(f"There is no user {name!r}.", returncode=WRONG_USAGE) from None
        if not report.allows(user):
            raise PermissionRefused(f"{name or 'Nobody'} may not read report {report.slug!r}.")

    def _write(self, pieces: Iterable[bytes], output: str | None) -> None:
        if output is not None:
            path = Path(output)
            try:
                write_file(path, pieces)
            except OSError as error:
                raise CommandError(
                    f"{path} cannot be written: {error.strerror or error}.", returncode=REFUSED
                ) from error
            return
        try:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # Whoever read has gone, as `head` does; Python would complain again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise CommandError("The reader left before the end.", returncode=REFUSED) from None
