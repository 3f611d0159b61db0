"""Compiling executes nothing; executing first reads what the SQL needs, on its connection."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry, Point
from django.db import DatabaseError, connection, models, transaction
from django.db.models import (
    BigIntegerField,
    Exists,
    Expression,
    F,
    OuterRef,
    Subquery,
)
from django.db.models.sql.datastructures import BaseTable
from django.test.utils import CaptureQueriesContext

from geo.backends.reads import MOST_ROUNDS, UNREAD, unread_sql
from geo.backends.wrapper import database_wrapper
from geo.models import Airport, Country
from reports.expressions import (
    CodePoint,
    ContainingArea,
    Count,
    CountContained,
    CountWithinDistance,
    InNearest,
    Lower,
    Materialized,
)
from reports.expressions.spatial.measures import Area
from tests.geo.backends.test_refine import square, territory
from tests.hostile.models import Entry, PointShape, PolygonShape

pytestmark = pytest.mark.django_db
LINE = GEOSGeometry("LINESTRING (0.5 0.5, 2.5 0.5)", srid=4326)


def near(metres: float = 120_000) -> CountWithinDistance:
    """Returns a count of the points within a step to the east, west, north or south."""
    return CountWithinDistance(PointShape, "shape", of="shape", metres=metres)


@pytest.fixture(autouse=True)
def shapes() -> None:
    """Points on a three by three grid, numbered by columns, and squares around them."""
    PointShape.objects.bulk_create(
        PointShape(id=3 * x + y, shape=Point(x, y, srid=4326)) for x in range(3) for y in range(3)
    )
    PolygonShape.objects.bulk_create(
        PolygonShape(id=3 * x + y, shape=square(x - 0.5, y - 0.5))
        for x in range(3)
        for y in range(3)
    )


NEIGHBOURS = {0: 2, 1: 3, 2: 2, 3: 3, 4: 4, 5: 3, 6: 2, 7: 3, 8: 2}


def _nearest(count: int = 2) -> Any:
    return InNearest(PointShape.objects.all(), "shape", Point(0, 0, srid=4326), count)


DEPENDENT: dict[str, Callable[[], Any]] = {
    "a spatial join that is shown": lambda: PointShape.objects.annotate(n=near()),
    "one that is filtered by": lambda: PointShape.objects.alias(n=near()).filter(n=4),
    "one that is ordered by": lambda: PointShape.objects.order_by(near(), "pk"),
    "areas that hold": lambda: PointShape.objects.annotate(
        n=ContainingArea(PolygonShape, "shape", of="shape")
    ),
    "areas and what they hold": lambda: PolygonShape.objects.annotate(
        n=CountContained(PointShape, "shape", of="shape")
    ),
    "a measure": lambda: PolygonShape.objects.annotate(n=Materialized("shape", Area)),
    "the nearest": lambda: PointShape.objects.filter(_nearest()),
    "a geometry that GEOS is asked about": lambda: PolygonShape.objects.filter(shape__touches=LINE),
    "another column": lambda: PolygonShape.objects.filter(
        Exists(PolygonShape.objects.filter(shape__touches=OuterRef("shape")))
    ),
    "a measure of groups that a condition leaves": lambda: (
        PolygonShape.objects.annotate(k=Count("pk"))
        .filter(k__gt=0)
        .annotate(n=Materialized("shape", Area))
    ),
    "a sub-query's": lambda: Entry.objects.filter(
        pk__in=PointShape.objects.filter(_nearest()).values("pk")
    ),
}


@pytest.mark.parametrize("name", DEPENDENT)
def test_a_query_is_looked_at_without_a_statement(name: str) -> None:
    queryset = DEPENDENT[name]()
    with CaptureQueriesContext(connection) as queries:
        shown = str(queryset.query)
        sql, params = queryset.query.sql_with_params()
    assert len(queries) == 0
    assert "isoline_unread('" in shown
    with (
        pytest.raises(DatabaseError, match=r"(?i)isoline_unread"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, params)


@pytest.mark.parametrize(
    "queryset",
    [
        PointShape.objects.filter(shape__within=square(0, 0)),
        PointShape.objects.filter(shape__bboverlaps=square(0, 0)),
        Entry.objects.order_by(CodePoint("text")),
        Entry.objects.annotate(low=Lower("text")).filter(low="ä"),
    ],
    ids=["an index", "envelopes", "collations", "letters"],
)
def test_what_a_catalogue_tells_is_not_asked_either(queryset: Any) -> None:
    connection.ensure_connection()
    _ = connection.features.minimum_database_version  # MySQL's wrapper asks for its version once
    with CaptureQueriesContext(connection) as queries:
        assert str(queryset.query)
    assert len(queries) == 0


@pytest.mark.parametrize("name", DEPENDENT)
def test_a_plan_is_of_the_statement_that_would_run(name: str) -> None:
    queryset = DEPENDENT[name]()
    with CaptureQueriesContext(connection) as queries:
        plan = queryset.explain()
        rows = list(queryset)
    explained = [query["sql"].startswith("EXPLAIN") for query in queries]
    assert sum(explained) == 1
    assert explained.index(True) > 0  # the reads come first, and are not explained themselves
    assert "isoline_unread" not in plan
    assert len(rows) == queryset.count()


def _numbers(queryset: Any) -> list[int]:
    return sorted(queryset.values_list("pk", flat=True))


FOUR = [pk for pk, number in NEIGHBOURS.items() if number == 4]
THREE = [pk for pk, number in NEIGHBOURS.items() if number == 3]


def test_whatever_the_orm_executes_has_its_answers() -> None:
    rows = PointShape.objects.annotate(n=near())
    three = rows.filter(n=3)
    assert _numbers(three) == THREE
    assert [row.pk for row in three.order_by("pk").iterator(chunk_size=1)] == THREE
    assert three.count() == len(THREE)
    assert three.exists()
    assert not rows.filter(n=9).exists()
    assert three.order_by("pk").first().pk == THREE[0]
    assert set(three.in_bulk()) == set(THREE)
    assert three.aggregate(n=Count("pk"))["n"] == len(THREE)
    assert rows.annotate(m=F("n")).aggregate(most=models.Max("m"))["most"] == 4
    assert _numbers(PointShape.objects.filter(pk__in=three.values("pk"))) == THREE
    assert sorted(three.values("pk").union(rows.filter(n=4).values("pk")).values_list("pk"))[0] == (
        THREE[0],
    )
    of_point = rows.filter(pk=OuterRef("pk")).values("n")
    squares = PolygonShape.objects.annotate(n=Subquery(of_point))
    assert dict(squares.values_list("pk", "n")) == NEIGHBOURS
    assert rows.order_by("-n", "pk").first().pk == FOUR[0]
    assert _numbers(PointShape.objects.order_by(near()).exclude(_nearest(8))) == [8]


def test_what_changes_rows_has_its_answers() -> None:
    Entry.objects.bulk_create(Entry(id=1000 + pk, number=0) for pk in NEIGHBOURS)
    rows = PointShape.objects.annotate(n=near())
    entries = Entry.objects.filter(pk__gte=1000)
    number = rows.filter(pk=OuterRef("pk") - 1000).values("n")
    assert entries.update(number=Subquery(number)) == len(NEIGHBOURS)
    assert dict(entries.values_list("pk", "number")) == {
        1000 + pk: number for pk, number in NEIGHBOURS.items()
    }
    assert rows.filter(n=4).update(shape=Point(50, 50, srid=4326)) == 1
    assert PointShape.objects.get(pk=FOUR[0]).shape.x == 50
    assert PolygonShape.objects.filter(shape__touches=square(0.5, 0.5)).delete()[0] == 8
    assert PointShape.objects.filter(_nearest(3)).delete()[0] == 3
    assert _numbers(PointShape.objects.all()) == [2, 4, 5, 6, 7, 8]
    made = Entry.objects.create(
        id=2000, number=Subquery(PointShape.objects.filter(_nearest(1)).values("pk"))
    )
    made.refresh_from_db()
    assert made.number == 2


def test_an_update_over_a_relation_has_its_answers() -> None:
    """Django rewrites its query while it is compiled."""
    area = territory("Q1", square(100, -60))
    country = Country.objects.create(
        code="QX", code3="QXX", name="-", area_km2=1, population=1, geoname_id=10**12
    )
    inside = Airport.objects.create(
        icao="QQ1",
        country=country,
        elevation=0,
        located_in_territory=area,
        location=Point(100.5, -59.5, srid=4326),
    )
    of_ours = Airport.objects.filter(pk=inside.pk)
    touching = of_ours.filter(located_in_territory__area__touches=square(100, -60))
    assert touching.update(elevation=5) == 0
    touching = of_ours.filter(located_in_territory__area__touches=square(101, -60))
    counted = PointShape.objects.filter(pk=FOUR[0]).annotate(n=near()).values("n")
    assert touching.update(elevation=Subquery(counted)) == 1
    inside.refresh_from_db()
    assert inside.elevation == 4


@contextmanager
def statements_of(*wrappers: Any) -> Iterator[list[Any]]:
    """The connection of each statement that these execute."""
    found: list[Any] = []

    def noted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append(context["connection"])
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for wrapper in wrappers:
            stack.enter_context(wrapper.execute_wrapper(noted))
        yield found


@pytest.mark.parametrize("name", DEPENDENT)
def test_reads_are_on_the_connection_that_runs_the_statement(name: str) -> None:
    queryset = DEPENDENT[name]()
    with (
        database_wrapper("default").snapshot() as snapshot,
        statements_of(snapshot, connection) as asked,
    ):
        compiler = queryset.query.get_compiler(connection=snapshot)
        list(compiler.results_iter(tuple_expected=True))
    assert len(asked) > 1
    assert set(asked) == {snapshot}


def test_equal_questions_of_a_statement_are_read_once() -> None:
    """The same join is shown, filtered and ordered by; the other one is another question."""
    with CaptureQueriesContext(connection) as one:
        assert len(PointShape.objects.annotate(n=near())) == 9
    twice = PointShape.objects.annotate(n=near()).filter(n__gt=1).order_by(near(), "n")
    with CaptureQueriesContext(connection) as again:
        assert len(twice) == 9
    assert len(again) == len(one)
    other = PointShape.objects.annotate(n=near(), m=near(200_000))
    with CaptureQueriesContext(connection) as more:
        assert len(other) == 9
    assert len(more) > len(one)


def test_two_searches_differ_however_their_queries_are_made() -> None:
    """The next query may have the memory address of a deleted one."""
    found = []
    for number in range(9):
        place = Point(0, 0, srid=4326)
        rows = PointShape.objects.filter(pk=number)
        found.append(InNearest(rows, "shape", place, 1))
        del rows
    assert len(set(found)) == 9
    assert [_numbers(PointShape.objects.filter(each)) for each in found] == [[n] for n in range(9)]


# The interface, for an expression of one's own.


class _Counted(Expression):
    """The number of points, read before the statement is written."""

    output_field = BigIntegerField()
    conditional = False

    def __init__(self, numbers: Any = None) -> None:
        super().__init__()
        self.numbers = numbers

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        question = ("counted", next(self.numbers) if self.numbers else None)
        found = connection.known(question, lambda _: PointShape.objects.count())
        if found is UNREAD:
            return "'?'", ()
        return "%s", (found,)


def test_an_expression_takes_part_by_asking_the_connection() -> None:
    rows = PointShape.objects.annotate(n=_Counted())
    assert "'?'" in str(rows.query)
    with CaptureQueriesContext(connection) as queries:
        assert {row.n for row in rows} == {9}
    assert len(queries) == 2
    compiler = rows.query.get_compiler(connection=connection)
    sql, params = compiler.executable_sql()
    assert "'?'" not in sql
    assert 9 in params


class _Upto(BaseTable):
    """A table of the query's points whose bound is read before the statement is written."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        bound = connection.known("bound", lambda reads: _least(reads.connection))
        sql, params = super().as_sql(compiler, connection)
        if bound is UNREAD:
            return unread_sql("100 % of the least key's neighbours"), params
        return f"(SELECT * FROM {sql} WHERE id <= %s) {self.table_name}", [*params, bound + 2]


def _least(connection: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT MIN(id) FROM hostile_pointshape")
        return int(cursor.fetchone()[0])


def test_a_table_takes_part_as_well() -> None:
    rows = PointShape.objects.all()
    table = rows.query.get_initial_alias()
    rows.query.alias_map[table] = _Upto(PointShape._meta.db_table, table)
    assert "FROM isoline_unread('100 % of the least key''s neighbours')" in str(rows.query)
    assert _numbers(rows) == [0, 1, 2]
    assert rows.count() == 3


def test_a_question_that_is_never_the_same_is_an_error() -> None:
    rows = PointShape.objects.annotate(n=_Counted(count()))
    with pytest.raises(RuntimeError, match=f"PointShape still has .* {MOST_ROUNDS} rounds"):
        list(rows)
