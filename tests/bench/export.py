"""Whole exports on one database: script/bench export.

A table of flat rows goes to a file as the report's CSV, beside the database's own client, which
runs the author's statement, and beside what people use otherwise. How each is timed is told by
`exporting.py`, `clients.py` and `peers.py`; the start of a process stands apart.
"""

import hashlib
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection

from aviation.models import Flight
from geo.backends.wrapper import database_wrapper
from reports import Report, registry
from reports.exports.pipeline import ExportPipeline, write_file
from reports.formats import FORMATS
from reports.formats.base import Document
from reports.queries.parameters import read
from reports.queries.statement import Statement
from tests.bench import clients, downloads, memory, peers, sales
from tests.bench.measures import MB, Bench, Measure, at_least, at_most, table
from tests.bench.race import HEADER, Result, race, turns
from tests.hostile.models import Sale

ROWS = 1_000_000
CSV = FORMATS["csv"]
# At most so many times as long as the client; at least so many times as fast as the others.
CLIENT, DJANGO, DATASETTE, IMPORT_EXPORT = 1.3, 5.0, 15.0, 50.0
BARE = 1.1
AGGREGATES = ("delays-by-month", "punctuality-by-carrier")
GROWTH = 12.0  # for ten times the rows
FIRST_BYTES = 100.0  # ms
STATEMENT = f"SELECT {', '.join(sales.COLUMNS)} FROM {Sale._meta.db_table} ORDER BY id"


def run(database: str, parts: Sequence[str], rows: int = ROWS) -> int:
    """Print the tables of one database; 1 if bytes differ or something could not be run."""
    sales.fill_sales(rows)
    print(f"\n#### {database_wrapper('default').server_version}", flush=True)
    with (
        TemporaryDirectory(prefix="isoline-bench-") as folder,
        clients.running(database, Path(folder)) as runner,
    ):
        print(f"\n{runner.version}", flush=True)
        bench = Bench(database=database, rows=rows, folder=Path(folder), runner=runner)
        for name, section in SECTIONS.items():
            if not parts or name in parts:
                section(bench)
                sys.stdout.flush()
    for failure in bench.failures:
        print(f"bench: {database}: {failure}", file=sys.stderr)
    return 1 if bench.failures else 0


def _speed(bench: Bench) -> None:
    """The races; then how time grows, and when the first bytes are there."""
    whole, tenth, by_django = [], [], []
    first = bench.rows - bench.rows // 10

    def noted(measures: list[Measure], way: str, *arguments: object) -> float:
        measures.append(bench.measure(way, *arguments))
        return measures[-1].seconds

    def client() -> float:
        return bench.runner.seconds(STATEMENT, bench.file)

    _judge(bench, bench.measure("ours", CSV.name, first))
    client()
    _judge_client(bench)
    ours, its, its_start, djangos, ours_tenth = turns(
        lambda: noted(whole, "ours", CSV.name, 0),
        client,
        lambda: bench.runner.seconds("SELECT 1", bench.file),
        lambda: noted(by_django, "django"),
        lambda: noted(tenth, "ours", CSV.name, first),
    )
    if {(m.sha256, m.rows) for m in whole} != {(whole[0].sha256, bench.rows)}:
        bench.failures.append("the same export had other bytes, or not all the rows")
    its -= its_start
    start = median(m.start for m in whole)
    table(
        f"{bench.rows:,} rows as CSV | s | process start, s | Isoline takes, times | at most |",
        [
            f"Isoline | {ours:.2f} | {start:.2f} | | |",
            f"`{bench.runner.client.name}` | {its:.2f} | {its_start:.2f}"
            f" | {at_most(ours / its, CLIENT)}",
        ],
    )
    _others(bench, ours, djangos, by_django[0])
    table(
        "Isoline | | at most |",
        [
            f"ten times the rows, times | {at_most(ours / ours_tenth, GROWTH)}",
            "first bytes, ms"
            f" | {at_most(1000 * median(m.first for m in whole), FIRST_BYTES, '.0f')}",
        ],
    )


def _others(bench: Bench, ours: float, djangos: float, django: Measure) -> None:
    """What is not the database's own; the slow ones run once, and beside SQLite alone."""
    rows = [
        f"Django's `iterator` and csv.writer | {djangos:.1f} | {django.memory / MB:.0f}"
        f" | {at_least(djangos / ours, DJANGO)}"
    ]
    if bench.database == "spatialite":
        seconds = peers.datasette(bench.folder, bench.file)
        if (found_rows := peers.rows(bench.file)) != bench.rows:
            bench.failures.append(f"Datasette gave {found_rows:,} rows")
        rows.append(f"Datasette | {seconds:.1f} | | {at_least(seconds / ours, DATASETTE)}")
        found = bench.measure(
            "import-export", bench.rows - bench.rows // 10, PYTHONPATH=str(peers.IMPORT_EXPORT)
        )
        seconds = found.seconds * 10
        rows.append(
            f"django-import-export, a tenth of the rows, times 10 | {seconds:.1f}"
            f" | {found.memory / MB:.0f} | {at_least(seconds / ours, IMPORT_EXPORT)}"
        )
        print(f"\n{peers.versions()}")
    table("and others | s | memory, MB | Isoline is faster, times | at least |", rows)


def _judge(bench: Bench, found: Measure) -> None:
    """An export's bytes must be those of its rows, written one by one."""
    statement = sales.statement(CSV, bench.rows - found.rows)
    plain = hashlib.sha256()
    document = Document(title="", columns=statement.columns, rows=statement.stream())
    for text in CSV.dialect(None)(document):
        plain.update(text.encode() if isinstance(text, str) else text)
    if plain.hexdigest() != found.sha256:
        bench.failures.append(f"other bytes than the plain way's, in the last {found.rows:,} rows")


def _judge_client(bench: Bench) -> None:
    """A client that dropped rows, or turned what is not Latin into question marks, says nothing."""
    there = Sale.objects.filter(note__contains=sales.PRESENT).count()
    written = bench.file.read_bytes().count(sales.PRESENT.encode())
    if written != there:
        bench.failures.append(f"the client wrote {written:,} presents of {there:,}")


def _aggregates(bench: Bench) -> None:
    """Reports over the flights, whole, beside their own SQL, run and fetched by the driver.

    Each on a connection of its own, which an export always has.
    """
    sales.analyze(Flight._meta.db_table)
    results = []
    for slug in AGGREGATES:
        report = registry.get(slug)
        values = dict(read(report, {}, "default").values)

        def ours(report: Report = report, values: dict[str, Any] = values) -> None:
            export = ExportPipeline(Statement(report, values, "default"), CSV)
            write_file(bench.file, export.pieces())

        query = Statement(report, values, "default").queryset.query
        sql, params = query.get_compiler(connection=connection).executable_sql()

        def bare(sql: str = sql, params: Any = params) -> None:
            fresh = connection.copy()
            with closing(fresh), fresh.cursor() as cursor:
                cursor.execute(sql, params)
                cursor.fetchall()

        ours()
        bare()
        our_seconds, its_seconds = race(ours, bare)
        results.append(Result(case=slug, limit=BARE, ours=our_seconds, other=its_seconds))
    print("", HEADER.format(other="bare SQL"), *(result.line() for result in results), sep="\n")


# The last one makes the table larger.
SECTIONS: dict[str, Callable[[Bench], None]] = {
    "speed": _speed,
    "aggregates": _aggregates,
    "downloads": downloads.measure,
    "memory": memory.measure,
}
