"""Reads GeoJSON (RFC 7946)."""

import json
import re
from typing import Any

from geo.input.limits import Vertices
from geo.input.numbers import number
from geo.input.refusal import GeometryRefused, excerpt
from geo.input.shapes import NOUNS, Coordinates, Shape, Trail, place

KINDS = {
    "Point": "POINT",
    "LineString": "LINESTRING",
    "Polygon": "POLYGON",
    "MultiPoint": "MULTIPOINT",
    "MultiLineString": "MULTILINESTRING",
    "MultiPolygon": "MULTIPOLYGON",
}
OTHERS = ("GeometryCollection", "Feature", "FeatureCollection")
# Names of longitude and latitude on WGS 84 in GeoJSON of 2008.
SYSTEMS = frozenset(
    {
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "OGC:CRS84",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "urn:ogc:def:crs:EPSG::4326",
        "EPSG:4326",
        "http://www.opengis.net/def/crs/EPSG/0/4326",
    }
)
# Matches a string with its brackets. An unclosed one matches too; it is a syntax error later.
_BRACKET = re.compile(r'"(?:[^"\\]+|\\.)*+"?|[\[\]{}]', re.DOTALL)


def brackets(text: str) -> list[str]:
    """Yields the text's brackets in order, without those in strings."""
    return [found for found in _BRACKET.findall(text) if found[0] != '"']


def parse(text: str, vertices: Vertices) -> Shape:
    """Returns the geometry of a text whose brackets are not nested too deep.

    Raises GeometryRefused for invalid JSON (NaN and Infinity are invalid), duplicate names in an
    object, types that GeoJSON does not have, a `crs` other than WGS 84, and members that are
    missing or of another type. Unknown members are ignored.
    """
    try:
        found = json.loads(
            text,
            parse_int=number,
            parse_float=number,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except GeometryRefused:
        raise
    except json.JSONDecodeError as error:
        raise GeometryRefused(
            f"the GeoJSON is invalid at character {error.pos + 1:,}: {error.msg}. Copy it whole,"
            " or check it with the program that wrote it."
        ) from None
    return _Reader(vertices).shape(found, ())


def _constant(name: str) -> Any:
    raise GeometryRefused(
        f"the GeoJSON holds {name}, which is not a number in JSON: coordinates are finite degrees."
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise GeometryRefused(
                f"the GeoJSON gives {excerpt(name)} twice in one object: leave one of them out."
            )
        found[name] = value
    return found


class _Reader:
    """Makes shapes of what json has read."""

    def __init__(self, vertices: Vertices) -> None:
        self.vertices = vertices

    def shape(self, value: Any, trail: Trail, *, is_geometry: bool = False) -> Shape:
        """Returns the shape of a GeoJSON object; if `is_geometry`, it may not be a feature."""
        if type(value) is not dict:
            raise _wrong(trail, "an object with a type", value)
        _check_system(value, trail)
        kind = value.get("type")
        if type(kind) is str and kind in KINDS:
            return self._geometry(KINDS[kind], value.get("coordinates"), trail)
        if kind == "GeometryCollection":
            return self._collection(value, "geometries", "member", trail)
        if kind == "Feature" and not is_geometry:
            return self.shape(value.get("geometry"), trail, is_geometry=True)
        if kind == "FeatureCollection" and not is_geometry and not trail:
            features = self._collection(value, "features", "feature", trail)
            return features.content[0] if len(features.content) == 1 else features
        allowed = (*KINDS, OTHERS[0]) if is_geometry else (*KINDS, *OTHERS)
        raise GeometryRefused(
            f"{_in(trail)}the type is {_name(kind)}: it is one of {', '.join(allowed)}."
        )

    def _collection(self, value: dict[str, Any], member: str, noun: str, trail: Trail) -> Shape:
        parts = value.get(member)
        if type(parts) is not list:
            raise _wrong(trail, f"a list in {member}", parts)
        shapes = [
            self._part(part, (*trail, (noun, count)), noun=noun)
            for count, part in enumerate(parts, 1)
        ]
        return Shape(kind="GEOMETRYCOLLECTION", content=shapes, noun=noun)

    def _part(self, value: Any, trail: Trail, *, noun: str) -> Shape:
        if noun == "feature" and (type(value) is not dict or value.get("type") != "Feature"):
            raise _wrong(trail, "a Feature", value)
        return self.shape(value, trail, is_geometry=noun == "member")

    def _geometry(self, kind: str, coordinates: Any, trail: Trail) -> Shape:
        if type(coordinates) is not list:
            raise _wrong(trail, "a list of coordinates", coordinates)
        if kind == "POINT":
            self.vertices.add(1)
            return Shape(kind=kind, content=[_position(coordinates, trail)] if coordinates else [])
        return Shape(kind=kind, content=self._nested(coordinates, NOUNS[kind], trail))

    def _nested(self, value: Any, nouns: tuple[str, ...], trail: Trail) -> list[Any]:
        if type(value) is not list:
            raise _wrong(trail, "a list", value)
        if not nouns:
            self.vertices.add(len(value))
            return [
                tuple(position)
                if type(position) is list
                and len(position) == 2
                and type(position[0]) is type(position[1]) is float
                else _position(position, (*trail, ("vertex", count)))
                for count, position in enumerate(value, 1)
            ]
        noun, *others = nouns
        return [
            self._nested(part, tuple(others), (*trail, (noun, count)))
            for count, part in enumerate(value, 1)
        ]


def _check_system(value: dict[str, Any], trail: Trail) -> None:
    """Allows a coordinate reference system only if it is the one of RFC 7946."""
    if "crs" not in value:
        return
    system = value["crs"]
    named = system.get("properties") if type(system) is dict else None
    name = named.get("name") if type(named) is dict else None
    if type(name) is not str or name not in SYSTEMS:
        raise GeometryRefused(
            f"{_in(trail)}the crs is {_name(name)}, which is not supported: transform the"
            " coordinates"
            " to longitude and latitude on WGS 84, and leave the crs out."
        )


def _position(value: Any, trail: Trail) -> Coordinates:
    if type(value) is not list or len(value) < 2:
        raise _wrong(trail, "a position [longitude, latitude]", value)
    for part in value:
        if type(part) is not float:
            raise _wrong(trail, "a number", part)
    return tuple(value)


def _wrong(trail: Trail, wanted: str, found: Any) -> GeometryRefused:
    return GeometryRefused(f"{_in(trail)}expected {wanted}, not {_name(found)}.")


def _in(trail: Trail) -> str:
    return f"in {place(trail)} " if trail else "in the GeoJSON "


def _name(value: Any) -> str:
    match value:
        case None:
            return "nothing (null, or left out)"
        case str():
            return f"the text {excerpt(value)}"
        case list():
            return f"a list of {len(value):,}"
        case dict():
            return "an object"
        case bool():
            return str(value).lower()
    return f"the number {value:g}"
