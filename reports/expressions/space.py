"""Places on the sphere: coordinates of points, and distances between them."""

from typing import Any

from django.contrib.gis.db.models import GeometryField, PointField
from django.contrib.gis.geos import Point
from django.db.models import F, FloatField, Func, Value

from geo.sphere import EARTH_RADIUS
from reports.errors import DeclarationError, NotPortable
from reports.expressions.base import Portable, listed
from reports.expressions.exact import composed

SRID = 4326


class _Coordinate(Portable, Func):
    """A number of a point; NULL where there is none."""

    arity = 1
    output_field = FloatField()

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        resolved = super().resolve_expression(*args, **kwargs)
        (source,) = resolved.get_source_expressions()
        demand_geometry(self, source.output_field, (PointField,))
        return resolved


def demand_geometry(
    expression: Any, field: Any, kinds: tuple[type["GeometryField[Any, Any]"], ...]
) -> None:
    """Raise NotPortable for a field that is none of `kinds`, in longitude and latitude."""
    if not isinstance(field, kinds) or field.srid != SRID or field.geography:
        raise NotPortable(
            f"{type(expression).__name__} takes a {listed(kind.__name__ for kind in kinds)} of SRID"
            f" {SRID}, not a {_named(field)}."
        )


def _named(field: Any) -> str:
    kind = type(field).__name__
    if not isinstance(field, GeometryField):
        return kind
    return f"{'geography ' if field.geography else ''}{kind} of SRID {field.srid}"


class Longitude(_Coordinate):
    """`Longitude(point)`: degrees of a point of SRID 4326, east positive."""

    function = "ST_X"


class Latitude(_Coordinate):
    """`Latitude(point)`: degrees of a point of SRID 4326, north positive."""

    function = "ST_Y"


class Distance(Portable, Func):
    """`Distance(a, b)`: metres along the great circle between two points.

    Each is a point field of SRID 4326, a field's name, or a Point. The sphere has the radius
    6371008.7714150598 m (geo.sphere.EARTH_RADIUS); the Earth's ellipsoid is up to 0.56 % longer or
    shorter. NULL where a point is, or where one lies beyond 180 degrees of longitude or 90 of
    latitude. A float: a column needs `places`.

    Django's Distance gives metres or degrees, as the database and the field's SRID have it; this
    one always metres, a plain number, of points alone, and takes no `spheroid`.
    """

    arity = 4
    output_field = FloatField()

    # The haversines of the angle and of its supplement: each is exact where it is small, so that
    # the angle between them is exact everywhere, also for neighbours and for antipodes.
    # R. W. Sinnott, Virtues of the Haversine, Sky & Telescope 68, 1984.
    _half = "0.008726646259971648e0"  # pi / 360
    _between = f"SIN(({{2}} - {{0}}) * {_half})"
    _apart = f"SIN(({{3}} - {{1}}) * {_half})"
    _around = f"COS(({{2}} - {{0}}) * {_half})"
    _together = f"SIN(({{3}} + {{1}}) * {_half})"
    _cosines = "COS({1} * 0.017453292519943295e0) * COS({3} * 0.017453292519943295e0)"
    _near = f"({_apart} * {_apart} + {_cosines} * ({_between} * {_between}))"
    _far = f"({_together} * {_together} + {_cosines} * ({_around} * {_around}))"
    _limits = "ABS({0}) <= 180 AND ABS({2}) <= 180 AND ABS({1}) <= 90 AND ABS({3}) <= 90"
    _formula = (
        f"CASE WHEN {_limits} THEN {2 * EARTH_RADIUS!r}e0 * ATAN2(SQRT({_near}), SQRT({_far})) END"
    )

    def __init__(self, a: Any, b: Any) -> None:
        super().__init__(*_coordinates(a), *_coordinates(b))

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        return composed(self, compiler, self._formula)

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        template = self._formula
        for number in range(self.arity):
            template = template.replace(f"{{{number}}}", f"({{{number}}})::float8")
        return composed(self, compiler, template)


def _coordinates(point: Any) -> tuple[Any, Any]:
    """Longitude and latitude of a field, an expression or a Point."""
    if isinstance(point, Point):
        if point.srid not in (None, SRID):
            raise DeclarationError(f"Distance takes points of SRID {SRID}, not {point.srid}.")
        return Value(point.x, FloatField()), Value(point.y, FloatField())
    point = F(point) if isinstance(point, str) else point
    return Longitude(point), Latitude(point)
