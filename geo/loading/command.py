"""Base class of the loading commands: options, output, exit codes."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from geo.errors import LoadError
from geo.loading.runs import Loader, LoadReport

# The shell's exit code of an interrupted command.
INTERRUPTED = 130


class LoadCommand(BaseCommand):
    """Runs a loader and prints its result.

    Exits with 0 if the tables match the files, 1 if they were left unchanged, 130 if it was
    interrupted.
    """

    loader: ClassVar[type[Loader]]
    folder: ClassVar[Path]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--database",
            default=DEFAULT_DB_ALIAS,
            choices=tuple(connections),
            help="Database to load into (default: %(default)s).",
        )
        parser.add_argument(
            "--folder",
            type=Path,
            default=self.folder,
            help="Folder with the files (default: the bundled ones).",
        )
        parser.add_argument(
            "--force", action="store_true", help="Load the files even if they are loaded already."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        loader = self.loader(
            using=options["database"], folder=options["folder"], limit=options.get("limit")
        )
        try:
            report = loader.run(force=options["force"])
        except LoadError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(
                f"The database {options['database']!r} failed ({error}). Nothing was changed."
            ) from error
        except KeyboardInterrupt:
            self.stderr.write("Interrupted. Nothing was changed.")
            sys.exit(INTERRUPTED)
        self._print(report, options["database"])

    def _print(self, report: LoadReport, database: str) -> None:
        state = "Already loaded, unchanged" if report.unchanged else "Loaded"
        self.stdout.write(f"{state} ({database}):")
        width = max(len(label) for label in report.counts)
        for label, count in report.counts.items():
            self.stdout.write(f"  {label:{width}} {count:>9,}")
        for remark in report.remarks:
            self.stdout.write(remark)
