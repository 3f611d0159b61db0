"""SQL for PostgreSQL with PostGIS."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.contrib.gis.db.backends.postgis import operations

from geo.backends.compat import Sql
from geo.backends.operations import OperationsMixin
from geo.backends.postgis.predicates import OPERATORS

if TYPE_CHECKING:
    from geo.backends.postgis.base import DatabaseWrapper


class DatabaseOperations(OperationsMixin, operations.PostGISOperations):
    connection: "DatabaseWrapper"
    compiler_module = "geo.backends.postgis.compiler"
    gis_operators = OPERATORS
    code_point_collations = frozenset({"C", "POSIX", "ucs_basic", "pg_c_utf8"})

    def collations(self, table: str) -> dict[str, str]:
        with self.connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT a.attname, CASE WHEN c.collprovider = 'd' THEN d.datcollate
                                       ELSE c.collname END
                FROM pg_attribute a
                JOIN pg_collation c ON c.oid = a.attcollation
                JOIN pg_database d ON d.datname = current_database()
                WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
                """,
                [self.quote_name(table)],
            )
            return dict(cursor.fetchall())

    def code_point_sql(self, sql: str) -> str:
        # Cast to text, because PostgreSQL casts a varchar within an aggregate but not in its ORDER
        # BY, and DISTINCT requires both to be the same expression.
        return f'({sql})::text COLLATE "C"'

    def among(self, sql: str, kind: str, keys: Sequence[object]) -> Sql:
        # The server hashes an array in any place, but a sub-query only in some.
        return f"{sql} = ANY(%s::{kind}[])", (list(keys),)
