"""A million sales as a report, and points for the formats that want a place."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import batched, islice
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection, models

import reports
from reports import Column, filters
from reports.formats import Format
from reports.queries.statement import Statement
from tests.hostile.models import PointShape, Sale

SEED = 2013
# So many rows are made by chance; the others are copies of them under keys of their own.
BLOCK = 50_000
COLUMNS = ("name", "note", "quantity", "serial", "price", "day", "at", "paid", "rating")
NOUNS = ("lamp", "chair", "kettle", "ladder", "carpet", "radio", "mirror", "basket", "clock")
ADJECTIVES = ("red", "small", "wooden", "folding", "quiet", "heavy", "second-hand", "plain")
# What some notes end in: separators, quotes, lines, other scripts.
PRESENT = "🎁"
ENDS = (", urgent", ' "as new"', "\nby the back door", " für Zoë", " 東京", f" {PRESENT}", "\r\n")
# What some begin with, and a spreadsheet would run.
BEGINNINGS = ("=", "+", "-", "@", "\t")


class Sales(reports.Report):
    """Nine columns, in the order of the primary key."""

    queryset = Sale.objects.all()
    name = Column("name")
    note = Column("note")
    quantity = Column("quantity")
    serial = Column("serial")
    price = Column("price")
    day = Column("day")
    at = Column("at")
    paid = Column("paid")
    rating = Column("rating")
    at_least = filters.Minimum("pk")

    class Meta:
        permission = None


class Points(reports.Report):
    """For formats that cannot be had without a geometry."""

    queryset = PointShape.objects.all()
    number = Column("pk")
    place = Column("shape")
    at_least = filters.Minimum("pk")

    class Meta:
        permission = None


def statement(format_: Format, first: int) -> Statement:
    """The rows from that key on, of the report that the format can be had of."""
    report = Points() if wants_points(format_) else Sales()
    return Statement(report, {"at_least": first}, "default")


def wants_points(format_: Format) -> bool:
    """Whether the format cannot be had of the sales."""
    return bool(format_.missing(Statement(Sales(), {"at_least": None}, "default").columns))


def fill_sales(number: int) -> None:
    """So many sales, keys from 0 on, and what the planner knows about them; what is there stays."""
    _fill(Sale, _sales, number)


def fill_points(number: int) -> None:
    """The same of points."""
    _fill(PointShape, _points, number)


def _fill(model: type[models.Model], made: Callable[[], Iterator[Any]], number: int) -> None:
    table = model._meta.db_table
    if table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(model)
    objects = model._default_manager
    objects.filter(pk__gte=number).delete()
    present = objects.count()
    for batch in batched(islice(made(), present, min(number, BLOCK)), 5000):
        objects.bulk_create(batch)
    present = max(present, min(number, BLOCK))
    columns = ", ".join(f.column for f in model._meta.concrete_fields if not f.primary_key)
    with connection.cursor() as cursor:
        while present < number:
            cursor.execute(
                f"INSERT INTO {table} (id, {columns})"
                f" SELECT id + {present}, {columns} FROM {table} WHERE id < {number - present}"
            )
            present = min(2 * present, number)
    analyze(table)


def analyze(table: str) -> None:
    """Let the planner know a table now, and not in the middle of a measurement."""
    with connection.cursor() as cursor:
        if connection.vendor == "mysql":
            cursor.execute(f"ANALYZE TABLE {table}")
            cursor.fetchall()
        else:
            cursor.execute(f"{'VACUUM ' * (connection.vendor == 'postgresql')}ANALYZE {table}")


def _sales() -> Iterator[Sale]:
    chance = random.Random(SEED)
    for key in range(BLOCK):
        name = f"{chance.choice(ADJECTIVES)} {chance.choice(NOUNS)}"
        yield Sale(
            id=key,
            name=name,
            note=_note(name, chance),
            quantity=chance.randrange(-20, 1000),
            serial=chance.randrange(2**33, 2**52),
            price=Decimal(chance.randrange(-10_000, 10**9)).scaleb(-2),
            day=date(1990, 1, 1) + timedelta(days=chance.randrange(15_000)),
            at=datetime(2000, 1, 1, tzinfo=UTC)
            + timedelta(seconds=chance.randrange(10**9), microseconds=_microseconds(chance)),
            paid=chance.random() < 0.8,
            rating=None if chance.random() < 1 / 3 else chance.randrange(1, 6),
        )


def _note(name: str, chance: random.Random) -> str:
    """Mostly plain words; of a hundred some six want quotes, and one or two an apostrophe."""
    note = f"one {name} sent from warehouse {chance.randrange(40)}"
    if chance.random() < 0.06:
        note += chance.choice(ENDS)
    if chance.random() < 0.015:
        note = chance.choice(BEGINNINGS) + note
    return note


def _microseconds(chance: random.Random) -> int:
    return chance.randrange(1, 10**6) if chance.random() < 0.3 else 0


def _points() -> Iterator[PointShape]:
    chance = random.Random(SEED)
    for key in range(BLOCK):
        place = Point(chance.uniform(-180, 180), chance.uniform(-90, 90), srid=4326)
        yield PointShape(id=key, shape=place)
