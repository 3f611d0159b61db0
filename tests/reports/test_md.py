"""Markdown: any text stays in its cell and reads as itself."""

import re

import pytest
from django.db import models
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.hostile.texts import TEXTS
from tests.reports.samples import columns, written
from tests.reports.test_values import Tables

pytestmark = pytest.mark.once

MADE = columns(first=models.TextField(), n=models.IntegerField(), last=models.TextField())
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
MARKUP = [
    *("a | b", "|", "\\", "\\|", "a\\", "`code`", "``a", "*a*", "**a**", "_a_", "~~a~~", "#"),
    *("<script>alert(1)</script>", "<b>", "&lt;", "&amp;", "&#60;", "a & b", "<!-- a -->"),
    *("[a](javascript:alert(1))", "![a](http://example.org/a.png)", "[a]: http://example.org"),
    *("http://example.org", "<http://example.org>", "a@example.org", "$a$", ":smile:", "^1", "=="),
    *("a\nb", "a\r\nb", "a\rb", "\n", "- a", "1. a", "> a", "---", "| --- |", "{a}", "\x01"),
]


def _page(text: str | None) -> str:
    return str(READER.render(written("md", MADE, [(text, -1, text)]).decode()))


def _shown(text: str) -> str:
    """Returns the text that Markdown shows, which drops blanks at the ends of cells and lines."""
    lines = re.split("\r\n|[\r\n]", text.replace("\0", "\ufffd"))
    return "\n".join(line.strip(" \t") for line in lines).strip()


@pytest.mark.parametrize("text", [*MARKUP, *filter(None, TEXTS)], ids=ascii)
def test_a_text_reads_as_itself(text: str) -> None:
    heading, row = Tables(_page(text)).rows
    assert heading == ["FIRST (m)", "N (m)", "LAST (m)"]
    assert [_shown(cell) for cell in row] == [_shown(text), "-1", _shown(text)]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_leaves_its_cell_or_brings_markup(text: str) -> None:
    page = _page(text)
    assert [len(row) for row in Tables(page).rows] == [3, 3]
    assert set(re.findall(r"</?(\w+)", page)) <= {
        *("table", "thead", "tbody", "tr", "th", "td", "br"),
    }


def test_numbers_stand_on_the_right() -> None:
    assert written("md", MADE, []) == (
        b"| FIRST \\(m\\) | N \\(m\\) | LAST \\(m\\) |\n| --- | ---: | --- |\n"
    )


def test_null_and_the_empty_text_are_both_an_empty_cell() -> None:
    assert Tables(_page(None)).rows == Tables(_page("")).rows
