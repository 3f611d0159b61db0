"""The exact spatial predicates of MySQL and MariaDB: envelopes, and points with points.

Neither server uses GEOS. Both are wrong where boundaries meet, and take two points for the same if
their coordinates differ in the last bit.
"""

import math
from collections.abc import MutableMapping, Sequence
from typing import Any

from django.contrib.gis.db.models.fields import BaseSpatialField
from django.contrib.gis.db.models.lookups import GISLookup
from django.contrib.gis.geos import GEOSGeometry, Polygon
from django.db.models import CompositePrimaryKey
from django.db.models.expressions import Col

from geo.backends.compat import Connection, Sql
from geo.backends.predicates import (
    AREAS,
    BBOX_CANDIDATES,
    POINTS,
    PredicateOperator,
    Predicates,
    Side,
    WKBAdapter,
    filled,
    same,
)
from geo.spherical.bbox import Box, rectangles

NEAR = "MBRIntersects({a}, {b}) AND "


MYSQL = Predicates.of(
    {
        # MBRContains needs an interior, which the envelope of a point or a vertical line lacks.
        "bbcontains": same(NEAR + "MBRCovers({a}, {b})"),
        "contained": same(NEAR + "MBRCoveredBy({a}, {b})"),
        "bboverlaps": same("MBRIntersects({a}, {b})"),
    }
)
MARIADB = Predicates.of(
    {
        # MBRWithin is not the converse of MBRContains, and the optimizer takes a literal that
        # contains a column for a range over the whole table.
        "bbcontains": same("MBRContains({a}, {b})"),
        "contained": same(NEAR + "MBRContains({b}, {a}) = 1"),
        "bboverlaps": same("MBRIntersects({a}, {b})"),
    }
)


class MySQLPredicate(PredicateOperator):
    """Replaces "points within a rectangle" by "points in a rectangle that is one bit smaller"."""

    def exact(
        self,
        connection: Connection,
        lookup: GISLookup,
        template_params: MutableMapping[str, Any],
        sql_params: Sequence[Any],
    ) -> Sql:
        if self.name == "within" and (box := _inside(lookup)):
            params = [*list(sql_params)[:-1], WKBAdapter(box)]
            template = self.predicates.templates["bboverlaps"][POINTS, AREAS]
            return filled(template, template_params["lhs"], template_params["rhs"], params)
        if (
            self.name == BBOX_CANDIDATES
            and isinstance(lookup.rhs, GEOSGeometry)
            and len(found := self.boxes(lookup)) > 1
            and _is_indexed(lookup)
        ):
            return self._in_boxes(connection, lookup.lhs.target, found, template_params)
        return super().exact(connection, lookup, template_params, sql_params)

    def _in_boxes(
        self,
        connection: Connection,
        column: Any,
        boxes: list[Box],
        template_params: MutableMapping[str, Any],
    ) -> Sql:
        """Selects the keys in each box, because the index is not used for several boxes at once."""
        key, name, table = map(
            connection.ops.quote_name,
            (column.model._meta.pk.column, column.column, column.model._meta.db_table),
        )
        row = template_params["lhs"].removesuffix(name)
        template = self.predicates.templates[BBOX_CANDIDATES][POINTS, AREAS]
        near = template.format(a=f"{table}.{name}", b=template_params["rhs"])
        # The names are a model's. A bare union would be executed again for every row.
        found = f"SELECT {key} FROM {table} WHERE {near}"  # noqa: S608
        union = " UNION ALL ".join([found] * len(boxes))
        sql = f"{row}{key} IN (SELECT {key} FROM ({union}) boxes)"  # noqa: S608
        return sql, tuple(WKBAdapter(rectangles([box])) for box in boxes)


def _is_indexed(lookup: GISLookup) -> bool:
    """Whether a lookup's left side is a column whose spatial index has every row."""
    column = lookup.lhs
    return (
        isinstance(column, Col)
        and bool(column.alias)  # not in a constraint, which takes no sub-query
        and isinstance(column.target, BaseSpatialField)
        and column.target.spatial_index
        and not column.target.null  # a NULL would be in no list of keys, which is not NULL
        and not isinstance(column.target.model._meta.pk, CompositePrimaryKey)
        and lookup.lhs.output_field.srid == lookup.rhs.srid
    )


def _inside(lookup: GISLookup) -> Polygon | None:
    """Returns a rectangle's least and greatest inner coordinates, if points are compared to it."""
    is_of_points = Side.of(lookup.lhs).kind == "POINT"
    if not is_of_points or not Side.of(lookup.rhs).is_box:
        return None
    if lookup.rhs.srid != lookup.lhs.output_field.srid:
        return None
    west, south, east, north = lookup.rhs.extent
    box = (
        *(math.nextafter(west, math.inf), math.nextafter(south, math.inf)),
        *(math.nextafter(east, -math.inf), math.nextafter(north, -math.inf)),
    )
    # Between neighbouring floats there are none; GEOS then decides.
    return Polygon.from_bbox(box) if box[0] < box[2] and box[1] < box[3] else None
