"""`exportreport`: writes a report's whole result to a file or to standard output."""

import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS

from reports.exports.compression import BY_SUFFIX, Compression
from reports.exports.manifest import SUFFIX, written
from reports.exports.pipeline import ExportPipeline, write_file
from reports.exports.tracking import TrackedExport
from reports.formats import FORMATS, OPTIONS, Format
from reports.limits import export_limits
from reports.management.command import ReportCommand
from reports.management.progress import shown
from reports.problems import REFUSED, WRONG_USAGE
from reports.queries import available
from reports.queries.request import ReportRequest, key_of, run


def seconds(text: str) -> float:
    """Parses a limit in seconds. Raises ArgumentTypeError."""
    with suppress(ValueError):
        if 0 < (number := float(text)) < inf:
            return number
    raise ArgumentTypeError(f"{text!r} is not a number of seconds above 0")


class Command(ReportCommand):
    help = """Write a report's whole result.

  exportreport --list
  exportreport airports-by-country -o airports.xlsx
  exportreport large-cities -o cities.geojson.gz
  exportreport large-cities --dialect excel --separator ';' -o cities.csv
  exportreport delays-by-month --manifest -o delays.csv
  exportreport delays-by-month --param carrier_is=UA --dialect raw | sha256sum

The extension of the file gives the format, unless --format does; .gz and .zst compress it. csv, tsv
and xlsx have dialects: `safe` (the default) has labels and neutralises formulas, `excel` also has a
byte order mark, `raw` has column ids and unchanged values. The bytes are the same on every
database.

The exit code is 0 if everything was written, 1 if the report was refused or failed, and 2 for wrong
usage. A file is complete or does not exist. The manifest, FILE.manifest.json, has its rows, bytes,
SHA-256 and columns, the request, the database and the time. On a terminal the command shows rows
and pace, and how much is left if each row is an object."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", metavar="SLUG", help="the report")
        parser.add_argument("--list", action="store_true", help="list the reports, one per line")
        parser.add_argument(
            "--format",
            choices=sorted(FORMATS),
            help="default: by the extension of the file, else csv",
        )
        parser.add_argument("--dialect", help="a dialect of the format, listed below")
        for name in OPTIONS:
            known = {
                each.name: each.options[name] for each in FORMATS.values() if name in each.options
            }
            choices = " ".join(next(iter(known.values())))
            parser.add_argument(
                f"--{name.replace('_', '-')}",
                metavar="CHOICE",
                help=f"of {', '.join(known)}: {choices} (the first is the default)",
            )
        parser.add_argument(
            "--database", default=DEFAULT_DB_ALIAS, metavar="ALIAS", help="which to ask"
        )
        parser.epilog = "formats, their dialects (the first is the default):\n" + "\n".join(
            f"  {each.name:<10}{', '.join(each.dialects):<18}{each.offers[0].hint}"
            for each in FORMATS.values()
        )
        self.add_param_argument(parser)
        self.add_user_argument(parser)
        parser.add_argument(
            "--totals",
            action="store_true",
            help="add a last row with each aggregate over all rows, if the report has totals",
        )
        parser.add_argument(
            "--seconds",
            type=seconds,
            metavar="N",
            help="fail if it takes longer; default: no limit",
        )
        parser.add_argument("-o", dest="output", metavar="FILE", help="default: standard output")
        parser.add_argument(
            "--manifest",
            action="store_true",
            help="write FILE.manifest.json too, and keep a record",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for report in available.every():
                self.stdout.write(f"{report.slug:<28} {report.title}")
            return
        if not options["slug"]:
            raise CommandError("Name a report, or use --list.", returncode=WRONG_USAGE)
        if options["manifest"] and options["output"] is None:
            raise CommandError(
                "--manifest needs the name of the file: add -o.", returncode=WRONG_USAGE
            )
        with self.errors_as_exit_codes():
            self._export(options)

    def _export(self, options: dict[str, Any]) -> None:
        database = self.known_database(options["database"])
        format_, compression = _file_type(options["output"] or "", options["format"])
        if options["dialect"] not in (None, *format_.dialects):
            raise CommandError(
                f"{format_.name} has no dialect {options['dialect']!r}; it has"
                f" {', '.join(format_.dialects)}.",
                returncode=WRONG_USAGE,
            )
        user = self.user(options["user"])
        request = ReportRequest(
            slug=options["slug"],
            parameters=self.given(options["param"]),
            database=database,
            user=key_of(user),
            sees_all=user is None,
            totals=options["totals"],
            format=format_.name,
            dialect=options["dialect"] or "",
            options={name: options[name] for name in OPTIONS if options[name] is not None},
            compression=compression.suffix if compression else "",
        )
        result = run(request, user=user)
        # The user of a command can wait for it or stop it.
        limits = replace(export_limits(), seconds=options["seconds"], statement_seconds=None)
        if options["manifest"]:  # no slot: users of commands know how many are running
            export: ExportPipeline = TrackedExport.of(
                result, limits=limits, user=user, is_limited=False
            )
        else:
            export = ExportPipeline.of(result, limits=limits)
        if options["verbosity"] > 1:
            why = export.row_by_row
            how = f"rows are written one by one: {why}" if why else "the database writes the lines"
            self.stderr.write(f"{options['slug']}: {how}.")
        self._write(export, options["output"], compression)
        if isinstance(export, TrackedExport):
            self._write_file(options["output"] + SUFFIX, [written(export.record)])

    def _write(
        self, export: ExportPipeline, output: str | None, compression: Compression | None
    ) -> None:
        with closing(export.pieces()) as pieces:
            passing = shown(export, pieces)
            if compression:
                passing = compression.compressed(passing)
            if output is not None:
                self._write_file(output, passing)
            else:
                self._write_out(passing)

    def _write_file(self, output: str, pieces: Iterable[bytes]) -> None:
        path = Path(output)
        try:
            write_file(path, pieces)
        except OSError as error:
            raise CommandError(
                f"{path} cannot be written: {error.strerror or error}.", returncode=REFUSED
            ) from error

    def _write_out(self, pieces: Iterable[bytes]) -> None:
        try:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # The reader of the pipe has closed it, as `head` does; Python would fail again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise CommandError(
                "The client disconnected before the end.", returncode=REFUSED
            ) from None


def _file_type(name: str, chosen: str | None) -> tuple[Format, Compression | None]:
    """Returns a file's format, implied by its name unless chosen, and its compression."""
    stem, _, suffix = name.rpartition(".")
    compression = BY_SUFFIX.get(suffix)
    if compression:
        suffix = stem.rpartition(".")[2]
    format_ = FORMATS[chosen or (suffix if suffix in FORMATS else "csv")]
    if compression and format_.is_compressed:
        raise CommandError(
            f"{format_.name} is compressed already: name the file without .{compression.suffix}.",
            returncode=WRONG_USAGE,
        )
    return format_, compression
