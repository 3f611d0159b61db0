"""A geometry as it was written: numbers and brackets, not yet checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# The numbers of a position as written: two, unless it is refused.
type Coordinates = tuple[float, ...]
# The path to a part, the outermost first: (("feature", 2), ("polygon", 3), ("ring", 2)).
type Trail = tuple[tuple[str, int], ...]

# The names of a type's parts, from the outermost to the lists of positions.
NOUNS: dict[str, tuple[str, ...]] = {
    "POINT": (),
    "LINESTRING": (),
    "POLYGON": ("ring",),
    "MULTIPOINT": (),
    "MULTILINESTRING": ("line",),
    "MULTIPOLYGON": ("polygon", "ring"),
}
# The names of whole geometries.
WHOLES = {
    "POINT": "the point",
    "LINESTRING": "the line",
    "POLYGON": "the polygon",
    "MULTIPOINT": "the set of points",
    "MULTILINESTRING": "the set of lines",
    "MULTIPOLYGON": "the set of polygons",
    "GEOMETRYCOLLECTION": "the collection",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A geometry.

    kind        the name of a WKBType
    content     positions, lists of them, or lists of lists, nested as in GeoJSON; a point has one
                position or none; a collection has Shapes
    dimensions  Z, M or ZM, if the text has that word
    noun        the name of a collection's parts: member, or feature
    """

    kind: str
    content: list[Any]
    dimensions: str = ""
    noun: str = "member"


@dataclass(frozen=True, slots=True)
class Path:
    """A run of positions: a ring, a line, a point or several, and its place in the geometry."""

    kind: str
    positions: list[Coordinates]
    trail: Trail

    @property
    def is_ring(self) -> bool:
        return self.kind in ("POLYGON", "MULTIPOLYGON")

    @property
    def is_line(self) -> bool:
        return self.kind in ("LINESTRING", "MULTILINESTRING")

    def __str__(self) -> str:
        return place(self.trail) or WHOLES[self.kind]

    def vertex(self, number: int, other: int | None = None) -> str:
        """Returns the name of a vertex, counted from 1, or of the edge between two."""
        within = place(self.trail)
        if self.kind == "POINT":
            return f"the point of {within}" if within else "the point"
        if self.kind == "MULTIPOINT":
            return f"point {number} of {within}" if within else f"point {number}"
        name = f"vertex {number}" if other is None else f"between vertices {number} and {other}"
        return f"{within}, {name}" if within else name


def place(trail: Trail) -> str:
    """Returns `ring 2 (a hole) of polygon 3 of feature 1`; "" for the whole."""
    return " of ".join(_part(noun, number) for noun, number in reversed(trail))


def _part(noun: str, number: int) -> str:
    role = "" if noun != "ring" else " (the outer one)" if number == 1 else " (a hole)"
    return f"{noun} {number}{role}"


def shapes(shape: Shape, trail: Trail = ()) -> Iterator[tuple[Shape, Trail]]:
    """Yields the shape, and all members of a collection."""
    yield shape, trail
    if shape.kind == "GEOMETRYCOLLECTION":
        for number, member in enumerate(shape.content, 1):
            yield from shapes(member, (*trail, (shape.noun, number)))


def paths(shape: Shape) -> Iterator[Path]:
    """Yields every run of positions, in the written order."""
    for each, trail in shapes(shape):
        if each.kind != "GEOMETRYCOLLECTION":
            yield from _paths(each.kind, NOUNS[each.kind], each.content, trail)


def _paths(kind: str, nouns: tuple[str, ...], content: Any, trail: Trail) -> Iterator[Path]:
    if not nouns:
        yield Path(kind, content, trail)
        return
    for number, part in enumerate(content, 1):
        yield from _paths(kind, nouns[1:], part, (*trail, (nouns[0], number)))


def empties(shape: Shape) -> Iterator[str]:
    """Yields the names of empty shapes: the whole, or parts of it."""
    for each, trail in shapes(shape):
        nouns = ("point",) if each.kind == "MULTIPOINT" else NOUNS.get(each.kind, ())
        yield from _empties(WHOLES[each.kind], nouns, each.content, trail)


def _empties(name: str, nouns: tuple[str, ...], content: Any, trail: Trail) -> Iterator[str]:
    if not content:
        yield place(trail) or name
    for number, part in enumerate(content if nouns else (), 1):
        yield from _empties(name, nouns[1:], part, (*trail, (nouns[0], number)))


def assembled(shape: Shape) -> Shape:
    """Returns several features as one geometry: of their common type, or a collection."""
    if shape.noun != "feature":
        return shape
    for kind in ("POINT", "LINESTRING", "POLYGON"):
        if {member.kind for member in shape.content} <= {kind, f"MULTI{kind}"}:
            parts = [part for member in shape.content for part in _parts(member)]
            return Shape(kind=f"MULTI{kind}", content=parts)
    return shape


def _parts(shape: Shape) -> list[Any]:
    """Returns the parts of a multiple geometry, or the single geometry in a list."""
    is_one = shape.kind in ("LINESTRING", "POLYGON")
    return [shape.content] if is_one else shape.content
