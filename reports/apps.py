"""The reports app."""

from django.apps import AppConfig
from django.core import checks


class ReportsConfig(AppConfig):
    name = "reports"
    label = "isoline"  # `reports` is a likely name of an app of the project

    def ready(self) -> None:
        """Imports the reports of every app and registers the system checks."""
        from reports import registry
        from reports.checks import check_installation, check_lines, check_reports

        registry.autodiscover()
        checks.register(check_installation)
        checks.register(check_reports, "reports")
        checks.register(check_lines, "reports")
