"""The exact spatial predicates of PostGIS: those of GEOS, save where a hole touches its ring."""

from typing import Any

from django.contrib.gis.db.backends.postgis.operations import PostGISOperations
from django.contrib.gis.gdal import GDALRaster

from geo.backends.predicates import PredicateOperator, Predicates, same


def _envelopes(operator: str, *conditions: str) -> str:
    """An operator of the index, which rounds to 32 bits, and the condition itself."""
    return " AND ".join((f"{{a}} {operator} {{b}}", *conditions))


def _within(a: str, b: str) -> tuple[str, ...]:
    return (
        *(f"ST_{axis}Min({b}) <= ST_{axis}Min({a})" for axis in "XY"),
        *(f"ST_{axis}Max({a}) <= ST_{axis}Max({b})" for axis in "XY"),
    )


def _holed(overlay: str, function: str) -> str:
    """By what two geometries share or leave where an area has holes, else by the function.

    GEOS 3.13 is wrong about areas with a hole that touches the outer ring
    (https://github.com/libgeos/geos/issues/1275); a difference and an intersection are not.
    """
    return (
        "{a} && {b} AND CASE WHEN ST_NRings({a}) > ST_NumGeometries({a})"
        f" OR ST_NRings({{b}}) > ST_NumGeometries({{b}}) THEN {overlay}"
        f" ELSE {function}({{a}}, {{b}}) END"
    )


LINES, AREAS = 1, 2
_COVERS = "ST_IsEmpty(ST_Difference({b}, {a}))"
_COVERED = "ST_IsEmpty(ST_Difference({a}, {b}))"
_SHARED = "ST_Intersection({a}, {b})"
_MEET = "ST_Intersects({a}, {b})"
_COVERS_AREA = _holed(_COVERS, "ST_Covers")
PREDICATES = Predicates.of(
    "PostGIS",
    {
        "intersects": same("ST_Intersects({a}, {b})"),
        "contains": same("ST_Contains({a}, {b})")
        | {
            (AREAS, AREAS): _COVERS_AREA,
            (AREAS, LINES): _holed(
                f"{_COVERS} AND NOT ST_Covers(ST_Boundary({{a}}), {{b}})", "ST_Contains"
            ),
        },
        "covers": same("ST_Covers({a}, {b})") | {(AREAS, AREAS): _COVERS_AREA},
        "touches": same("ST_Touches({a}, {b})")
        | {
            (AREAS, AREAS): _holed(f"{_MEET} AND ST_Dimension({_SHARED}) < 2", "ST_Touches"),
            (AREAS, LINES): _holed(
                f"{_MEET} AND ST_Covers(ST_Boundary({{a}}), {_SHARED})", "ST_Touches"
            ),
            (LINES, AREAS): _holed(
                f"{_MEET} AND ST_Covers(ST_Boundary({{b}}), {_SHARED})", "ST_Touches"
            ),
        },
        "crosses": same("ST_Crosses({a}, {b})"),
        "overlaps": same("ST_Overlaps({a}, {b})")
        | {
            (AREAS, AREAS): _holed(
                f"{_MEET} AND ST_Dimension({_SHARED}) = 2 AND NOT {_COVERS} AND NOT {_COVERED}",
                "ST_Overlaps",
            )
        },
        "equals": same("ST_Equals({a}, {b})"),
        "bbcontains": same(_envelopes("~", *_within("{b}", "{a}"))),
        "contained": same(_envelopes("@", *_within("{a}", "{b}"))),
        "bboverlaps": same(
            _envelopes(
                "&&",
                *(f"ST_{axis}Min({{a}}) <= ST_{axis}Max({{b}})" for axis in "XY"),
                *(f"ST_{axis}Min({{b}}) <= ST_{axis}Max({{a}})" for axis in "XY"),
            )
        ),
    },
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


OPERATORS = {name: PostGISPredicate(PREDICATES, name) for name in PREDICATES.templates}
