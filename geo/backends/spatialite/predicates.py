"""The exact spatial predicates of SpatiaLite, and its spatial index, which it uses only if told.

GEOS in this process decides about lines and areas, because SpatiaLite may use another version of
it.
"""

from django.contrib.gis.db.backends.spatialite.operations import SpatiaLiteOperations
from django.contrib.gis.db.models.lookups import GISLookup
from django.contrib.gis.geos import GEOSGeometry
from django.db.models.expressions import Col

from geo.backends.compat import Connection, Params, Sql, column_name
from geo.backends.predicates import (
    ENVELOPES,
    PredicateOperator,
    Predicates,
    Templates,
    same,
    with_points,
)
from geo.backends.wrapper import wrapper_of

# SpatiaLite rounds the entries of an R*Tree to some decimal places. Units of the column.
MARGIN = 1e-6


# 1, 0, or NULL where SpatiaLite returns -1 because a geometry is NULL.
ASKED = "NULLIF({function}({{a}}, {{b}}), -1)"


def _always(function: str) -> Templates:
    return same(ASKED.format(function=function))


PREDICATES = Predicates.of(
    {
        "intersects": _always("ST_Intersects"),
        **with_points(ASKED),
        "bbcontains": _always("MbrContains"),
        "contained": _always("MbrWithin"),
        "bboverlaps": _always("MbrIntersects"),
    }
)


class SpatiaLitePredicate(PredicateOperator):
    """Searches the column's R*Tree for a literal first, if it has one."""

    def template(self, connection: Connection, lookup: GISLookup) -> str | None:
        # No index spans two tables, and SpatiaLite does not prepare a geometry for the next row.
        is_across_tables = (
            isinstance(lookup.lhs, Col)
            and isinstance(lookup.rhs, Col)
            and lookup.lhs.alias != lookup.rhs.alias
        )
        if is_across_tables and self.name not in ENVELOPES:
            return None
        return super().template(connection, lookup)

    def found(self, connection: Connection, lookup: GISLookup, sql: str, params: Params) -> Sql:
        if not _may_use_index(connection, lookup):
            return sql, params
        column = lookup.lhs
        alias = connection.ops.quote_name(column.alias)
        tree = connection.ops.quote_name(_tree(column))
        # The NULL makes rows outside the box unknown instead of false, so that the predicate
        # decides: a NULL geometry stays NULL.
        in_box = (
            f"SELECT pkid FROM {tree}"  # noqa: S608 -- quoted names of a model
            " WHERE xmin <= %s AND xmax >= %s AND ymin <= %s AND ymax >= %s"
        )
        boxes = self.boxes(lookup)
        near = " UNION ALL ".join([in_box] * len(boxes) + ["SELECT NULL"])
        frames = [
            edge
            for west, south, east, north in boxes
            for edge in (east + MARGIN, west - MARGIN, north + MARGIN, south - MARGIN)
        ]
        return f"({alias}.rowid IN ({near}) AND {sql})", (*frames, *params)


def _may_use_index(connection: Connection, lookup: GISLookup) -> bool:
    column = lookup.lhs
    return (
        isinstance(column, Col)
        and bool(column.alias)  # not in a constraint, whose table has none
        and isinstance(lookup.rhs, GEOSGeometry)
        and lookup.rhs.srid == lookup.lhs.output_field.srid
        and wrapper_of(connection).ops.has_spatial_index(
            column.target.model._meta.db_table, column_name(column.target)
        )
    )


def _tree(column: Col) -> str:
    return f"idx_{column.target.model._meta.db_table}_{column.target.column}"


OPERATORS = SpatiaLitePredicate.operators(PREDICATES, SpatiaLiteOperations.gis_operators)
