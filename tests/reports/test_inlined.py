"""Texts inlined in a statement reach the database unchanged, whatever its settings.

Where a database writes the lines of an export, PostgreSQL takes no parameters; the drivers of
MySQL and MariaDB write them into every statement.
"""

import csv
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.db.models import TextField, Value

from reports import Column, Report
from reports.errors import StatementFailed
from reports.exports.fastcsv.rows import Lines, refusal
from reports.formats.base import Document
from reports.formats.csv import Delimited
from reports.queries.statement import Statement
from tests.fixtures.sessions import BAD_POSTGRESQL
from tests.hostile.models import Entry

FIRST = 30_000_000
WRITER = Delimited(for_people=False)
NARROW, READER, PASSWORD = "narrow", "narrow_reader", "only-reads"
CANARY = "isoline_canary"
DROP = f"DROP TABLE {CANARY}"
TEXTS = [
    "plain",
    "it's",
    "''",
    "'",
    '"',
    "\\",
    "\\\\",
    "\\'",
    "'\\''",
    "\\n\\t\\x41\\u0041\\101",
    "ends with a backslash\\",
    f"'; {DROP}; --",
    f"\\'; {DROP}; --",
    f"'); COMMIT; {DROP}; --",
    f"') TO STDOUT; COMMIT; {DROP}; COPY (SELECT '",
    f"\\'); COMMIT; {DROP}; --",
    f"'; COMMIT; {DROP}; #",
    f'"; COMMIT; {DROP}; --',
    f"\u00bf'; COMMIT; {DROP}; --",
    # Ends in the byte of a backslash where a server reads Shift JIS or GBK.
    f"\u8868'; COMMIT; {DROP}; --",
    f"\u7e17\\'; COMMIT; {DROP}; --",
    f"$$; COMMIT; {DROP}; $$",
    "$body$ $1 $$",
    f"/* '; {DROP}; */",
    f"*/; {DROP}; /*",
    "-- # /*!50000 x */",
    "%",
    "%%",
    "%s %(name)s %b %t {} {0} {x}",
    "100 % sure; 50%'",
    "E'\\x41'",
    "U&'\\0041'",
    "x'41'",
    "_latin1'a'",
    "\\copy \\.",
    "\\N",
    "NULL",
    "a,b;c\td\r\ne\nf",
    "\x01\x1a\x7f\u0085\u2028",
    "\u00e9\u6771\u4eac\u0416\u05d0",
    "\U0001f600\U00020bb7\U0010ffff",
    "\u2019\u02bc\uff07",
    "'\\" * 50_000,
    "\U0001f600" * 120_000,
]
NUL = "a\0'b"
VALUES: dict[str, Any] = {
    "day": date(2013, 2, 1),
    "clock": time(1, 2, 3, 456789),
    "at": datetime(2013, 2, 1, 23, 59, 59, 999999, tzinfo=UTC),
    "amount": Decimal("-123456789.123456"),
    "big": -(2**63),
    "flag": False,
    "uid": UUID("00000000-0000-4000-8000-00000000005c"),
}


def report(text: str, **others: Any) -> Report:
    """Returns a report of the rows with the text, which is also a column."""

    class Inlined(Report):
        queryset = Entry.objects.filter(pk__gte=FIRST, note=text, **others)
        key = Column("pk")
        note = Column("note")
        said = Column(Value(text, output_field=TextField()))

    return Inlined()


def written(text: str, alias: str, **others: Any) -> tuple[bytes, bytes]:
    """Returns the bytes of the report, from the database's lines and row by row."""
    statement = Statement(report(text, **others), {}, alias)
    assert refusal(statement, WRITER) == ""
    document = Document(title="", columns=statement.columns, rows=statement.stream())
    by_line = b"".join(Lines(statement, WRITER).pieces())
    return by_line, "".join(WRITER(document)).encode()


@pytest.fixture(scope="module")
def rows(hostile: None, django_db_blocker: Any) -> Iterator[None]:
    """A row for each text, and a table that hostile ones would drop."""
    with django_db_blocker.unblock():
        connection = connections["default"]
        entries = Entry.objects.filter(pk__gte=FIRST)
        entries.delete()
        texts = TEXTS if refuses_nul() else [*TEXTS, NUL]
        for number, text in enumerate(texts):
            Entry.objects.create(pk=FIRST + number, note=text, **VALUES)
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {CANARY} (sings integer)")
        yield
        with connection.cursor() as cursor:
            # Fails if it is gone.
            cursor.execute(DROP)
        entries.delete()


def refuses_nul() -> bool:
    """Does the database refuse texts with a NUL?"""
    features: Any = connections["default"].features
    return bool(features.prohibits_null_characters_in_text_exception)


SETUP = {
    "postgresql": [
        f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}",
        *(f"ALTER ROLE {READER} SET {name} = {value}" for name, value in BAD_POSTGRESQL.items()),
    ],
    "mysql": [
        f"CREATE USER {READER}@'%' IDENTIFIED BY '{PASSWORD}'",
        f"GRANT SELECT ON *.* TO {READER}@'%'",
        # For each session of an account that is no administrator's.
        "SET GLOBAL init_connect = 'SET NAMES sjis, sql_mode = \"NO_BACKSLASH_ESCAPES\"'",
    ],
}
TEARDOWN = {
    "postgresql": [f"DROP OWNED BY {READER}", f"DROP ROLE {READER}"],
    "mysql": [f"DROP USER {READER}@'%'", "SET GLOBAL init_connect = ''"],
}
ENCODINGS = {"postgresql": {"client_encoding": "SJIS"}, "mysql": {"charset": "sjis"}}


@pytest.fixture
def narrow(committed: Any) -> Iterator[str]:
    """The database for an account whose sessions begin in another encoding."""
    settings = deepcopy(connections.settings["default"])
    with committed.cursor() as cursor:
        for statement in SETUP.get(committed.vendor, ()):
            cursor.execute(statement)
    if committed.vendor in SETUP:
        settings |= {"USER": READER, "PASSWORD": PASSWORD}
        settings["OPTIONS"] |= ENCODINGS[committed.vendor]
    connections.settings[NARROW] = settings
    yield NARROW
    connections[NARROW].close()
    del connections[NARROW], connections.settings[NARROW]
    with committed.cursor() as cursor:
        for statement in TEARDOWN.get(committed.vendor, ()):
            cursor.execute(statement)


def assert_right(alias: str) -> None:
    for number, text in enumerate(TEXTS):
        by_line, row_by_row = written(text, alias)
        head, *found = csv.reader(StringIO(by_line.decode(), newline=""))
        assert head == ["key", "note", "said"]
        assert found == [[str(FIRST + number), text, text]], text[:100]
        assert by_line == row_by_row


def test_texts_stay_themselves_on_a_server_with_other_defaults(
    rows: None, committed: Any, badly_set: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "SJIS")
    assert_right("default")


def test_texts_stay_themselves_for_an_account_with_other_defaults(rows: None, narrow: str) -> None:
    assert_right(narrow)


def test_a_hostile_text_matches_nothing_but_itself(rows: None, badly_set: None) -> None:
    for text in (f"x' OR 1=1; {DROP}; --", "x\\' OR 1=1 -- ", "x' OR '1'='1"):
        by_line, row_by_row = written(text, "default")
        assert by_line == row_by_row == b"key,note,said\r\n"


@pytest.mark.parametrize("name", VALUES)
def test_values_of_other_types_find_their_row(
    rows: None, badly_set: None, narrow: str, name: str
) -> None:
    for alias in ("default", narrow):
        for given in ({name: VALUES[name]}, {f"{name}__in": [VALUES[name], VALUES[name]]}):
            by_line, row_by_row = written("it's", alias, **given)
            assert by_line == row_by_row
            assert by_line.count(b"\r\n") == 2


def test_a_nul_is_a_text_or_an_error(rows: None, badly_set: None) -> None:
    statement = Statement(report(NUL), {}, "default")
    if refuses_nul():
        with pytest.raises(StatementFailed):
            list(Lines(statement, WRITER).pieces())
        with pytest.raises(StatementFailed):
            list(statement.stream())
        return
    by_line, row_by_row = written(NUL, "default")
    assert by_line == row_by_row
    assert by_line.decode().splitlines()[1:] == [f"{FIRST + len(TEXTS)},{NUL},{NUL}"]
