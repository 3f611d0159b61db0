"""The exact spatial predicates of PostGIS: those with points, intersects, and envelopes.

GEOS in this process decides about lines and areas, because versions differ if boundaries meet in
the last bits of a coordinate or in a hole (https://github.com/libgeos/geos/issues/1275).
"""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.db.backends.postgis.operations import PostGISOperations
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.lookups import GISLookup
from django.contrib.gis.gdal import GDALRaster
from django.contrib.gis.geos import GeometryCollection, GEOSGeometry
from django.db.models.expressions import Col

from geo.backends.compat import Connection, Sql
from geo.backends.predicates import (
    BBOX_CANDIDATES,
    PredicateOperator,
    Predicates,
    same,
    with_points,
)
from geo.backends.refine import Inexact
from geo.spherical.bbox import Box

# The margin as a share of the greatest coordinate is several times the error of 32 bits. Beyond the
# greatest number of 32 bits nothing is inside anything.
COARSE, GREATEST = 2**-20, 1e37


def _envelopes(operator: str, *conditions: str) -> str:
    """Returns an operator of the index, which rounds to 32 bits, and the exact condition."""
    return " AND ".join((f"{{a}} {operator} {{b}}", *conditions))


def _within(a: str, b: str) -> tuple[str, ...]:
    return (
        *(f"ST_{axis}Min({b}) <= ST_{axis}Min({a})" for axis in "XY"),
        *(f"ST_{axis}Max({a}) <= ST_{axis}Max({b})" for axis in "XY"),
    )


MEET = " AND ".join(
    f"ST_{axis}Min({a}) <= ST_{axis}Max({b})"
    for a, b in (("{a}", "{b}"), ("{b}", "{a}"))
    for axis in "XY"
)
BOXES_MEET = _envelopes("&&", MEET)
PREDICATES = Predicates.of(
    {
        "intersects": same("ST_Intersects({a}, {b})"),
        **with_points("{function}({{a}}, {{b}})"),
        "bbcontains": same(_envelopes("~", *_within("{b}", "{a}"))),
        "contained": same(_envelopes("@", *_within("{a}", "{b}"))),
        "bboverlaps": same(BOXES_MEET),
        BBOX_CANDIDATES: same("{a} && {b}"),
    }
)


class PostGISPredicate(PredicateOperator):
    """Exact predicates for geometries; Django's own for rasters and geographies."""

    def exact(
        self,
        connection: Connection,
        lookup: GISLookup,
        template_params: MutableMapping[str, Any],
        sql_params: Sequence[Any],
    ) -> Sql:
        field = lookup.lhs.output_field
        if field.geom_type == "RASTER" or field.geography or isinstance(lookup.rhs, GDALRaster):
            raise Inexact("Geographies and rasters are PostGIS's own.")
        return super().exact(connection, lookup, template_params, sql_params)

    def template(self, connection: Connection, lookup: GISLookup) -> str | None:
        found = super().template(connection, lookup)
        if found == BOXES_MEET and (box := _box_in_32_bits(lookup)):
            return _points_in(box, connection, lookup)
        if found is None or not isinstance(lookup.rhs, GeometryCollection) or _is_moved(lookup):
            return found
        boxes = self.boxes(lookup)
        if len(boxes) == 1:
            return found
        near = " OR ".join(f"{{a}} && {_envelope(box, lookup)}" for box in boxes)
        return near if self.name == BBOX_CANDIDATES else f"({near}) AND {found}"


def _is_moved(lookup: GISLookup) -> bool:
    """Whether the literal has another SRID than the column, so that it is transformed."""
    return bool(lookup.lhs.output_field.srid != lookup.rhs.srid)


def _envelope(box: Box, lookup: GISLookup) -> str:
    return f"ST_MakeEnvelope({', '.join(map(repr, box))}, {lookup.rhs.srid:d})"


def _points_in(box: "_Box", connection: Connection, lookup: GISLookup) -> str:
    """Returns the SQL of the index search, corrected where its 32 bits make a difference.

    Most tables have no point close to an edge of the box, which the index checks once. Otherwise
    nearly all points that it finds are well inside, which another operator of the index decides.
    """
    west, south, east, north = box.corners
    decided = (
        f"{{a}} @ {_envelope(box.inside, lookup)}"
        f" OR ST_X({{a}}) BETWEEN {west!r}::float8 AND {east!r}::float8"
        f" AND ST_Y({{a}}) BETWEEN {south!r}::float8 AND {north!r}::float8"
    )
    column = lookup.lhs.target
    is_in_query = bool(lookup.lhs.alias)  # and not in a constraint, which takes no sub-query
    # Not for a view, which may be slow.
    if is_in_query and column.spatial_index and column.model._meta.managed:
        table, name = map(connection.ops.quote_name, (column.model._meta.db_table, column.column))
        at_an_edge = " OR ".join(f"edge.{name} && {_envelope(edge, lookup)}" for edge in box.edges)
        # The names are a model's, the rest are floats. As a scalar sub-query it runs once.
        nobody = f"(SELECT NOT EXISTS (SELECT 1 FROM {table} edge WHERE {at_an_edge}))"  # noqa: S608
        decided = f"{nobody} OR {decided}"
    return f"{{a}} && {{b}} AND ({decided})"


@dataclass(frozen=True, slots=True)
class _Box:
    """A box that 32 bits may enlarge or shrink by `margin` at each edge."""

    corners: Box
    margin: float

    @property
    def inside(self) -> Box:
        (west, south, east, north), m = self.corners, self.margin
        return west + m, south + m, east - m, north - m

    @property
    def edges(self) -> list[Box]:
        (west, south, east, north), m = self.corners, self.margin
        w, s, e, n = west - m, south - m, east + m, north + m
        return [
            (w, s, west + m, n),
            (east - m, s, e, n),
            (w, s, e, south + m),
            (w, north - m, e, n),
        ]


def _box_in_32_bits(lookup: GISLookup) -> _Box | None:
    """Returns the box of a literal that points are compared to, None if it is too thin."""
    column, literal = lookup.lhs, lookup.rhs
    if not isinstance(column, Col) or not isinstance(literal, GEOSGeometry):
        return None
    field = column.target
    if not isinstance(field, GeometryField) or field.geom_type != "POINT" or _is_moved(lookup):
        return None
    west, south, east, north = corners = literal.extent
    greatest = max(map(abs, corners))
    margin = greatest * COARSE
    if greatest > GREATEST or min(east - west, north - south) <= 2 * margin:
        return None
    return _Box(corners, margin)


OPERATORS = PostGISPredicate.operators(PREDICATES, PostGISOperations.gis_operators)
