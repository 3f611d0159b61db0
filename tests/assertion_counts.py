"""Counts the assertions that each test executes, as a pytest plugin.

    pytest -p tests.assertion_counts -o enable_assertion_pass_hook=true --assertion-counts FILE

writes a line for each test: its outcome, how many `assert` statements it passed, and its id. Those
of the harness and the oracles count too. Two such files tell what a change of the suite has lost.
"""

import sys
import tempfile
from pathlib import Path

import pytest
from _pytest.assertion import rewrite

# pytest rewrites the asserts of test modules, and so counts them; these modules assert for them.
# Those of plugins, which are imported already, are rewritten as they are.
SHARED = {f"tests.{path.parent.name}" for path in Path(__file__).parent.glob("*/*.py")}
pytest.register_assert_rewrite(*sorted(SHARED - sys.modules.keys()))
# Modules that were compiled without the hook would not count.
compiled = tempfile.TemporaryDirectory(prefix="isoline-counted-")
sys.pycache_prefix = compiled.name


class Counter:
    """How many assertions have passed since the test began."""

    passed = 0

    def count(self) -> bool:
        """Count one. False: the hook itself would have it explained, which takes far longer."""
        self.passed += 1
        return False


counter = Counter()
rewrite._check_if_assertion_pass_impl = counter.count
lines: dict[str, str] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--assertion-counts FILE`."""
    parser.addoption("--assertion-counts", type=Path, help="the file that takes the counts")


def pytest_runtest_logstart() -> None:
    """Begin with nothing."""
    counter.passed = 0


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the outcome of the test, or of the setup or teardown that failed, and the count."""
    if report.when == "setup" or report.outcome != "passed":
        outcome = "xfailed" if hasattr(report, "wasxfail") else report.outcome
        lines[report.nodeid] = outcome
    if report.when == "teardown":
        lines[report.nodeid] += f" {counter.passed} {report.nodeid}\n"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the file."""
    if path := session.config.getoption("--assertion-counts"):
        path.write_text("".join(lines[test] for test in sorted(lines)))
