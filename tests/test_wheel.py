"""The wheel: one for every Python 3 of a platform, and one without a compiler at hand."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
FILES = ("pyproject.toml", "README.md", "LICENSE", "hatch_build.py")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is committed, without anything that is compiled."""
    folder = tmp_path_factory.mktemp("tree")
    listed = subprocess.run(
        ["git", "ls-files", "-z", *FILES, "geo", "reports", "aviation", "settings"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(ROOT / name)
    library = folder / "reports/exports/fastcsv"
    for file in ("csvrows.c", "library.py"):  # what is compiled stands beside them
        (library / file).unlink()
        (library / file).write_bytes((ROOT / "reports/exports/fastcsv" / file).read_bytes())
    return folder


def build(tree: Path, target: Path, **variables: str) -> tuple[Path, str]:
    """The wheel, and what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=tree, env=os.environ | variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (wheel,) = target.glob("*.whl")
    return wheel, done.stdout + done.stderr


def compiled(wheel: Path) -> list[str]:
    return [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".so")]


def test_a_wheel_is_for_any_python_of_the_platform(tree: Path, tmp_path: Path) -> None:
    wheel, said = build(tree, tmp_path)
    assert "-py3-none-" in wheel.name
    assert not wheel.name.endswith("-any.whl")
    assert len(compiled(wheel)) == 1
    assert "compiled part" not in said


def test_a_machine_without_a_compiler_gets_one_warning(tree: Path, tmp_path: Path) -> None:
    for file in (tree / "reports/exports/fastcsv").glob("*.so"):
        file.unlink()
    wheel, said = build(tree, tmp_path, CC="no-such-compiler")
    assert wheel.name.endswith("-py3-none-any.whl")
    assert compiled(wheel) == []
    assert said.count("without its compiled part: CSV exports are slower") == 1
