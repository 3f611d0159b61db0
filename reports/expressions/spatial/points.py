"""Points on the sphere: coordinates and distances."""

import math
from typing import Any, Unpack

from django.contrib.gis.db.models import PointField, functions
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db.models import Expression, FloatField, Func, Value
from django.db.models.expressions import BaseExpression
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, Sql
from geo.spherical.sphere import EARTH_RADIUS
from reports.compat import Resolving
from reports.expressions.base import Portable
from reports.expressions.client_side import (
    ClientSideExpression,
    Given,
    demand_field,
    demand_geometry,
)
from reports.expressions.exact import composed
from reports.expressions.spatial.measures import GeodesicDistance, ShapeDistance


class _Coordinate(Portable, Func):
    """A coordinate of a point; NULL for none."""

    arity = 1
    output_field = FloatField()

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        (source,) = resolved.get_source_expressions()
        demand_field(type(self).__name__, source.output_field, (PointField,))
        return resolved


class Longitude(_Coordinate):
    """`Longitude(point)`: degrees of a point of SRID 4326, east positive."""

    function = "ST_X"


class Latitude(_Coordinate):
    """`Latitude(point)`: degrees of a point of SRID 4326, north positive."""

    function = "ST_Y"


# The haversines of the angle between two points and of its supplement, by the operations of
# geo.spherical.sphere.distance. {0} and {1} are longitude and latitude of one point, {2} and {3} of
# the other; the factor is pi / 360.
HALF = "0.008726646259971648e0"
BETWEEN = f"SIN(({{2}} - {{0}}) * {HALF})"
APART = f"SIN(({{3}} - {{1}}) * {HALF})"
AROUND = f"COS(({{2}} - {{0}}) * {HALF})"
TOGETHER = f"SIN(({{3}} + {{1}}) * {HALF})"
COSINES = "COS({1} * 0.017453292519943295e0) * COS({3} * 0.017453292519943295e0)"
NEAR = f"({APART} * {APART} + {COSINES} * ({BETWEEN} * {BETWEEN}))"
FAR = f"({TOGETHER} * {TOGETHER} + {COSINES} * ({AROUND} * {AROUND}))"
LIMITS = "ABS({0}) <= 180 AND ABS({2}) <= 180 AND ABS({1}) <= 90 AND ABS({3}) <= 90"


class GeometryType(Portable, functions.GeometryType):  # type: ignore[misc]  # so Django's is
    """The OGC name of a geometry's type in capitals, such as MULTIPOLYGON."""

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        sql, params = self.as_sql(compiler, connection)
        # Only MySQL shortens this name.
        return f"REPLACE({sql}, 'GEOMCOLLECTION', 'GEOMETRYCOLLECTION')", params


class Distance(Portable, Func):
    """`Distance(a, b, geodesic=False)`: metres between two geometries of SRID 4326.

    Each is a field, a field's name, an expression or a geometry. NULL if one is. It is a float, so
    a column needs `places`.

    For two points it is the length of the great circle on the sphere of radius 6371008.7714150598 m
    (geo.spherical.sphere.EARTH_RADIUS), which differs from the ellipsoid by up to 0.56 %; NULL if a
    point is beyond 180 degrees of longitude or 90 of latitude. It is SQL, for filters, orders and
    aggregates too.

    With a line or an area it is the least such distance between their points, 0 if they intersect;
    see ShapeDistance. With `geodesic=True` it is the length of the geodesic between two points on
    the ellipsoid of WGS 84. Both are computed row by row and can only be shown.

    Django's Distance gives metres or degrees, depending on the database and the field's SRID; this
    one is always a plain number of metres. `spheroid=True` of Django is `geodesic=True`.
    """

    arity = 2
    output_field = FloatField()

    def __init__(
        self,
        expr1: Any,
        expr2: Any,
        spheroid: bool | None = None,
        *,
        geodesic: bool = False,
        **options: object,
    ) -> None:
        super().__init__(_given(expr1), _given(expr2), **options)
        self.geodesic = geodesic or bool(spheroid)

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        sources = resolved.get_source_expressions()
        for source in sources:
            demand_geometry("Distance", source)
        are_points = all(isinstance(source.output_field, PointField) for source in sources)
        if self.geodesic:
            found: Portable = GeodesicDistance(*sources)
        elif are_points and not any(isinstance(source, ClientSideExpression) for source in sources):
            found = _GreatCircle(*sources)
        else:
            found = ShapeDistance(*sources)
        return found.resolve_expression(query, **context)


def _given(geometry: GEOSGeometry) -> BaseExpression:
    return Given(geometry, "Distance") if isinstance(geometry, GEOSGeometry) else geometry


class _GreatCircle(Portable, Func):
    """The length of the great circle between two points, in SQL."""

    arity = 4
    output_field = FloatField()

    formula = (
        f"CASE WHEN {LIMITS} THEN {2 * EARTH_RADIUS!r}e0 * ATAN2(SQRT({NEAR}), SQRT({FAR})) END"
    )

    def __init__(self, a: object, b: object) -> None:
        super().__init__(*_coordinates(a), *_coordinates(b))

    def as_sql(self, compiler: Compiler, connection: Connection, *_: object, **__: object) -> Sql:
        return composed(self, compiler, self.formula)


class Cosine(Portable, Func):
    """`Cosine(point, place)`: the cosine of the angle between a point and a literal place.

    It falls from 1 to -1 as the distance grows, and is cheaper to compute, but has few digits for
    near points. The error is less than COSINE_ERROR.
    """

    arity = 5
    output_field = FloatField()
    formula = (
        "({3} * SIN({1} * 0.017453292519943295e0) + {4} * COS({1} * 0.017453292519943295e0)"
        " * COS(({0} - {2}) * 0.017453292519943295e0))"
    )

    def __init__(self, point: object, place: Point) -> None:
        latitude = math.radians(place.y)
        given = (place.x, math.sin(latitude), math.cos(latitude))
        super().__init__(
            Longitude(point),
            Latitude(point),
            *(Value(number, FloatField()) for number in given),
        )

    def as_sql(self, compiler: Compiler, connection: Connection, *_: object, **__: object) -> Sql:
        return composed(self, compiler, self.formula)


def _coordinates(point: object) -> tuple[Any, Any]:
    """Returns the longitude and latitude of an expression or of a literal point."""
    if isinstance(point, Given):
        assert isinstance(point.geometry, Point)
        x, y = point.geometry.coords
        return Value(x, FloatField()), Value(y, FloatField())
    return Longitude(point), Latitude(point)
