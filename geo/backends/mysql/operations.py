"""SQL for MySQL and MariaDB."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.gis.db.backends.mysql import operations
from django.contrib.gis.db.backends.utils import SpatialOperator
from django.utils.functional import cached_property

from geo.backends.compat import Sql
from geo.backends.mysql.geometries import Adapter
from geo.backends.mysql.predicates import MARIADB, MYSQL, MySQLPredicate
from geo.backends.operations import OperationsMixin

CODE_POINT_MYSQL = "utf8mb4_0900_bin"
CODE_POINT_MARIADB = "utf8mb4_nopad_bin"

if TYPE_CHECKING:
    from geo.backends.mysql.base import DatabaseWrapper


class DatabaseOperations(OperationsMixin, operations.MySQLOperations):
    connection: "DatabaseWrapper"
    compiler_module = "geo.backends.mysql.compiler"
    Adapter = Adapter
    from_text = "ST_GeomFromWKB"
    length_function = "CHAR_LENGTH"
    # Without the collations that pad ('a' = 'a ').
    code_point_collations = frozenset({CODE_POINT_MYSQL, CODE_POINT_MARIADB})

    @property
    def code_point_collation(self) -> str:
        return CODE_POINT_MARIADB if self.mariadb else CODE_POINT_MYSQL

    def collations(self, table: str) -> dict[str, str]:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name, collation_name FROM information_schema.columns"
                " WHERE table_schema = DATABASE() AND table_name = %s"
                " AND collation_name IS NOT NULL",
                [table],
            )
            return dict(cursor.fetchall())

    def code_point_sql(self, sql: str) -> str:
        return f"CONVERT({sql} USING utf8mb4) COLLATE {self.code_point_collation}"

    def geo_db_type(self, f: Any) -> str:
        # MySQL uses a spatial index only if the column declares its SRID. Django stores planar
        # coordinates there, which is SRID 0; 4326 would swap the axes.
        return str(f.geom_type) if self.mariadb else f"{f.geom_type} SRID 0"

    def placeholder(self, field: Any, value: object, sql: str) -> str:
        """Reads values as BinaryField does: bytes are no text in the connection's character set."""
        if value is None or hasattr(value, "as_sql"):
            return sql
        return sql.replace("%s", "_binary %s")

    @cached_property
    def gis_operators(self) -> dict[str, SpatialOperator]:
        predicates = MARIADB if self.mariadb else MYSQL
        return MySQLPredicate.operators(predicates, super().gis_operators)

    def among(self, sql: str, kind: str, keys: Sequence[object]) -> Sql:
        # A list of literals, which the server sorts once. The driver is slow to write parameters.
        if all(type(key) is int for key in keys):
            return f"{sql} IN ({','.join(map(str, keys))})", ()
        return f"{sql} IN %s", (tuple(keys),)
