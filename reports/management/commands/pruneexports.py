"""`pruneexports`: deletes the records of old exports."""

from typing import Any

from django.core.management.base import BaseCommand

from reports.exports.tracking import clear
from reports.limits import records_kept


class Command(BaseCommand):
    help = (
        "Delete the records of exports that ended longer ago than EXPORT_RECORDS['days'] (7 unless"
        " the settings say otherwise). Downloads do so themselves, some at a time and once an hour"
        " at most; this deletes all of them."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        count, days = clear(), records_kept().days
        self.stdout.write(f"Deleted {count} records of exports older than {days} days.")
