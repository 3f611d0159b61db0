"""The database wrapper of MySQL and MariaDB.

The session is set up so that the server's own settings cannot change an answer. That needs no
privilege, and ends with the connection.
"""

from contextlib import closing, suppress
from typing import Any

import MySQLdb
from django.contrib.gis.db.backends.mysql import base
from django.db import DatabaseError
from django.db.backends.utils import CursorWrapper as UtilsCursorWrapper
from MySQLdb.cursors import SSCursor

from geo.backends.bulk import MarkedRowFormat, RowFormat
from geo.backends.compat import is_mariadb, know_mysql, mysql_server_version
from geo.backends.mysql.cursor import CursorWrapper, StreamingCursor
from geo.backends.mysql.features import DatabaseFeatures
from geo.backends.mysql.operations import DatabaseOperations
from geo.backends.mysql.schema import DatabaseSchemaEditor
from geo.backends.mysql.session import MARIADB, SESSION
from geo.backends.mysql.validation import DatabaseValidation
from geo.backends.wrapper import CONNECT_WITHIN, DatabaseWrapperMixin

INTERRUPT_WITHIN = 5  # seconds, to reach the server
# ER_QUERY_INTERRUPTED, ER_STATEMENT_TIMEOUT of MariaDB, ER_QUERY_TIMEOUT of MySQL.
OVER_TIME = ((1317,), (1969,), (3024,))


class DatabaseWrapper(DatabaseWrapperMixin, base.DatabaseWrapper):
    features: DatabaseFeatures
    ops: DatabaseOperations
    SchemaEditorClass = DatabaseSchemaEditor
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
    validation_class = DatabaseValidation

    @property
    def engine_name(self) -> str:
        return "mariadb" if is_mariadb(self) else "mysql"

    @property
    def possible_names(self) -> tuple[str, ...]:
        # The scheme of a database URL (settings/databases.py). Other settings do not tell which of
        # the two servers it is.
        declared = self.settings_dict.get("SERVER")
        return (declared,) if declared else ("mysql", "mariadb")

    @property
    def server_version(self) -> str:
        return f"{self.display_name} {'.'.join(map(str, mysql_server_version(self)))}"

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        # Statements and rows are UTF-8, whatever OPTIONS say.
        return {"connect_timeout": CONNECT_WITHIN} | params | {"charset": "utf8mb4"}

    def init_connection_state(self) -> None:
        super().init_connection_state()
        with self.cursor() as cursor:
            # MySQL takes the second part for a comment.
            cursor.execute(f"SET SESSION {', '.join(SESSION)} /*M! , {', '.join(MARIADB)} */")

    def create_cursor(self, name: str | None = None) -> CursorWrapper:
        return CursorWrapper(self.connection.cursor(), self.connection)

    def chunked_cursor(self) -> UtilsCursorWrapper:
        if not self.is_snapshot:
            return super().chunked_cursor()
        # Unbuffered: rows come as they are read, and the connection can do nothing else meanwhile.
        cursor = self.connection.cursor(SSCursor)
        return self.make_cursor(StreamingCursor(cursor, self.connection, self.interrupt))  # type: ignore[arg-type]  # the stubs take its answer for its argument

    def wire(self, separator: bytes) -> RowFormat:
        return MarkedRowFormat(separator, has_void_days=True)

    def wait_at_most(self, seconds: float | None) -> None:
        limit = "DEFAULT" if seconds is None else max(1, int(seconds))
        with self.cursor() as cursor:
            # For a snapshot of rows and of table definitions.
            cursor.execute(
                f"SET SESSION innodb_lock_wait_timeout = {limit}, lock_wait_timeout = {limit}"
            )

    def begin_snapshot(self) -> None:
        know_mysql(self)
        self._number = int(self.connection.thread_id())
        with self.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def limit_snapshot(self, statement_seconds: float | None, seconds: float | None) -> None:
        # The server's clock includes the time in which a reader takes rows, so it can only limit
        # the whole.
        if seconds is not None:
            self.set_statement_limit(seconds)

    def set_statement_limit(self, seconds: float | None) -> None:
        # 0 would mean no limit.
        milliseconds = 0 if seconds is None else max(1, round(seconds * 1000))
        if is_mariadb(self):
            name, limit = "max_statement_time", f"{milliseconds / 1000:.3f}"
        else:
            name, limit = "max_execution_time", f"{milliseconds}"
        with self.wrap_database_errors, closing(self.create_cursor()) as cursor:
            cursor.execute(f"SET SESSION {name} = {'DEFAULT' if seconds is None else limit}")

    def is_over_time(self, error: BaseException) -> bool:
        return isinstance(error, DatabaseError) and error.args[:1] in OVER_TIME

    def interrupt(self) -> None:
        """Sends KILL: closing alone would first read the rest of the result."""
        if self.connection is None:
            return
        killer = self.copy()
        killer.settings_dict["OPTIONS"]["connect_timeout"] = INTERRUPT_WITHIN
        # The statement may have ended by itself, or with its server.
        with suppress(MySQLdb.Error, DatabaseError):
            try:
                with killer.cursor() as cursor:
                    cursor.execute(f"KILL QUERY {self._number}")
            finally:
                killer.close()
