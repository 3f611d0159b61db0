"""Spatial predicates that answer alike on every engine, or are refused before any SQL.

Each engine states in its own `predicates.py` the SQL of each predicate for each pair of dimensions
(points 0, lines 1, areas 2). A pair that it has no exact SQL for is left out there, and a lookup
of that pair raises NotSupportedError. All of it is planar, on the coordinates as they stand.

In a template {a} and {b} are the two geometries; the SQL is NULL where either of them is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from django.contrib.gis.db.backends.utils import SpatialOperator
from django.contrib.gis.geos import GEOSGeometry
from django.db import NotSupportedError

DIMENSIONS = {
    "POINT": 0,
    "MULTIPOINT": 0,
    "LINESTRING": 1,
    "MULTILINESTRING": 1,
    "POLYGON": 2,
    "MULTIPOLYGON": 2,
}
PLURALS = ("points", "lines", "areas")
PAIRS = tuple((a, b) for a in range(3) for b in range(3))
# Predicates that a collection's members, or its envelope, answer as any other geometry.
TAKE_COLLECTIONS = ("intersects", "disjoint", "bbcontains", "bboverlaps", "contained")
# False, and NULL where a geometry is NULL.
NEVER = "({a} IS NULL OR {b} IS NULL) AND NULL"
# What can be asked instead of a predicate that is refused for a pair.
INSTEAD = {
    "contains": "covers, which takes the boundary in, or intersects",
    "within": "coveredby, which takes the boundary in, or intersects",
    "touches": "intersects",
    "crosses": "intersects",
}

type Pair = tuple[int, int]
type Templates = Mapping[Pair, str]


def same(template: str, *pairs: Pair) -> dict[Pair, str]:
    """One template for these pairs of dimensions, or for all of them."""
    return dict.fromkeys(pairs or PAIRS, template)


def swapped(templates: Templates) -> dict[Pair, str]:
    """The converse predicate's: within from contains. A symmetrical one's in the other order."""
    return {(b, a): template.format(a="{b}", b="{a}") for (a, b), template in templates.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What is known of one of the two geometries before any SQL."""

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

    @property
    def dimension(self) -> int | None:
        """None where it is a collection or may be one."""
        return DIMENSIONS.get(self.kind)

    def refusal(self, predicate: str) -> str | None:
        if self.geometry is not None and self.geometry.empty:
            return (
                f"The lookup {predicate!r} takes no empty geometry: not every database can hold"
                " one. Leave the filter out, or use none()."
            )
        if self.geometry is not None and not self.geometry.valid:
            return (
                f"The lookup {predicate!r} takes no invalid geometry, which each database reads"
                f" in its own way ({self.geometry.valid_reason}). Repair it with make_valid()."
            )
        if self.dimension is None and predicate not in TAKE_COLLECTIONS:
            what = "is" if self.kind == "GEOMETRYCOLLECTION" else "may hold"
            return (
                f"The lookup {predicate!r} takes no GeometryCollection, about whose inside even"
                f" versions of GEOS disagree, and {self.name} {what} one. Use intersects, or"
                " geometries and columns of a type of their own, such as MultiPolygon."
            )
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicates:
    """The exact predicates of one database, which people call `database`."""

    database: str
    templates: Mapping[str, Templates]

    @classmethod
    def of(cls, database: str, tables: Mapping[str, Templates]) -> "Predicates":
        """With what follows from `tables` by logic alone.

        They have intersects, contains, covers, touches, crosses, overlaps, equals and the three
        of envelopes; pairs that a predicate is never true of may be left out.
        """
        found = {name: dict(templates) for name, templates in tables.items()}
        for name, pairs in _NEVER_TRUE.items():
            found[name] |= same(NEVER, *pairs)
        found["within"] = swapped(found["contains"])
        found["coveredby"] = swapped(found["covers"])
        found["disjoint"] = {
            pair: f"NOT ({template})" for pair, template in found["intersects"].items()
        }
        found["exact"] = found["same_as"] = found["equals"]
        return cls(database=database, templates=found)

    def refusal(self, predicate: str, lhs: Any, rhs: Any) -> str | None:
        """Why these two sides cannot be asked for the predicate, if so."""
        a, b = Side.of(lhs), Side.of(rhs)
        if found := a.refusal(predicate) or b.refusal(predicate):
            return found
        if self._pair(predicate, a, b) in self.templates[predicate]:
            return None
        dimensions = (a.dimension or 0, b.dimension or 0)
        return (
            f"The lookup {predicate!r} between {' and '.join(PLURALS[d] for d in dimensions)} is"
            f" refused: {self.database} answers it wrongly where lines double back or touch."
            f" Use {INSTEAD[predicate]}."
        )

    def template(self, predicate: str, lhs: Any, rhs: Any) -> str:
        """The SQL of a predicate. Raises NotSupportedError where there is none that is exact."""
        if found := self.refusal(predicate, lhs, rhs):
            raise NotSupportedError(found)
        return self.templates[predicate][self._pair(predicate, Side.of(lhs), Side.of(rhs))]

    def _pair(self, predicate: str, a: Side, b: Side) -> Pair:
        if predicate in TAKE_COLLECTIONS:
            return (0, 0)  # one template for all of them
        return (a.dimension or 0, b.dimension or 0)


_NEVER_TRUE: dict[str, tuple[Pair, ...]] = {
    "contains": ((0, 1), (0, 2), (1, 2)),
    "covers": ((0, 1), (0, 2), (1, 2)),
    "touches": ((0, 0),),
    "crosses": ((0, 0), (2, 2)),
    "overlaps": ((0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)),
    "equals": ((0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)),
}


class PredicateOperator(SpatialOperator):
    """A lookup's SQL, from an engine's templates."""

    def __init__(self, predicates: Predicates, name: str) -> None:
        super().__init__()
        self.predicates = predicates
        self.name = name

    def as_sql(
        self, connection: Any, lookup: Any, template_params: dict[str, str], sql_params: Any
    ) -> tuple[str, list[Any]]:
        template = self.predicates.template(self.name, lookup.lhs, lookup.rhs)
        return filled(template, template_params["lhs"], template_params["rhs"], sql_params)


def filled(template: str, lhs: str, rhs: str, params: Any) -> tuple[str, list[Any]]:
    """The template with the SQL of both sides, and each side's parameters as often as it stands.

    `params` are those of the left side, then those of the right.
    """
    left = list(params)[: lhs.count("%s")]
    right = list(params)[len(left) :]
    repeated = [value for name in _names(template) for value in (left if name == "a" else right)]
    return f"({template.format(a=lhs, b=rhs)})", repeated


def _names(template: str) -> Iterator[str]:
    for _, name, _, _ in Formatter().parse(template):
        if name is not None:
            yield name


def operators(predicates: Predicates) -> dict[str, PredicateOperator]:
    """An operator for each lookup that Isoline gives one meaning."""
    return {name: PredicateOperator(predicates, name) for name in predicates.templates}


class WKBAdapter(bytes):
    """A geometry as well-known binary: as text it would lose the last bits of its coordinates."""

    srid: int | None

    def __new__(cls, geometry: GEOSGeometry) -> "WKBAdapter":
        adapter = super().__new__(cls, bytes(geometry.wkb))
        adapter.srid = geometry.srid
        return adapter
