"""Stores shapes in tables, evaluates every predicate, and compares the results with GEOS."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.contrib.gis.db.models import F
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection, models

from tests.geo.fuzz.oracle import PREDICATES, Truths
from tests.geo.fuzz.shapes import Shapes
from tests.hostile.models import (
    LineStringShape,
    Meeting,
    MultiLineStringShape,
    MultiPointShape,
    MultiPolygonShape,
    PointShape,
    PolygonShape,
)

TABLES: dict[str, type[models.Model]] = {
    "Point": PointShape,
    "MultiPoint": MultiPointShape,
    "LineString": LineStringShape,
    "MultiLineString": MultiLineStringShape,
    "Polygon": PolygonShape,
    "MultiPolygon": MultiPolygonShape,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A pair with a wrong result from a database."""

    form: str
    predicate: str
    expected: bool
    a: str
    b: str

    def __str__(self) -> str:
        said = "is not" if self.expected else "is"
        return f"{self.form}: {self.a} {said} said to be {self.predicate} {self.b}"


@dataclass(slots=True)
class Outcome:
    """The outcome of a comparison: the number of pairs, and those with a wrong result."""

    asked: Counter[str] = field(default_factory=Counter)
    wrong: list[Wrong] = field(default_factory=list)


def make_tables() -> None:
    """Creates the tables that do not exist yet."""
    existing = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for table in (*TABLES.values(), Meeting):
            if table._meta.db_table not in existing:
                editor.create_model(table)


def compare(batches: Sequence[Shapes], predicates: Iterable[str] = PREDICATES) -> Outcome:
    """Compares each shape as a literal with indexed columns, and all pairs of a batch by F()."""
    outcome = Outcome()
    shapes = [shape for batch in batches for shape in batch]
    known = Truths(shapes)
    _fill_tables(shapes)
    pairs = list(_pairs(batches))
    _fill_meetings(shapes, pairs)
    for predicate in predicates:
        _compare_literals(outcome, predicate, shapes, known)
        _compare_columns(outcome, predicate, shapes, pairs, known)
    return outcome


def _pairs(batches: Sequence[Shapes]) -> Iterator[tuple[int, int]]:
    first = 0
    for batch in batches:
        numbers = range(first, first + len(batch))
        yield from ((a, b) for a in numbers for b in numbers)
        first += len(batch)


def _fill_tables(shapes: Shapes) -> None:
    for name, table in TABLES.items():
        table._base_manager.all().delete()
        table._base_manager.bulk_create(
            table(id=number, shape=shape)
            for number, shape in enumerate(shapes)
            if shape.geom_type == name
        )


def _fill_meetings(shapes: Shapes, pairs: Sequence[tuple[int, int]]) -> None:
    Meeting.objects.all().delete()
    Meeting.objects.bulk_create(
        (
            Meeting(
                id=number,
                **{_column("a", shapes[a]): shapes[a], _column("b", shapes[b]): shapes[b]},
            )
            for number, (a, b) in enumerate(pairs)
        ),
        batch_size=1000,
    )


def _column(side: str, shape: GEOSGeometry) -> str:
    return f"{side}_{shape.geom_type.lower()}"


def _compare_literals(outcome: Outcome, predicate: str, shapes: Shapes, known: Truths) -> None:
    members = {
        name: [number for number, shape in enumerate(shapes) if shape.geom_type == name]
        for name in TABLES
    }
    for literal, shape in enumerate(shapes):
        for name, table in TABLES.items():
            rows = table._base_manager.filter(**{f"shape__{predicate}": shape})
            found = set(rows.values_list("pk", flat=True))
            outcome.asked[predicate] += len(members[name])
            expected = {n for n in members[name] if predicate in known.of(n, literal)}
            outcome.wrong += [
                _wrong("literal", predicate, n in expected, shapes[n], shape)
                for n in found ^ expected
            ]


def _compare_columns(
    outcome: Outcome,
    predicate: str,
    shapes: Shapes,
    pairs: Sequence[tuple[int, int]],
    known: Truths,
) -> None:
    by_columns: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, (a, b) in enumerate(pairs):
        by_columns[_column("a", shapes[a]), _column("b", shapes[b])].append(number)
    for (left, right), numbers in by_columns.items():
        rows = Meeting.objects.filter(**{f"{left}__{predicate}": F(right)})
        found = set(rows.values_list("pk", flat=True))
        outcome.asked[predicate] += len(numbers)
        expected = {n for n in numbers if predicate in known.of(*pairs[n])}
        outcome.wrong += [
            _wrong("column", predicate, n in expected, *(shapes[each] for each in pairs[n]))
            for n in found ^ expected
        ]


def _wrong(form: str, predicate: str, expected: bool, a: GEOSGeometry, b: GEOSGeometry) -> Wrong:
    return Wrong(form=form, predicate=predicate, expected=expected, a=a.wkt, b=b.wkt)
