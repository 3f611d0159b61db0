"""The geo app."""

from django.apps import AppConfig
from django.core import checks


class GeoConfig(AppConfig):
    name = "geo"
    label = "isoline_geo"  # a project may have an app named geo

    def ready(self) -> None:
        """Let checks look at databases, and with `--deploy` at the system libraries."""
        from geo.checks import check_libraries, check_origin

        checks.register(check_origin, checks.Tags.database)
        checks.register(check_libraries, checks.Tags.security, deploy=True)
