"""Checks for settings that would make reports wrong on PostgreSQL with PostGIS."""

from typing import TYPE_CHECKING

from django.core.checks import CheckMessage, Error
from django.db.backends.base.validation import BaseDatabaseValidation

from geo.backends.collation import check_default

if TYPE_CHECKING:
    from geo.backends.postgis.base import DatabaseWrapper


class DatabaseValidation(BaseDatabaseValidation):
    connection: "DatabaseWrapper"

    def check(self, **kwargs: object) -> list[CheckMessage]:
        return [*self._encoding(), *self._collation()]

    def _collation(self) -> list[CheckMessage]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT datcollate FROM pg_database WHERE datname = current_database()")
            (collation,) = cursor.fetchone()
        return check_default(
            self.connection.alias,
            collation,
            is_code_point=collation in self.connection.ops.code_point_collations
            or collation.lower().replace("-", "") == "c.utf8",
        )

    def _encoding(self) -> list[CheckMessage]:
        with self.connection.cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            encoding = cursor.fetchone()[0]
        if encoding == "UTF8":
            return []
        return [
            Error(
                f"The database stores text as {encoding}, which cannot hold every character.",
                hint="Create the database with ENCODING 'UTF8'.",
                obj=self.connection.alias,
                id="geo.E002",
            )
        ]
