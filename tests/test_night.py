"""What script/night keeps, and what it does again."""

import json
import sys
from pathlib import Path

import pytest

from tests.night import Step, run, steps

pytestmark = pytest.mark.once


def step(code: str, name: str = "count") -> Step:
    """A step that runs this Python; `seed` and `folder` are the first arguments."""
    return Step(
        part="counts",
        name=name,
        command=lambda seed, folder: (sys.executable, "-c", code, str(seed), str(folder)),
        environment=lambda seed: {"SEED": str(seed)},
    )


SAYS_SEED = "import os, sys; print('first'); print('seed', sys.argv[1], os.environ['SEED'])"


def test_a_record_says_what_came_of_a_step(tmp_path: Path) -> None:
    assert run([step(SAYS_SEED)], tmp_path, "abc") == 0
    record = json.loads((tmp_path / "count.json").read_text())
    seed = str(record["seed"])
    assert record["summary"] == ["first", f"seed {seed} {seed}"]
    assert (record["commit"], record["is_green"], record["step"]) == ("abc", True, "count")
    assert record["seconds"] >= 0
    assert (tmp_path / "count.log").read_text() == f"first\nseed {seed} {seed}\n"


def test_what_was_green_is_not_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    adds = "import sys; open(sys.argv[2] + '/runs', 'a').write('x')"
    once = [step(adds)]
    assert run(once, tmp_path, "abc") == run(once, tmp_path, "abc") == 0
    assert (tmp_path / "runs").read_text() == "x"
    assert "green already" in capsys.readouterr().out
    assert run(once, tmp_path, "abc", again=True) == 0
    assert (tmp_path / "runs").read_text() == "xx"


def test_what_was_red_is_run_again_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    turns_green = (
        "import pathlib, sys; path = pathlib.Path(sys.argv[2], 'seen'); seen = path.exists()\n"
        "path.touch(); sys.exit(0 if seen else 3)"
    )
    both = [step(turns_green, "red"), step("print('after')", "green")]
    assert run(both, tmp_path, "abc") == 1
    assert json.loads((tmp_path / "green.json").read_text())["is_green"]
    assert not json.loads((tmp_path / "red.json").read_text())["is_green"]
    assert "RED after" in capsys.readouterr().out
    assert run(both, tmp_path, "abc") == 0


def test_every_step_has_a_name_of_its_own() -> None:
    names = [each.name for each in steps()]
    assert len(set(names)) == len(names)
    assert {each.part for each in steps()} == {
        *("draws", "fuzz", "sanitizers", "chaos", "orders", "mutants")
    }
