"""Geometries as SpatiaLite reads them from well-known binary.

It stores a collection as one list of points, lines and polygons, and reads Z only from the types of
the ISO (1001 for a point), which GEOS writes with a flag.
"""

import struct
from collections.abc import Iterator

from django.contrib.gis.geos import GeometryCollection, GEOSGeometry

from geo.backends.predicates import WKBAdapter

TYPE = struct.Struct("<xI")  # of the header, little-endian, as GEOS writes it
HEADER, COUNT = 5, 4
Z_FLAG, Z_TYPES = 0x80000000, 1000


class Adapter(WKBAdapter):
    """Well-known binary that SpatiaLite reads completely."""

    @staticmethod
    def binary(geometry: GEOSGeometry) -> bytes:
        return _binary(_flat(geometry) if _is_nested(geometry) else geometry)


def _is_nested(geometry: GEOSGeometry) -> bool:
    """Whether it is a collection with members that SpatiaLite does not read as such.

    It reads only a part of a multipoint or the like and of a collection, and empty ones as numbers.
    """
    return (
        isinstance(geometry, GeometryCollection)
        and geometry.geom_type == "GeometryCollection"
        and any(isinstance(member, GeometryCollection) or member.empty for member in geometry)
    )


def _flat(geometry: GEOSGeometry) -> GeometryCollection:
    """Returns the same members without nested collections, as SpatiaLite reads them from text."""
    return GeometryCollection(list(_pieces(geometry)), srid=geometry.srid)


def _pieces(geometry: GEOSGeometry) -> Iterator[GEOSGeometry]:
    if isinstance(geometry, GeometryCollection):
        for member in geometry:
            yield from _pieces(member)
    elif not geometry.empty:
        yield geometry


def _binary(geometry: GEOSGeometry) -> bytes:
    wkb = bytes(geometry.wkb)
    (kind,) = TYPE.unpack_from(wkb)
    if not kind & Z_FLAG:
        return wkb
    header = wkb[:1] + struct.pack("<I", (kind ^ Z_FLAG) + Z_TYPES)
    if not isinstance(geometry, GeometryCollection):
        return header + wkb[HEADER:]
    # Each member has a header of its own.
    return header + wkb[HEADER : HEADER + COUNT] + b"".join(map(_binary, geometry))
