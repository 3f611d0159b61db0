"""The database writes the same lines as Python."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.models import Case, DecimalField, ExpressionWrapper, F, FloatField, When
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reports import Column, Report, registry
from reports.errors import RowFailed, StatementFailed
from reports.exports.fastcsv import library
from reports.exports.fastcsv.rows import Lines, refusal
from reports.exports.pipeline import ExportPipeline
from reports.expressions import Cast, Count
from reports.formats import FORMATS
from reports.formats.base import Document
from reports.formats.csv import Delimited
from reports.queries.parameters import read
from reports.queries.result import Row
from reports.queries.statement import Statement
from tests import capabilities, under_test
from tests.hostile.models import Entry, PointShape
from tests.hostile.reports import HostileValues
from tests.hostile.texts import TEXTS

REPORTS = list(registry.every())
WRITERS = {
    "raw": Delimited(for_people=False),
    "safe": Delimited(for_people=True),
    "semicolons": Delimited(for_people=True, separator=";", end="\n"),
    "tabs": Delimited(for_people=False, separator="\t"),
}
FIRST = 20_000_000


class Everything(HostileValues):
    """A column of every type that lines can have, of this module's own rows."""

    queryset = Entry.objects.filter(pk__gte=FIRST)
    key = Column("pk")
    ratio = Column("ratio", places=3)

    class Meta:
        ordering = ["-note"]


class Computed(Everything):
    """The same, and numbers that the database computes."""

    decimal = Column(
        Case(
            When(flag=True, then=Cast("ratio", DecimalField(max_digits=15, decimal_places=4))),
            default=Cast("price", DecimalField(max_digits=15, decimal_places=4)),
        )
    )
    half = Column(Cast("price", DecimalField(max_digits=15, decimal_places=4)), places=1)
    floating = Column(ExpressionWrapper(F("price"), output_field=FloatField()), places=6)


def _statement(report: Report, *sort: str) -> Statement:
    return Statement(report, dict(read(report, {}, "default").values), "default", sort=sort)


def _one_by_one(statement: Statement, writer: Delimited, rows: Iterable[Row] | None = None) -> str:
    rows = statement.stream() if rows is None else rows
    return "".join(writer(Document(title="", columns=statement.columns, rows=rows)))


def _by_line(statement: Statement, writer: Delimited) -> str:
    return b"".join(Lines(statement, writer).pieces()).decode()


@pytest.fixture(scope="module")
def written(django_db_blocker: Any, hostile: None) -> list[str]:
    """Returns the slugs of the reports whose lines the database writes."""
    with django_db_blocker.unblock():
        return [r.slug for r in REPORTS if not refusal(_statement(r), WRITERS["safe"])]


def test_the_database_writes_what_is_flat_and_of_proven_types(written: list[str]) -> None:
    assert {"hostile-values", "highest-airports"} <= set(written)
    assert not {"airports-by-country", "delays-by-month", "country-shapes"} & set(written)
    assert len(written) >= 5


@pytest.mark.django_db
def test_every_report_has_the_same_lines_either_way(written: list[str]) -> None:
    for slug in written:
        statement = _statement(registry.get(slug))
        rows = list(statement.stream())
        for name, writer in WRITERS.items():
            line = _by_line(statement, writer)
            assert line == _one_by_one(statement, writer, rows), (slug, name)


# What a column of each type may hold; texts with what lines are made of.
UNITS = st.integers(-(10**15) + 1, 10**15 - 1)
MARKS = st.text(alphabet='a,;"\t\r\n =+-@\u00a0\u3000\uff1dé東\U0001f600\x01\x1e\x1f', max_size=6)
WORDS = st.sampled_from([text for text in TEXTS if text and len(text) <= 255]) | MARKS
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.none() | WORDS,
            "note": st.none() | WORDS,
            "owner_id": st.none() | st.integers(1, 3),
            "rank": st.none() | st.integers(-(2**31), 2**31 - 1),
            "big": st.none() | st.integers(-(2**63), 2**63 - 1),
            "amount": st.none() | UNITS.map(lambda n: Decimal(n).scaleb(-6)),
            "price": st.none() | UNITS.map(lambda n: Decimal(n).scaleb(-2)),
            "ratio": st.none() | st.floats(-1e9, 1e9, allow_subnormal=False),
            "flag": st.none() | st.booleans(),
            "uid": st.none() | st.uuids(version=4),
            "day": st.none() | st.dates(date(1000, 1, 1)),
            "clock": st.none() | st.times(),
            "at": st.none()
            | st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)),
        }
    ),
    max_size=8,
)


@pytest.fixture
def own_rows(committed: Any) -> Iterator[None]:
    """Deletes this test's rows, from FIRST on, when it ends."""
    yield
    Entry.objects.filter(pk__gte=FIRST).delete()


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(  # whose text SQLite writes with more digits
    rows=[{"price": Decimal("3398776396052.65")}],
    writer="raw",
    sort="key",
)
@given(
    rows=ROWS,
    writer=st.sampled_from(sorted(WRITERS)),
    sort=st.sampled_from([sign + column for column in Computed.columns for sign in ("", "-")]),
)
def test_any_rows_have_the_same_lines_either_way(
    own_rows: None, rows: list[dict[str, Any]], writer: str, sort: str
) -> None:
    Entry.objects.filter(pk__gte=FIRST).delete()
    Entry.objects.bulk_create(Entry(id=FIRST + n, **row) for n, row in enumerate(rows))
    statement = _statement(Computed(), sort)
    assert not refusal(statement, WRITERS[writer])
    assert _by_line(statement, WRITERS[writer]) == _one_by_one(statement, WRITERS[writer])


@pytest.mark.parametrize("sort", ["uid", "-uid"])
def test_lines_are_sorted_as_rows_are(own_rows: None, sort: str) -> None:
    # MariaDB sorts UUIDs of versions 1 to 5 by their parts, from the last to the first.
    uids = [UUID(int=n << shift, version=4) for shift in (0, 48, 64, 80, 96) for n in (1, 2)]
    Entry.objects.bulk_create(Entry(id=FIRST + n, uid=uid) for n, uid in enumerate(uids))
    statement = _statement(Everything(), sort)
    assert _by_line(statement, WRITERS["raw"]) == _one_by_one(statement, WRITERS["raw"])


def test_rows_are_counted_whichever_way_they_are_written(own_rows: None) -> None:
    texts = ["plain", "=1+1", 'a "b"', "two\nlines"] * 500
    Entry.objects.bulk_create(Entry(id=FIRST + n, text=text) for n, text in enumerate(texts))
    found = Lines(_statement(Everything()), WRITERS["safe"])
    lines = b"".join(found.pieces()).decode()
    assert found.rows == len(texts)
    assert lines == _one_by_one(_statement(Everything()), WRITERS["safe"])


# What a column may be given that is no value of its type, and what is one in an odd form.
ODD = [
    ("rank", "'five'", "5"),
    ("amount", "'much'", "-0.001"),
    ("price", "'1,5'", "-0.00"),
    ("day", "'2013-02-30'", "'2013-12-31'"),
    ("day", "'soon'", "'2016-02-29'"),
    ("clock", "'25:61'", "'10:00:00.000000'"),
    ("at", "'2013-04-31 00:00:00'", "'2013-04-30 00:00:00.000000'"),
    ("uid", "'zz'", "NULL"),
]


# What the databases say of them.
KEPT_OUT = "(?i)invalid input syntax|out of range|incorrect|truncated"


@pytest.mark.parametrize(("column", "bad", "good"), ODD)
def test_a_value_that_has_not_its_type_is_kept_out_or_fails_the_export(
    column: str, bad: str, good: str, own_rows: None
) -> None:
    Entry.objects.create(id=FIRST)
    _put(column, good)
    statement = _statement(Everything())
    assert _by_line(statement, WRITERS["raw"]) == _one_by_one(statement, WRITERS["raw"])
    is_typed = column != "uid" or connection.features.has_native_uuid_field
    if capabilities.keeps_types() and is_typed:
        with pytest.raises(DatabaseError, match=KEPT_OUT):
            _put(column, bad)
        return
    _put(column, bad)
    with pytest.raises(RowFailed, match=r"'everything' .* row 1 .* column"):
        _by_line(_statement(Everything()), WRITERS["raw"])


@pytest.mark.parametrize(("column", "void"), [("day", "0000-00-00"), ("at", "2013-00-10 00:00:00")])
def test_a_day_that_is_none_is_kept_out_or_nothing_or_fails_the_export(
    column: str, void: str, own_rows: None
) -> None:
    Entry.objects.create(id=FIRST)
    nothing = _by_line(_statement(Everything()), WRITERS["raw"])
    if capabilities.keeps_types():
        with pytest.raises(DatabaseError, match=KEPT_OUT):
            _put(column, f"'{void}'")
        assert _by_line(_statement(Everything()), WRITERS["raw"]) == nothing
    if capabilities.has_void_days():  # the session's strict mode alone keeps it out
        with connection.cursor() as cursor:
            cursor.execute("SET SESSION sql_mode = ''")
        _put(column, f"'{void}'")
        connection.close()
        assert _one_by_one(_statement(Everything()), WRITERS["raw"]) == nothing
        assert _by_line(_statement(Everything()), WRITERS["raw"]) == nothing
    if not capabilities.keeps_types():
        _put(column, f"'{void}'")
        with pytest.raises(ValueError, match=r"year 0 is out of range|month must be in"):
            _one_by_one(_statement(Everything()), WRITERS["raw"])
        with pytest.raises(RowFailed, match=rf"row 1 .* column '{column}'"):
            _by_line(_statement(Everything()), WRITERS["raw"])


# The text of these bytes, in each vendor's SQL.
OF_BYTES = {
    "postgresql": r"convert_from('\x{}', 'UTF8')",
    "mysql": "_utf8mb4 x'{}'",
    "sqlite": "CAST(x'{}' AS TEXT)",
}


@pytest.mark.parametrize("digits", ["66ff66", "66fe66", "66fd66", "66c366", "fe66"])
def test_a_text_that_is_not_utf_8_is_kept_out_or_fails_the_export(
    digits: str, own_rows: None
) -> None:
    Entry.objects.create(id=FIRST, note="a")
    text = OF_BYTES[connection.vendor].format(digits)
    if capabilities.keeps_types():
        with pytest.raises(DatabaseError, match=r"(?i)invalid byte sequence|invalid utf8"):
            _put("text", text)
        return
    _put("text", text)
    with pytest.raises(StatementFailed) as caught:
        _one_by_one(_statement(Everything()), WRITERS["raw"])
    assert "Could not decode to UTF-8" in str(caught.value.__cause__)
    with pytest.raises(RowFailed, match="is not text"):
        _by_line(_statement(Everything()), WRITERS["raw"])


class OneText(Report):
    queryset = Entry.objects.filter(pk__gte=FIRST)
    text = Column("text")


def test_one_column_alone_is_written_alike(own_rows: None) -> None:
    texts = [None, "", "\\.", "a", '"', ",", "=1"]
    Entry.objects.bulk_create(Entry(id=FIRST + n, text=text) for n, text in enumerate(texts))
    statement = _statement(OneText())
    for writer in WRITERS.values():
        assert _by_line(statement, writer) == _one_by_one(statement, writer)


def _put(column: str, value: str) -> None:
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(column)
        cursor.execute(f"UPDATE hostile_entry SET {name} = {value} WHERE id = {FIRST}")


class Grouped(Report):
    queryset = Entry.objects.all()
    group_by = {"rank": "rank"}
    entries = Column(Count("pk"))


class OfOneEngine(Report):
    """A report for one engine: its expressions may have any type, whatever they declare."""

    queryset = Entry.objects.all()
    text = Column("text")

    class Meta:
        databases = [under_test.name()]


class Shape(Report):
    queryset = PointShape.objects.all()
    shape = Column("shape")


@pytest.mark.parametrize(
    ("report", "why"),
    [(Grouped, "groups"), (OfOneEngine, "groups"), (Shape, "'shape'")],
)
@pytest.mark.django_db
def test_what_cannot_be_written_as_lines_says_why(report: type[Report], why: str) -> None:
    assert why in refusal(_statement(report()), WRITERS["raw"])
    assert "not CSV or TSV" in refusal(_statement(report()), FORMATS["html"].dialect(None))


@pytest.mark.django_db
def test_without_compiled_code_rows_are_written_one_by_one(
    hostile: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = b"".join(ExportPipeline(_statement(HostileValues()), FORMATS["csv"]).pieces())
    monkeypatch.setattr(library, "load", lambda: None)
    export = ExportPipeline(_statement(HostileValues()), FORMATS["csv"])
    assert export.row_by_row == "csvrows.c is not compiled: script/setup does that"
    assert b"".join(export.pieces()) == whole


@pytest.mark.django_db
def test_the_command_says_who_writes_the_lines(
    hostile: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for slug, words in (
        ("hostile-values", "hostile-values: the database writes the lines."),
        ("hostile-days", "hostile-days: rows are written one by one: its rows are groups"),
    ):
        call_command("exportreport", slug, "-o", str(tmp_path / "out.csv"), "--verbosity", "2")
        assert words in capsys.readouterr().err


@pytest.mark.django_db
def test_a_long_head_does_not_go_before_the_database_has_answered(hostile: None) -> None:
    """An immediate failure is reported before the download begins."""

    class LongHead(Report):
        queryset = Entry.objects.all()
        note = Column("note", label="long " * 1000)

    export = ExportPipeline(_statement(LongHead()), FORMATS["csv"])
    assert not export.row_by_row
    first = next(pieces := export.pieces())
    assert first.count(b"\r\n") > 1
    pieces.close()
