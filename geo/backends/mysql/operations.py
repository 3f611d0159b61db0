"""SQL for MySQL and MariaDB."""

from collections.abc import Sequence
from typing import Any

from django.contrib.gis.db.backends.mysql import operations
from django.contrib.gis.db.backends.utils import SpatialOperator
from django.utils.functional import cached_property

from geo.backends.collation import CollationMixin
from geo.backends.converters import ConvertersMixin
from geo.backends.keys import KeysMixin
from geo.backends.mysql.geometries import Adapter
from geo.backends.mysql.predicates import MARIADB_OPERATORS, MYSQL_OPERATORS

CODE_POINT_MYSQL = "utf8mb4_0900_bin"
CODE_POINT_MARIADB = "utf8mb4_nopad_bin"


class DatabaseOperations(CollationMixin, ConvertersMixin, KeysMixin, operations.MySQLOperations):
    compiler_module = "geo.backends.mysql.compiler"
    Adapter = Adapter
    from_text = "ST_GeomFromWKB"
    length_function = "CHAR_LENGTH"
    # Without the collations that pad ('a' = 'a ').
    code_point_collations = frozenset({CODE_POINT_MYSQL, CODE_POINT_MARIADB})

    @property
    def code_point_collation(self) -> str:
        """Returns the collation that compares by code point and does not pad."""
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

    # Django up to 6.0 calls the first method, from 6.1 on the second

    def get_geom_placeholder(self, f: Any, value: Any, compiler: Any) -> str:
        return _of_bytes(str(super().get_geom_placeholder(f, value, compiler)), value)

    def get_geom_placeholder_sql(self, f: Any, value: Any, compiler: Any) -> tuple[str, Any]:
        above: Any = super()
        sql, params = above.get_geom_placeholder_sql(f, value, compiler)
        return _of_bytes(sql, value), params

    @cached_property
    def gis_operators(self) -> dict[str, SpatialOperator]:
        return super().gis_operators | (MARIADB_OPERATORS if self.mariadb else MYSQL_OPERATORS)

    def among(self, sql: str, kind: str, keys: Sequence[Any]) -> tuple[str, list[Any]]:
        # A list of literals, which the server sorts once. The driver is slow to write parameters.
        if all(type(key) is int for key in keys):
            return f"{sql} IN ({','.join(map(str, keys))})", []
        return f"{sql} IN %s", [tuple(keys)]


def _of_bytes(placeholder: str, value: Any) -> str:
    """Reads values as BinaryField does: bytes are not text in the connection's character set."""
    if value is None or hasattr(value, "as_sql"):
        return placeholder
    return placeholder.replace("%s", "_binary %s")
