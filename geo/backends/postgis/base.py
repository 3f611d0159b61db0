"""The database wrapper of PostgreSQL with PostGIS."""

from collections.abc import Generator
from contextlib import suppress
from typing import Any

import psycopg
from django.contrib.gis.db.backends.postgis import base
from django.db import DEFAULT_DB_ALIAS, DatabaseError
from django.db.backends.utils import CursorWrapper

from geo.backends.bulk import CsvRowFormat, RowFormat
from geo.backends.compat import Params, postgresql_server_version, with_parameters
from geo.backends.postgis.copy import copied
from geo.backends.postgis.cursor import StreamingCursor
from geo.backends.postgis.features import DatabaseFeatures
from geo.backends.postgis.operations import DatabaseOperations
from geo.backends.postgis.schema import DatabaseSchemaEditor
from geo.backends.postgis.session import SESSION
from geo.backends.postgis.validation import DatabaseValidation
from geo.backends.wrapper import CONNECT_WITHIN, DatabaseWrapperMixin

COPY = "COPY (%s) TO STDOUT (FORMAT csv, DELIMITER '%s', ENCODING 'UTF8')"

INTERRUPT_WITHIN = 5  # seconds, to reach the server


class DatabaseWrapper(DatabaseWrapperMixin, base.DatabaseWrapper):
    features: DatabaseFeatures
    ops: DatabaseOperations
    SchemaEditorClass = DatabaseSchemaEditor
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
    validation_class = DatabaseValidation

    def __init__(self, settings_dict: dict[str, Any], alias: str = DEFAULT_DB_ALIAS) -> None:
        super().__init__(settings_dict, alias)
        self._streaming: list[CursorWrapper] = []

    @property
    def engine_name(self) -> str:
        return "postgis"

    @property
    def server_version(self) -> str:
        with self.cursor() as cursor:
            # From the catalogue: an attached database need not have the extension.
            cursor.execute(
                "SELECT split_part(version(), ' ', 2),"
                " (SELECT extversion FROM pg_extension WHERE extname = 'postgis')"
            )
            postgresql, postgis = cursor.fetchone()
        return f"PostgreSQL {postgresql}, " + (f"PostGIS {postgis}" if postgis else "no PostGIS")

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        return {"connect_timeout": CONNECT_WITHIN} | params

    def init_connection_state(self) -> None:
        super().init_connection_state()
        settings = ", ".join(f"set_config('{name}', %s, false)" for name in SESSION)
        with self.cursor() as cursor:
            cursor.execute(f"SELECT {settings}", list(SESSION.values()))

    def wait_at_most(self, seconds: float | None) -> None:
        with self.cursor() as cursor:
            if seconds is None:
                cursor.execute("RESET lock_timeout")
            else:
                cursor.execute(f"SET lock_timeout = {int(seconds * 1000)}")

    @property
    def pool(self) -> Any:
        # A snapshot lasts for one statement, so its connection is not pooled.
        return None if self.is_snapshot else super().pool

    def begin_snapshot(self) -> None:
        self.set_autocommit(False)
        with self.create_cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            # The snapshot is of the moment of the first query.
            cursor.execute("SELECT 1")

    def chunked_cursor(self) -> CursorWrapper:
        if not self.is_snapshot:
            return super().chunked_cursor()
        cursor = CursorWrapper(StreamingCursor(self.create_cursor()), self)
        self._streaming.append(cursor)
        return cursor

    def close(self) -> None:
        # A traceback may hold a cursor, which would complain that nobody closed it.
        while self._streaming:
            self._streaming.pop().close()
        super().close()

    def wire(self, separator: bytes) -> RowFormat:
        return CsvRowFormat(separator)

    def blocks(self, sql: str, params: Params, wire: RowFormat) -> Generator[bytes]:
        with self.wrap_database_errors:
            copy = COPY % (with_parameters(self, sql, params), wire.separator.decode())
            yield from copied(self.connection.pgconn, copy.encode())

    def limit_snapshot(self, statement_seconds: float | None, seconds: float | None) -> None:
        limits = {
            # The server's clock includes the time in which a reader takes rows, so it can only
            # limit the whole.
            "statement_timeout": seconds or 0,
            "transaction_timeout": seconds if postgresql_server_version(self) >= 170000 else None,
            # Older servers at least notice if nobody asks for the next rows.
            "idle_in_transaction_session_timeout": seconds,
        }
        with self.create_cursor() as cursor:
            for name, limit in limits.items():
                if limit is not None:
                    cursor.execute(f"SET LOCAL {name} = {_milliseconds(limit)}")

    def set_statement_limit(self, seconds: float | None) -> None:
        limit = "DEFAULT" if seconds is None else _milliseconds(seconds)
        with self.wrap_database_errors, self.create_cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {limit}")

    def is_over_time(self, error: BaseException) -> bool:
        over = (
            psycopg.errors.QueryCanceled,
            psycopg.errors.TransactionTimeout,
            psycopg.errors.IdleInTransactionSessionTimeout,
        )
        return isinstance(error, DatabaseError) and isinstance(error.__cause__, over)

    def interrupt(self) -> None:
        if self.connection is not None:
            # The server may be gone, and the statement with it.
            with suppress(psycopg.Error):
                self.connection.cancel_safe(timeout=INTERRUPT_WITHIN)


def _milliseconds(seconds: float) -> int:
    # 0 would mean no limit.
    return max(1, round(seconds * 1000)) if seconds else 0
