"""Tests marked `once` run on SpatiaLite alone, and elsewhere if the marker is asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
MODULE = "tests/geo/test_bbox.py"


def collected(database: str, *arguments: str) -> str:
    """The last line of pytest's collection of a module whose tests are marked."""
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", *arguments, MODULE],
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
        ("spatialite", (), "8 tests collected in"),
        ("mysql", (), "no tests collected (8 deselected) in"),
        ("mysql", ("-m", "once or not once"), "8 tests collected in"),
    ],
)
def test_where_they_run(database: str, arguments: tuple[str, ...], sentence: str) -> None:
    assert collected(database, *arguments).startswith(sentence)
