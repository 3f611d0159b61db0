"""What README.md shows is true."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reports import registry
from reports.queries.parameters import read
from reports.queries.statement import Statement

README = (Path(__file__).resolve().parent.parent / "README.md").read_text()


@pytest.fixture
def first_report() -> Iterator[str]:
    """The code of "A first report of your own", run; its slug."""
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    before = set(registry.default._reports)
    exec(compile(code, "README.md", "exec"), {"__name__": "readme"})
    (slug,) = set(registry.default._reports) - before
    yield slug
    del registry.default._reports[slug]


@pytest.mark.django_db
def test_the_first_report_answers_on_this_database(first_report: str) -> None:
    report = registry.get(first_report)
    values = dict(read(report, {"continent": ["AS"]}, "default").values)
    rows = list(Statement(report, values, "default").stream())
    assert [column.id for column in Statement(report, values, "default").columns] == [
        "country", "airports", "codes", "mean_elevation",
    ]  # fmt: skip
    assert "Nepal" in [row[0] for row in rows]
    counts = [row[1] for row in rows]
    assert counts == sorted(counts, reverse=True)


def test_the_first_report_is_about_fifteen_lines() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    declaration = code[code.index("@reports.register") :]
    assert len([line for line in declaration.splitlines() if line.strip()]) <= 15


@pytest.mark.parametrize("name", re.findall(r"\((docs/[^)]+|CHANGELOG\.md)\)", README))
def test_what_it_links_to_is_there(name: str) -> None:
    assert (Path(__file__).resolve().parent.parent / name).exists()
