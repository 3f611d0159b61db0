"""Collections, which SpatiaLite stores as one list of points, lines and polygons."""

from collections.abc import Iterator
from typing import Self

from django.contrib.gis.geos import GeometryCollection, GEOSGeometry

from geo.backends.predicates import WKBAdapter


class Adapter(WKBAdapter):
    """Well-known binary that knows whether a collection contains collections."""

    is_nested: bool

    def __new__(cls, geometry: GEOSGeometry) -> Self:
        adapter = super().__new__(cls, geometry)
        adapter.is_nested = is_nested(geometry)
        return adapter


def is_nested(geometry: GEOSGeometry) -> bool:
    """Whether it is a collection that contains a multipoint or the like, or a collection.

    SpatiaLite reads only a part of its well-known binary, or NULL.
    """
    return (
        isinstance(geometry, GeometryCollection)
        and geometry.geom_type == "GeometryCollection"
        and any(isinstance(member, GeometryCollection) for member in geometry)
    )


def flat(geometry: GEOSGeometry) -> GeometryCollection:
    """Returns the same members without nested collections."""
    return GeometryCollection(list(_pieces(geometry)), srid=geometry.srid)


def _pieces(geometry: GEOSGeometry) -> Iterator[GEOSGeometry]:
    if isinstance(geometry, GeometryCollection):
        for member in geometry:
            yield from _pieces(member)
    elif not geometry.empty:
        yield geometry
