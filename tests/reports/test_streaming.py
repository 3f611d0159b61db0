"""A million rows in constant memory, from one snapshot; and exports that stop half-way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Max

from geo.backends.wrapper import database_wrapper
from reports import Column, Report, registry
from reports.errors import StatementFailed
from reports.formats import FORMATS
from reports.queries.statement import Statement
from tests.fixtures.sessions import Sessions
from tests.hostile.million import Million
from tests.hostile.models import Gone, Instant
from tests.hostile.process import is_half_way

MAX_GROWTH = 50 * 1024  # KiB
PROCESS = [sys.executable, "-m", "tests.hostile.process"]
EXPORT = ["million", "--dialect", "raw", "-o"]


def _wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


@pytest.fixture
def running(
    committed: Any, million: None, tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Returns a function that exports the million rows to tmp_path / "million.csv"."""
    started: list[subprocess.Popen[str]] = []

    def start(*how: str) -> subprocess.Popen[str]:
        command = [*PROCESS, *how, *EXPORT, str(tmp_path / "million.csv")]
        # A shell starts what it runs in the background deaf to SIGINT, this suite perhaps too.
        process = subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ,
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _fail_half_way(sessions: Sessions, start: Callable[..., Any], folder: Path) -> Any:
    """Runs an export whose database is lost, or whose statement is stopped, in mid-stream."""
    if not sessions.has_server:
        return start("interrupted", str(folder))
    process = start("export")
    _wait_for(lambda: is_half_way(folder))
    sessions.end_others()
    return process


def _peak(first: int, name: str) -> int:
    command = [*PROCESS, "peak", str(first), name]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return int(found.stdout)


def test_a_million_rows_need_no_more_memory_than_ten_thousand(
    committed: Any, million: None
) -> None:
    assert _peak(0, "csv") - _peak(990_000, "csv") <= MAX_GROWTH


# Of rows that come one by one, which JSON has on every database.
@pytest.mark.parametrize(
    "name",
    [
        "json",
        *(
            pytest.param(name, marks=pytest.mark.once)
            for name in sorted(FORMATS.keys() - {"csv", "geojson", "json"})
        ),
    ],
)
def test_memory_does_not_grow_with_the_rows_of_any_format(
    name: str, committed: Any, million: None
) -> None:
    assert _peak(800_000, name) - _peak(990_000, name) <= MAX_GROWTH


@pytest.mark.parametrize("before", [None, "the export of yesterday"], ids=["new file", "old file"])
def test_a_database_lost_half_way_leaves_no_half_file(
    before: str | None, sessions: Sessions, running: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "million.csv"
    if before is not None:
        path.write_text(before)
    process = _fail_half_way(sessions, running, tmp_path)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "'default' failed to answer 'million'" in errors
    assert "Traceback" not in errors
    assert [file.name for file in tmp_path.iterdir()] == ([path.name] if before else [])
    assert before is None or path.read_text() == before


def test_an_interrupted_command_leaves_nothing_and_exits_130(
    running: Callable[..., Any], tmp_path: Path
) -> None:
    process = running("export")
    _wait_for(lambda: is_half_way(tmp_path))
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted" in errors
    assert list(tmp_path.iterdir()) == []


def test_rows_that_change_in_mid_stream_do_not_show(committed: Any) -> None:
    parameters = {"when_from": None, "when_to": None}
    statement = Statement(registry.get("hostile-calendars"), parameters, "default")
    before = list(statement.stream())
    last = Instant.objects.aggregate(Max("pk"))["pk__max"]
    kept = Instant.objects.get(pk=last)
    rows = statement.stream()
    first = next(rows)
    Instant.objects.filter(pk=last).update(at=datetime.fromisoformat("2000-01-01T00:00:00Z"))
    Instant.objects.create(pk=last + 1, at=kept.at)
    try:
        assert [first, *rows] == before
        assert list(statement.stream()) != before
    finally:
        kept.save()
        Instant.objects.filter(pk__gt=last).delete()
    assert list(statement.stream()) == before


def test_two_reads_of_a_snapshot_see_the_same(committed: Any) -> None:
    def count(connection: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {Instant._meta.db_table}")
            return int(cursor.fetchone()[0])

    with database_wrapper("default").snapshot() as snapshot:
        before = Instant.objects.count()
        row = Instant.objects.create(pk=0, at=datetime.fromisoformat("2000-01-01T00:00:00Z"))
        try:
            assert count(snapshot) == before
            assert count(committed) == before + 1
        finally:
            row.delete()


def test_a_snapshot_writes_nothing(committed: Any) -> None:
    with (
        pytest.raises(Exception, match=r"(?i)read.?only"),
        database_wrapper("default").snapshot() as snapshot,
        snapshot.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {Instant._meta.db_table} WHERE id = -1")


def test_a_stream_that_is_left_ends_its_statement_at_once(
    sessions: Sessions, million: None
) -> None:
    rows = Statement(Million(), {"at_least": None}, "default").stream()
    next(rows)
    begin = time.monotonic()
    rows.close()
    assert time.monotonic() - begin < 2
    _wait_for(lambda: not sessions.busy(), 2)


def test_a_statement_that_fails_names_report_and_database(committed: Any) -> None:
    class Lost(Report):
        queryset = Gone.objects.all()
        number = Column("pk")

    with pytest.raises(StatementFailed, match=r"'default' failed to answer 'lost'"):
        list(Statement(Lost(), {}, "default").stream())


@pytest.mark.django_db
def test_a_cursor_of_a_snapshot_may_be_closed_before_it_is_asked() -> None:
    with database_wrapper("default").snapshot() as connection:
        connection.chunked_cursor().close()
        with connection.chunked_cursor() as cursor:
            cursor.execute("SELECT 1")
            assert list(map(tuple, cursor.fetchmany(5))) == [(1,)]
