"""Searches in 1,000,000 points and 300 areas on one database: script/bench space.

Each is asked as an author of reports writes it, and as an expert of the database would
(sql/space); both must find the same rows. Smaller searches, and among 100,000 points over more
land for as many rows, show how they grow.
"""

import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import Point, Polygon
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet
from tqdm import tqdm

from geo.backends.wrapper import database_wrapper
from geo.spherical.spherical_cap import Circle
from reports.expressions import CountContained, InNearest, dwithin
from tests.bench.race import HEADER, Result, alone, race
from tests.hostile.models import PointShape, PolygonShape

LIMIT = 1.2
MOST_GROWTH = 2.0
MANY, FEW = 1_000_000, 100_000
AREAS, VERTICES = 300, 100
SEED = 2013
# Degrees: points lie between these parallels. A search among MANY finds some 10,000 of them, and
# 1,000 where it is to be seen how it grows.
NORTH = 60.0
WIDE, REACH = 11.7, 3.7
CENTER = (11.5, 20.25)
NEAREST = 10
SQL = Path(__file__).parent / "sql/space"


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for around one place; degrees, and metres."""

    reach: float

    @property
    def box(self) -> Polygon:
        (x, y), r = CENTER, self.reach
        return Polygon.from_bbox((x - r, y - r, x + r, y + r))

    @property
    def area(self) -> Polygon:
        return _outline(*CENTER, self.reach, random.Random(SEED))

    @property
    def metres(self) -> float:
        return self.reach * 111_195.0

    @property
    def names(self) -> dict[str, Any]:
        """The parameters of an expert's statement."""
        west, south, east, north = Circle(*CENTER, self.metres).boxes[0]
        box = Polygon.from_bbox((west, south, east, north))
        nearest = Circle(*CENTER, self.metres / 4)
        near = Polygon.from_bbox(nearest.boxes[0])
        named = {"x": CENTER[0], "y": CENTER[1], "metres": self.metres, "count": NEAREST}
        for name, shape in {
            "box": self.box, "area": self.area, "circle": box, "near": near, "place": Point(*CENTER)
        }.items():  # fmt: skip
            named[name] = bytes(shape.wkb)
            edges = zip(("west", "south", "east", "north"), shape.extent, strict=True)
            named |= {f"{name}_{edge}": value for edge, value in edges}
        return named


def _rows(search: Search) -> dict[str, Callable[[], QuerySet[Any, Any]]]:
    points, areas = PointShape.objects.all(), PolygonShape.objects.all()
    place = Point(*CENTER, srid=4326)
    box, area = search.box, search.area
    return {
        "bounding-box": lambda: points.filter(shape__bboverlaps=box).values_list("pk"),
        "within": lambda: points.filter(shape__within=area).values_list("pk"),
        "intersects": lambda: points.filter(shape__intersects=area).values_list("pk"),
        "dwithin": lambda: points.filter(dwithin("shape", place, search.metres)).values_list("pk"),
        "nearest": lambda: points.filter(InNearest(points, "shape", place, NEAREST)).values_list(
            "pk"
        ),
        "join": lambda: areas.annotate(
            held=CountContained(PointShape, "shape", of="shape")
        ).values_list("pk", "held"),
    }


def run(database: str, parts: Sequence[str]) -> int:
    """Print the tables of one database; 1 if rows differ or something could not be run."""
    _make_tables()
    wanted = [name for name in _rows(Search(REACH)) if not parts or any(p in name for p in parts)]
    growing = [name for name in wanted if name != "join"]  # whose rows are all there are
    _fill(FEW)
    few = _measured(growing, database, Search(REACH * math.sqrt(MANY / FEW)))
    _fill(MANY)
    many = _measured(growing, database, Search(REACH))
    wide = _measured(wanted, database, Search(WIDE))
    print(f"\n#### {database_wrapper('default').server_version}")
    print("", HEADER.format(other="expert"), sep="\n")
    print(*(result.line() for result in wide.values()), sep="\n")
    print(f"\n| case | {FEW:,}, ms | {MANY:,}, ms | growth | the expert's | at most | |")
    print("|---|--:|--:|--:|--:|--:|---|")
    print(*(_growth(name, few[name], many[name]) for name in growing), sep="\n")
    failed = [r for results in (few, many, wide) for r in results.values() if r.is_failure]
    for result in failed:
        print(f"bench: {database}: {result.case}: {result.note}", file=sys.stderr)
    return 1 if failed else 0


def _measured(names: Sequence[str], database: str, search: Search) -> dict[str, Result]:
    rows = _rows(search)
    return {name: _measure(name, rows[name], database, search) for name in names}


def _growth(name: str, few: Result, many: Result) -> str:
    if few.ours is None or many.ours is None or few.other is None or many.other is None:
        return f"| {name} | | | | | {MOST_GROWTH} | {many.note or few.note} |"
    growth = many.ours / few.ours
    verdict = "ok" if growth <= MOST_GROWTH else "over"
    return (
        f"| {name} | {1000 * few.ours:.1f} | {1000 * many.ours:.1f} | {growth:.2f}"
        f" | {many.other / few.other:.2f} | {MOST_GROWTH} | {verdict} |"
    )


def _measure(
    name: str, rows: Callable[[], QuerySet[Any, Any]], database: str, search: Search
) -> Result:
    path = SQL / f"{name}.{database}.sql"
    names = search.names

    def ours() -> list[Any]:
        # The statement, its making included, read as the expert's is.
        sql, params = rows().query.get_compiler(DEFAULT_DB_ALIAS).executable_sql()
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())

    if not path.exists():
        note = "the expert's takes minutes"
        return Result(case=name, limit=LIMIT, ours=alone(ours), note=note)
    sql = path.read_text()

    def expert() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(*_positional(sql, names))
            return list(cursor.fetchall())

    if sorted(map(tuple, ours())) != sorted(map(tuple, expert())):
        note = f"other rows: {len(ours())}, and the expert's {len(expert())}"
        return Result(case=name, limit=LIMIT, note=note, is_failure=True)
    our_seconds, expert_seconds = race(ours, expert)
    return Result(case=name, limit=LIMIT, ours=our_seconds, other=expert_seconds)


def _positional(sql: str, names: dict[str, Any]) -> tuple[str, list[Any]]:
    """`{name}` is a parameter; drivers do not agree on how one is named."""
    pieces = sql.replace("%", "%%").split("{")
    params = []
    for number, piece in enumerate(pieces[1:], 1):
        name, _, rest = piece.partition("}")
        params.append(names[name])
        pieces[number] = f"%s{rest}"
    return "".join(pieces), params


def _outline(x: float, y: float, reach: float, chance: random.Random) -> Polygon:
    """A polygon with many vertices around a place, about as large as the box."""
    ring = []
    for step in range(VERTICES):
        angle = 2 * math.pi * step / VERTICES
        radius = reach * chance.uniform(0.9, 1.2)
        ring.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    return Polygon([*ring, ring[0]], srid=4326)


def _points(number: int) -> Iterator[PointShape]:
    chance = random.Random(SEED)
    for key in range(number):
        place = Point(chance.uniform(-180, 180), chance.uniform(-NORTH, NORTH), srid=4326)
        yield PointShape(id=key, shape=place)


def _make_tables() -> None:
    existing = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for model in (PointShape, PolygonShape):
            if model._meta.db_table in existing:
                editor.delete_model(model)
            editor.create_model(model)
    chance = random.Random(SEED)
    PolygonShape.objects.bulk_create(
        PolygonShape(
            id=key,
            shape=_outline(chance.uniform(-170, 170), chance.uniform(-NORTH, NORTH), 3.0, chance),
        )
        for key in range(AREAS)
    )


def _fill(number: int) -> None:
    """So many points, and what the planner knows about them."""
    present = PointShape.objects.count()
    rows = (row for row in _points(number) if row.id >= present)
    with tqdm(total=number - present, disable=None, leave=False, desc="points") as progress:
        for batch in batched(rows, 5000):
            PointShape.objects.bulk_create(batch)
            progress.update(len(batch))
    names = [connection.ops.quote_name(m._meta.db_table) for m in (PointShape, PolygonShape)]
    with connection.cursor() as cursor:
        for name in names:
            if connection.vendor == "mysql":
                cursor.execute(f"ANALYZE TABLE {name}")
                cursor.fetchall()
            else:
                cursor.execute(f"{'VACUUM ' * (connection.vendor == 'postgresql')}ANALYZE {name}")
