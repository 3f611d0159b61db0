"""How SQL is written for SQLite with SpatiaLite."""

from django.contrib.gis.db.backends.spatialite import operations

from geo.backends.collation import CollationMixin


class DatabaseOperations(CollationMixin, operations.SpatiaLiteOperations):
    def is_code_point(self, table: str, column: str) -> bool:
        # The catalogue does not tell a column's collation, and naming BINARY costs nothing: a
        # column that has it keeps its index.
        return False

    def code_point_sql(self, sql: str) -> str:
        return f"({sql}) COLLATE BINARY"
