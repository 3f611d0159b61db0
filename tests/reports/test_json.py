"""JSON and JSON Lines: json reads the values of the report."""

import json
from itertools import count, islice
from typing import Any

import pytest
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import Point
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from reports.formats import FORMATS
from reports.formats.base import Document
from tests.hostile.texts import TEXTS
from tests.reports.samples import columns, written

pytestmark = pytest.mark.once

CELLS = st.none() | st.text(alphabet=st.characters(exclude_categories=["Cs"]))
TEXT = columns(text=models.TextField())


def _read(name: str, data: bytes) -> Any:
    if name == "json":
        return json.loads(data)
    return [json.loads(line) for line in data.decode().split("\n")[:-1]]


@pytest.mark.parametrize("name", ["json", "jsonl"])
@given(rows=st.lists(CELLS))
def test_what_is_written_is_what_a_reader_gets(name: str, rows: list[Any]) -> None:
    assert _read(name, written(name, TEXT, [(row,) for row in rows])) == [
        {"text": row} for row in rows
    ]


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_no_hostile_text_is_neutralised(name: str) -> None:
    found = _read(name, written(name, TEXT, [(text,) for text in TEXTS]))
    assert [each["text"] for each in found] == list(TEXTS)


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_a_row_is_a_line(name: str) -> None:
    data = written(name, columns(n=models.IntegerField()), [(1,), (2,)])
    assert (
        data.split(b"\n")
        == {
            "json": [b"[", b'{"n":1},', b'{"n":2}', b"]", b""],
            "jsonl": [b'{"n":1}', b'{"n":2}', b""],
        }[name]
    )


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_rows_are_written_as_they_come(name: str) -> None:
    rows = ((n,) for n in count())
    document = Document(title="", columns=columns(n=models.IntegerField()), rows=rows)
    pieces = "".join(map(str, islice(FORMATS[name].dialect(None)(document), 3)))
    assert '{"n":1}' in pieces


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_a_geometry_of_another_srid_is_well_known_text(name: str) -> None:
    made = columns(shape=GeometryField(srid=3857))
    (found,) = _read(name, written(name, made, [(Point(1, 2),)]))
    assert found == {"shape": "POINT (1 2)"}


@pytest.mark.parametrize("name", ["json", "jsonl"])
@given(number=st.integers(-(2**53) - 9, -(2**53) + 9) | st.integers())
def test_an_integer_past_2_to_the_53_is_text(name: str, number: int) -> None:
    made = columns(n=models.BigIntegerField())
    (found,) = _read(name, written(name, made, [(number,)]))
    assert found == {"n": number if abs(number) <= 2**53 else str(number)}
    if abs(number) <= 2**53:  # what a reader with floats alone gets
        assert int(float(number)) == number
