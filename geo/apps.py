"""The geo app."""

from django.apps import AppConfig
from django.core import checks


class GeoConfig(AppConfig):
    name = "geo"
    label = "isoline_geo"  # `geo` is a likely name of an app of the project

    def ready(self) -> None:
        """Registers checks of databases and, for `--deploy`, of system libraries."""
        from geo.checks import check_libraries, check_origin, check_settings

        checks.register(check_origin, checks.Tags.database)
        checks.register(check_settings)
        checks.register(check_libraries, checks.Tags.security, deploy=True)
