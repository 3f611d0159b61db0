"""The exact spatial predicates of PostGIS: those with points, intersects, and envelopes.

Lines and areas are left to the GEOS of the process: versions differ about boundaries that meet by
the last bits of a coordinate, or in a hole (https://github.com/libgeos/geos/issues/1275).
"""

from typing import Any

from django.contrib.gis.db.backends.postgis.operations import PostGISOperations
from django.contrib.gis.gdal import GDALRaster

from geo.backends.predicates import (
    LOOKUPS,
    WITH_POINTS,
    PredicateOperator,
    Predicates,
    Templates,
    same,
)


def _envelopes(operator: str, *conditions: str) -> str:
    """An operator of the index, which rounds to 32 bits, and the condition itself."""
    return " AND ".join((f"{{a}} {operator} {{b}}", *conditions))


def _within(a: str, b: str) -> tuple[str, ...]:
    return (
        *(f"ST_{axis}Min({b}) <= ST_{axis}Min({a})" for axis in "XY"),
        *(f"ST_{axis}Max({a}) <= ST_{axis}Max({b})" for axis in "XY"),
    )


def _with_points(function: str) -> Templates:
    return same(function + "({a}, {b})", *WITH_POINTS)


PREDICATES = Predicates.of(
    {
        "intersects": same("ST_Intersects({a}, {b})"),
        "contains": _with_points("ST_Contains"),
        "covers": _with_points("ST_Covers"),
        "touches": _with_points("ST_Touches"),
        "crosses": _with_points("ST_Crosses"),
        "overlaps": _with_points("ST_Overlaps"),
        "equals": _with_points("ST_Equals"),
        "bbcontains": same(_envelopes("~", *_within("{b}", "{a}"))),
        "contained": same(_envelopes("@", *_within("{a}", "{b}"))),
        "bboverlaps": same(
            _envelopes(
                "&&",
                *(f"ST_{axis}Min({{a}}) <= ST_{axis}Max({{b}})" for axis in "XY"),
                *(f"ST_{axis}Min({{b}}) <= ST_{axis}Max({{a}})" for axis in "XY"),
            )
        ),
    }
)


class PostGISPredicate(PredicateOperator):
    """Geometries as everywhere; rasters and geographies, which are here alone, as Django has it."""

    def as_sql(
        self, connection: Any, lookup: Any, template_params: dict[str, str], sql_params: Any
    ) -> tuple[str, list[Any]]:
        field = lookup.lhs.output_field
        if field.geom_type == "RASTER" or field.geography or isinstance(lookup.rhs, GDALRaster):
            django = PostGISOperations.gis_operators[self.name]
            sql, params = django.as_sql(connection, lookup, template_params, sql_params)
            return sql, list(params)
        return super().as_sql(connection, lookup, template_params, sql_params)


OPERATORS = {name: PostGISPredicate(PREDICATES, name) for name in LOOKUPS}
