"""Conditions about how near a point is to a place, asked so that the spatial index answers."""

import contextlib
import math
from bisect import bisect
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import Point
from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, F, Func, Q, QuerySet
from django.db.models.lookups import In, LessThanOrEqual
from django.db.models.sql import Query

from geo.backends.reads import UNREAD, unread_sql
from geo.spherical.bbox import rectangles
from geo.spherical.sphere import EARTH_RADIUS
from geo.spherical.spherical_cap import HALF_CIRCUMFERENCE, Circle
from reports.errors import DeclarationError
from reports.expressions.base import Portable
from reports.expressions.exact import composed
from reports.expressions.rounding import Comparable, Significant, significant
from reports.expressions.spatial.points import Cosine, Distance, Latitude, Longitude, metres_between

MOST_NEAREST = 1000
# Metres of the first circle that is looked through for the nearest, of the least, and how much each
# next one grows at most: from the first it is five until it is the whole Earth.
FIRST_CIRCLE, LEAST_CIRCLE = 1000.0, 1.0
GROWTH = 16
# How much wider than it has to be a circle is taken where it is known how dense the points are.
WIDER = 1.4
# Rows among which the nearest are found here; of more the database finds them.
MOST_AROUND = 5000
# Of a cosine, more than what floats and 12 digits of a distance make of it: of what it lacks to 1,
# and at all.
MARGIN, SLACK = 1e-9, 2e-14
WHOLE_EARTH = HALF_CIRCUMFERENCE + 1.0


def dwithin(path: str, place: Point, metres: float) -> Q:
    """The condition that the point field at `path` lies within `metres` of a place.

    Along the great circle, as Distance has it, compared by the first 12 digits.
    """
    # All but the points at the very distance are told apart by a cosine.
    angle = metres / EARTH_RADIUS
    margin = 2 * math.sin(angle / 2) ** 2 * MARGIN + SLACK
    limits = (math.cos(angle) - margin, math.cos(angle) + margin)
    away = Significant(Distance(F(path), place))
    at_the_limit = LessThanOrEqual(away, significant(metres))
    is_within = _Exceeds(Cosine(F(path), place), *limits, at_the_limit)
    return _in_boxes(path, Circle(place.x, place.y, metres)) & Q(is_within)


def _in_boxes(path: str, circle: Circle) -> Q:
    """At least the points within a circle: the distance decides."""
    return Q((f"{path}__bbox_candidates", rectangles(circle.boxes)))


class _Exceeds(Portable, Func):
    """`_Exceeds(number, low, high, condition)`: above high; from low on if the condition is so."""

    arity = 4
    output_field = BooleanField()
    # The number is written once, because some databases compute it each time it is written.
    formula = (
        "CASE SIGN(FLOOR(({0} - {1}) / ({2} - {1})))"
        " WHEN 1 THEN TRUE WHEN 0 THEN {3} WHEN -1 THEN FALSE END"
    )

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        return composed(self, compiler, self.formula)

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        # On SQLite function calls cost more than computing the number twice for some rows.
        return composed(self, compiler, "({0} >= {2} OR {0} > {1} AND {3})")


class InNearest(In):
    """`InNearest(queryset, path, place, count)`: whether a row is of the nearest `count`.

    Of the rows of `queryset`, by the distance of the point field at `path`; of those that are
    equally far, the ones with the least primary keys. A condition for filter(). They are looked for
    before the statement is compiled to be executed, on its own connection, in circles that grow.

    Raises DeclarationError for a count that is not 1 to 1000, and for rows that filter() cannot
    choose among.
    """

    is_portable = True

    def __init__(self, queryset: QuerySet[Any], path: str, place: Point, count: int) -> None:
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
        # The query itself: its address would be another one's once it is gone.
        return (self.query, self.path, bytes(self.place.wkb), self.count)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        keys = connection.known(("nearest", *self._question), lambda _: self._nearest(connection))
        if keys is UNREAD:
            model = self.query.get_meta().label
            return unread_sql(f"the {self.count} nearest of {model}.{self.path}"), ()
        sql, params = compiler.compile(In(self.lhs, keys))
        return sql, params

    def _nearest(self, connection: Any) -> list[Any]:
        # How far to look first: how far the last ones were, divided by the root of their number.
        # The answer does not hang on it.
        reach, where = connection.reach, (self.query.get_meta().label, self.path)
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

    def _around(self, metres: float, connection: Any) -> list[tuple[Decimal, Any]]:
        """Who is in the boxes of a circle: metres and key, in order; unordered where too many."""
        query = self._query(_in_boxes(self.path, Circle(*self.position, metres)))
        found = _read(query, MOST_AROUND + 1, connection, Longitude(self.path), Latitude(self.path))
        if len(found) > MOST_AROUND:
            return found
        away = sorted((metres_between(self.position, (x, y)), key) for key, x, y in found)
        # Who is as far as the last of the nearest by the first digits may come before him.
        last = away[: self.count][-1][0] * (1 + MARGIN) if away else 0.0
        return sorted((significant(metres), key) for metres, key in away if metres <= last)

    def _nearest_by_sql(self, metres: float, connection: Any) -> list[Any]:
        """The same where rows stand so close that it takes too long to read them."""
        away = Significant(Distance(F(self.path), self.place))
        while True:
            query = self._query(dwithin(self.path, self.place, metres))
            query.add_ordering(away, Comparable(F("pk")))
            found = [key for (key,) in _read(query, self.count, connection)]
            if len(found) == self.count or metres == WHOLE_EARTH:
                return found
            metres = min(metres * GROWTH, WHOLE_EARTH)

    def _query(self, condition: Q) -> Query:
        """The rows for which it is so, in no order."""
        query = self.query.clone()
        query.add_q(condition)
        query.clear_ordering(force=True)
        return query


def _read(query: Query, count: int, connection: Any, *shown: Any) -> list[Any]:
    """The keys and what is `shown` besides, of `count` rows at most.

    The query is written out where QuerySet's methods take as long as the database.
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
