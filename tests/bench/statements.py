"""Reports, each with the SQL that an expert would write for the one database, in sql/.

What is timed is SQL, from its text to the driver's rows in a list. The bytes are those of the
raw CSV: an expert's rows are read and written as the report's own.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection

from geo.models import Country
from reports import Column, Report, registry
from reports.expressions import Count, Sum
from reports.formats.base import Document
from reports.formats.csv import RAW
from reports.queries.parameters import read
from reports.queries.result import Row
from reports.queries.statement import Statement
from tests.bench.race import Result, race

LIMIT = 1.1
SQL = Path(__file__).parent / "sql"
DIALECTS = {"mariadb": "mysql"}  # the same words serve both
SLUGS = (
    "delays-by-month",
    "carriers-by-destination",
    "punctuality-by-carrier",
    "busiest-hours",
    "busiest-days",
    "routes-and-their-delays",
    "countries-and-their-places",
)


class CountriesAndTheirPlaces(Report):
    """Aggregates over two relations to many, which one join would multiply; for this alone."""

    queryset = Country.objects.all()
    group_by = {"continent": "continent"}
    countries = Column(Count("pk"))
    airports = Column(Count("airports"))
    cities = Column(Count("cities"))
    people = Column(Sum("cities__population"))


OWN = {CountriesAndTheirPlaces.slug: CountriesAndTheirPlaces()}


def measure(slug: str, database: str) -> Result:
    """A report beside its expert's statement, once both have given the same bytes."""
    report = OWN.get(slug) or registry.get(slug)
    statement = Statement(report, dict(read(report, {}, "default").values), "default")
    path = SQL / f"{slug}.{DIALECTS.get(database, database)}.sql"

    def ours() -> list[Row]:
        compiler = statement.queryset.query.get_compiler(connection=connection)
        return _rows(*compiler.executable_sql())

    expert = path.read_text()
    try:
        # A slip in the statement's text shows here, and not as a better time.
        found = _sha256(statement, _converted(statement, _rows(expert)))
        wanted = _sha256(statement, statement.stream())
        ours()
    except DatabaseError as error:
        return Result(case=slug, limit=LIMIT, note=f"failed: {error}", is_failure=True)
    if found != wanted:
        return Result(case=slug, limit=LIMIT, note="other bytes", is_failure=True)
    our_seconds, expert_seconds = race(ours, lambda: _rows(expert))
    return Result(case=slug, limit=LIMIT, ours=our_seconds, other=expert_seconds)


def _rows(sql: str, params: tuple[Any, ...] | None = None) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _converted(statement: Statement, rows: list[Row]) -> Iterable[Row]:
    """Rows of an expert's statement, which has no keys of order, as the report's own are read."""
    compiler = statement.queryset.query.get_compiler(connection=connection)
    compiler.setup_query()
    width = len(compiler.select)
    padded = [(*row, *(None,) * (width - len(row))) for row in rows]
    for row in compiler.results_iter(results=[padded], tuple_expected=True):
        yield statement.canonical(row)


def _sha256(statement: Statement, rows: Iterable[Row]) -> str:
    document = Document(title="", columns=statement.columns, rows=rows)
    return hashlib.sha256("".join(RAW(document)).encode()).hexdigest()
