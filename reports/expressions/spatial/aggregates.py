"""Aggregates of geometries: collected in SQL, combined by GEOS in this process."""

from collections.abc import Sequence
from typing import Any, Unpack

from django.contrib.gis.db.models import GeometryField, LineStringField, PointField
from django.contrib.gis.geos import (
    GeometryCollection,
    GEOSGeometry,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
)
from django.db.models import Expression, F, Func, OrderBy, TextField, Value
from django.db.models.aggregates import Aggregate
from django.db.models.expressions import BaseExpression
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, Sql
from reports.compat import Resolving
from reports.errors import DeclarationError
from reports.expressions.aggregates.general import (
    Max,
    Min,
    aggregated,
    group_concat,
    keys_of,
    ordered,
)
from reports.expressions.base import Portable
from reports.expressions.client_side import SRID, ClientSideExpression, Packed, geometry_of
from reports.expressions.exact import composed
from reports.expressions.spatial.points import Latitude, Longitude
from reports.expressions.spatial.shapes import box
from reports.expressions.text.code_point import CodePoint

COMMA = ","
# The multiple type of each type, and the types whose members it may have.
MULTIPLES: dict[str, Any] = {
    "Point": MultiPoint,
    "LineString": MultiLineString,
    "Polygon": MultiPolygon,
}


class GeometryArrayAgg(Portable, Aggregate):
    """A group's geometries as hexadecimal well-known binary, joined by commas; NULL for none.

    Ignores NULLs. The order is that of `order_by`, NULL keys last, then of the binary; without keys
    it is the order of the binary, however the database joined it. It is complete or an error, as in
    StringAgg.
    """

    function = "STRING_AGG"
    name = "GeometryArrayAgg"
    arity = 1
    allow_order_by = True
    window_compatible = False
    output_field = TextField()

    def __init__(self, packed: object, *, order_by: object = (), filter: object = None) -> None:  # noqa: A002 -- Django's name
        keys = keys_of(order_by)
        self.is_ordered = bool(keys)
        order = [*ordered(keys), OrderBy(CodePoint(packed))] if keys else None
        super().__init__(packed, order_by=order, filter=filter)

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._joined(compiler, connection)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self._joined(compiler, connection)

    def _joined(self, compiler: Compiler, connection: Connection) -> Sql:
        (packed,) = self.source_expressions
        return aggregated(self, compiler, connection, "STRING_AGG", packed, Value(COMMA))

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        (packed,) = self.source_expressions
        return group_concat(self, compiler, connection, packed, Value(COMMA))

    def read(self, text: str) -> list[GEOSGeometry]:
        digits = text.split(COMMA)
        if not self.is_ordered:
            digits = sorted(each.upper() for each in digits)
        return [geometry_of(each) for each in digits]


class GeometryAggregate(ClientSideExpression):
    """Base class: computed from a group's geometries, or from two given ones."""

    output_field: Any = GeometryField(srid=SRID)

    def __init__(
        self,
        expression: Any,
        *,
        distinct: bool = False,
        filter: Any = None,  # noqa: A002 -- Django's name
        default: Any = None,
        order_by: Any = None,
        keys: Any = (),
        **options: object,
    ) -> None:
        name = type(self).__name__
        if distinct or default is not None or order_by is not None:
            wrong = "distinct" if distinct else "order_by" if default is None else "default"
            raise DeclarationError(
                f"{name} takes no {wrong}=: the geometries of a group make one geometry in one"
                " order, and no geometry where there are none. Leave it out."
            )
        super().__init__(self._gather(expression, filter, keys), **options)

    def _gather(
        self, expression: BaseExpression, condition: BaseExpression, order_by: object = ()
    ) -> GeometryArrayAgg:
        name = type(self).__name__
        if isinstance(expression, GEOSGeometry):
            raise DeclarationError(f"{name} of a group takes a field, not a geometry.")
        source = F(expression) if isinstance(expression, str) else expression
        return GeometryArrayAgg(
            Packed(source, name, self.takes), order_by=order_by, filter=condition
        )

    def gathered(self, found: Sequence[Any]) -> list[GEOSGeometry]:
        """Returns the geometries, of a group or of two columns."""
        return list(found[0] if isinstance(found[0], list) else found)


class _OfGroupOrTwo(GeometryAggregate):
    """`Name(geometry, filter=None)` of a group, or `Name(a, b)` of two geometries of a row."""

    def __init__(self, expression: object, other: object = None, **options: Any) -> None:
        if other is None:
            super().__init__(expression, **options)
            return
        if options.pop("filter", None) is not None:
            raise DeclarationError(
                f"{type(self).__name__} of two geometries takes no filter; of a group it takes one"
                " geometry."
            )
        ClientSideExpression.__init__(self, expression, other, **options)


class Collect(_OfGroupOrTwo):
    """`Collect(geometry, filter=None)`: a group's unchanged geometries as one.

    Points, lines or areas only make a MULTIPOINT, MULTILINESTRING or MULTIPOLYGON, others a
    GEOMETRYCOLLECTION, in the order of their well-known binary; NULL for none. `Collect(a, b)`
    takes two geometries of a row.
    """

    def compute(self, *found: Any) -> Any:
        members = self.gathered(found)
        types = {member.geom_type for member in members}
        kind = MULTIPLES.get(types.pop(), GeometryCollection) if len(types) == 1 else None
        return (kind or GeometryCollection)(members, srid=SRID)


class Union(_OfGroupOrTwo):
    """`Union(geometry, filter=None)`: everything that a group's geometries cover, as one geometry.

    Areas are dissolved, lines are noded, equal points become one; NULL for none. `Union(a, b)`
    takes two geometries of a row.
    """

    def compute(self, *found: Any) -> Any:
        return GeometryCollection(self.gathered(found), srid=SRID).unary_union


class Extent(GeometryAggregate):
    """`Extent(geometry, filter=None)`: the Envelope of a group's geometries; NULL for none.

    It is a geometry; Django's is a tuple of four numbers. For points the database itself finds the
    least and greatest coordinates.
    """

    def __init__(self, expression: object, **options: Any) -> None:
        super().__init__(expression, **options)
        self.expression, self.condition = expression, options.get("filter")

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        assert isinstance(resolved, ClientSideExpression)
        ((packed, *_),) = (each.get_source_expressions() for each in resolved.leaves())
        if isinstance(packed, ClientSideExpression) or not isinstance(
            _field_of(packed), PointField
        ):
            return resolved
        copy = self.copy()
        copy.set_source_expressions([Packed(_corners(self.expression, self.condition), "Extent")])
        return super(Extent, copy).resolved(query, **context)

    def compute(self, *found: Any) -> Any:
        extents = [each.extent for each in self.gathered(found) if not each.empty]
        if not extents:
            return None
        west, south, east, north = zip(*extents, strict=True)
        return box((min(west), min(south), max(east), max(north)))


def _field_of(packed: BaseExpression) -> Any:
    (source,) = packed.get_source_expressions()
    return source.output_field


def _corners(points: object, condition: object) -> "_TwoPoints":
    return _TwoPoints(
        *(
            least_or_greatest(coordinate(points), filter=condition)
            for least_or_greatest in (Min, Max)
            for coordinate in (Longitude, Latitude)
        )
    )


class _TwoPoints(Portable, Func):
    """Two points of two coordinates each, as one geometry."""

    arity = 4
    output_field = GeometryField(srid=SRID)

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return composed(
            self, compiler, "ST_Collect(ST_MakePoint({0}, {1}), ST_MakePoint({2}, {3}))"
        )

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return composed(self, compiler, "MULTIPOINT(POINT({0}, {1}), POINT({2}, {3}))")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return composed(self, compiler, "ST_Collect(MakePoint({0}, {1}), MakePoint({2}, {3}))")


class MakeLine(GeometryAggregate):
    """`MakeLine(point, order_by=..., filter=None)`: the line through a group's points.

    `order_by` takes one key or several, as a queryset does, NULL keys last; points that tie are
    ordered by their well-known binary. NULL where there are fewer than two points. Django's takes
    no order.
    """

    takes = (PointField,)
    output_field = LineStringField(srid=SRID)

    def __init__(self, expression: object, *, order_by: object = None, **options: Any) -> None:
        if not keys_of(order_by):
            raise DeclarationError("MakeLine takes order_by: the order of the points is the line.")
        super().__init__(expression, keys=order_by, **options)

    def compute(self, *found: Any) -> Any:
        points = [
            point.coords
            for point in self.gathered(found)
            if isinstance(point, Point) and not point.empty
        ]
        return LineString(points, srid=SRID) if len(points) > 1 else None
