"""SQLite with SpatiaLite, with one meaning for every function.

SpatiaLite 5.0 replaces mathematical functions by ones that go through 32-bit integers
(`Ceil(5e9)` is 705032704); the ones in force before are registered again after it is loaded.
"""

from collections.abc import Generator
from contextlib import suppress
from typing import Any

from geo.backends.bulk import Wire
from geo.backends.engine import EngineMixin
from geo.backends.spatialite import driver

driver.install()

from django.contrib.gis.db.backends.spatialite import base  # noqa: E402 -- needs the driver
from django.db.backends.sqlite3._functions import register as register_django  # noqa: E402
from django.db.backends.sqlite3.base import Database, SQLiteCursorWrapper  # noqa: E402

from geo.backends.spatialite.features import DatabaseFeatures  # noqa: E402
from geo.backends.spatialite.functions import register  # noqa: E402
from geo.backends.spatialite.functions.matching import Answers  # noqa: E402
from geo.backends.spatialite.operations import DatabaseOperations  # noqa: E402
from geo.backends.spatialite.schema import DatabaseSchemaEditor  # noqa: E402
from geo.backends.spatialite.validation import DatabaseValidation  # noqa: E402

# Seconds that a writer waits for another one.
BUSY_TIMEOUT = 20


class Cursor(SQLiteCursorWrapper):
    def close(self) -> None:
        """Also after its connection, as other drivers let it be: a traceback may keep it alive."""
        with suppress(Database.ProgrammingError):
            super().close()


class DatabaseWrapper(EngineMixin, base.DatabaseWrapper):
    SchemaEditorClass = DatabaseSchemaEditor
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
    validation_class = DatabaseValidation

    @property
    def engine_name(self) -> str:
        return "spatialite"

    @property
    def server_version(self) -> str:
        with self.cursor() as cursor:
            cursor.execute("SELECT sqlite_version(), spatialite_version()")
            sqlite, spatialite = cursor.fetchone()
        return f"SQLite {sqlite}, SpatiaLite {spatialite}"

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        params.setdefault("timeout", BUSY_TIMEOUT)
        if self.transaction_mode is None:
            # A deferred transaction that turns into a writer fails at once when another has
            # written meanwhile; an immediate one waits its turn.
            self.transaction_mode = "IMMEDIATE"
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        register_django(connection)
        register(connection)
        self.answers = Answers()
        connection.create_function(
            "isoline_matched", 2, self.answers.isoline_matched, deterministic=True
        )
        # SpatiaLite sets it to 5 seconds when it is loaded.
        connection.execute(f"PRAGMA busy_timeout = {int(conn_params['timeout'] * 1000)}")
        # Without it a new SQLite refuses to rename any table while SpatiaLite 5.0's triggers
        # stand, and loses geometry columns in AlterField.
        connection.execute("PRAGMA legacy_alter_table = ON")
        return connection

    def create_cursor(self, name: str | None = None) -> Cursor:
        cursor: Cursor = self.connection.cursor(factory=Cursor)
        return cursor

    def prepare_database(self) -> None:
        """Called by `migrate`: only a database of the project's own is ever configured."""
        if not self.is_in_memory_db():
            with self.cursor() as cursor:
                cursor.execute("PRAGMA journal_mode = WAL")
        super().prepare_database()

    def wait_at_most(self, seconds: float | None) -> None:
        self.ensure_connection()
        if seconds is None:
            seconds = self.get_connection_params()["timeout"]
        self.connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def begin_snapshot(self) -> None:
        self.connection.execute("PRAGMA query_only = ON")
        self.connection.execute("BEGIN DEFERRED")
        # A deferred transaction sees the moment of its first read.
        self.connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()

    @property
    def bulk_refusal(self) -> str:
        with self.cursor() as cursor:
            encoding = cursor.execute("PRAGMA encoding").fetchone()[0]
        return super().bulk_refusal if encoding == "UTF-8" else f"the file is in {encoding}"

    def blocks(self, sql: str, params: Any, wire: Wire) -> Generator[bytes]:
        # A snapshot's own connection: nothing else is read from it.
        self.connection.text_factory = bytes
        return super().blocks(sql, params, wire)
