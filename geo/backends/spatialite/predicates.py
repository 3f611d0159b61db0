"""The exact spatial predicates of SpatiaLite, and the spatial index that it uses only if told."""

from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db.models.expressions import Col

from geo.backends.predicates import PredicateOperator, Predicates, same

POINTS, LINES, AREAS = range(3)

# SpatiaLite rounds what it puts into an R*Tree to some decimal places. Units of the column.
MARGIN = 1e-6


def _asked(function: str) -> str:
    """1, 0, or NULL where SpatiaLite says -1: a geometry is NULL."""
    return f"NULLIF({function}({{a}}, {{b}}), -1)"


def _geos(function: str) -> dict[tuple[int, int], str]:
    return same(_asked(function))


# GEOS before 3.13 rounds the crossings of lines; what is left of a difference does not depend on
# them. The difference is NULL when nothing is left, so that a NULL geometry is told by Intersects.
_MEET = _asked("ST_Intersects")
_COVERS = f"{_MEET} AND ST_Difference({{b}}, {{a}}) IS NULL"
_COVERED = f"{_MEET} AND ST_Difference({{a}}, {{b}}) IS NULL"
# Two crossings that are one but for rounding have a segment between them: not a real one.
_SHARE_SEGMENT = (
    "COALESCE(ST_Length(ST_Intersection({a}, {b})) > 1e-9,"
    " CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL ELSE 0 END)"
)
PREDICATES = Predicates.of(
    "SpatiaLite",
    {
        "intersects": _geos("ST_Intersects"),
        "contains": _geos("ST_Contains") | same(_COVERS, (LINES, LINES)),
        "covers": _geos("ST_Covers") | same(_COVERS, (LINES, LINES)),
        "touches": _geos("ST_Touches"),
        "crosses": _geos("ST_Crosses")
        | same(
            f"{_MEET} AND NOT {_asked('ST_Touches')} AND NOT {_SHARE_SEGMENT}",
            (LINES, LINES),
        ),
        "overlaps": _geos("ST_Overlaps")
        | same(
            f"{_MEET} AND {_SHARE_SEGMENT} AND NOT ({_COVERED}) AND NOT ({_COVERS})",
            (LINES, LINES),
        ),
        "equals": _geos("ST_Equals"),
        "bbcontains": same(_asked("MbrContains")),
        "contained": same(_asked("MbrWithin")),
        "bboverlaps": same(_asked("MbrIntersects")),
    },
)


class SpatiaLitePredicate(PredicateOperator):
    """Looks for a literal in the column's R*Tree first, where it has one."""

    def as_sql(
        self, connection: Any, lookup: Any, template_params: dict[str, str], sql_params: Any
    ) -> tuple[str, list[Any]]:
        sql, params = super().as_sql(connection, lookup, template_params, sql_params)
        if self.name == "disjoint" or not _may_use_index(connection, lookup):
            return sql, params
        column = lookup.lhs
        alias = connection.ops.quote_name(column.alias)
        tree = connection.ops.quote_name(_tree(column))
        west, south, east, north = lookup.rhs.extent
        # The NULL makes what is not in the tree unknown rather than false, for the predicate to
        # decide: a NULL geometry stays NULL.
        near = (
            f"{alias}.rowid IN (SELECT pkid FROM {tree}"  # noqa: S608 -- quoted names of a model
            " WHERE xmin <= %s AND xmax >= %s AND ymin <= %s AND ymax >= %s UNION ALL SELECT NULL)"
        )
        frame = (east + MARGIN, west - MARGIN, north + MARGIN, south - MARGIN)
        return f"({near} AND {sql})", [*frame, *params]


def _may_use_index(connection: Any, lookup: Any) -> bool:
    column = lookup.lhs
    return (
        isinstance(column, Col)
        and isinstance(lookup.rhs, GEOSGeometry)
        and lookup.rhs.srid == column.output_field.srid
        and connection.ops.has_spatial_index(
            column.target.model._meta.db_table, column.target.column
        )
    )


def _tree(column: Any) -> str:
    return f"idx_{column.target.model._meta.db_table}_{column.target.column}"


OPERATORS = {name: SpatiaLitePredicate(PREDICATES, name) for name in PREDICATES.templates}
