"""The wheel: two packages, for every Python 3 of a platform, also without a compiler at hand."""

import zipfile
from pathlib import Path

import pytest

from tests.stranger.distribution import build, committed, unpacked

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree of the sdist, from which pip makes a wheel where none fits the platform."""
    folder = tmp_path_factory.mktemp("sdist")
    sdist, _ = build("sdist", committed(tmp_path_factory.mktemp("committed")), folder)
    return unpacked(sdist, tmp_path_factory.mktemp("unpacked"))


def names(wheel: Path) -> list[str]:
    return zipfile.ZipFile(wheel).namelist()


def compiled(wheel: Path) -> list[str]:
    return [name for name in names(wheel) if name.endswith(".so")]


def test_a_wheel_is_for_any_python_of_the_platform(tree: Path, tmp_path: Path) -> None:
    wheel, said = build("wheel", tree, tmp_path)
    assert "-py3-none-" in wheel.name
    assert not wheel.name.endswith("-any.whl")
    assert len(compiled(wheel)) == 1
    assert "compiled part" not in said


def test_a_machine_without_a_compiler_gets_one_warning(tree: Path, tmp_path: Path) -> None:
    for file in (tree / "reports/exports/fastcsv").glob("*.so"):
        file.unlink()
    wheel, said = build("wheel", tree, tmp_path, CC="no-such-compiler")
    assert wheel.name.endswith("-py3-none-any.whl")
    assert compiled(wheel) == []
    assert said.count("without its compiled part: CSV exports are slower") == 1


def test_a_wheel_has_every_file_of_two_packages_and_nothing_else(
    tree: Path, tmp_path: Path
) -> None:
    wheel, _ = build("wheel", tree, tmp_path)
    found = {name for name in names(wheel) if ".dist-info/" not in name}
    assert {name.partition("/")[0] for name in found} == {"geo", "reports"}
    expected = {
        str(path.relative_to(tree))
        for package in ("geo", "reports")
        for path in (tree / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert found == expected
    assert {"geo/data/airports.csv.gz", "reports/templates/reports/base.html"} <= found


def test_an_sdist_has_what_is_committed(tree: Path, tmp_path: Path) -> None:
    there = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
    tracked = committed(tmp_path)
    wanted = {str(path.relative_to(tracked)) for path in tracked.rglob("*") if path.is_file()}
    assert wanted <= there
