"""The reports app."""

from django.apps import AppConfig
from django.core import checks


class ReportsConfig(AppConfig):
    name = "reports"
    label = "isoline"  # a project may have an app named reports

    def ready(self) -> None:
        """Find the reports of every app, and let `check` look at them."""
        from reports import registry
        from reports.checks import check_lines, check_reports

        registry.autodiscover()
        checks.register(check_reports, "reports")
        checks.register(check_lines, "reports")
