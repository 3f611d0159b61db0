"""Conditions about how near a point is to a place, asked so that the spatial index answers."""

import math
import operator
from functools import reduce
from typing import Any

from django.contrib.gis.geos import Point, Polygon
from django.db.models import F, Q, QuerySet
from django.db.models.lookups import In, LessThan, LessThanOrEqual

from geo.circles import HALF_CIRCUMFERENCE, Circle
from geo.sphere import EARTH_RADIUS
from reports.errors import DeclarationError
from reports.expressions.rounding import Significant, significant
from reports.expressions.space import Distance, Haversine

MOST_NEAREST = 1000
# Metres of the first circle that is looked through for the nearest, and how each next one grows: at
# most five until it is the whole Earth.
FIRST_CIRCLE = 1000.0
GROWTH = 16
# Of a haversine, more than what floats and 12 digits of a distance make of it.
MARGIN, SLACK = 1e-9, 1e-14
WHOLE_EARTH = HALF_CIRCUMFERENCE + 1.0


def dwithin(path: str, place: Point, metres: float) -> Q:
    """The condition that the point field at `path` lies within `metres` of a place.

    Along the great circle, as Distance has it, compared by the first 12 digits.
    """
    circle = Circle(place.x, place.y, metres)
    # No more than the points which the distance decides.
    boxes = (Q((f"{path}__bboverlaps", Polygon.from_bbox(box))) for box in circle.boxes)
    # All but the points at the very distance are told apart by what the distance is made of.
    haversine, limit = Haversine(F(path), place), math.sin(metres / EARTH_RADIUS / 2) ** 2
    margin = limit * MARGIN + SLACK
    distance = Significant(Distance(F(path), place))
    at_the_limit = Q(LessThanOrEqual(distance, significant(metres)))
    return reduce(operator.or_, boxes) & (
        Q(_Below(haversine, limit - margin)) | Q(_Below(haversine, limit + margin)) & at_the_limit
    )


class _Below(LessThan):
    """Compares floats as they are: what is too near to the limit is decided otherwise."""

    is_portable = True


class IsAmongNearest(In):
    """`IsAmongNearest(queryset, path, place, count)`: whether a row is of the nearest `count`.

    Of the rows of `queryset`, by the distance of the point field at `path`; of those that are
    equally far, the ones with the least primary keys. A condition for filter(). They are looked for
    while the statement is compiled, on its own connection, in circles that grow.

    Raises DeclarationError for a count that is not 1 to 1000.
    """

    is_portable = True

    def __init__(self, queryset: QuerySet[Any], path: str, place: Point, count: int) -> None:
        if not 1 <= count <= MOST_NEAREST:
            raise DeclarationError(f"The nearest are 1 to {MOST_NEAREST}, not {count}.")
        super().__init__(F("pk"), ())
        self.query = queryset.query
        self.path = path
        self.place = place
        self.count = count

    @property
    def identity(self) -> Any:
        return (*super().identity, id(self.query), self.path, self.place.wkt, self.count)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, params = compiler.compile(In(self.lhs, self._nearest(connection)))
        return sql, params

    def _nearest(self, connection: Any) -> list[Any]:
        metres, found = FIRST_CIRCLE, self._within(FIRST_CIRCLE, connection)
        while len(found) < self.count and metres < WHOLE_EARTH:
            metres = min(metres * GROWTH, WHOLE_EARTH)
            found = self._within(metres, connection)
        return found

    def _within(self, metres: float, connection: Any) -> list[Any]:
        model = self.query.get_meta().model
        rows: QuerySet[Any] = QuerySet(model, query=self.query.clone())
        rows = rows.filter(dwithin(self.path, self.place, metres)).order_by(
            Significant(Distance(F(self.path), self.place)), "pk"
        )
        compiler = rows.values_list("pk")[: self.count].query.get_compiler(connection=connection)
        return [key for (key,) in compiler.results_iter(tuple_expected=True)]
