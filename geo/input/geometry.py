"""`geometry`: from a user's text to a geometry that is safe to use in queries.

Everything before the validity check is plain Python: GDAL, PROJ and GEOS have hung and aborted on
less than 40 bytes. GEOS gets a geometry made of the checked numbers, never the text.
"""

from django.contrib.gis.geos import GEOSGeometry

from geo.input import bbox, checks, geojson, wkt
from geo.input.limits import Limits, Vertices, limits
from geo.input.refusal import GeometryRefused, excerpt
from geo.input.shapes import Shape, assembled, paths
from geo.input.validity import check_validity
from geo.input.wkb import wkb

SRID = 4326
FORMS = "GeoJSON, WKT, or bbox=west,south,east,north"


def geometry(text: str) -> GEOSGeometry:
    """Returns the valid geometry of a user's text, in degrees (SRID 4326).

    The text is GeoJSON (RFC 7946: a geometry, a Feature or a FeatureCollection), WKT, EWKT of SRID
    4326, or `bbox=west,south,east,north`, which crosses the antimeridian if west is greater than
    east. Several features become one geometry. Rings may have either direction.

    Raises GeometryRefused for anything else, checking in this order: size, depth of brackets,
    syntax, numbers that are not finite, ranges, Z and M, empty parts, rings that are open or too
    short, lines without length, and validity by GEOS. Nothing is repaired. Vertices are counted
    while they are read, and reading stops at the limit.
    """
    allowed = limits()
    checks.check_size(text, allowed.bytes)
    checks.check_characters(text)
    shape = _parsed(text.strip(" \t\r\n"), allowed)
    found = list(paths(shape))
    checks.check_finite(found)
    checks.check_range(found)
    checks.check_dimensions(shape, found)
    checks.check_not_empty(shape)
    checks.check_rings(found)
    checks.check_lines(found)
    built = GEOSGeometry(memoryview(wkb(assembled(shape))), srid=SRID)
    check_validity(built, found, allowed.overlaps)
    return built


def _parsed(text: str, allowed: Limits) -> Shape:
    if text.startswith(("{", "[", '"')):
        checks.check_depth(geojson.brackets(text), allowed.depth)
        return geojson.parse(text, Vertices(allowed.vertices))
    if text[: len(bbox.PREFIX)].lower() == bbox.PREFIX:
        return bbox.parse(text)
    if text[:1].isalpha():
        checks.check_depth(wkt.brackets(text), allowed.depth)
        return wkt.parse(text, Vertices(allowed.vertices))
    if not text:
        raise GeometryRefused(f"no geometry was given: write {FORMS}.")
    raise GeometryRefused(f"{excerpt(text)} is not a geometry: write {FORMS}.")
