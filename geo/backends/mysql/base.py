"""MySQL and MariaDB.

The session is set so that the server's own settings cannot change an answer; none of it needs
a privilege, and none of it outlives the connection.
"""

from typing import Any

import MySQLdb
from django.contrib.gis.db.backends.mysql import base
from MySQLdb.cursors import SSCursor

from geo.backends.engine import EngineMixin
from geo.backends.mysql.cursor import CursorWrapper
from geo.backends.mysql.features import DatabaseFeatures
from geo.backends.mysql.operations import DatabaseOperations
from geo.backends.mysql.schema import DatabaseSchemaEditor
from geo.backends.mysql.session import SESSION
from geo.backends.mysql.validation import DatabaseValidation


class DatabaseWrapper(EngineMixin, base.DatabaseWrapper):
    SchemaEditorClass = DatabaseSchemaEditor
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
    validation_class = DatabaseValidation

    @property
    def engine_name(self) -> str:
        return "mariadb" if self.mysql_is_mariadb else "mysql"

    @property
    def server_version(self) -> str:
        return f"{self.display_name} {'.'.join(map(str, self.mysql_version))}"

    def init_connection_state(self) -> None:
        super().init_connection_state()
        with self.cursor() as cursor:
            cursor.execute("SET SESSION " + ", ".join(SESSION))

    def create_cursor(self, name: str | None = None) -> CursorWrapper:
        return CursorWrapper(self.connection.cursor(), self.connection)

    def chunked_cursor(self) -> Any:
        if not self.is_snapshot:
            return super().chunked_cursor()
        # Unbuffered: rows come as they are read, and nothing else can be asked meanwhile.
        return self.make_cursor(CursorWrapper(self.connection.cursor(SSCursor), self.connection))

    def wait_at_most(self, seconds: float | None) -> None:
        limit = "DEFAULT" if seconds is None else max(1, int(seconds))
        with self.cursor() as cursor:
            # Of rows, and of tables.
            cursor.execute(
                f"SET SESSION innodb_lock_wait_timeout = {limit}, lock_wait_timeout = {limit}"
            )

    def begin_snapshot(self) -> None:
        # What is asked lazily of the server must be known before rows stream.
        _ = self.mysql_server_data, self.features.minimum_database_version
        with self.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def cancel_snapshot(self) -> None:
        """Stop the statement by KILL: closing alone would first read what is left of it."""
        if self.connection is None:
            return
        number = self.connection.thread_id()
        killer = self.copy()
        try:
            with killer.cursor() as cursor:
                cursor.execute(f"KILL QUERY {int(number)}")
        except MySQLdb.Error:
            pass  # the statement has ended by itself
        finally:
            killer.close()
