"""The exact spatial predicates of PostGIS: those with points, intersects, and envelopes.

Lines and areas are left to the GEOS of the process: versions differ about boundaries that meet by
the last bits of a coordinate, or in a hole (https://github.com/libgeos/geos/issues/1275).
"""

from typing import Any

from django.contrib.gis.db.backends.postgis.operations import PostGISOperations
from django.contrib.gis.gdal import GDALRaster
from django.contrib.gis.geos import GEOSGeometry

from geo.backends.predicates import (
    AROUND,
    LOOKUPS,
    WITH_POINTS,
    PredicateOperator,
    Predicates,
    Templates,
    same,
)

# Of the greatest coordinate, several times what it changes by in 32 bits; beyond the greatest that
# 32 bits hold nothing is inside anything.
COARSE, GREATEST = 2**-20, 1e37


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


MEET = " AND ".join(
    f"ST_{axis}Min({a}) <= ST_{axis}Max({b})"
    for a, b in (("{a}", "{b}"), ("{b}", "{a}"))
    for axis in "XY"
)
BOXES_MEET = _envelopes("&&", MEET)
# The planner takes the envelope of a geometry for dear, and calls helpers that are dearer.
POINT_MEETS = " AND ".join(
    f"ST_{axis}({{a}}) BETWEEN ST_{axis}Min({{b}}) AND ST_{axis}Max({{b}})" for axis in "XY"
)
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
        "bboverlaps": same(BOXES_MEET),
        AROUND: same("{a} && {b}"),
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

    def template(self, lookup: Any) -> str | None:
        found = super().template(lookup)
        if found == BOXES_MEET and (box := _well_inside(lookup)):
            # Nearly all that the index finds is well inside, which another of its operators tells.
            inner = f"ST_MakeEnvelope({', '.join(map(repr, box))}, {lookup.rhs.srid:d})"
            return f"{{a}} && {{b}} AND ({{a}} @ {inner} OR {POINT_MEETS})"
        return found


def _well_inside(lookup: Any) -> tuple[float, float, float, float] | None:
    """A box within that of a literal, in 32 bits too, where points are looked for; else None."""
    field, literal = lookup.lhs.output_field, lookup.rhs
    if field.geom_type != "POINT" or not isinstance(literal, GEOSGeometry):
        return None
    west, south, east, north = box = literal.extent
    greatest = max(map(abs, box))
    margin = greatest * COARSE
    if greatest > GREATEST or min(east - west, north - south) <= 2 * margin:
        return None
    if literal.srid != field.srid:
        return None
    return west + margin, south + margin, east - margin, north - margin


OPERATORS = {name: PostGISPredicate(PREDICATES, name) for name in (*LOOKUPS, AROUND)}
