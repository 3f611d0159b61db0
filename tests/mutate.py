"""Does a test notice when a normaliser is gone? script/mutate.

A mutant is the tree with one normaliser taken away: a method `as_<vendor>` of an expression, a
setting of the sessions, or a rule that RULES names. It is killed when the tests turn red on the
database that it is for.
"""

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers import NAMES, ROOT, start

VENDORS = {
    "as_postgresql": ("postgis",),
    "as_mysql": ("mysql", "mariadb"),
    "as_sqlite": ("spatialite",),
}
EVERY = ("spatialite", "postgis", "mysql", "mariadb")
MYSQLS = ("mysql", "mariadb")
PARTS = ("geo", "reports", "aviation", "settings", "tests", "manage.py", "pyproject.toml")
# Of the whole suite, what needs no sample data. The first that is red will do.
CONFORMANCE = ("tests/conformance",)
HOSTILE = ("tests/reports/test_proof.py", "-k", "hostile or choice or filter")
SESSIONS = ("tests/geo/backends/test_session.py",)
TESTS = (CONFORMANCE, HOSTILE, SESSIONS)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One file of the tree, with the text that it is to have; for any of `databases`."""

    name: str
    path: str
    text: str
    databases: tuple[str, ...]


def _rule(name: str, path: str, old: str, new: str, databases: tuple[str, ...] = EVERY) -> Mutant:
    text = (ROOT / path).read_text()
    assert text.count(old) == 1, f"{name}: {path} has changed"
    return Mutant(name, path, text.replace(old, new), databases)


def _rules() -> Iterator[Mutant]:
    """The rules of the engine, each taken back."""
    engine, portability = "reports/engine.py", "reports/portability.py"
    yield _rule("engine: NULLs last", "reports/expressions/order.py", ", nulls_last=True", "")
    yield _rule("engine: texts by code point", engine, "return CodePoint(found)", "return found")
    yield _rule(
        "engine: floats by 12 digits", engine, "return Significant(found, self.places)", "pass"
    )
    yield _rule(
        "engine: sort keys",
        engine,
        "            expression = SortKey(expression)\n",
        "            pass\n",
        ("mariadb", "spatialite"),
    )
    yield _rule("engine: the key ends the order", engine, 'yield _Term("k")', "pass")
    yield _rule(
        "portability: lookups of text", portability, "portable_lookup(lookup)\n", "lookup\n"
    )
    yield _rule(
        "portability: lookups of floats",
        portability,
        "    lhs = form(lookup.lhs)\n",
        "    lhs = lookup.lhs\n",
    )
    yield _rule(
        "portability: the order of sub-queries",
        portability,
        '    query.add_ordering(*terms, OrderBy(models.F("pk")))\n',
        "",
    )
    yield _rule(
        "portability: typed dates",
        portability,
        "        return Literal(value.value, output_field=value.output_field)\n",
        "        return value\n",
        MYSQLS,
    )
    yield _rule(
        "cursor: cut values are errors",
        "geo/backends/mysql/cursor.py",
        "            if code in REFUSED:\n",
        "            if False:\n",
        MYSQLS,
    )


def mutants() -> Iterator[Mutant]:
    """Every mutant there is."""
    yield from _rules()
    for path in sorted((ROOT / "reports/expressions").glob("*.py")):
        yield from _methods(path)
    yield from _settings("geo/backends/mysql/session.py", MYSQLS)
    yield from _settings("geo/backends/postgis/session.py", ("postgis",))


def _methods(path: Path) -> Iterator[Mutant]:
    """The module without one of its methods for a vendor."""
    relative = str(path.relative_to(ROOT))
    for cls in ast.walk(ast.parse(path.read_text())):
        for node in cls.body if isinstance(cls, ast.ClassDef) else ():
            if isinstance(node, ast.FunctionDef) and node.name in VENDORS:
                name = f"{relative} {cls.name}.{node.name}"
                text = _without(path, node.lineno, node.end_lineno, f"    {node.name}_ = None\n")
                yield Mutant(name, relative, text, VENDORS[node.name])


def _settings(path: str, databases: tuple[str, ...]) -> Iterator[Mutant]:
    """The session without one of its settings."""
    assigned = [
        node for node in ast.parse((ROOT / path).read_text()).body if isinstance(node, ast.Assign)
    ]
    value: Any = assigned[-1].value
    ends = value.elts if isinstance(value, ast.Tuple) else value.values
    begins = value.elts if isinstance(value, ast.Tuple) else value.keys
    for first, last in zip(begins, ends, strict=True):
        name = ast.literal_eval(first).split("=")[0]
        text = _without(ROOT / path, first.lineno, last.end_lineno)
        yield Mutant(f"session: {databases[0]} {name}", path, text, databases)


def _without(path: Path, first: int, last: int | None, instead: str = "") -> str:
    lines = path.read_text().splitlines(keepends=True)
    return "".join([*lines[: first - 1], instead, *lines[last:]])


def survives(mutant: Mutant, tree: Path, urls: dict[str, str]) -> bool:
    """Whether every test stays green, on every database that it is for."""
    file = tree / mutant.path
    original = file.read_text()
    file.write_text(mutant.text)
    try:
        own = (f"tests/conformance/test_{file.stem}.py",)  # most are dead within seconds
        tests = [own, *TESTS] if (tree / own[0]).exists() else TESTS
        return not any(
            _is_red(each, tree, database, urls[database])
            for each in tests
            for database in mutant.databases
        )
    finally:
        file.write_text(original)


def _is_red(tests: Sequence[str], tree: Path, database: str, url: str) -> bool:
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"ISOLINE_TEST_DATABASE": database, "ISOLINE_TEST_URL": url}
    return bool(
        subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, check=False
        ).returncode
    )


def copy_tree(folder: Path) -> None:
    """The parts of the tree that tests need, in a folder of their own."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / part, ignore=ignored)
        else:
            shutil.copy(source, folder / part)


def main() -> int:
    """Walk through the mutants; 1 when one survives."""
    parser = argparse.ArgumentParser(prog="script/mutate")
    parser.add_argument("name", nargs="*", help="a part of a mutant's name")
    parser.add_argument("--list", action="store_true", help="only list them")
    parser.add_argument(
        "--trust", action="store_true", help="do not first look whether the tests are green"
    )
    options = parser.parse_args()
    chosen = [
        mutant
        for mutant in mutants()
        if not options.name or any(part in mutant.name for part in options.name)
    ]
    if options.list:
        print(*(mutant.name for mutant in chosen), sep="\n")
        return 0
    needed = sorted({database for mutant in chosen for database in mutant.databases})
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="isoline-mutants-") as folder:
        tree = Path(folder) / "tree"
        copy_tree(tree)
        urls = {"spatialite": f"spatialite:///{folder}/hostile.sqlite3"}
        urls |= {name: start(name).url for name in NAMES if name in needed}
        for tests in () if options.trust else TESTS:
            for database in needed:
                if _is_red(tests, tree, database, urls[database]):
                    print(f"{' '.join(tests)} is red on {database} as it is: nothing can be told.")
                    return 1
        for number, mutant in enumerate(chosen, 1):
            survived = survives(mutant, tree, urls)
            survivors += survived
            verdict = "SURVIVES" if survived else "killed"
            print(f"{number}/{len(chosen)} {verdict}: {mutant.name}", flush=True)
    print(f"{len(chosen) - survivors} killed, {survivors} survive")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
