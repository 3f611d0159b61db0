"""SQL for SQLite with SpatiaLite."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.gis.db.backends.spatialite import operations
from django.contrib.gis.db.models.aggregates import GeoAggregate
from django.contrib.gis.geos import GEOSGeometry

from geo.backends.compat import Connection, Sql
from geo.backends.operations import OperationsMixin
from geo.backends.reads import UNREAD
from geo.backends.spatialite.geometries import Adapter
from geo.backends.spatialite.predicates import OPERATORS

if TYPE_CHECKING:
    from geo.backends.spatialite.base import DatabaseWrapper


class DatabaseOperations(OperationsMixin, operations.SpatiaLiteOperations):
    connection: "DatabaseWrapper"
    compiler_module = "geo.backends.spatialite.compiler"
    Adapter = Adapter
    from_text = "GeomFromWKB"
    # Fifty times as fast as the hexadecimal digits of AsEWKB, and half as long in a sort.
    select = "AsBinary(%s)"
    select_extent = operations.SpatiaLiteOperations.select  # as convert_extent reads it
    gis_operators = OPERATORS

    def get_geometry_converter(self, expression: Any) -> Any:
        # Django's output field of an aggregate has another SRID than its input.
        is_aggregate = isinstance(expression, GeoAggregate)
        source = expression.get_source_expressions()[0] if is_aggregate else expression
        srid = source.output_field.srid

        def converter(
            value: Any, expression: object, connection: Connection
        ) -> GEOSGeometry | None:
            if value is None:
                return None
            # Without the limit of nested collections, which is for untrusted input.
            found = GEOSGeometry(memoryview(value), max_geom_collections=None)
            found.srid = None if srid == -1 else srid
            return found

        return converter

    def has_spatial_index(self, table: str, column: str) -> bool:
        """Whether the catalogue has an R*Tree of this column of this table.

        Also False while that has not been read (geo/backends/reads.py).
        """
        found = self.connection.known(("indexed", table), lambda _: self._indexed_columns(table))
        return found is not UNREAD and column.lower() in found

    def _indexed_columns(self, table: str) -> frozenset[str]:
        with self.connection.cursor() as cursor:
            # 1 is an active R*Tree; other numbers mean another kind of index, or none.
            cursor.execute(
                "SELECT f_geometry_column FROM geometry_columns"
                " WHERE f_table_name = %s AND spatial_index_enabled = 1",
                [table.lower()],
            )
            return frozenset(name for (name,) in cursor.fetchall())

    def is_code_point(self, table: str, column: str) -> bool:
        # The catalogue does not have a column's collation, and naming BINARY costs nothing: a
        # column with that collation keeps its index.
        return False

    def code_point_sql(self, sql: str) -> str:
        return f"({sql}) COLLATE BINARY"

    def among(self, sql: str, kind: str, keys: Sequence[object]) -> Sql:
        listed = "(SELECT value FROM json_each(%s))"
        return f"{sql} IN {listed}", (json.dumps(keys, default=str),)
