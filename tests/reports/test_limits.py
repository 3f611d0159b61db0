"""Export limits: reaching one is an error that names it, never a shorter file."""

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError

from geo.backends.wrapper import database_wrapper
from geo.models import City
from reports import Column, Report
from reports.errors import LimitReached
from reports.exports.pipeline import ExportPipeline
from reports.formats import FORMATS, Format
from reports.formats.base import Document
from reports.limits import ExportLimits
from reports.queries.statement import Statement
from tests.fixtures.served import Site
from tests.fixtures.sessions import Sessions
from tests.web.site.slow import Slow

# Seconds that a limit of less may take to be seen, on a busy machine.
SOON = 3.0


class Cities(Report):
    """Several pieces of several hundred rows."""

    queryset = City.objects.filter(population__gte=50_000)
    name = Column("name")
    timezone = Column("timezone")


def export(report: Report, **limits: Any) -> ExportPipeline:
    given = {"seconds": None, "statement_seconds": None} | limits
    statement = Statement(report, {}, "default")
    return ExportPipeline(statement, FORMATS["csv"], "raw", limits=ExportLimits(**given))


def wait_until_idle(sessions: Sessions) -> None:
    """Waits for the server, which needs some milliseconds to notice a closed session."""
    end = time.monotonic() + SOON
    while sessions.busy():
        assert time.monotonic() < end, "a statement still runs"
        time.sleep(0.05)


def whole() -> ExportPipeline:
    done = export(Cities())
    assert sum(map(len, done.pieces())) == done.size > 200_000
    return done


@pytest.mark.parametrize("what", ["rows", "bytes"])
def test_as_many_as_the_limit_are_whole_and_one_more_is_an_error(committed: Any, what: str) -> None:
    done = whole()
    number = {"rows": done.rows, "bytes": done.size}[what]
    just = export(Cities(), **{what: number})
    assert b"".join(just.pieces())
    assert just.sha256 == done.sha256
    words = rf"'cities' has more {what} than .* The limit is {number - 1} \(EXPORT_LIMITS\['{what}'"
    with pytest.raises(LimitReached, match=words):
        list(export(Cities(), **{what: number - 1}).pieces())


@pytest.mark.parametrize("limit", ["statement_seconds", "seconds"])
def test_a_statement_that_thinks_too_long_is_ended(
    committed: Any, sessions: Sessions, limit: str
) -> None:
    begin = time.monotonic()
    with pytest.raises(LimitReached, match=rf"The limit is 0.5 \(EXPORT_LIMITS\['{limit}'\]\)"):
        list(export(Slow(), **{limit: 0.5}).pieces())
    assert time.monotonic() - begin < SOON
    wait_until_idle(sessions)


def test_a_reader_who_takes_longer_than_a_statement_may_is_none_of_its_business(
    committed: Any,
) -> None:
    pieces = export(Cities(), statement_seconds=0.5).pieces()
    assert next(pieces)
    time.sleep(1)
    assert len(list(pieces)) > 1


def test_a_reader_who_takes_longer_than_an_export_may_is_left(
    committed: Any, sessions: Sessions
) -> None:
    pieces = export(Cities(), seconds=0.5).pieces()
    assert next(pieces)
    time.sleep(1)
    with pytest.raises(LimitReached, match=r"The limit is 0.5 \(EXPORT_LIMITS\['seconds'\]\)"):
        list(pieces)
    wait_until_idle(sessions)


def test_a_loop_that_waits_for_no_database_keeps_to_the_limits(committed: Any) -> None:
    """It cannot be interrupted from outside."""

    end = time.monotonic() + SOON

    def long(document: Document) -> Iterator[str]:
        while time.monotonic() < end:
            yield ""

    format_ = Format(name="long", content_type="text/plain", dialects={"raw": long})
    limits = ExportLimits(seconds=0.5, statement_seconds=None)
    with pytest.raises(LimitReached, match=r"The limit is 0.5 \(EXPORT_LIMITS\['seconds'\]\)"):
        list(ExportPipeline(Statement(Cities(), {}, "default"), format_, limits=limits).pieces())
    assert time.monotonic() < end


# What the database itself does, were this process held up.


def run_slowly(connection: Any) -> None:
    compiler = Statement(Slow(), {}, "default").queryset.query.get_compiler(connection=connection)
    next(compiler.results_iter(tuple_expected=True, chunked_fetch=connection.is_snapshot))


def test_a_snapshot_is_bounded_by_its_server(committed: Any) -> None:
    begin = time.monotonic()
    with (
        pytest.raises(DatabaseError) as caught,
        database_wrapper("default").snapshot(seconds=0.5) as held,
    ):
        run_slowly(held)
    assert database_wrapper("default").is_over_time(caught.value)
    assert time.monotonic() - begin < SOON


def test_within_a_limit_statements_are_ended_and_behind_it_they_are_not(committed: Any) -> None:
    with (
        pytest.raises(DatabaseError) as caught,
        database_wrapper("default").limited(0.05),
    ):
        run_slowly(committed)
    assert database_wrapper("default").is_over_time(caught.value)
    assert elapsed(committed) > 0.05


def elapsed(connection: Any) -> float:
    """Returns the seconds that a statement of nearly two million comparisons takes."""
    begin = time.monotonic()
    cities = City._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {cities} a, (SELECT name FROM {cities}"
            " ORDER BY geoname_id LIMIT 50) b WHERE a.name < b.name"
        )
    return time.monotonic() - begin


def test_other_errors_are_not_over_time(committed: Any) -> None:
    with pytest.raises(DatabaseError) as caught, committed.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    assert not database_wrapper("default").is_over_time(caught.value)


def test_a_command_takes_as_long_as_it_is_told(committed: Any, site: Site, tmp_path: Any) -> None:
    command = [sys.executable, "manage.py", "exportreport", "slow", "--seconds"]

    def run(*arguments: str) -> Any:
        return subprocess.run(
            [*command, *arguments],
            env=site.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    done = run("1", "-o", str(tmp_path / "slow.csv"))
    assert done.returncode == 1
    assert "The limit is 1.0 (EXPORT_LIMITS['seconds'])" in done.stderr
    assert list(tmp_path.iterdir()) == []
    refused = run("-1")
    assert refused.returncode == 2
    assert "'-1' is not a number of seconds above 0" in refused.stderr


def test_a_command_keeps_the_limit_of_rows(site: Site) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "exportreport", "towns"],
        env=site.limited(export={"rows": 100}).environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "more rows than an export may have" in done.stderr
    assert "(EXPORT_LIMITS['rows'])" in done.stderr
