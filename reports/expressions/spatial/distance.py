"""Conditions on the distance of a point to a place that can use a spatial index."""

import contextlib
import math
from bisect import bisect
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import Point
from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet
from django.db.models.lookups import In, LessThanOrEqual
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, Sql
from geo.backends.reads import UNREAD, unread_sql
from geo.backends.wrapper import wrapper_of
from geo.lookups import BboxCandidates
from geo.spherical.bbox import rectangles
from geo.spherical.sphere import EARTH_RADIUS, distance
from geo.spherical.spherical_cap import HALF_CIRCUMFERENCE, Circle
from reports.errors import DeclarationError
from reports.expressions.base import Portable
from reports.expressions.exact import composed
from reports.expressions.rounding import Comparable, Significant, significant
from reports.expressions.spatial.points import Cosine, Distance, Latitude, Longitude

MOST_NEAREST = 1000
# Metres of the first circle in a search for the nearest, the least, and the largest growth from one
# circle to the next: the first grows fivefold until it is the whole Earth.
FIRST_CIRCLE, LEAST_CIRCLE = 1000.0, 1.0
GROWTH = 16
# How much wider than necessary a circle is where the density of points is known.
WIDER = 1.4
# Up to this many rows the nearest are found in Python; beyond, by the database.
MOST_AROUND = 5000
# Upper bounds for the errors of floats and of 12 digits of a distance, in the cosine: relative to
# its difference from 1, and absolute.
MARGIN, SLACK = 1e-9, 2e-14
WHOLE_EARTH = HALF_CIRCUMFERENCE + 1.0


def dwithin(path: str, place: Point, metres: float) -> Q:
    """Returns the condition that the point field at `path` is within `metres` of a place.

    The distance is along the great circle, as in Distance, compared by its first 12 digits.
    """
    # A cosine decides about all points but those at almost exactly this distance.
    angle = metres / EARTH_RADIUS
    margin = 2 * math.sin(angle / 2) ** 2 * MARGIN + SLACK
    limits = (math.cos(angle) - margin, math.cos(angle) + margin)
    away = Significant(Distance(F(path), place))
    at_the_limit = LessThanOrEqual(away, significant(metres))
    is_within = _Exceeds(Cosine(F(path), place), *limits, at_the_limit)
    return _in_boxes(path, Circle(place.x, place.y, metres)) & Q(is_within)


def _in_boxes(path: str, circle: Circle) -> Q:
    """Returns a condition for at least the points within a circle; the distance decides."""
    return Q(BboxCandidates(F(path), rectangles(circle.boxes)))


class _Exceeds(Portable, Func):
    """`_Exceeds(number, low, high, condition)`: true above high; from low on, the condition."""

    arity = 4
    output_field = BooleanField()
    # The number is written once, because some databases compute it each time it is written.
    formula = (
        "CASE SIGN(FLOOR(({0} - {1}) / ({2} - {1})))"
        " WHEN 1 THEN TRUE WHEN 0 THEN {3} WHEN -1 THEN FALSE END"
    )

    def as_sql(self, compiler: Compiler, connection: Connection, *_: object, **__: object) -> Sql:
        return composed(self, compiler, self.formula)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # On SQLite function calls cost more than computing the number twice for some rows.
        return composed(self, compiler, "({0} >= {2} OR {0} > {1} AND {3})")


class InNearest(In):
    """`InNearest(queryset, path, place, count)`: whether a row is among the nearest `count`.

    The rows are those of `queryset`, ordered by the distance of the point field at `path`; at equal
    distances the least primary keys win. It is a condition for filter(). The rows are searched
    before the statement is compiled to be executed, on its own connection, in growing circles.

    Raises DeclarationError for a count that is not 1 to 1000, and for a queryset that filter()
    cannot narrow.
    """

    is_portable = True

    def __init__(self, queryset: QuerySet[Model], path: str, place: Point, count: int) -> None:
        if not 1 <= count <= MOST_NEAREST:
            raise DeclarationError(f"The nearest are 1 to {MOST_NEAREST}, not {count}.")
        if queryset.query.is_sliced or queryset.query.combinator:
            raise DeclarationError(
                "The nearest are of rows that filters have chosen, not of a slice or a union."
            )
        super().__init__(F("pk"), ())
        self.query = queryset.query
        self.path = path
        self.place = place
        self.position = (place.x, place.y)
        self.count = count

    @property
    def identity(self) -> Any:
        return (*super().identity, *self._question)

    @property
    def _question(self) -> tuple[Any, ...]:
        # The query itself: its address may be reused after it is gone.
        return (self.query, self.path, bytes(self.place.wkb), self.count)

    def as_sql(self, compiler: Compiler, connection: Connection) -> Sql:
        keys = wrapper_of(connection).known(
            ("nearest", *self._question), lambda _: self._nearest(connection)
        )
        if keys is UNREAD:
            model = self.query.get_meta().label
            return unread_sql(f"the {self.count} nearest of {model}.{self.path}"), ()
        sql, params = compiler.compile(In(self.lhs, keys))
        return sql, params

    def _nearest(self, connection: Connection) -> list[Any]:
        # The first radius to search: that of the last search, divided by the root of its count. The
        # answer does not depend on it.
        reach, where = wrapper_of(connection).reach, (self.query.get_meta().label, self.path)
        metres = self._first_circle(reach.get(where))
        crowded = math.inf
        while metres < crowded and metres > LEAST_CIRCLE / GROWTH:
            found = self._around(metres, connection)
            if len(found) > MOST_AROUND:
                crowded, metres = metres, metres / GROWTH
                continue
            near = found[: self.count]
            inside = bisect([away for away, _ in near], significant(metres))
            if inside == self.count or metres == WHOLE_EARTH:
                if near:
                    reach[where] = float(near[-1][0]) / math.sqrt(len(near))
                return [key for _, key in near]
            growth = math.sqrt(self.count / inside) * WIDER if inside else GROWTH
            metres = min(metres * min(growth, GROWTH), WHOLE_EARTH)
        return self._nearest_by_sql(crowded, connection)

    def _first_circle(self, reach: float | None) -> float:
        if reach is None:
            return FIRST_CIRCLE
        return min(max(reach * math.sqrt(self.count) * WIDER, LEAST_CIRCLE), WHOLE_EARTH)

    def _around(self, metres: float, connection: Connection) -> list[tuple[Decimal, Any]]:
        """Returns metres and key of the rows in a circle's boxes, in order unless too many."""
        query = self._query(_in_boxes(self.path, Circle(*self.position, metres)))
        found = _read(query, MOST_AROUND + 1, connection, Longitude(self.path), Latitude(self.path))
        if len(found) > MOST_AROUND:
            return found
        away = sorted((distance(self.position, (x, y)), key) for key, x, y in found)
        # Rows with the same first digits as the last of the nearest may precede it.
        last = away[: self.count][-1][0] * (1 + MARGIN) if away else 0.0
        return sorted((significant(metres), key) for metres, key in away if metres <= last)

    def _nearest_by_sql(self, metres: float, connection: Connection) -> list[Any]:
        """Returns the same where rows are so dense that reading them takes too long."""
        away = Significant(Distance(F(self.path), self.place))
        while True:
            query = self._query(dwithin(self.path, self.place, metres))
            query.add_ordering(away, Comparable(F("pk")))
            found = [key for (key,) in _read(query, self.count, connection)]
            if len(found) == self.count or metres == WHOLE_EARTH:
                return found
            metres = min(metres * GROWTH, WHOLE_EARTH)

    def _query(self, condition: Q) -> Query:
        """Returns the matching rows, in no order."""
        query = self.query.clone()
        query.add_q(condition)
        query.clear_ordering(force=True)
        return query


def _read(query: Query, count: int, connection: Connection, *shown: object) -> list[Any]:
    """Yields the keys and the values of `shown`, of at most `count` rows.

    The query is built by hand, because QuerySet's methods take as long as the database.
    """
    names = [f"shown{number}" for number, _ in enumerate(shown)]
    for name, expression in zip(names, shown, strict=True):
        query.add_annotation(expression, name)
    query.set_values(("pk", *names))
    query.set_limits(high=count)
    compiler = query.get_compiler(connection=connection)
    with contextlib.suppress(EmptyResultSet), connection.cursor() as cursor:
        cursor.execute(*compiler.executable_sql())
        rows = cursor.fetchall()
        key = compiler.get_converters([compiler.select[0][0]])
        return list(compiler.apply_converters(rows, key)) if key else rows
    return []
