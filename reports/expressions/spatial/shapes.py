"""Shapes computed from shapes, in the plane of longitude and latitude, by GEOS, row by row.

Each is a geometry of SRID 4326 that GEOS in this process computes from the stored coordinates, so
that every database gives the same answer. NULL if an input is. They can only be shown, and be
inputs of others.
"""

import math
from typing import Any

from django.contrib.gis.db.models import GeometryField, PointField
from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSGeometry, LineString, Point, Polygon

from geo.spherical.bbox import Box
from geo.spherical.buffer import LARGEST, buffer
from geo.spherical.sphere import Position
from geo.wkb import moved
from reports.errors import DeclarationError
from reports.expressions.client_side import SRID, ClientSideExpression, geometry_of

GEOMETRY = GeometryField(srid=SRID)
# SRIDs that PROJ computes from WGS 84 by formulas alone. Grids of a datum shift would have to be
# installed on every machine. These are Web Mercator, World Mercator, EASE-Grid 2.0 (equal area),
# plate carree, polar stereographic of either pole, and the zones of UTM.
TRANSFORMS = frozenset(
    {SRID, 3857, 3395, 6933, 4087, 3413, 3031, *range(32601, 32661), *range(32701, 32761)}
)


class _Shape(ClientSideExpression):
    """A geometry computed from another."""

    output_field = GEOMETRY

    def __init__(self, geometry: object, **options: object) -> None:
        super().__init__(geometry, **options)


class Centroid(_Shape):
    """`Centroid(geometry)`: the centre of mass in the plane, which may be outside.

    It is that of the areas if there are any, otherwise of the lines, otherwise of the points. NULL
    for an empty geometry.
    """

    output_field = PointField(srid=SRID)

    def compute(self, geometry: GEOSGeometry) -> Any:
        return None if geometry.empty else geometry.centroid


class PointOnSurface(_Shape):
    """`PointOnSurface(geometry)`: a point that is certainly in it; NULL for an empty geometry."""

    output_field = PointField(srid=SRID)

    def compute(self, geometry: GEOSGeometry) -> Any:
        return None if geometry.empty else geometry.point_on_surface


class Envelope(_Shape):
    """`Envelope(geometry)`: the least box of meridians and parallels that contains it.

    It is a polygon, or for a flat box the point or the line. NULL for an empty geometry.
    """

    def compute(self, geometry: GEOSGeometry) -> Any:
        return None if geometry.empty else box(geometry.extent)


def box(extent: Box) -> GEOSGeometry:
    """Returns west, south, east and north as a polygon, a line or a point."""
    west, south, east, north = extent
    if west == east and south == north:
        return Point(west, south, srid=SRID)
    if west == east or south == north:
        return LineString((west, south), (east, north), srid=SRID)
    found = Polygon.from_bbox(extent)
    found.srid = SRID
    return found


class Simplify(_Shape):
    """`Simplify(geometry, tolerance, preserve_topology=True)`: the same with fewer vertices.

    No vertex moves, and the new edges stay within `tolerance` degrees of the removed ones (D.
    Douglas and T. Peucker, 1973). Valid areas stay valid unless `preserve_topology` is False; small
    ones may then disappear, leaving an empty geometry.
    """

    def __init__(
        self, geometry: object, tolerance: float, *, preserve_topology: bool = True
    ) -> None:
        super().__init__(geometry)
        if not 0 <= tolerance < math.inf:
            raise DeclarationError(f"Simplify's tolerance is degrees, 0 or more, not {tolerance}.")
        self.tolerance = float(tolerance)
        self.preserve_topology = preserve_topology

    def compute(self, geometry: GEOSGeometry) -> Any:
        return geometry.simplify(self.tolerance, preserve_topology=self.preserve_topology)


class Buffer(_Shape):
    """`Buffer(geometry, metres)`: all places within so many metres of it, 1 to 1,000,000.

    Metres are on the sphere; edges are straight in longitude and latitude. The outline is exact to
    0.2 % of the distance (geo.spherical.buffer.buffer), and cut at the antimeridian. NULL for an
    empty geometry, and if the buffer comes near a pole.
    """

    def __init__(self, geometry: object, metres: float) -> None:
        super().__init__(geometry)
        if not 1 <= metres <= LARGEST:
            raise DeclarationError(f"Buffer takes 1 to {LARGEST:.0f} metres, not {metres}.")
        self.metres = float(metres)

    def compute(self, geometry: GEOSGeometry) -> Any:
        return buffer(geometry, self.metres)


class Transform(ClientSideExpression):
    """`Transform(geometry, srid)`: the same in another coordinate system, by this process' PROJ.

    The systems are those of TRANSFORMS. NULL if a coordinate cannot be projected, such as a pole in
    a Mercator projection.
    """

    def __init__(self, expression: object, srid: int, **options: object) -> None:
        super().__init__(expression, **options)
        if srid not in TRANSFORMS:
            raise DeclarationError(
                f"Transform to SRID {srid} is refused: it is not one of those that every"
                " installation of PROJ computes alike (4326, 3857, 3395, 6933, 4087, 3413, 3031,"
                " 32601 to 32660, 32701 to 32760)."
            )
        self.srid = srid
        self.output_field = GeometryField(srid=srid)

    def compute(self, geometry: GEOSGeometry) -> Any:
        if geometry.empty:
            return None
        try:
            found = geometry.transform(self.srid, clone=True)
        except GDALException:
            return None
        return found if all(map(math.isfinite, found.extent)) else None


class Rotate(_Shape):
    """`Rotate(geometry, degrees, origin=None)`: rotated counterclockwise in the plane.

    The origin is a Point, by default longitude 0, latitude 0. Django's takes radians, and only
    PostGIS has it.
    """

    def __init__(
        self,
        expression: object,
        degrees: float = 0,
        origin: Point | None = None,
        *,
        angle: float | None = None,
        **options: object,
    ) -> None:
        super().__init__(expression, **options)
        if angle is not None:
            raise DeclarationError(
                "Rotate takes degrees, and Django's angle= is in radians. Write"
                f" degrees={math.degrees(angle):g}."
            )
        if origin is not None and not isinstance(origin, Point):
            raise DeclarationError(f"Rotate's origin is a Point, not a {type(origin).__name__}.")
        self.degrees = float(degrees)
        self.origin = (0.0, 0.0) if origin is None else (origin.x, origin.y)

    def compute(self, geometry: GEOSGeometry) -> Any:
        if geometry.empty:
            return geometry
        return geometry_of(moved(bytes(geometry.wkb), self._turned).hex())

    def _turned(self, place: Position) -> Position:
        sine, cosine = _sine(self.degrees), _sine(self.degrees + 90)
        x, y = place[0] - self.origin[0], place[1] - self.origin[1]
        return (
            self.origin[0] + x * cosine - y * sine,
            self.origin[1] + x * sine + y * cosine,
        )


def _sine(degrees: float) -> float:
    """Returns the sine, exact where a quarter turn makes it 0, 1 or -1."""
    quarters, rest = divmod(degrees % 360, 90)
    if rest == 0:
        return (0.0, 1.0, 0.0, -1.0)[int(quarters)]
    return math.sin(math.radians(degrees % 360))


class Intersection(ClientSideExpression):
    """`Intersection(a, b)`: the places in both; empty if they are apart."""

    output_field = GEOMETRY

    def __init__(self, a: object, b: object, **options: object) -> None:
        super().__init__(a, b, **options)

    def compute(self, a: GEOSGeometry, b: GEOSGeometry) -> Any:
        return a.intersection(b)


class Difference(Intersection):
    """`Difference(a, b)`: the places in `a` and not in `b`."""

    def compute(self, a: GEOSGeometry, b: GEOSGeometry) -> Any:
        return a.difference(b)


class SymDifference(Intersection):
    """`SymDifference(a, b)`: the places in exactly one of the two."""

    def compute(self, a: GEOSGeometry, b: GEOSGeometry) -> Any:
        return a.sym_difference(b)
