"""Fixtures of the whole suite. The database is tests/under_test.py's."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.apps import apps
from django.db import connection
from django.test import TestCase
from pytest_django.plugin import blocking_manager_key

from geo.backends.wrapper import database_wrapper
from tests import under_test

# The same examples each time, so that a run which is red is red again; a long run draws its own.
hypothesis.settings.register_profile(
    "isoline", derandomize="ISOLINE_EXAMPLES" not in os.environ, deadline=None, print_blob=True
)
hypothesis.settings.load_profile("isoline")

SUMMARIES = Path(__file__).resolve().parent.parent / "var" / "test"
BEGAN = time.monotonic()
# What the summary says of the run: the server's version, and how many tests run elsewhere alone.
FACTS = pytest.StashKey[dict[str, Any]]()


@pytest.fixture(scope="session")
def database_url() -> str:
    """The URL of the database under test, for processes that tests start."""
    return os.environ["DATABASE_URL"]


# After each test Django would check the foreign keys of every row there is: for the sample data
# half a second a test where that is a search, and nothing where they are checked as they come.
TestCase._should_check_constraints = lambda self, connection: False


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """The copy of the template as it is, with the tables of the tests' own models added."""
    from tests.authoring import data as authoring  # its models need settings

    with django_db_blocker.unblock():
        existing = connection.introspection.table_names()
        with connection.schema_editor() as editor:
            for model in apps.get_app_config("hostile").get_models():
                if model._meta.managed and model._meta.db_table not in existing:
                    editor.create_model(model)
        authoring.create("default")
        yield
        connection.close()


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is known of the run yet."""
    config.stash[FACTS] = {"version": "not started", "elsewhere": 0}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests marked `once` on every database but the one that the marker names.

    Another run would tell nothing more. No database decides those whose marker names none: they run
    on SpatiaLite, and wherever `-m` names the marker.
    """
    elsewhere = [item for item in items if not _runs_here(item, config.option.markexpr)]
    items[:] = [item for item in items if _runs_here(item, config.option.markexpr)]
    config.hook.pytest_deselected(items=elsewhere)
    config.stash[FACTS]["elsewhere"] = len(elsewhere)


def _runs_here(item: pytest.Item, chosen: str) -> bool:
    marker = item.get_closest_marker("once")
    if marker is None or (not marker.args and "once" in chosen):
        return True
    (database,) = marker.args or (under_test.SPATIALITE,)
    return under_test.name() == database


def pytest_report_header(config: pytest.Config) -> str:
    """The server's version, at the top of the report."""
    return f"database: {under_test.name()}, {_version(config)}"


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Succeed if there were none but those; tell the facts to the process that sums several up."""
    if (
        exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED
        and session.config.stash[FACTS]["elsewhere"]
    ):
        session.exitstatus = pytest.ExitCode.OK
    if hasattr(session.config, "workeroutput"):
        facts = session.config.stash[FACTS] | {"version": _version(session.config)}
        session.config.workeroutput["facts"] = facts


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take the facts from a process that has run tests; one that was killed tells none."""
    node.config.stash[FACTS] |= getattr(node, "workeroutput", {}).get("facts", {})


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """One line for script/test to end with; a test that only collects leaves it alone."""
    if config.option.collectonly:
        return
    counts = [
        f"{len(reports)} {outcome}"
        for outcome in ("passed", "failed", "error", "xfailed", "skipped")
        if (reports := terminalreporter.stats.get(outcome))
    ]
    is_green = exitstatus == 0
    if elsewhere := config.stash[FACTS]["elsewhere"]:
        counts.append(f"{elsewhere} elsewhere alone")
        is_green |= exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED
    minutes, seconds = divmod(round(time.monotonic() - BEGAN), 60)
    SUMMARIES.mkdir(parents=True, exist_ok=True)
    (SUMMARIES / f"{under_test.name()}.summary").write_text(
        f"{under_test.name():<11} {_version(config):<34} {', '.join(counts) or 'no tests'}"
        f" in {minutes} min {seconds} s{'' if is_green else '  FAILED'}\n"
    )


def _version(config: pytest.Config) -> str:
    if "DATABASE_URL" not in os.environ:
        version: str = config.stash[FACTS]["version"]
        return version
    # The suite blocks the database outside tests; this is no test.
    with config.stash[blocking_manager_key].unblock():
        return database_wrapper("default").server_version
