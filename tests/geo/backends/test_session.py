"""Every session has the same settings, whatever the server's are."""

import hashlib
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, connection, transaction
from django.db.models import BigIntegerField, Case, F, IntegerField, Value, When

from geo.backends.mysql import session as mysql
from geo.backends.postgis import session as postgis
from geo.backends.wrapper import database_wrapper
from reports import Column, Report, registry
from reports.errors import StatementFailed
from reports.exports.pipeline import ExportPipeline
from reports.expressions import AsText, Cast, Concat, Left, Microseconds, Shifted
from reports.formats import FORMATS
from reports.queries.statement import Statement
from tests import capabilities
from tests.hostile.models import Entry, Long

PARAMETERS = ("is_text", "of", "ranked", "worth", "when_from", "when_to")

# What an engine sets that a server would otherwise decide, and how to ask for it. A file decides
# nothing.
DECLARED = {
    "mysql": [setting.split("=", 1) for setting in mysql.SESSION],
    "postgresql": list(postgis.SESSION.items()),
}
ASKED = {"mysql": "SELECT @@session.{}", "postgresql": "SHOW {}"}


def _one(sql: str, *parameters: object) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()[0]


@pytest.fixture
def cuts_texts() -> bool:
    """Could the server truncate a text, if the session allowed it?"""
    return connection.vendor == "mysql"


@pytest.mark.django_db
def test_the_session_is_set_as_declared() -> None:
    for name, value in DECLARED.get(connection.vendor, ()):
        found = set(str(_one(ASKED[connection.vendor].format(name))).split(","))
        assert found == set(value.strip("'").split(",")), name
    if connection.engine_name == "mariadb":
        for name, value in (setting.split("=", 1) for setting in mysql.MARIADB):
            assert value.strip("'") in str(_one(ASKED["mysql"].format(name))).split(","), name


@pytest.mark.django_db
@pytest.mark.parametrize("number", [5_000_000_000.0, -5_000_000_000.5, 4_294_967_297.25])
def test_mathematics_goes_past_32_bits(number: float) -> None:
    for function in (math.ceil, math.floor):
        assert _one(f"SELECT {function.__name__}(%s * 1.0)", number) == function(number)
    assert float(_one("SELECT sqrt(%s * 1.0)", number**2)) == pytest.approx(abs(number), rel=1e-12)
    assert float(_one("SELECT abs(%s * 1.0)", number)) == abs(number)


def test_a_text_too_long_to_order_by_is_an_error_where_the_server_cuts_it(committed: Any) -> None:
    texts = [f"{'x' * 70_000}{letter}" for letter in "bca"]

    class Probe(Report):
        queryset = Long.objects.filter(pk__lt=0)
        text = Column("text")

        class Meta:
            ordering = ("text",)

    Long.objects.bulk_create(
        [Long(id=-1 - number, kind=0, text=text) for number, text in enumerate(texts)]
    )
    try:
        rows = Statement(Probe(), {}, "default").stream()
        if capabilities.cuts_sort_keys():
            with pytest.raises(StatementFailed) as caught:
                list(rows)
            assert isinstance(caught.value.__cause__, DataError)
            assert "cut a value" in str(caught.value.__cause__)
        else:
            assert [text for (text,) in rows] == sorted(texts)
    finally:
        Long.objects.filter(pk__lt=0).delete()


@pytest.mark.django_db
def test_a_text_the_server_cuts_is_an_error(cuts_texts: bool, hostile: None) -> None:
    """If a server truncates a string aggregate, the cursor raises an error."""
    sql = "SELECT GROUP_CONCAT(text) FROM hostile_long WHERE kind = 1"
    if not cuts_texts:
        assert len(_one(sql.replace("GROUP_CONCAT(text)", "STRING_AGG(text, '')"))) > 2**20
        return
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET SESSION group_concat_max_len = 1024")
        try:
            with pytest.raises(DataError, match="cut a value"):
                cursor.execute(sql)
        finally:
            cursor.execute("SET SESSION group_concat_max_len = 1073741824")


@pytest.mark.django_db
def test_a_text_that_passes_the_servers_packet_is_an_error(cuts_texts: bool) -> None:
    with database_wrapper("default").snapshot() as snapshot, snapshot.cursor() as cursor:
        if not cuts_texts:
            cursor.execute("SELECT LENGTH(REPLACE(%s, 'x', %s))", ["x" * 100_000, "y" * 1_000])
            assert cursor.fetchone() == (10**8,)
            return
        with pytest.raises(DataError, match="Raise max_allowed_packet"):
            cursor.execute("SELECT LENGTH(REPEAT('x', @@max_allowed_packet + 1))")


@pytest.mark.parametrize(
    "read",
    [
        lambda cursor: [cursor.fetchone(), cursor.fetchone()],
        lambda cursor: [*cursor.fetchmany(2), *cursor.fetchmany(2)],
        lambda cursor: cursor.fetchall(),
    ],
    ids=["one by one", "several", "all"],
)
def test_a_text_that_is_cut_while_rows_come_is_an_error(
    read: Any, cuts_texts: bool, committed: Any
) -> None:
    sql = "SELECT GROUP_CONCAT(text) FROM hostile_long WHERE kind = 1"
    with database_wrapper("default").snapshot() as snapshot:
        if not cuts_texts:
            with snapshot.chunked_cursor() as cursor:
                cursor.execute(sql.replace("GROUP_CONCAT(text)", "STRING_AGG(text, '')"))
                assert len(read(cursor)[0][0]) > 2**20
            return
        with snapshot.cursor() as cursor:
            cursor.execute("SET SESSION group_concat_max_len = 1024")
        with snapshot.chunked_cursor() as cursor:
            cursor.execute(sql)
            with pytest.raises(DataError, match="cut a value"):
                read(cursor)


@pytest.mark.parametrize(
    "slug", ["hostile-numbers", "hostile-owners", "hostile-late-texts", "hostile-values"]
)
def test_what_the_server_is_set_to_changes_no_answer(
    slug: str, badly_set: None, expected: dict[str, str]
) -> None:
    # A statement's rows come over a connection of its own, opened now.
    statement = Statement(registry.get(slug), dict.fromkeys(PARAMETERS), "default")
    found = b"".join(ExportPipeline(statement, FORMATS["csv"], "raw").pieces())
    assert hashlib.sha256(found).hexdigest() == expected[slug]


def test_a_session_of_a_badly_set_server_is_set_as_declared(
    badly_set: None, cuts_texts: bool
) -> None:
    with database_wrapper("default").snapshot() as snapshot:
        if cuts_texts:  # then `check` looks at the session too
            assert snapshot.validation._session() == []
        with snapshot.cursor() as cursor:
            cursor.execute("SELECT CURRENT_TIMESTAMP")
            (now,) = cursor.fetchone()
    now = now if isinstance(now, datetime) else datetime.fromisoformat(now)
    elapsed = datetime.now(UTC) - (now if now.tzinfo else now.replace(tzinfo=UTC))
    assert abs(elapsed) < timedelta(minutes=10)


def test_a_badly_set_server_compiles_no_statement(badly_set: None) -> None:
    """JIT compilation takes longer than the statement itself."""
    with database_wrapper("default").snapshot() as snapshot, snapshot.cursor() as cursor:
        cursor.execute("EXPLAIN SELECT SUM(id) FROM hostile_digit")
        assert "JIT" not in str(cursor.fetchall())


def test_sql_of_an_author_means_the_same_on_a_badly_set_server(
    committed: Any, request: pytest.FixtureRequest
) -> None:
    """It has values of every type, a backslash in a literal, and a comparison with NULL."""
    columns = "uid, day, clock, at, huge, ratio, span, data, 'a\\b', (text = NULL) IS NULL"

    def answer() -> Any:
        with database_wrapper("default").snapshot() as snapshot, snapshot.cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM hostile_entry WHERE id < 100 ORDER BY id")
            return cursor.fetchall()

    before = answer()
    request.getfixturevalue("badly_set")
    assert answer() == before


def test_what_the_server_is_set_to_changes_no_expression(
    committed: Any, request: pytest.FixtureRequest
) -> None:
    nothing = Value(None, output_field=IntegerField())

    class Probe(Report):
        queryset = Entry.objects.all()
        ratio = Column("ratio", places=12)
        compared = Column(Case(When(number=nothing, then=1), default=0))
        later = Column(Shifted("at", F("span")))
        lasting = Column(Microseconds("span"))
        joined = Column(Concat("text", Value("\\"), AsText("uid"), AsText("at")))
        read = Column(Cast(Left("text", 3), BigIntegerField()))

    statement = Statement(Probe(), {}, "default")
    before = list(statement.stream())
    assert {row[1] for row in before} == {0}
    request.getfixturevalue("badly_set")
    assert list(statement.stream()) == before
