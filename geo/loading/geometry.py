"""Converts GeoJSON coordinates to GEOS geometries, checked before GEOS sees them."""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon, Point, Polygon

from geo.loading.sources import Feature
from geo.spherical import sphere
from geo.wkb import WKBType, collection, polygon

SRID = 4326
# Decimal places of a degree: a tenth of a metre, the precision of the files.
PRECISION = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A note on an invalid polygon that was repaired."""

    label: str
    reason: str
    before: int
    after: int

    def __str__(self) -> str:
        return (
            f"{self.label} was invalid ({self.reason}) and was repaired;"
            f" its area was {self.before:,} m² and is {self.after:,} m²."
        )


def point(longitude: float, latitude: float) -> Point:
    return Point(longitude, latitude, srid=SRID)


def square_metres(area: MultiPolygon) -> int:
    """Returns the area on the sphere, rounded half up; see geo.spherical.sphere.ring_area."""
    return math.floor(sphere.area(area.coords) + 0.5)


def multipolygon(feature: Feature) -> MultiPolygon:
    """Returns the feature's Polygon or MultiPolygon as a MultiPolygon, valid or not.

    Raises LoadError for any other geometry, and for coordinates that are not closed rings of finite
    degrees.
    """
    match feature.geometry:
        case {"type": "MultiPolygon", "coordinates": list(polygons)}:
            pass
        case {"type": "Polygon", "coordinates": list(rings)}:
            polygons = [rings]
        case _:
            raise feature.place.error("the geometry is neither Polygon nor MultiPolygon")
    try:
        return cast("MultiPolygon", GEOSGeometry(memoryview(_wkb(polygons)), srid=SRID))
    except (ValueError, TypeError, struct.error, GEOSException) as error:
        raise feature.place.error(f"the geometry is broken ({error})") from error


def _wkb(polygons: Sequence[Any]) -> bytes:
    """Returns a MultiPolygon as well-known binary."""
    members = [
        polygon([[_position(position) for position in ring] for ring in rings])
        for rings in polygons
    ]
    return collection(WKBType.MULTIPOLYGON, members)


def _position(position: Any) -> sphere.Position:
    longitude, latitude = position
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ValueError(f"{position} is no longitude and latitude")
    return longitude, latitude


def united(areas: Sequence[MultiPolygon]) -> MultiPolygon:
    """Returns several areas as one, with unchanged polygons if they do not overlap."""
    if len(areas) == 1:
        return areas[0]
    whole = MultiPolygon([polygon for area in areas for polygon in area], srid=SRID)
    return whole if whole.valid else _polygons(whole.unary_union)


def valid(area: MultiPolygon, label: str) -> tuple[MultiPolygon, Repair | None]:
    """Returns the area, repaired if it was invalid, and a note on the repair."""
    if area.valid:
        return area, None
    repaired = _polygons(area.make_valid())
    if (snapped := _snapped(repaired)).valid:
        repaired = snapped
    return repaired, Repair(
        label=label,
        reason=area.valid_reason,
        before=square_metres(area),
        after=square_metres(repaired),
    )


def _polygons(geometry: GEOSGeometry) -> MultiPolygon:
    """Returns the polygons of a geometry, without lines and points that a repair leaves."""
    match geometry:
        case Polygon():
            return MultiPolygon([geometry], srid=SRID)
        case MultiPolygon():
            return geometry
        case _:
            return MultiPolygon(
                [part for member in geometry for part in _polygons(member)]
                if hasattr(geometry, "__iter__") and geometry.num_geom > 1
                else [],
                srid=SRID,
            )


def _snapped(area: MultiPolygon) -> MultiPolygon:
    """Returns the area with the files' precision, so that every database keeps its coordinates."""
    return MultiPolygon(
        [
            Polygon(*([_rounded(position) for position in ring] for ring in polygon))
            for polygon in area.coords
        ],
        srid=SRID,
    )


def _rounded(position: Sequence[float]) -> sphere.Position:
    return round(position[0], PRECISION), round(position[1], PRECISION)
