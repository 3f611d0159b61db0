"""`loadhostile`: the hostile tables and rows, for a database of the tests."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tests.hostile import fixture


class Command(BaseCommand):
    help = "Make the hostile tables in a database and fill them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", required=True, metavar="ALIAS")

    def handle(self, *args: Any, **options: Any) -> None:
        fixture.create(options["database"])
        fixture.load(options["database"])
