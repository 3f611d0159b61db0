"""`bbox=west,south,east,north`: a box of meridians and parallels."""

from geo.input.numbers import number
from geo.input.refusal import GeometryRefused, excerpt
from geo.input.shapes import Coordinates, Shape

PREFIX = "bbox="


def parse(text: str) -> Shape:
    """Returns the box as a polygon, or as two if west is greater than east (antimeridian).

    Raises GeometryRefused unless there are four numbers, and for a box without an area.
    """
    west, south, east, north = _numbers(text[len(PREFIX) :])
    if south > north:
        raise GeometryRefused(
            f"in the box {excerpt(text)} south is greater than north: write west,south,east,north."
        )
    sides = [(west, east)]
    if 180 >= west > east >= -180:
        sides = [(w, e) for w, e in ((west, 180.0), (-180.0, east)) if w != e]
    if not sides or west == east or south == north:
        raise GeometryRefused(
            f"the box {excerpt(text)} has no area: west must differ from east, and south from"
            " north."
        )
    boxes = [[_box(w, south, e, north)] for w, e in sides]
    if len(boxes) > 1:
        return Shape(kind="MULTIPOLYGON", content=boxes)
    return Shape(kind="POLYGON", content=boxes[0])


def _numbers(text: str) -> list[float]:
    parts = text.split(",")
    if len(parts) != 4:
        raise GeometryRefused(
            f"a box has four numbers, bbox=west,south,east,north, and {excerpt(text)} has"
            f" {len(parts)}."
        )
    return [_number(part.strip(" ")) for part in parts]


def _number(text: str) -> float:
    try:
        # float() accepts digits of any script, and underscores between them.
        if text.isascii() and "_" not in text:
            return number(text)
    except GeometryRefused:
        raise
    except ValueError:
        pass
    raise GeometryRefused(f"{excerpt(text)} in the box is not a number: write degrees.")


def _box(west: float, south: float, east: float, north: float) -> list[Coordinates]:
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]
