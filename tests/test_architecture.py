"""What the tree promises of itself."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("geo", "reports", "aviation")
VENDOR = re.compile(
    r"vendor|postgres|postgis|mysql|mariadb|sqlite|spatialite|oracle", re.IGNORECASE
)
# Modules of expressions: Django's way to differ is as_<vendor> and what these methods use.
EXPRESSIONS = ("reports/expressions/", "geo/functions.py")


def sources() -> list[Path]:
    """The apps' modules, the engines and the migrations left out."""
    return [
        path
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if not {"migrations", "backends"} & set(path.parts)
    ]


def identifiers(tree: ast.AST) -> set[str]:
    """Every name that the code uses or gives, strings and comments left out."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name) | ast.arg(arg=name):
                found.add(name)
            case ast.ImportFrom(module=str(module)) if not module.startswith("geo.backends.engine"):
                found.update(module.split("."))
            case ast.Import(names=names):
                found.update(part for alias in names for part in alias.name.split("."))
    return found


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_vendor_is_named_in_the_engines_and_in_expressions_alone(path: Path) -> None:
    if str(path.relative_to(ROOT)).startswith(EXPRESSIONS):
        return
    assert not {name for name in identifiers(ast.parse(path.read_text())) if VENDOR.search(name)}


def test_every_engine_has_the_same_modules() -> None:
    """Apart from what only one of them needs at all."""
    engines = [path for path in (ROOT / "geo/backends").iterdir() if (path / "base.py").exists()]
    shared = {"__init__", "base", "features", "operations", "schema", "validation"}
    assert len(engines) == 3
    for engine in engines:
        assert shared <= {path.stem for path in engine.glob("*.py")}


def test_no_committed_file_names_a_host_of_a_registry_in_a_lock() -> None:
    for path in (ROOT / "requirements").iterdir():
        assert "://" not in path.read_text()
