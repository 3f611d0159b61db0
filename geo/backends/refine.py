"""Spatial predicates that GEOS decides in this process, for pairs without exact SQL.

Before the statement is compiled to be executed (`reads.py`), the candidates whose boxes intersect
are read on its own connection. GEOS decides each, and the keys of the matching rows become one list
in the statement. In a snapshot all of that is of one moment. For a point that is not on an area's
boundary no GEOS is needed.
"""

import struct
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.lookups import GISLookup
from django.contrib.gis.geos import (
    GEOSException,
    GEOSGeometry,
    MultiPolygon,
    Point,
    Polygon,
)
from django.contrib.gis.geos.prepared import PreparedGeometry
from django.db import DataError, NotSupportedError
from django.db.models import BinaryField, CompositePrimaryKey, F, Func, Lookup, Model, Q, QuerySet
from django.db.models.expressions import Col

from geo.backends.compat import (
    Compiler,
    Connection,
    GeometryColumn,
    ModelField,
    RowSet,
    Sql,
    cast_type,
    chunks,
    column_name,
    selected_geometry,
)
from geo.backends.reads import UNREAD, unread_sql
from geo.backends.wrapper import wrapper_of
from geo.errors import IsolineError
from geo.limits import in_force
from geo.lookups import BboxCandidates
from geo.spherical.bbox import Box, boxes, rectangles
from geo.spherical.point_in_polygon import Bands

CHUNK_ROWS = 2000
# Bands of an area that points are compared to. Building them takes some milliseconds, and leaves
# one per cent of the points undecided.
BANDS = 400
POINT = struct.Struct("<5x2d")  # the coordinates in well-known binary
# Predicates that are true of a point inside an area, and false of one outside.
OF_INSIDE = ("within", "coveredby", "intersects")
CONVERSES = {"within": "contains", "coveredby": "covers"}
SYNONYMS = {"exact": "equals", "same_as": "equals"}

type Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one lookup. The setting REFINE_LIMITS, a dict, overrides them.

    candidates  rows read, and pairs of rows whose boxes intersect (a million points and countries
                take some 8 seconds)
    keys        rows, or pairs of rows, that the predicate is true of (they are sent to the server,
                whose max_allowed_packet is 16 MiB on MariaDB by default)
    """

    candidates: int = 1_000_000
    keys: int = 300_000


class Inexact(NotSupportedError):
    """A lookup that neither the database nor GEOS answers exactly. Its text says what to do."""


NEITHER = (
    "A spatial lookup that GEOS decides takes columns and geometries, and {} is neither. Store it"
    " in a column of its own."
)


class Undecidable(DataError):
    """GEOS cannot evaluate a predicate for a stored geometry."""


class TooManyCandidates(IsolineError, DataError):
    """A lookup has more candidates, or more answers, than REFINE_LIMITS allows."""


def must_be_exact(lookup: GISLookup) -> bool:
    """Whether a lookup is a report's, which has the same answer everywhere or is refused."""
    return bool(getattr(lookup, "is_exact", False))


def condition(connection: Connection, predicate: str, lookup: GISLookup, lhs: str, rhs: str) -> Sql:
    """Returns SQL that is true for rows where GEOS evaluates the predicate to true.

    It is NULL if a geometry is NULL. `lhs` and `rhs` are the SQL of the sides. Raises Inexact if
    one is neither a geometry nor a column of a table with a key. Raises it from TooManyCandidates
    beyond the limits, and from Undecidable for a stored geometry that GEOS cannot read.
    """
    left = _Column.of(connection, lookup.lhs, lhs)
    given = lookup.rhs
    if isinstance(given, GEOSGeometry):
        _demand_one_srid(left.field, given)
        columns, other = [left], given.geom_type
        question: tuple[Any, ...] = (predicate, left.field, bytes(given.wkb))

        def decide(refinement: _Refinement) -> list[Key]:
            return refinement.with_literal(predicate, left, given)
    else:
        # Django puts the right side in brackets.
        right = _Column.of(connection, given, rhs.removeprefix("(").removesuffix(")"))
        _demand_one_srid(left.field, right.field)
        columns, other = [left, right], right.name
        is_one_row = left.row == right.row
        question = (predicate, left.field, right.field, is_one_row)

        def decide(refinement: _Refinement) -> list[Key]:
            find = refinement.within_rows if is_one_row else refinement.across_rows
            return find(predicate, left, right)

    def read(_: object) -> list[Key] | Exception:
        try:
            return decide(_Refinement(connection))
        except (TooManyCandidates, Undecidable) as error:
            return error

    keys = wrapper_of(connection).known(("refine", *question), read)
    if keys is UNREAD:
        return unread_sql(f"{left.name} {predicate} {other}: decided by GEOS"), ()
    if isinstance(keys, Exception):
        raise Inexact(str(keys)) from keys
    return _among(connection, columns, keys)


def _demand_one_srid(column: GeometryColumn, other: GeometryColumn | GEOSGeometry) -> None:
    """Raises if the SRIDs differ: GEOS transforms nothing, and databases use their own tables."""
    if column.srid != other.srid:
        raise Inexact(
            "A spatial lookup that GEOS decides compares geometries of one SRID, not of"
            f" {column.srid} and {other.srid}. Transform the geometry first."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A geometry column of a statement, and its table."""

    field: GeometryColumn
    sql: str
    row: str  # the table's alias in the statement, as SQL

    @classmethod
    def of(cls, connection: Connection, side: object, sql: str) -> "_Column":
        field = side.target if isinstance(side, Col) else None
        name = connection.ops.quote_name(column_name(field)) if field else ""
        if not isinstance(field, GeometryField) or not sql.endswith(f".{name}"):
            raise Inexact(NEITHER.format(type(side).__name__))
        if isinstance(field.model._meta.pk, CompositePrimaryKey):
            raise Inexact(
                f"A spatial lookup that GEOS decides needs a primary key of one column, and"
                f" {field.model._meta.label} has {len(field.model._meta.pk.fields)}."
            )
        return cls(field=field, sql=sql, row=sql.removesuffix(name))

    @property
    def name(self) -> str:
        return f"{self.field.model._meta.label}.{self.field.name}"

    @property
    def pk(self) -> ModelField:
        key: ModelField = self.field.model._meta.pk
        return key

    def key_sql(self, connection: Connection) -> str:
        return f"{self.row}{connection.ops.quote_name(column_name(self.pk))}"

    def unknown_sql(self, connection: Connection) -> str:
        """Returns SQL that is NULL exactly where the geometry is NULL."""
        # Testing a geometry reads it, which is slow if it is stored out of line. A column that is
        # never NULL in its table is NULL after an outer join without a match, and so is the key.
        return self.sql if self.field.null else self.key_sql(connection)

    def rows(self, *columns: str | Func, where: "Q | Lookup[Any]") -> RowSet:
        # Not through a manager of the model, which might leave rows out.
        found: QuerySet[Model] = QuerySet(self.field.model).filter(where).order_by()
        return found.values_list("pk", *columns)


class _Binary(Func):
    """A geometry column as well-known binary, not converted to a geometry."""

    output_field = BinaryField()

    def as_sql(self, compiler: Compiler, connection: Connection, *_: object, **__: object) -> Sql:
        sql, params = compiler.compile(self.get_source_expressions()[0])
        return selected_geometry(connection) % sql, params


class _Shape:
    """A geometry that caches what is needed more than once."""

    def __init__(self, key: Key, geometry: GEOSGeometry) -> None:
        self.key = key
        self.geometry = geometry
        self.is_point = isinstance(geometry, Point)
        self.vertices = 1 if self.is_point else geometry.num_coords

    @cached_property
    def box(self) -> Box:
        """Returns west, south, east, north."""
        if isinstance(self.geometry, Point):
            x, y = self.geometry.x, self.geometry.y
            return x, y, x, y
        west, south, east, north = self.geometry.extent
        return west, south, east, north

    @cached_property
    def prepared(self) -> PreparedGeometry:
        """Returns the geometry with an index of its edges."""
        return self.geometry.prepared


class _Refinement:
    """The candidates of one lookup, and the answers of GEOS."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._limits = in_force(Limits, "REFINE_LIMITS")
        self._candidates = 0

    def with_literal(self, predicate: str, column: _Column, given: GEOSGeometry) -> list[Key]:
        """Returns the keys of the rows whose geometry has the relation to the given one."""
        frame = rectangles(boxes(given))
        frame.srid = given.srid
        is_near = BboxCandidates(F(column.field.name), frame)
        literal = _Shape((), given)
        if column.field.geom_type == "POINT" and isinstance(given, Polygon | MultiPolygon):
            near = column.rows(_Binary(column.field.name), where=is_near)
            return self._of_points(predicate, near, literal)
        near = column.rows(column.field.name, where=is_near)
        with closing(self._read(near)) as rows:
            shapes = (_Shape((key,), geometry) for key, geometry in rows)
            return self._kept(predicate, ((shape, literal) for shape in shapes))

    def _of_points(self, predicate: str, near: RowSet, area: _Shape) -> list[Key]:
        """Returns the same for points and an area. Only points on its boundary need GEOS."""
        bands = Bands(area.geometry, BANDS)
        is_of_inside = predicate in OF_INSIDE
        kept: list[Key] = []
        with closing(self._chunks(near)) as chunks:
            for rows in chunks:
                places = list(POINT.iter_unpack(b"".join([binary for _, binary in rows])))
                sides = list(bands.sides(places))
                if is_of_inside:
                    kept += [(row[0],) for row, side in zip(rows, sides, strict=True) if side]
                for number, side in enumerate(sides):
                    if side is None:
                        point = _Shape((rows[number][0],), Point(places[number]))
                        if _holds(predicate, point, area):
                            kept.append(point.key)
                self._demand_few(kept)
        return sorted(kept)

    def within_rows(self, predicate: str, left: _Column, right: _Column) -> list[Key]:
        """Returns the keys of the rows whose two geometries have the relation."""
        names = (left.field.name, right.field.name)
        near = left.rows(*names, where=Q((f"{left.field.name}__bboverlaps", F(right.field.name))))
        with closing(self._read(near)) as rows:
            pairs = ((_Shape((key,), a), _Shape((), b)) for key, a, b in rows)
            return self._kept(predicate, pairs)

    def across_rows(self, predicate: str, left: _Column, right: _Column) -> list[Key]:
        """Returns the keys of the pairs of rows of two tables that have the relation."""
        sides = [
            [
                shape
                for key, geometry in self._read(
                    column.rows(column.field.name, where=Q((f"{column.field.name}__isnull", False)))
                )
                if not (shape := _Shape((key,), geometry)).geometry.empty
            ]
            for column in (left, right)
        ]
        return self._kept(predicate, self._counted(_meeting(*sides)))

    def _read(self, queryset: RowSet) -> Generator[Any]:
        """Yields the rows, read on the connection that will run the statement."""
        with closing(self._chunks(queryset)) as chunks:
            yield from chain.from_iterable(chunks)

    def _chunks(self, queryset: RowSet) -> Generator[list[Any]]:
        most = self._limits.candidates - self._candidates + 1
        with closing(chunks(queryset[:most], self._connection, CHUNK_ROWS)) as found:
            for chunk in found:
                self._count(len(chunk))
                yield chunk

    def _counted[Candidate](self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        for candidate in candidates:
            self._count(1)
            yield candidate

    def _count(self, more: int) -> None:
        self._candidates += more
        if self._candidates > self._limits.candidates:
            raise TooManyCandidates(
                f"A spatial lookup has more than {self._limits.candidates:,} candidates for GEOS"
                " to check. Narrow the area, or raise"
                " REFINE_LIMITS['candidates']."
            )

    def _kept(self, predicate: str, pairs: Iterable[tuple[_Shape, _Shape]]) -> list[Key]:
        kept: list[Key] = []
        for a, b in pairs:
            if not _holds(SYNONYMS.get(predicate, predicate), a, b):
                continue
            kept.append(a.key + b.key)
            self._demand_few(kept)
        # Sorted, because SQL that occurs twice in a statement (selected and grouped by) must be
        # equal.
        return sorted(kept)

    def _demand_few(self, keys: list[Key]) -> None:
        if len(keys) > self._limits.keys:
            raise TooManyCandidates(
                f"A spatial lookup matches more than {self._limits.keys:,} rows, too many to list"
                " in a statement. Narrow the area, or raise"
                " REFINE_LIMITS['keys']."
            )


def _meeting(left: Iterable[_Shape], right: Iterable[_Shape]) -> Iterator[tuple[_Shape, _Shape]]:
    """Yields the pairs whose boxes intersect, found by a sweep from west to east."""
    swept = sorted(
        ((shape.box, side, shape) for side, shapes in enumerate((left, right)) for shape in shapes),
        key=lambda each: each[0][0],
    )
    open_: tuple[list[_Shape], list[_Shape]] = ([], [])
    for (west, south, _, north), side, shape in swept:
        others = open_[1 - side]
        others[:] = [other for other in others if other.box[2] >= west]
        for other in others:
            if other.box[1] <= north and south <= other.box[3]:
                yield (other, shape) if side else (shape, other)
        open_[side].append(shape)


def _holds(predicate: str, a: _Shape, b: _Shape) -> bool:
    """Whether GEOS evaluates `a predicate b` to true."""
    try:
        match predicate:
            case "within" | "coveredby":
                return _holds(CONVERSES[predicate], b, a)
            case "contains" | "covers":
                return _contains(predicate, a, b)
            case "intersects":
                return _intersects(a, b)
            case "equals":
                return a.geometry.equals(b.geometry)
        return _meets_in_part(predicate, a, b)
    except GEOSException as error:
        raise Undecidable(
            f"GEOS cannot evaluate {predicate!r} for the geometries of the rows {a.key + b.key}"
            f" ({error}). Repair them with make_valid()."
        ) from error


def _contains(predicate: str, a: _Shape, b: _Shape) -> bool:
    # For points the index of edges is exact. For lines it sometimes differs from plain GEOS, if the
    # two cross in the last bits of a coordinate.
    if b.is_point:
        return bool(getattr(a.prepared, predicate)(b.geometry))
    return _intersects(a, b) and bool(getattr(a.geometry, predicate)(b.geometry))


def _intersects(a: _Shape, b: _Shape) -> bool:
    large, small = (a, b) if a.vertices > b.vertices else (b, a)
    return bool(large.prepared.intersects(small.geometry))


def _meets_in_part(predicate: str, a: _Shape, b: _Shape) -> bool:
    """Evaluates touches, crosses or overlaps; all are false if one is inside the other."""
    large, small = (a, b) if a.vertices > b.vertices else (b, a)
    return (
        bool(large.prepared.intersects(small.geometry))
        and not large.prepared.contains_properly(small.geometry)
        and bool(getattr(a.geometry, predicate)(b.geometry))
    )


def _among(connection: Connection, columns: list[_Column], keys: list[Key]) -> Sql:
    """Returns the condition that the rows have these keys; NULL if a geometry is NULL."""
    unknown = " OR ".join(f"{column.unknown_sql(connection)} IS NULL" for column in columns)
    never = f"(({unknown}) AND NULL)"
    if not keys:
        return never, ()
    ops = wrapper_of(connection).ops
    rows = columns[: len(keys[0])]
    names = [column.key_sql(connection) for column in rows]
    # In the database's form of each column; integers need no conversion.
    values = [
        [
            part if type(part) is int else column.pk.get_db_prep_value(part, connection)
            for part in parts
        ]
        for column, parts in zip(rows, zip(*keys, strict=True), strict=True)
    ]
    if len(rows) == 2:
        first, second = names
        sql, params = ops.among_pairs(first, second, zip(*values, strict=True))
    else:
        sql, params = ops.among(names[0], cast_type(rows[0].pk, connection), *values)
    if len(columns) == 1 and not columns[0].field.null:
        return sql, params  # after an outer join without a match the key is NULL too
    return f"({sql} OR {never})", params
