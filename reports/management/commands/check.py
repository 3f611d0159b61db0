"""`check`: Django's, but with broken reports as errors. Other commands go on in spite of them."""

from typing import Any

from django.core.management.commands import check

from reports.checks import as_errors


class Command(check.Command):
    """Django's `check`, strict about reports."""

    def handle(self, *app_labels: Any, **options: Any) -> None:
        with as_errors():
            super().handle(*app_labels, **options)
