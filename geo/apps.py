"""The geo app."""

from django.apps import AppConfig
from django.core import checks


class GeoConfig(AppConfig):
    name = "geo"

    def ready(self) -> None:
        """Let `check --deploy` look at the system libraries."""
        from geo.checks import check_libraries

        checks.register(check_libraries, checks.Tags.security, deploy=True)
