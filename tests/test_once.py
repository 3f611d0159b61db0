"""Tests marked `once` run on one database, and elsewhere if the marker is asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
ON_SPATIALITE = "tests/geo/test_bbox.py"
ON_POSTGIS = "tests/stranger/test_upgrading.py::test_string_agg_returns_what_that_of_postgresql_did"


def collected(database: str, *arguments: str) -> str:
    """The last line of pytest's collection of tests that are marked."""
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", *arguments],
        cwd=ROOT,
        env=os.environ | {"ISOLINE_TEST_DATABASE": database},
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("database", "arguments", "sentence"),
    [
        ("spatialite", (ON_SPATIALITE,), "8 tests collected in"),
        ("mysql", (ON_SPATIALITE,), "no tests collected (8 deselected) in"),
        ("mysql", ("-m", "once or not once", ON_SPATIALITE), "8 tests collected in"),
        ("spatialite", (ON_POSTGIS,), "no tests collected (3 deselected) in"),
        ("postgis", (ON_POSTGIS,), "3 tests collected in"),
        ("mysql", ("-m", "once or not once", ON_POSTGIS), "no tests collected (3 deselected) in"),
    ],
)
def test_where_they_run(database: str, arguments: tuple[str, ...], sentence: str) -> None:
    assert collected(database, *arguments).startswith(sentence)
