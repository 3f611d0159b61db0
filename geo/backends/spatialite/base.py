"""The database wrapper of SQLite with SpatiaLite.

SpatiaLite 5.0 replaces mathematical functions by versions that use 32-bit integers (`Ceil(5e9)` is
705032704). The previous functions are registered again after it is loaded.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from math import inf
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError

from geo.backends.bulk import RowFormat
from geo.backends.compat import Params, init_commands, register_functions
from geo.backends.spatialite import driver
from geo.backends.wrapper import DatabaseWrapperMixin

with driver.imported():
    from django.contrib.gis.db.backends.spatialite import base
    from django.db.backends.sqlite3.base import SQLiteCursorWrapper

    from geo.backends.spatialite.features import DatabaseFeatures
    from geo.backends.spatialite.functions import register
    from geo.backends.spatialite.functions.matching import LookupTables
    from geo.backends.spatialite.operations import DatabaseOperations
    from geo.backends.spatialite.schema import DatabaseSchemaEditor
    from geo.backends.spatialite.validation import DatabaseValidation

# Seconds that a writer waits for another one.
BUSY_TIMEOUT = 20
# Steps of SQLite's virtual machine between two checks of the clock: less than a millisecond.
PROGRESS_STEPS = 20_000


class CursorWrapper(SQLiteCursorWrapper):
    """Django's cursor, which keeps a reference to the parameters of its statement.

    It can be closed after its connection, because a traceback may hold it.
    """

    def execute(  # type: ignore[override]  # as Django's is
        self, query: str, params: Params | None = None
    ) -> SQLiteCursorWrapper:
        self._params = params  # a lookup table lives as long as its number (functions/matching.py)
        return super().execute(query, params)

    def close(self) -> None:
        with suppress(driver.module().ProgrammingError):
            super().close()


class DatabaseWrapper(DatabaseWrapperMixin, base.DatabaseWrapper):
    features: DatabaseFeatures
    ops: DatabaseOperations
    transaction_mode: str | None
    SchemaEditorClass = DatabaseSchemaEditor
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
    validation_class = DatabaseValidation

    def __init__(self, settings_dict: dict[str, Any], alias: str = DEFAULT_DB_ALIAS) -> None:
        super().__init__(settings_dict, alias)
        self.answers = LookupTables()

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
            # A deferred transaction that becomes a writer fails at once if another has written
            # meanwhile; an immediate one waits its turn.
            self.transaction_mode = "IMMEDIATE"
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        register_functions(connection)
        register(connection)
        connection.create_function(
            "isoline_matched", 2, self.answers.isoline_matched, deterministic=True
        )
        # SpatiaLite sets it to 5 seconds when it is loaded.
        connection.execute(f"PRAGMA busy_timeout = {int(conn_params['timeout'] * 1000)}")
        # Otherwise a new SQLite refuses to rename any table while SpatiaLite 5.0's triggers exist,
        # and loses geometry columns in AlterField.
        connection.execute("PRAGMA legacy_alter_table = ON")
        # The project's own settings are last. Other commands (ATTACH) cannot be repeated.
        for command in init_commands(self):
            if command.strip().upper().startswith("PRAGMA"):
                connection.execute(command)
        return connection

    def create_cursor(self, name: str | None = None) -> CursorWrapper:
        cursor: CursorWrapper = self.connection.cursor(factory=CursorWrapper)
        return cursor

    def prepare_database(self) -> None:
        """Sets WAL. Only `migrate` calls it, so attached databases stay unchanged."""
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

    def blocks(self, sql: str, params: Params, wire: RowFormat) -> Generator[bytes]:
        # Only this snapshot's rows are read from the connection.
        self.connection.text_factory = bytes
        return super().blocks(sql, params, wire)

    def limit_snapshot(self, statement_seconds: float | None, seconds: float | None) -> None:
        # SQLite works only while rows are taken, so no clock here knows how long a statement runs.
        if seconds is not None:
            end = time.monotonic() + seconds
            self.connection.set_progress_handler(lambda: time.monotonic() > end, PROGRESS_STEPS)

    @contextmanager
    def limited(self, seconds: float | None) -> Iterator[None]:
        if seconds is None:
            yield
            return
        end = inf

        def begin(execute: Any, *args: Any) -> Any:
            nonlocal end
            end = time.monotonic() + seconds
            return execute(*args)

        self.ensure_connection()
        self.connection.set_progress_handler(lambda: time.monotonic() > end, PROGRESS_STEPS)
        try:
            with self.execute_wrapper(begin):
                yield
        finally:
            if self.connection is not None:
                self.connection.set_progress_handler(None, 0)

    def is_over_time(self, error: BaseException) -> bool:
        return isinstance(error, OperationalError) and str(error) == "interrupted"

    def interrupt(self) -> None:
        if self.connection is not None:
            self.connection.interrupt()
