"""Checks for settings that would make reports wrong on SQLite with SpatiaLite."""

from typing import TYPE_CHECKING

from django.core.checks import CheckMessage, Error
from django.db.backends.base.validation import BaseDatabaseValidation

from geo.backends.spatialite.driver import MINIMUM

if TYPE_CHECKING:
    from geo.backends.spatialite.base import DatabaseWrapper


class DatabaseValidation(BaseDatabaseValidation):
    connection: "DatabaseWrapper"

    def check(self, **kwargs: object) -> list[CheckMessage]:
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
