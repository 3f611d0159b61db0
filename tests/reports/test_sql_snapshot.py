"""The SQL of every bundled report is the one committed for the database under test.

tests/reports/golden/sql/ has a file for each database. `pytest --renew-expected
tests/reports/test_sql_snapshot.py` writes it from what the code compiles now.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from reports import registry
from reports.queries.parameters import read
from reports.queries.statement import Statement
from reports.report import Report
from tests import under_test
from tests.servers import ROOT

GOLDEN = ROOT / "tests" / "reports" / "golden" / "sql" / f"{under_test.name()}.sql"
BUNDLED = [r for r in registry.every() if type(r).__module__.startswith("aviation.reports")]
# Characters of a literal that stands there as it is; of a longer one its hash does.
LONGEST = 60
HEAD = re.compile(r"^-- report: (.+)\n", re.MULTILINE)
CLAUSES = r"FROM|(?:INNER|LEFT OUTER) JOIN|WHERE|GROUP BY|HAVING|ORDER BY"
# A word of the search for the offset that New York's clocks have at an instant, on SQLite.
TURN = r"(?:CASE WHEN \S+ < '[\d :-]{19}' THEN|ELSE|END|-?\d+)"
LITERAL = re.compile(rf"{TURN}(?: {TURN}){{9,}}|'(?:[^']|'')*'|(?<!\w)-?\d+(?:, ?-?\d+){{9,}}")


@pytest.fixture(scope="module")
def golden(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The committed SQL by slug; with --renew-expected, changes to it are written."""
    sections = HEAD.split(GOLDEN.read_text() if GOLDEN.exists() else "")
    committed = dict(zip(sections[1::2], sections[2::2], strict=True))
    if not request.config.getoption("--renew-expected"):
        yield committed
        return
    renewed: dict[str, str] = {}
    yield renewed
    GOLDEN.parent.mkdir(exist_ok=True)
    found = sorted((committed | renewed).items())
    GOLDEN.write_text("".join(f"-- report: {slug}\n{sql}" for slug, sql in found))


@pytest.mark.django_db
@pytest.mark.parametrize("report", BUNDLED, ids=lambda report: report.slug)
def test_a_bundled_report_compiles_to_the_sql_that_is_committed(
    report: Report, golden: dict[str, str], request: pytest.FixtureRequest
) -> None:
    found = _compiled(report)
    if request.config.getoption("--renew-expected"):
        golden[report.slug] = found
    assert golden.get(report.slug) == found


def test_no_sql_is_committed_for_a_report_that_is_not_there(golden: dict[str, str]) -> None:
    assert golden.keys() <= {report.slug for report in BUNDLED}


def _compiled(report: Report) -> str:
    """Returns the statement and its parameters, with a line for each column and clause."""
    statement = Statement(report, dict(read(report, {}, "default").values), "default")
    # A connection of its own, which knows of no other statement's spatial joins.
    with statement.snapshot() as connection:
        sql, params = statement.queryset.query.get_compiler(connection=connection).executable_sql()
    short = LITERAL.sub(lambda found: _shortened(found[0]), sql)
    listed = ", ".join(_shortened(_ordered(value)) for value in params)
    return "".join(f"{line}\n" for line in [*_lines(short), f"-- parameters: {listed}"])


def _shortened(literal: str) -> str:
    if len(literal) <= LONGEST:
        return literal
    return f"#{hashlib.sha256(literal.encode()).hexdigest()[:8]}"


def _ordered(value: Any) -> str:
    """Returns the parameter; a spatial join's results are sorted, because reads have no order."""
    text = repr(value)
    if len(text) <= LONGEST:
        return text
    answers = json.loads(value)
    return json.dumps(sorted(answers.items() if isinstance(answers, dict) else answers))


def _lines(sql: str) -> Iterator[str]:
    """Returns the SQL in lines, broken where no bracket is open."""
    line, depth = "", 0
    for part in re.split(rf"([()]| (?={CLAUSES})|(?<=,) )", sql):
        depth += (part == "(") - (part == ")")
        if part == " " and depth == 0:
            yield line
            line = ""
        else:
            line += part
    yield line
