"""Spatial predicates that give the same answer on every engine.

Each engine's `predicates.py` has the SQL of each predicate for the pairs of dimensions (points 0,
lines 1, areas 2) for which it agrees with GEOS; GEOS decides all other pairs (`refine.py`). All
predicates are planar, on the stored coordinates. What neither answers exactly a report refuses
(`agreement.py`); elsewhere Django's own SQL stands.

In a template {a} and {b} are the two geometries. The SQL is NULL if either of them is.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Any, Self

from django.contrib.gis.db.backends.utils import SpatialOperator
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.lookups import GISLookup
from django.contrib.gis.geos import GEOSGeometry, Polygon
from django.db.models.expressions import Col
from django.db.models.sql import Query

from geo.backends import refine
from geo.backends.compat import Connection, Params, Sql, compiler_of
from geo.spherical.bbox import Box, boxes

DIMENSIONS = {
    "POINT": 0,
    "MULTIPOINT": 0,
    "LINESTRING": 1,
    "MULTILINESTRING": 1,
    "POLYGON": 2,
    "MULTIPOLYGON": 2,
}
POINTS, LINES, AREAS = range(3)
PAIRS = tuple((a, b) for a in range(3) for b in range(3))
WITH_POINTS = tuple(pair for pair in PAIRS if POINTS in pair)
# The predicates of the shapes themselves (OGC 06-103r4, 6.1.15), and those of their envelopes.
RELATIONS = (
    *("intersects", "disjoint", "contains", "within", "covers", "coveredby", "touches"),
    *("crosses", "overlaps", "equals"),
)
ENVELOPES = ("bbcontains", "bboverlaps", "contained")
LOOKUPS = frozenset({*RELATIONS, *ENVELOPES, *refine.SYNONYMS})
# Predicates that are defined for collections: by their members, or by their envelopes.
TAKE_COLLECTIONS = ("intersects", "disjoint", *ENVELOPES)
# Predicates that are true of two points if they are equal.
SAME_POINT = frozenset(
    {"intersects", "contains", "within", "covers", "coveredby", "equals", *refine.SYNONYMS}
)
# A lookup that the index answers by itself. It finds at least all rows of bboverlaps, for callers
# that check each row.
BBOX_CANDIDATES = "bbox_candidates"
# False, or NULL if a geometry is NULL.
NEVER = "({a} IS NULL OR {b} IS NULL) AND NULL"

type Pair = tuple[int, int]
type Templates = Mapping[Pair, str]


def same(template: str, *pairs: Pair) -> dict[Pair, str]:
    """Returns one template for these pairs of dimensions, or for all of them."""
    return dict.fromkeys(pairs or PAIRS, template)


def with_points(template: str) -> dict[str, Templates]:
    """Returns the predicates of pairs with a point, by the `function` of the same name."""
    names = ("contains", "covers", "touches", "crosses", "overlaps", "equals")
    return {
        name: same(template.format(function=f"ST_{name.title()}"), *WITH_POINTS) for name in names
    }


def swapped(templates: Templates) -> dict[Pair, str]:
    """Returns the templates of the converse predicate, such as within from contains."""
    return {(b, a): template.format(a="{b}", b="{a}") for (a, b), template in templates.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What is known of one side of a lookup before any SQL."""

    name: str
    kind: str
    geometry: GEOSGeometry | None = None

    @classmethod
    def of(cls, value: Any) -> "Side":
        if isinstance(value, GEOSGeometry):
            kind = "LINESTRING" if value.geom_type == "LinearRing" else value.geom_type.upper()
            return cls(name="the given geometry", kind=kind, geometry=value)
        field = value.output_field
        return cls(name=f"the column {field.name!r}", kind=field.geom_type)

    @staticmethod
    def has(value: Any) -> bool:
        """Whether a value is a geometry or an expression of one: no raster, no sub-query."""
        field = getattr(value, "output_field", None)
        is_expression = isinstance(field, GeometryField) and not isinstance(value, Query)
        return isinstance(value, GEOSGeometry) or is_expression

    @property
    def dimension(self) -> int | None:
        """Returns the dimension, None if it is a collection or may be one."""
        return DIMENSIONS.get(self.kind)

    @property
    def is_box(self) -> bool:
        """Whether it is a rectangle parallel to the axes."""
        shape = self.geometry
        return (
            isinstance(shape, Polygon)
            and shape.num_coords == 5
            and bool(shape.equals(shape.envelope))
        )

    def refusal(self, predicate: str) -> str | None:
        if self.geometry is not None and self.geometry.empty:
            return (
                f"The lookup {predicate!r} does not take an empty geometry: not every database"
                " can store one. Leave the filter out, or use none()."
            )
        if self.geometry is not None and not self.geometry.valid:
            return (
                f"The lookup {predicate!r} does not take an invalid geometry, which each database"
                f" reads differently ({self.geometry.valid_reason}). Repair it with make_valid()."
            )
        if self.dimension is None and predicate not in TAKE_COLLECTIONS:
            what = "is" if self.kind == "GEOMETRYCOLLECTION" else "may hold"
            return (
                f"The lookup {predicate!r} does not take a GeometryCollection, because even"
                f" versions of GEOS disagree about its interior, and {self.name} {what} one. Use"
                " intersects, or"
                " geometries and columns of a type of their own, such as MultiPolygon."
            )
        return None


def refusal(predicate: str, lhs: Any, rhs: Any) -> str | None:
    """Returns why the predicate of these two sides is refused, None if it is not."""
    return Side.of(lhs).refusal(predicate) or Side.of(rhs).refusal(predicate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicates:
    """The SQL of one database, by predicate and pair. GEOS decides missing pairs."""

    templates: Mapping[str, Templates]

    @classmethod
    def of(cls, tables: Mapping[str, Templates]) -> "Predicates":
        """Returns the predicates of `tables`, and those that follow from them by logic.

        The tables have the three predicates of envelopes, and the exact pairs of intersects,
        contains, covers, touches, crosses, overlaps and equals. They may leave out pairs that a
        predicate is never true of, and `bbox_candidates` if it is the same as bboverlaps.
        """
        found: dict[str, dict[Pair, str]] = {name: {} for name in ("intersects", *_NEVER_TRUE)}
        found |= {name: dict(templates) for name, templates in tables.items()}
        for name, pairs in _NEVER_TRUE.items():
            found[name] |= same(NEVER, *pairs)
        found |= {name: swapped(found[other]) for name, other in refine.CONVERSES.items()}
        found |= {name: found[other] for name, other in refine.SYNONYMS.items()}
        found.setdefault(BBOX_CANDIDATES, found["bboverlaps"])
        return cls(templates=found)

    def template(self, predicate: str, lhs: Any, rhs: Any) -> str | None:
        """Returns the SQL of a predicate, None if GEOS decides."""
        a, b = Side.of(lhs), Side.of(rhs)
        # A point is exactly its own box.
        is_of_box = predicate in ("intersects", "coveredby") and a.kind == "POINT" and b.is_box
        if is_of_box or (predicate in SAME_POINT and a.kind == b.kind == "POINT"):
            predicate = "bboverlaps"
        # A possible collection may hold lines, which have the fewest exact pairs.
        pair = tuple(LINES if side.dimension is None else side.dimension for side in (a, b))
        return self.templates[predicate].get((pair[0], pair[1]))


_NEVER_TRUE: dict[str, tuple[Pair, ...]] = {
    "contains": ((0, 1), (0, 2), (1, 2)),
    "covers": ((0, 1), (0, 2), (1, 2)),
    "touches": ((0, 0),),
    "crosses": ((0, 0), (2, 2)),
    "overlaps": ((0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)),
    "equals": ((0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)),
}


class PredicateOperator(SpatialOperator):
    """A lookup's SQL: an engine's template, the answer of GEOS, or Django's own SQL."""

    def __init__(
        self, predicates: Predicates, name: str, django: SpatialOperator | None = None
    ) -> None:
        super().__init__()
        self.predicates = predicates
        self.name = name
        self.django = django

    @classmethod
    def operators(
        cls, predicates: Predicates, django: Mapping[str, SpatialOperator]
    ) -> dict[str, SpatialOperator]:
        """Returns the operators of an engine by the names of lookups; `django` are Django's."""
        stock = {**django, BBOX_CANDIDATES: django["bboverlaps"]}
        ours = {
            name: cls(predicates, name, stock.get(name)) for name in (*LOOKUPS, BBOX_CANDIDATES)
        }
        return {**django, **ours}

    def as_sql(
        self,
        connection: Connection,
        lookup: GISLookup,
        template_params: MutableMapping[str, Any],
        sql_params: Sequence[Any],
    ) -> Sql:
        try:
            return self.exact(connection, lookup, template_params, sql_params)
        except refine.Inexact as inexact:
            if self.django is None or refine.must_be_exact(lookup):
                raise inexact.__cause__ or inexact from None
        sql, params = self.django.as_sql(connection, lookup, template_params, sql_params)
        return sql, tuple(params)

    def exact(
        self,
        connection: Connection,
        lookup: GISLookup,
        template_params: MutableMapping[str, Any],
        sql_params: Sequence[Any],
    ) -> Sql:
        """Returns SQL with the same answer on every engine. Raises refine.Inexact."""
        for side in (lookup.lhs, lookup.rhs):
            if not Side.has(side):
                raise refine.Inexact(refine.NEITHER.format(type(side).__name__))
        if self.name != BBOX_CANDIDATES and (found := refusal(self.name, lookup.lhs, lookup.rhs)):
            raise refine.Inexact(found)
        if self.name == "disjoint":
            meet = type(self)(self.predicates, "intersects")
            sql, params = meet.exact(connection, lookup, template_params, sql_params)
            return f"(NOT {sql})", params
        lhs, rhs = template_params["lhs"], template_params["rhs"]
        template = self.template(connection, lookup)
        if template is None:
            return refine.condition(connection, self.name, lookup, lhs, rhs)
        left = parameters_of_left(connection, lookup, sql_params)
        return self.found(connection, lookup, *filled(template, lhs, rhs, sql_params, left))

    def boxes(self, lookup: GISLookup) -> list[Box]:
        """Returns the boxes to search in an index, which has the envelopes of geometries."""
        return [lookup.rhs.extent] if self.name in ENVELOPES else boxes(lookup.rhs)

    def template(self, connection: Connection, lookup: GISLookup) -> str | None:
        """Returns the SQL of the lookup, None if GEOS decides."""
        return self.predicates.template(self.name, lookup.lhs, lookup.rhs)

    def found(self, connection: Connection, lookup: GISLookup, sql: str, params: Params) -> Sql:
        """Returns the SQL of a template, with additions of an engine for its index."""
        return sql, params


def parameters_of_left(connection: Connection, lookup: GISLookup, params: Sequence[object]) -> int:
    """Returns how many of a lookup's parameters belong to its left side. They come first."""
    if isinstance(lookup.lhs, Col):
        return 0
    if isinstance(lookup.rhs, GEOSGeometry):
        return len(params) - 1
    # Django passes the parameters of both sides as one list.
    return len(compiler_of(connection).compile(lookup.lhs)[1])


def filled(template: str, lhs: str, rhs: str, params: Sequence[object], of_left: int = 0) -> Sql:
    """Returns the template with the SQL of both sides, and their parameters repeated as needed.

    The first `of_left` of `params` belong to the left side.
    """
    left, right = params[:of_left], params[of_left:]
    repeated = (value for name in _names(template) for value in (left if name == "a" else right))
    return f"({template.format(a=lhs, b=rhs)})", tuple(repeated)


@cache
def _names(template: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in Formatter().parse(template) if name is not None)


class WKBAdapter(bytes):
    """A geometry as well-known binary. Text would lose the last bits of its coordinates."""

    srid: int | None

    def __new__(cls, geometry: GEOSGeometry) -> Self:
        adapter = super().__new__(cls, cls.binary(geometry))
        adapter.srid = geometry.srid
        return adapter

    @classmethod
    def _fix_polygon(cls, polygon: Polygon) -> Polygon:
        # Django's hook for Oracle, which every adapter has.
        return polygon

    @staticmethod
    def binary(geometry: GEOSGeometry) -> bytes:
        """Returns the geometry as the engine reads it."""
        return bytes(geometry.wkb)
