"""`comparereport`: shows that databases give the same report, or where they differ."""

from os.path import commonprefix
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, DatabaseError
from tqdm import tqdm

from geo.backends.wrapper import database_wrapper
from reports import installation
from reports.errors import BrokenReport, ReportError
from reports.exports.comparison import Comparison, compare
from reports.management.command import ReportCommand
from reports.problems import WRONG_USAGE
from reports.queries import available
from reports.report import Report

# Characters that are shown of a long line, and how many of them precede the difference.
SHOWN, CONTEXT = 400, 40


class Command(ReportCommand):
    help = """Run reports on several databases and compare the answers to the byte.

  comparereport
  comparereport airports-by-country --databases default postgis
  comparereport airports-by-country --user clerk

Prints each database's rows and the SHA-256 of `exportreport --format csv --dialect raw`, and the
first row that differs. Exit code 0 when all agree, 1 when they differ or a report that was named
is broken, 2 when it could not be run."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slugs", nargs="*", metavar="SLUG", help="default: every report")
        parser.add_argument(
            "--databases", nargs="+", metavar="ALIAS", help="default: every database attached"
        )
        self.add_param_argument(parser)
        self.add_user_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        given = options["databases"] or installation.databases() or [DEFAULT_DB_ALIAS]
        aliases = [self.known_database(alias) for alias in given]
        if len(set(aliases)) < 2:
            raise CommandError(
                "A comparison needs two databases. Attach another with DATABASE_<NAME>_URL.",
                returncode=WRONG_USAGE,
            )
        with self.errors_as_exit_codes():
            try:
                user = self.user(options["user"])
                agree = self._compare_all(
                    self._reports(options["slugs"], user),
                    aliases,
                    self.given(options["param"]),
                    user,
                )
            except DatabaseError as error:
                raise CommandError(
                    f"A database did not answer: {type(error).__name__}: {error}".strip(),
                    returncode=WRONG_USAGE,
                ) from error
            except BrokenReport:
                raise
            except ReportError as error:
                raise CommandError(str(error), returncode=WRONG_USAGE) from error
        if not agree:
            raise SystemExit(1)

    def _reports(self, slugs: list[str], user: Any) -> list[Report]:
        """Returns the named reports, or else all that the user may read. Checks permissions."""
        reports = [available.get(slug) for slug in slugs]
        for report in reports:
            self.demand_permission(report, user)
        return reports or [each for each in available.every() if user is None or each.allows(user)]

    def _compare_all(
        self, reports: list[Report], aliases: list[str], given: dict[str, list[str]], user: Any
    ) -> bool:
        for alias in aliases:
            self.stdout.write(f"{alias}: {database_wrapper(alias).server_version}")
        agree = True
        for report in tqdm(reports, unit=" reports", disable=None, leave=False):
            allowed = report.options.databases
            asked = [
                a for a in aliases if not allowed or database_wrapper(a).engine_name in allowed
            ]
            if allowed:
                self.stdout.write(f"{report.slug}: limited to {', '.join(allowed)}")
            if len(asked) > 1:
                comparison = compare(report, asked, given, user)
                self._print(comparison)
                agree &= comparison.is_identical
        return agree

    def _print(self, comparison: Comparison) -> None:
        slug = comparison.report.slug
        if comparison.is_identical:
            alias, *_ = comparison.rows
            self.stdout.write(
                f"same    {slug}  {comparison.rows[alias]} rows  {comparison.sha256[alias]}"
            )
            return
        self.stdout.write(f"DIFFERS {slug}")
        for alias, sha256 in comparison.sha256.items():
            self.stdout.write(f"  {alias}: {comparison.rows[alias]} rows  {sha256}")
        if comparison.difference is not None:
            self.stdout.write(f"  first at row {comparison.difference.row}:")
            lines = comparison.difference.lines
            present = [line for line in lines.values() if line is not None]
            same = len(commonprefix(present))  # noqa: RUF071 -- of texts, not of paths
            for alias, line in lines.items():
                self.stdout.write(f"    {alias}: {_shown(line, max(0, same - CONTEXT))}")


def _shown(line: str | None, start: int) -> str:
    """Returns a line escaped for the terminal; a long one from `start` on."""
    if line is None:
        return "(no such row)"
    text = line.removesuffix("\r\n")
    part = text if len(text) <= SHOWN else text[start : start + SHOWN]
    escaped = part.encode("unicode_escape").decode("ascii")
    if part is text:
        return escaped
    return f"... {escaped} ... (from character {start + 1:,} of {len(text):,})"
