"""Reads bundled files as streams: rows of a CSV, features of a GeoJSON, with their place.

A truncated, corrupt or mislabelled file raises LoadError with file and line.
"""

import csv
import gzip
import hashlib
import json
import math
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from tqdm import tqdm

from geo.errors import LoadError

# Rows between two updates of the progress bar.
PROGRESS_EVERY = 1000
DAMAGED = "restore the file from the project and run the command again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the files."""

    file: str
    line: int
    feature: int | None = None

    def __str__(self) -> str:
        feature = "" if self.feature is None else f", feature {self.feature}"
        return f"{self.file}, line {self.line}{feature}"

    def error(self, what: str, remedy: str = DAMAGED) -> LoadError:
        return LoadError(f"{self}: {what}; {remedy}. Nothing was changed.")


class Row:
    """A row of a CSV file by column name."""

    __slots__ = ("_cells", "file", "line")

    def __init__(self, file: str, line: int, cells: dict[str, str]) -> None:
        self.file = file
        self.line = line
        self._cells = cells

    @property
    def place(self) -> Place:
        return Place(file=self.file, line=self.line)

    def get[T](self, column: str, convert: Callable[[str], T]) -> T:
        """Returns the converted cell. Raises LoadError if the conversion raises ValueError."""
        value = self._cells[column]
        try:
            return convert(value)
        except ValueError as error:
            raise self.place.error(f"{column} is {value[:80]!r}, but {error}") from error

    def find[T](self, column: str, known: dict[str, T], what: str) -> T:
        """Returns the value of `known` for the cell. Raises LoadError if there is none."""
        value = self._cells[column]
        try:
            return known[value]
        except KeyError:
            raise self.place.error(f"{column} is {value[:80]!r}, an unknown {what}") from None

    def __getitem__(self, column: str) -> str:
        return self._cells[column]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A feature of a GeoJSON file."""

    place: Place
    properties: dict[str, Any]
    geometry: dict[str, Any]

    def text(self, name: str) -> str:
        """Returns a stripped text property; "" if it is null."""
        value = self._property(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.place.error(f"{name} is {value!r}, but text is expected")
        return value.strip()

    def integer(self, name: str) -> int:
        """Returns a number rounded half up to an integer."""
        return math.floor(self.number(name) + 0.5)

    def number(self, name: str) -> float:
        value = self._property(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.place.error(f"{name} is {value!r}, but a number is expected")
        return value

    def _property(self, name: str) -> Any:
        try:
            return self.properties[name]
        except KeyError:
            raise self.place.error(f"the property {name} is missing") from None


def digest(path: Path) -> str:
    """Returns the SHA-256 of a file. Raises LoadError if there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise LoadError(
            f"{path.name}: the file cannot be read ({error.strerror}); {DAMAGED}."
            " Nothing was changed."
        ) from error


def rows(path: Path, columns: tuple[str, ...], limit: int | None = None) -> Iterator[Row]:
    """Yields the rows of a gzipped CSV file with exactly these columns, at most `limit`.

    Raises LoadError with the line for a file that is truncated or corrupt, not UTF-8, or has other
    columns.
    """
    with _bar(path) as (file, advance):
        line = 0
        try:
            with gzip.open(file) as packed:
                reader = csv.reader(
                    TextIOWrapper(packed, encoding="utf-8", newline=""), strict=True
                )
                header = next(reader, [])
                line = 1
                if tuple(header) != columns:
                    raise Place(file=path.name, line=1).error(
                        f"the columns are {', '.join(header)[:200]!r}, but"
                        f" {', '.join(columns)!r} are expected"
                    )
                for number, cells in enumerate(reader, 1):
                    if limit is not None and number > limit:
                        return
                    line = reader.line_num
                    if len(cells) != len(columns):
                        raise Place(file=path.name, line=line).error(
                            f"{len(cells)} columns, but {len(columns)} are expected"
                        )
                    yield Row(path.name, line, dict(zip(columns, cells, strict=True)))
                    if number % PROGRESS_EVERY == 0:
                        advance()
        except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
            raise Place(file=path.name, line=line + 1).error(_damage(error)) from error


def features(path: Path) -> Iterator[Feature]:
    """Yields the features of a gzipped GeoJSON FeatureCollection, counted from 1.

    Raises LoadError with the line and the feature for a file that is truncated, corrupt or not a
    FeatureCollection.
    """
    start = Place(file=path.name, line=1)
    with _bar(path) as (file, _):
        try:
            with gzip.open(file) as packed:
                text = packed.read().decode()
            collection = json.loads(text)
        except json.JSONDecodeError as error:
            raise Place(file=path.name, line=error.lineno).error(
                f"broken JSON at column {error.colno} ({error.msg})"
            ) from error
        except (OSError, EOFError, zlib.error, UnicodeDecodeError, RecursionError) as error:
            raise start.error(_damage(error)) from error
    if not isinstance(collection, dict) or not isinstance(collection.get("features"), list):
        raise start.error("no GeoJSON FeatureCollection")
    for number, feature in enumerate(collection["features"], 1):
        place = Place(file=path.name, line=1, feature=number)
        match feature:
            case {"properties": dict(properties), "geometry": dict(geometry)}:
                yield Feature(place=place, properties=properties, geometry=geometry)
            case _:
                raise place.error("no GeoJSON feature with properties and a geometry")


def _damage(error: Exception) -> str:
    """Returns what a reader's exception says about the file."""
    match error:
        case EOFError():
            return "the file ends too early"
        case UnicodeDecodeError():
            return "the text is not UTF-8"
        case _:
            return f"the file is damaged ({error})"


@contextmanager
def _bar(path: Path) -> Iterator[tuple[BinaryIO, Callable[[], object]]]:
    """Opens a file, with a function that shows its progress on a terminal."""
    size = path.stat().st_size
    with (
        path.open("rb") as file,
        tqdm(
            desc=path.name,
            total=size,
            unit="B",
            unit_scale=True,
            disable=not sys.stderr.isatty(),
            file=sys.stderr,
        ) as bar,
    ):
        yield file, lambda: bar.update(file.tell() - bar.n)
        bar.update(size - bar.n)
