"""Reads well-known text (OGC 06-103r4, 7.2), also with PostGIS' `SRID=4326;` in front."""

import re
from collections.abc import Callable
from typing import Any

from geo.input.limits import Vertices
from geo.input.numbers import MOST_CHARACTERS, number
from geo.input.refusal import GeometryRefused, excerpt
from geo.input.shapes import Coordinates, Shape
from geo.wkb import WKBType

SRIDS = (4326,)
# Of a position: longitude, latitude, height and measure.
MOST_NUMBERS = 4
_BLANKS = " \t\r\n"
_BLANK = re.compile(f"[{_BLANKS}]*+")
_SRID = re.compile(r"SRID=([^;]*);", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z_]+")
_DIMENSIONS = re.compile(r"(ZM|Z|M)$")
_NUMBERS = re.compile(r"[-+.0-9eE, \t\r\n]*")
# Possessive: backtracking over a run of digits would take quadratic time.
_NUMBER = re.compile(
    r"[-+]?(?:(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:e[-+]?[0-9]++)?|nan|inf|infinity)",
    re.IGNORECASE,
)


def brackets(text: str) -> list[str]:
    """Yields the text's brackets in order."""
    return re.findall(r"[()]", text)


def parse(text: str, vertices: Vertices) -> Shape:
    """Returns the geometry of a stripped text whose brackets are not nested too deep.

    Longitude comes first, also after `SRID=4326;`. Raises GeometryRefused for invalid WKT, a type
    that is not one of the seven, an SRID other than 4326, and too many `vertices`, after which
    nothing is read.
    """
    start = 0
    if text[:4].upper() == "SRID":
        start = _end_of_srid(text)
    reader = _Reader(text, start, vertices)
    shape = reader.shape()
    reader.skip()
    if reader.at < len(text):
        raise reader.refused("the end of the text")
    return shape


def _end_of_srid(text: str) -> int:
    found = _SRID.match(text)
    if not found:
        raise GeometryRefused(f"{excerpt(text)} is not EWKT: write SRID=4326;POINT(2.35 48.85).")
    if found[1] not in map(str, SRIDS):
        raise GeometryRefused(
            f"SRID {excerpt(found[1])} is not supported: transform the geometry to longitude and"
            " latitude on WGS 84, SRID 4326."
        )
    return found.end()


class _Reader:
    """A position in a text that moves on."""

    def __init__(self, text: str, at: int, vertices: Vertices) -> None:
        self.text = text
        self.at = at
        self.vertices = vertices

    def refused(self, wanted: str) -> GeometryRefused:
        """Returns an error with the reader's position."""
        here = excerpt(self.text[self.at :]) if self.at < len(self.text) else "its end"
        return GeometryRefused(
            f"the WKT is invalid at character {self.at + 1:,}, {here}: expected {wanted}."
        )

    def skip(self) -> None:
        """Skips blanks."""
        if found := _BLANK.match(self.text, self.at):
            self.at = found.end()

    def takes(self, mark: str) -> bool:
        """Whether this mark comes next, after blanks; if so, moves past it."""
        self.skip()
        if not self.text.startswith(mark, self.at):
            return False
        self.at += 1
        return True

    def demand(self, mark: str) -> None:
        """Moves past a mark that must come next."""
        if not self.takes(mark):
            raise self.refused(f"“{mark}”")

    def word(self) -> str:
        """Returns the next word in capitals, "" if there is none; moves past it."""
        self.skip()
        found = _WORD.match(self.text, self.at)
        if not found:
            return ""
        self.at = found.end()
        return found[0].upper()

    def is_empty(self) -> bool:
        """Whether EMPTY comes next; if so, moves past it."""
        before = self.at
        if self.word() == "EMPTY":
            self.vertices.add(1)  # it costs as much as a vertex
            return True
        self.at = before
        return False

    def shape(self) -> Shape:
        """Returns a geometry: a type's name, Z, M or ZM, and the content of its brackets."""
        self.skip()
        before = self.at
        name = self.word()
        dimensions = ""
        if name not in WKBType.__members__ and (found := _DIMENSIONS.search(name)):
            name, dimensions = name[: found.start()], found[0]
        if name not in WKBType.__members__:
            self.at = before
            raise self.refused(f"one of {', '.join(WKBType.__members__)}")
        before = self.at
        if (word := self.word()) in ("Z", "M", "ZM") and not dimensions:
            dimensions = word
        else:
            self.at = before
        return Shape(kind=name, content=self._content(name), dimensions=dimensions)

    def _content(self, kind: str) -> list[Any]:
        if self.is_empty():
            return []
        match kind:
            case "POINT":
                return self._points(at_most=1)
            case "LINESTRING":
                return self._positions()
            case "MULTIPOINT":
                return self._points()
            case "POLYGON" | "MULTILINESTRING":
                return self._list(self._positions)
            case "MULTIPOLYGON":
                return self._list(self._polygon)
        return self._list(self.shape)

    def _list(self, part: Callable[[], Any]) -> list[Any]:
        """Returns parts in brackets."""
        self.demand("(")
        parts = [part()]
        while self.takes(","):
            parts.append(part())
        self.demand(")")
        return parts

    def _polygon(self) -> list[list[Coordinates]]:
        return [] if self.is_empty() else self._list(self._positions)

    def _points(self, at_most: int | None = None) -> list[Coordinates]:
        """Returns the positions of points, with or without brackets of their own."""
        before = self.at
        if at_most is None and self.takes("("):
            is_bracketed = self.takes("(") or self.is_empty()
            self.at = before
            if is_bracketed:
                return [points[0] if points else () for points in self._list(self._one)]
        positions = self._positions()
        if at_most is not None and len(positions) > at_most:
            self.at = before
            raise self.refused("one position")
        return positions

    def _one(self) -> list[Coordinates]:
        return [] if self.is_empty() else self._points(at_most=1)

    def _positions(self) -> list[Coordinates]:
        """Returns positions in brackets, none for EMPTY."""
        if self.is_empty():
            return []
        self.demand("(")
        end = self.text.find(")", self.at)
        if end < 0:
            self.at = len(self.text)
            raise self.refused("“)”")
        body = self.text[self.at : end]
        self.vertices.add(body.count(",") + 1)
        if not self._is_plain(body):
            return self._slowly(body, end)
        try:
            positions = [tuple(map(float, part.split())) for part in body.split(",")]
        except ValueError:
            return self._slowly(body, end)
        if min(map(len, positions)) < 2:
            return self._slowly(body, end)
        self.at = end + 1
        return positions

    def _is_plain(self, body: str) -> bool:
        """Whether a text has only numbers, none too long and not too many in one position."""
        words = body.replace(",", " ").split()
        return (
            bool(_NUMBERS.fullmatch(body))
            and max(map(len, words), default=0) <= MOST_CHARACTERS
            and len(words) <= MOST_NUMBERS * (body.count(",") + 1)
        )

    def _slowly(self, body: str, end: int) -> list[Coordinates]:
        """Reads the positions number by number, to find the wrong one."""
        positions = []
        for part in body.split(","):
            words = re.finditer(rf"[^{_BLANKS}]+", part)
            position: list[float] = []
            for word in words:
                if len(position) == MOST_NUMBERS:
                    self.at += word.start()
                    raise self.refused("“,” or “)”")
                position.append(self._number(word[0], self.at + word.start()))
            if len(position) < 2:
                raise self.refused("a position: longitude and latitude with a blank between")
            positions.append(tuple(position))
            self.at += len(part) + 1
        self.at = end + 1
        return positions

    def _number(self, text: str, at: int) -> float:
        if not _NUMBER.fullmatch(text):
            self.at = at
            raise self.refused("a number")
        return number(text)
