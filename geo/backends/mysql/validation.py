"""Checks for settings that would make reports wrong on MySQL and MariaDB.

The engine sets what a session may set (geo/backends/mysql/base.py); these checks find the rest.
"""

from typing import TYPE_CHECKING

from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.db.backends.mysql.validation import DatabaseValidation as MySQLValidation

from geo.backends.collation import check_default
from geo.backends.compat import is_mariadb
from geo.backends.mysql.session import MARIADB, SESSION

MINIMUM_PACKET = 16 * 2**20

if TYPE_CHECKING:
    from geo.backends.mysql.base import DatabaseWrapper


class DatabaseValidation(MySQLValidation):
    connection: "DatabaseWrapper"

    def check(self, **kwargs: object) -> list[CheckMessage]:
        return [
            *super().check(**kwargs),
            *self._session(),
            *self._packet(),
            *self._time_zones(),
            *self._collation(),
        ]

    def _session(self) -> list[CheckMessage]:
        """Checks the session: a proxy or an init_connect may undo what the engine has set."""
        settings = SESSION + MARIADB if is_mariadb(self.connection) else SESSION
        wanted = {name: value.strip("'") for name, value in (s.split("=", 1) for s in settings)}
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(f"@@session.{name}" for name in wanted))
            found = dict(zip(wanted, map(str, cursor.fetchone()), strict=True))
        return [
            Error(
                f"The session's {name} is {found[name]!r}, not {wanted[name]!r}.",
                hint="Something between the server and Isoline resets session settings.",
                obj=self.connection.alias,
                id="geo.E003",
            )
            for name in wanted
            if not _is_set(name, found[name].split(","), wanted[name].split(","))
        ]

    def _packet(self) -> list[CheckMessage]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT @@max_allowed_packet")
            size = cursor.fetchone()[0]
        if size >= MINIMUM_PACKET:
            return []
        return [
            CheckWarning(
                f"max_allowed_packet is {size} bytes: a longer text in a result is an error.",
                hint=f"Set it to {MINIMUM_PACKET} or more on the server.",
                obj=self.connection.alias,
                id="geo.W001",
            )
        ]

    def _time_zones(self) -> list[CheckMessage]:
        if self.connection.features.has_zoneinfo_database:
            return []
        return [
            CheckWarning(
                "The server has no time zone tables: Django's own __date, Trunc and Extract find"
                " nothing or fail.",
                hint="Isoline's expressions do without. mysql_tzinfo_to_sql loads the tables.",
                obj=self.connection.alias,
                id="geo.W004",
            )
        ]

    def _collation(self) -> list[CheckMessage]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT @@collation_database")
            (collation,) = cursor.fetchone()
        return check_default(
            self.connection.alias,
            collation,
            is_code_point=collation in self.connection.ops.code_point_collations,
        )


def _is_set(name: str, found: list[str], wanted: list[str]) -> bool:
    """Whether a setting has the wanted words and, except for a list of switches, no others."""
    if name == "optimizer_switch":
        return set(found) >= set(wanted)
    return set(found) == set(wanted)
