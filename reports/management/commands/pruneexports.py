"""`pruneexports`: deletes the records of old exports."""

from typing import Any

from django.core.management.base import BaseCommand

from reports.exports.tracking import clear
from reports.limits import records_kept


class Command(BaseCommand):
    help = (
        "Delete the records of exports that are older than EXPORT_RECORDS['days'] (default: 7)."
        " Downloads delete some of them, at most once an hour; this command deletes all."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        count, days = clear(), records_kept().days
        self.stdout.write(f"Deleted {count} records of exports older than {days} days.")
