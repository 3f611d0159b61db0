"""A use of everything spatial that Django has, with Isoline's equal of it; see support.py."""

import math
from typing import Any

from django.contrib.gis.db.models import aggregates as django_aggregates
from django.contrib.gis.db.models import functions as django
from django.contrib.gis.geos import LineString, Point, Polygon
from django.db.models import QuerySet, Value

from geo.models import City, Country
from reports import expressions as isoline
from tests.conformance.support import Sample
from tests.hostile.models import Meeting

FIRST = 10**12
PLACES = ((2.3522, 48.8566), (-0.1276, 51.5072), (179.877, -16.6906))
HERE = Point(13.4, 52.5, srid=4326)


def make() -> None:
    """The rows: shapes of every kind, and cities of one country."""
    box = Polygon(
        ((0, 0), (10, 0), (10, 11), (0, 10), (0, 0)), ((2, 2), (2, 3), (3, 3), (3, 2), (2, 2))
    )
    Meeting.objects.create(
        id=FIRST,
        a_point=Point(PLACES[0]),
        b_point=Point(PLACES[1]),
        a_linestring=LineString(PLACES),
        a_polygon=box,
        b_polygon=Polygon.from_bbox((5, 5, 15, 15)),
    )
    country = Country.objects.create(
        code="QX", code3="QXX", name="-", area_km2=1, population=1, geoname_id=FIRST
    )
    for number, place in enumerate(PLACES, FIRST):
        City.objects.create(
            geoname_id=number, name="-", location=Point(place), country=country, population=number
        )


def rows(sample: Sample) -> QuerySet[Any]:
    """What a sample is asked of."""
    model: Any = City if sample.is_aggregate else Meeting
    queryset: QuerySet[Any] = model.objects.filter(pk__gte=FIRST)
    return queryset


def _pair(name: str, *args: Any, places: int | None = None) -> Sample:
    """Both of this name, called alike; Isoline's is None where it has none."""
    ours = getattr(isoline, name)(*args) if name in isoline.__all__ else None
    return Sample(getattr(django, name)(*args), ours, places, is_spatial=True)


def _refused(name: str, *args: Any, **options: Any) -> Sample:
    return Sample(getattr(django, name)(*args, **options), None, is_spatial=True)


def functions() -> dict[str, Sample]:
    """Every spatial function."""
    found = {
        name: _pair(name, "a_polygon")
        for name in ("Centroid", "Envelope", "PointOnSurface", "IsValid", "IsEmpty", "GeometryType")
    }
    found |= {
        name: _pair(name, "a_polygon", "b_polygon")
        for name in ("Difference", "Intersection", "SymDifference", "Union")
    }
    if hasattr(django, "NumDimensions"):  # of a later Django
        found["NumDimensions"] = _pair("NumDimensions", "a_polygon")
    found |= {
        name: _refused(name, "a_polygon")
        for name in (
            *("AsGeoJSON", "AsGML", "AsKML", "AsSVG", "AsWKB", "AsWKT", "BoundingCircle"),
            *("ForcePolygonCW", "MakeValid", "MemSize", "NumGeometries", "NumPoints", "Reverse"),
        )
    }
    return found | {
        "Area": _pair("Area", "a_polygon", places=0),
        "Perimeter": _pair("Perimeter", "a_polygon", places=3),
        "Length": _pair("Length", "a_linestring", places=3),
        "Distance": _pair("Distance", "a_point", "b_point", places=3),
        "Azimuth": _pair("Azimuth", "a_point", "b_point", places=6),
        "GeoHash": _pair("GeoHash", "a_point", 7),
        "Transform": _pair("Transform", "a_point", 3857),
        "Rotate": Sample(
            django.Rotate("a_polygon", math.pi / 2),
            isoline.Rotate("a_polygon", 90),
            is_spatial=True,
        ),
        "ClosestPoint": _refused("ClosestPoint", "a_polygon", "b_polygon"),
        "FromWKB": _refused("FromWKB", Value(bytes(HERE.wkb))),
        "FromWKT": _refused("FromWKT", Value("POINT (1 1)")),
        "GeometryDistance": _refused("GeometryDistance", "a_point", HERE),
        "LineLocatePoint": _refused("LineLocatePoint", "a_linestring", HERE),
        "Scale": _refused("Scale", "a_polygon", 2, 2),
        "SnapToGrid": _refused("SnapToGrid", "a_polygon", 0.1),
        "Translate": _refused("Translate", "a_polygon", 1, 1),
    }


def aggregates() -> dict[str, Sample]:
    """Every spatial aggregate, of the cities of a country."""

    def sample(name: str, ours: Any) -> Sample:
        theirs = getattr(django_aggregates, name)("location")
        return Sample(theirs, ours, is_aggregate=True, is_spatial=True)

    return {
        "Collect": sample("Collect", isoline.Collect("location")),
        "Union": sample("Union", isoline.Union("location")),
        "Extent": sample("Extent", isoline.Extent("location")),
        "Extent3D": sample("Extent3D", None),
        "MakeLine": sample("MakeLine", isoline.MakeLine("location", order_by="pk")),
    }
