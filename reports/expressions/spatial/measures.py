"""Measures of shapes: areas, lengths, distances and directions, computed row by row."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.contrib.gis.db.models import (
    LineStringField,
    MultiLineStringField,
    MultiPointField,
    MultiPolygonField,
    PointField,
    PolygonField,
)
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import BooleanField, FloatField, IntegerField, TextField

from geo.spherical import geodesic, shape_distance, sphere
from geo.spherical.geohash import LONGEST, geohash
from geo.wkb import Line, parts, parts_of
from reports.errors import DeclarationError
from reports.expressions.client_side import ClientSideExpression

AREAS = (PolygonField, MultiPolygonField)
LINES = (LineStringField, MultiLineStringField)
POINTS = (PointField, MultiPointField)
# Trees of shapes kept for the next rows: many rows are compared with the same few shapes.
KEPT = 64


class _Measured(ClientSideExpression):
    """A measure on the sphere, or on the ellipsoid of WGS 84 with `geodesic=True`."""

    output_field = FloatField()

    def __init__(self, geometry: object, *, geodesic: bool = False, **options: object) -> None:
        super().__init__(geometry, **options)
        self.geodesic = geodesic

    def _length(self, lines: Sequence[Line]) -> float:
        measure = geodesic.length if self.geodesic else sphere.length
        return sum(map(measure, lines))


class Area(_Measured):
    """`Area(areas, geodesic=False)`: square metres, without holes.

    It is on the sphere of radius 6371008.7714150598 m, within edges that are straight in longitude
    and latitude (geo.spherical.sphere.ring_area). With `geodesic=True` it is on the ellipsoid of
    WGS 84, within edges that are geodesics. 0 for geometries without an area.
    """

    takes = AREAS

    def compute(self, geometry: GEOSGeometry) -> float:
        measure = geodesic.area if self.geodesic else sphere.area
        return measure(parts_of(geometry).polygons)


class LineLength(_Measured):
    """`Length(lines, geodesic=False)`: metres along the edges of lines.

    Each edge is the great circle between its vertices, on the sphere of radius
    6371008.7714150598 m; with `geodesic=True` the geodesic on the ellipsoid of WGS 84.
    """

    takes = LINES

    def compute(self, geometry: GEOSGeometry) -> float:
        return self._length(parts_of(geometry).lines)


class Perimeter(_Measured):
    """`Perimeter(areas, geodesic=False)`: metres around areas and their holes, as in Length."""

    takes = AREAS

    def compute(self, geometry: GEOSGeometry) -> float:
        return self._length(parts_of(geometry).rings)


class Azimuth(ClientSideExpression):
    """`Azimuth(a, b)`: degrees clockwise from north, 0 to 360, in which `b` lies from `a`.

    It is the direction of the great circle at its beginning. NULL if both are the same place or
    antipodes. At a pole north is along the meridian of the point's own longitude.
    """

    takes = (PointField,)
    output_field = FloatField()

    def __init__(self, a: object, b: object, **options: object) -> None:
        super().__init__(a, b, **options)

    def compute(self, a: GEOSGeometry, b: GEOSGeometry) -> float | None:
        places = _place(a), _place(b)
        if None in places or not all(_is_on_the_map(place) for place in places):
            return None
        return sphere.azimuth(*places)


def _place(point: GEOSGeometry) -> Any:
    """Returns longitude and latitude; None for an empty point or another geometry."""
    found = parts_of(point)
    return found.points[0] if len(found.points) == 1 else None


def _is_on_the_map(place: sphere.Position) -> bool:
    return abs(place[0]) <= 180 and abs(place[1]) <= 90


class GeodesicDistance(Azimuth):
    """`Distance(a, b, geodesic=True)`: metres of the geodesic between two points."""

    def compute(self, a: GEOSGeometry, b: GEOSGeometry) -> float | None:
        places = _place(a), _place(b)
        if None in places or not all(_is_on_the_map(place) for place in places):
            return None
        return geodesic.distance(*places)


class ShapeDistance(ClientSideExpression):
    """`Distance(a, b)` of shapes: the least great-circle distance between their points, in metres.

    It is 0 if they intersect, as in the lookup `intersects`: edges are straight in longitude and
    latitude. (Pieces of up to 640 metres are taken for great circles: the error is at most 8
    millimetres times the tangent of the latitude.) Shapes on both sides of the antimeridian or of a
    pole are as near as on the globe. NULL if one is empty or off the map.
    """

    output_field = FloatField()

    def __init__(self, a: object, b: object, **options: object) -> None:
        super().__init__(a, b, **options)

    def compute(self, a: GEOSGeometry, b: GEOSGeometry) -> float | None:
        if a.empty or b.empty or not (_lies_on_the_map(a) and _lies_on_the_map(b)):
            return None
        if a.intersects(b):
            return 0.0
        trees = _tree(bytes(a.wkb)), _tree(bytes(b.wkb))
        return None if None in trees else shape_distance.distance(*trees)


def _lies_on_the_map(geometry: GEOSGeometry) -> bool:
    west, south, east, north = geometry.extent
    return west >= -180 and south >= -90 and east <= 180 and north <= 90


@lru_cache(KEPT)
def _tree(wkb: bytes) -> Any:
    found = parts(wkb)
    return shape_distance.tree(found.points, [*found.lines, *found.rings])


class CoveredShare(ClientSideExpression):
    """`CoveredShare(a, b)`: the share of the area `a` that `b` covers, 0 to 1.

    Both areas are measured as in Area, on the sphere. NULL if `a` has no area.
    """

    takes = AREAS
    output_field = FloatField()

    def __init__(self, a: object, b: object, **options: object) -> None:
        super().__init__(a, b, **options)

    def compute(self, a: GEOSGeometry, b: GEOSGeometry) -> float | None:
        whole = sphere.area(parts_of(a).polygons)
        covered = sphere.area(parts_of(a.intersection(b)).polygons)
        # The intersection's vertices are rounded.
        return min(1.0, covered / whole) if whole else None


class GeoHash(ClientSideExpression):
    """`GeoHash(point, precision=20)`: the first letters of a point's geohash, 1 to 20 of them.

    NULL for a point off the map.
    """

    takes = (PointField,)
    output_field = TextField()

    def __init__(self, expression: object, precision: int | None = None, **options: object) -> None:
        super().__init__(expression, **options)
        self.precision = LONGEST if precision is None else precision
        if not 1 <= self.precision <= LONGEST:
            raise DeclarationError(f"GeoHash has 1 to {LONGEST} letters, not {precision}.")

    def compute(self, point: GEOSGeometry) -> str | None:
        place = _place(point)
        return None if place is None else geohash(place, self.precision)


class IsValid(ClientSideExpression):
    """`IsValid(geometry)`: whether GEOS calls it valid."""

    output_field = BooleanField()

    def __init__(self, geometry: object, **options: object) -> None:
        super().__init__(geometry, **options)

    def compute(self, geometry: GEOSGeometry) -> bool:
        # `valid` would log a line for each invalid row.
        return bool(geometry.valid_reason == "Valid Geometry")


class IsEmpty(ClientSideExpression):
    """`IsEmpty(geometry)`: whether it has no point at all."""

    output_field = BooleanField()

    def __init__(self, geometry: object, **options: object) -> None:
        super().__init__(geometry, **options)

    def compute(self, geometry: GEOSGeometry) -> bool:
        return bool(geometry.empty)


class NumDimensions(ClientSideExpression):
    """`NumDimensions(geometry)`: the dimensions of its coordinates, always 2."""

    output_field = IntegerField()

    def __init__(self, geometry: object, **options: object) -> None:
        super().__init__(geometry, **options)

    def compute(self, geometry: GEOSGeometry) -> int:
        return 3 if geometry.hasz else 2
