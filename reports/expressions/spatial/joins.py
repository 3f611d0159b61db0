"""Spatial joins: what is near a row's place, around it or within its area, as one value a row.

Both tables are read once, before the statement is compiled and on its own connection. The pairs are
found in Python, with the same arithmetic for every database, and each row's value is joined by the
row's key (reports/expressions/keyed_lookup.py). The value can be filtered, ordered, grouped and
aggregated like any other. If a database finds points within areas by its index and agrees with
GEOS, it counts them itself.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib.gis.db.models import (
    GeometryField,
    LineStringField,
    MultiLineStringField,
    MultiPolygonField,
    PointField,
    PolygonField,
)
from django.db.models import (
    BigIntegerField,
    CharField,
    DecimalField,
    F,
    Func,
    IntegerField,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
)
from django.db.models.expressions import Col
from django.db.models.lookups import LessThanOrEqual
from django.db.models.sql import Query

from geo.backends.compat import Connection, ModelField
from geo.spherical.kdtree import Places
from geo.spherical.polygon_index import Areas
from geo.spherical.sphere import Position, distance
from geo.spherical.spherical_cap import HALF_CIRCUMFERENCE
from reports.errors import DeclarationError, NotPortable
from reports.expressions.client_side import demand_field
from reports.expressions.keyed_lookup import LONGEST_TEXT, CompileCache, KeyedLookup, read, target
from reports.expressions.numbers.functions import Abs
from reports.expressions.spatial.points import Latitude, Longitude
from reports.values.kinds import TEXT_FIELDS

type Kinds = tuple[type[GeometryField[Any, Any]], ...]

POINTS: Kinds = (PointField,)
AREAS: Kinds = (PolygonField, MultiPolygonField)
LINES: Kinds = (LineStringField, MultiLineStringField)


class Place(NamedTuple):
    """A row's primary key and place."""

    key: Any
    longitude: float
    latitude: float

    @property
    def position(self) -> Position:
        return self.longitude, self.latitude


class Neighbours(KeyedLookup):
    """The result of a row's search among `others`, a model or a queryset.

    `field` is the others' geometry, `of` that of the row or of one that it refers to; both of SRID
    4326. NULL if the row has no geometry, or a point beyond 180 or 90 degrees.
    """

    # The kinds of geometry that `of` and `field` may have.
    of_kinds: Kinds = POINTS
    field_kinds: Kinds = POINTS

    def __init__(self, others: type[Model] | QuerySet[Model], field: str, *, of: object) -> None:
        super().__init__(of)
        rows = others._default_manager.all() if isinstance(others, type) else others
        self.others = others
        self.query: Query = rows.query
        self.geometry = field

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        resolved = super().resolve_expression(*args, **kwargs)
        demand_field(self.title, resolved.column.output_field, self.of_kinds)
        demand_field(self.title, self.model._meta.get_field(self.geometry), self.field_kinds)
        if self.query.is_sliced:
            raise NotPortable(f"{self.title} takes others that a filter has chosen, not a slice.")
        return resolved

    @property
    def model(self) -> type[Model]:
        """Returns the others' model."""
        model: type[Model] = self.query.get_meta().model
        return model

    @property
    def _others(self) -> QuerySet[Model]:
        return QuerySet(self.model, query=self.query.clone())

    def places_of_rows(self, asked: CompileCache) -> Iterator[Place]:
        return _places(asked.rows(self.column), self.column.target.name, asked.connection)

    def places_of_others(self, asked: CompileCache) -> Iterator[Place]:
        return _places(self._others, self.geometry, asked.connection)

    def shapes_of_rows(self, asked: CompileCache) -> list[Any]:
        """Returns the rows' geometries, by key."""
        return _shapes(asked.rows(self.column), self.column.target.name, asked.connection)

    def own(self, others: list[Any]) -> dict[Any, int]:
        """Returns each row's own key among the others: no row is its own neighbour."""
        if self.model is not self.column.target.model:
            return {}
        return {other[0]: number for number, other in enumerate(others)}


def _places(rows: QuerySet[Model], field: str, connection: Connection) -> Iterator[Place]:
    for row in read(rows, connection, Longitude(field), Latitude(field)):
        place = Place(*row)
        if row[1] is not None and abs(place.longitude) <= 180 and abs(place.latitude) <= 90:
            yield place


def _shapes(rows: QuerySet[Model], field: str, connection: Connection, *shown: object) -> list[Any]:
    found = read(rows, connection, F(field), *shown)
    return sorted((row for row in found if row[1] is not None), key=lambda row: row[0])


def _millimetres(a: Place, b: Place) -> int:
    return round(distance(a.position, b.position) * 1000)


class _Nearest(Neighbours):
    """Finds the nearest other, to the millimetre; of equally near ones the least key."""

    def nearest(self, asked: CompileCache) -> list[tuple[Place, Place, int]]:
        """Yields each row's place, the nearest other, and the millimetres between them."""
        question = (_Nearest, self.others, self.geometry, self.column.target)
        found: list[tuple[Place, Place, int]] = asked.once(
            question, lambda: list(self._find(asked))
        )
        return found

    def _find(self, asked: CompileCache) -> Iterator[tuple[Place, Place, int]]:
        others = sorted(self.places_of_others(asked))
        own = self.own(others)
        tree = Places([other.position for other in others])
        for place in self.places_of_rows(asked):
            near = tree.nearest(place.position, besides=own.get(place.key))
            if near:
                millimetres, number = min((_millimetres(place, others[n]), n) for n in near)
                yield place, others[number], millimetres


class _ByValue(Neighbours):
    """A field of the other that is found, by default its primary key."""

    def __init__(self, others: Any, field: str, *, of: Any, value: str = "pk") -> None:
        super().__init__(others, field, of=of)
        self.value = value

    def inferred_field(self) -> ModelField | None:
        selected = self._others.values_list(self.value).query.select
        if not selected:
            raise DeclarationError(f"{self.title} takes the name of a field as value.")
        column = selected[0]
        assert isinstance(column, Col)
        field = target(column.target)
        if isinstance(field, IntegerField):
            return BigIntegerField()
        if isinstance(field, TEXT_FIELDS):
            return CharField(max_length=LONGEST_TEXT)
        raise NotPortable(
            f"{self.title} gives a text or an integer, and {self.value!r} is a"
            f" {type(field).__name__}."
        )


class Nearest(_ByValue, _Nearest):
    """`Nearest(others, field, of=..., value=...)`: a field of the nearest other.

    The distance is along the great circle, to the millimetre; of equally near ones the least
    primary key wins. No row is its own neighbour. The value is a text or an integer.
    """

    def matches(self, asked: CompileCache) -> Iterator[tuple[Any, Any]]:
        values = dict(read(self._others, asked.connection, F(self.value)))
        for place, other, _ in self.nearest(asked):
            yield place.key, values[other.key]


class DistanceToNearest(_Nearest):
    """`DistanceToNearest(others, field, of=...)`: metres to the nearest other, to the millimetre.

    The distance is along the great circle, as in Distance. No row is its own neighbour.
    """

    output_field = DecimalField(max_digits=11, decimal_places=3)

    def matches(self, asked: CompileCache) -> Iterator[tuple[Any, Any]]:
        for place, _, millimetres in self.nearest(asked):
            yield place.key, millimetres / 1000


class CountWithinDistance(Neighbours):
    """`CountWithinDistance(others, field, of=..., metres=...)`: how many others are within it.

    The distance is along the great circle, to the millimetre; 0 for none. No row is its own
    neighbour.
    """

    output_field = BigIntegerField()

    def __init__(self, others: Any, field: str, *, of: Any, metres: float) -> None:
        super().__init__(others, field, of=of)
        if not 0 < metres <= HALF_CIRCUMFERENCE:
            raise DeclarationError(
                f"CountWithinDistance takes metres, more than 0 and at most {HALF_CIRCUMFERENCE}:"
                f" half of the Earth's circumference. {metres!r} is not."
            )
        self.metres = metres

    def matches(self, asked: CompileCache) -> Iterator[tuple[Any, Any]]:
        others = sorted(self.places_of_others(asked))
        own = self.own(others)
        tree = Places([other.position for other in others])
        most = round(self.metres * 1000)
        for place in self.places_of_rows(asked):
            itself = own.get(place.key)
            near = tree.within(place.position, self.metres)
            yield (
                place.key,
                sum(n != itself and _millimetres(place, others[n]) <= most for n in near),
            )


# By GEOS, on the stored coordinates: edges are straight in longitude and latitude.


class ContainingArea(_ByValue):
    """`ContainingArea(areas, field, of=..., value=...)`: a field of the area that holds the row's
    point.

    A boundary belongs to its area; of several areas it is the one with the least primary key. NULL
    for none. The value is a text or an integer.
    """

    field_kinds = AREAS

    def matches(self, asked: CompileCache) -> Iterator[tuple[Any, Any]]:
        rows = _shapes(self._others, self.geometry, asked.connection, F(self.value))
        areas = Areas([area for _, area, _ in rows])
        for place in self.places_of_rows(asked):
            if holding := areas.holding(place.longitude, place.latitude):
                yield place.key, rows[holding[0]][2]


class CountContained(Neighbours):
    """`CountContained(points, field, of=...)`: how many points the row's area holds, 0 for none.

    Those on its boundary count.
    """

    of_kinds = AREAS
    output_field = BigIntegerField()

    def matches(self, asked: CompileCache) -> Iterator[tuple[Any, Any]]:
        if asked.connection.features.joins_points_to_areas:
            yield from self._by_the_database(asked)
            return
        rows = self.shapes_of_rows(asked)
        areas = Areas([area for _, area in rows])
        held = areas.held(place.position for place in self.places_of_others(asked))
        for number, (key, _) in enumerate(rows):
            yield key, held[number]

    def _by_the_database(self, asked: CompileCache) -> Iterator[tuple[Any, Any]]:
        area = self.column.target.name
        points = self._others.filter(
            LessThanOrEqual(Abs(Longitude(self.geometry)), 180),
            LessThanOrEqual(Abs(Latitude(self.geometry)), 90),
            **{f"{self.geometry}__intersects": OuterRef(area)},
        )
        count = Func(F("pk"), function="COUNT", output_field=BigIntegerField())  # of all of them
        held = Subquery(points.order_by().values_list(count))
        areas = asked.rows(self.column).filter(**{f"{area}__isnull": False})
        for key, number in read(areas, asked.connection, held):
            yield key, number or 0


class IntersectingAreas(_ByValue):
    """`IntersectingAreas(areas, field, of=..., value=..., delimiter=", ")`: the areas that the
    row's meets.

    Their values, each once, by code point, joined; NULL for none. What only touches meets. The
    row's geometry is a line or an area. No row meets itself.
    """

    of_kinds = LINES + AREAS
    field_kinds = AREAS

    def __init__(
        self, others: object, field: str, *, of: object, value: str = "pk", delimiter: str = ", "
    ) -> None:
        super().__init__(others, field, of=of, value=value)
        self.delimiter = delimiter

    def inferred_field(self) -> ModelField | None:
        super().inferred_field()
        return TextField()

    def matches(self, asked: CompileCache) -> Iterator[tuple[Any, Any]]:
        others = _shapes(self._others, self.geometry, asked.connection, F(self.value))
        own = self.own(others)
        areas = Areas([area for _, area, _ in others])
        for key, shape in self.shapes_of_rows(asked):
            met = (n for n in areas.meeting(shape) if n != own.get(key))
            values = {str(others[n][2]) for n in met if others[n][2] is not None}
            if values:
                yield key, self.delimiter.join(sorted(values))
