"""Checks for settings that would make reports wrong on SQLite with SpatiaLite."""

from typing import Any

from django.core.checks import CheckMessage, Error
from django.db.backends.base.validation import BaseDatabaseValidation

from geo.backends.spatialite.driver import MINIMUM


class DatabaseValidation(BaseDatabaseValidation):
    def check(self, **kwargs: Any) -> list[CheckMessage]:
        version = self.connection.Database.sqlite_version_info
        if version >= MINIMUM:
            return []
        return [
            Error(
                f"SQLite {'.'.join(map(str, version))} cannot order a string aggregate.",
                hint=f"Install pysqlite3, or a Python with SQLite {'.'.join(map(str, MINIMUM))}.",
                obj=self.connection.alias,
                id="geo.E001",
            )
        ]
