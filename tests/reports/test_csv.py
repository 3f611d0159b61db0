"""CSV: files read back as written, and no spreadsheet runs a formula from them."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from reports.formats import FORMATS
from reports.formats.base import Document
from reports.formats.csv import RAW, neutralise
from reports.queries.result import ResultColumn
from reports.values.kinds import kind_of
from tests.hostile.texts import TEXTS

pytestmark = pytest.mark.once

CELLS = st.none() | st.text(alphabet=st.characters(exclude_categories=["Cs"]))
# What spreadsheets run: with these, or their fullwidth forms, a formula begins.
STARTERS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"
LEADERS = ["", " ", "  ", "\u00a0", "\n", "\r\n", "a\n", "a\r", '"', "'", ' "', "\n \n", "a\n'"]


def _columns(number: int) -> list[ResultColumn]:
    text = kind_of(models.TextField())
    return [ResultColumn(id=f"c{n}", label=f"C {n}", unit="", kind=text) for n in range(number)]


def _written(dialect: str, rows: Sequence[Sequence[Any]], columns: list[ResultColumn]) -> str:
    document = Document(title="", columns=columns, rows=[tuple(row) for row in rows])
    return "".join(FORMATS["csv"].dialect(dialect)(document))


def _read(text: str) -> Iterator[list[str | None]]:
    """Parses strict RFC 4180; an empty field without quotes is None, unlike in `csv`."""
    record: list[str | None] = []
    at = 0
    while at < len(text):
        if text[at] == '"':
            field = ""
            at += 1
            while True:
                end = text.index('"', at)
                field += text[at:end]
                at = end + 1
                if text[at : at + 1] != '"':
                    break
                field += '"'
                at += 1
            record.append(field)
        else:
            end = min(i for i in (text.find(",", at), text.find("\r\n", at)) if i >= 0)
            record.append(text[at:end] or None)
            at = end
        if text[at] == ",":
            at += 1
            continue
        assert text[at : at + 2] == "\r\n"
        at += 2
        yield record
        record = []


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n))))
def test_what_raw_writes_is_what_a_reader_gets(rows: list[list[str | None]]) -> None:
    columns = _columns(len(rows[0]) if rows else 1)
    header, *found = _read(_written("raw", rows, columns))
    assert header == [column.id for column in columns]
    assert found == rows


@given(st.lists(CELLS, min_size=1).map(lambda row: [row]))
def test_safe_adds_nothing_but_an_apostrophe(rows: list[list[str | None]]) -> None:
    _, (*found,) = _read(_written("safe", rows, _columns(len(rows[0]))))
    for cell, text in zip(found, rows[0], strict=True):
        assert cell in (text, None if text is None else f"'{text}")


@pytest.mark.parametrize("starter", STARTERS, ids=ascii)
@pytest.mark.parametrize("leader", LEADERS, ids=ascii)
def test_safe_lets_no_spreadsheet_run_a_text(leader: str, starter: str) -> None:
    assert neutralise(f"{leader}{starter}1+1") == f"'{leader}{starter}1+1"


@given(st.sampled_from(LEADERS), st.sampled_from(STARTERS), st.text())
def test_safe_lets_no_spreadsheet_run_any_text(leader: str, starter: str, rest: str) -> None:
    assert neutralise(f"{leader}{starter}{rest}").startswith("'")


@pytest.mark.parametrize("text", ["a=b", "a-b", "1-2", "a@b", "a + b", "", "a\tb", "\u20ac5"])
def test_safe_leaves_a_text_alone_that_nobody_would_run(text: str) -> None:
    assert neutralise(text) == text


@pytest.mark.parametrize("dialect", ["safe", "excel"])
def test_negative_numbers_stay_numbers(dialect: str) -> None:
    column = ResultColumn(id="n", label="n", unit="", kind=kind_of(models.IntegerField()))
    assert _written(dialect, [[-5]], [column]).endswith("n\r\n-5\r\n")


def test_a_label_is_neutralised_too() -> None:
    column = ResultColumn(id="n", label="=1+1", unit="m", kind=kind_of(models.IntegerField()))
    assert _written("safe", [], [column]) == "'=1+1 (m)\r\n"
    assert _written("raw", [], [column]) == "n\r\n"


def test_only_excel_begins_with_the_mark_by_which_it_knows_utf_8() -> None:
    written = {name: _written(name, [["a"]], _columns(1)) for name in FORMATS["csv"].dialects}
    assert [name for name, text in written.items() if text.startswith("\ufeff")] == ["excel"]
    assert written["excel"] == "\ufeff" + written["safe"]


def test_safe_is_the_default() -> None:
    csv = FORMATS["csv"]
    assert csv.dialect(None) is csv.dialect("safe")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (None, ""),
        ("", '""'),
        ("a", "a"),
        (" a ", " a "),
        ("a,b", '"a,b"'),
        ('a"b', '"a""b"'),
        ("a\nb", '"a\nb"'),
        ("a\rb", '"a\rb"'),
        ("'", "'"),
        ("a;b\tc", "a;b\tc"),
    ],
)
def test_only_what_must_be_is_quoted(text: str | None, field: str) -> None:
    assert RAW.quoted(text) == field


def test_every_hostile_text_comes_back() -> None:
    rows = [[text] for text in TEXTS]
    assert list(_read(_written("raw", rows, _columns(1))))[1:] == rows
