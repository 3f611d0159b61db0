"""Does a test notice when a normaliser is gone? script/mutate.

A mutant is the tree without one of tests/normalisers.py. It is killed when a test turns red on a
database that it is for.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.normalisers import Mutant, mutants
from tests.servers import NAMES, ROOT, start

PARTS = ("geo", "reports", "aviation", "settings", "tests", "manage.py", "pyproject.toml")
# Of the whole suite, what needs no sample data. The first that is red will do.
TESTS = (
    ("tests/conformance",),
    (
        "tests/reports",
        "-k",
        "(not (test_proof or test_keyset or test_sql_snapshot) or hostile or choice or filter)"
        " and not (a_command_writes or a_page_is_narrowed)",
    ),
    (
        "tests/geo/backends",
        "-k",
        "not (new_tables or spatial_index or key_may_be_a_relation or outer_join_has_not)",
    ),
    ("tests/geo/test_lookups_in_reports.py",),
)
# What pytest ends with. Other codes are of runs that tell nothing.
GREEN, RED = 0, 1


def killer(mutant: Mutant, tree: Path, urls: dict[str, str]) -> str:
    """The first test that is red on a database that it is for; "" where all are green."""
    file = tree / mutant.path
    original = file.read_text()
    file.write_text(mutant.text)
    try:
        for database in mutant.databases if mutant.first else ():
            if found := _red(mutant.first, tree, database, urls[database]):
                return found
        return _first_red(mutant.databases, tree, urls)
    finally:
        file.write_text(original)


def _first_red(databases: Sequence[str], tree: Path, urls: dict[str, str]) -> str:
    """Of all TESTS, on every database at once."""
    with ThreadPoolExecutor() as pool:
        for tests in TESTS:
            ours = [urls[database] for database in databases]
            found = pool.map(partial(_red, tests, tree), databases, ours)
            if red := "; ".join(filter(None, found)):
                return red
    return ""


def _red(tests: Sequence[str], tree: Path, database: str, url: str) -> str:
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"ISOLINE_TEST_DATABASE": database, "ISOLINE_TEST_URL": url}
    found = subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    names = re.findall(r"^(?:FAILED|ERROR) (\S+)", found.stdout, re.MULTILINE)
    if found.returncode not in (GREEN, RED) or bool(names) != (found.returncode == RED):
        raise SystemExit(f"{' '.join(command)} on {database}:\n{found.stdout}{found.stderr}")
    return f"{database}: {names[0]}" if names else ""


def _migrate(tree: Path, url: str) -> None:
    command = [sys.executable, "-B", "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "settings.local"}
    subprocess.run(command, cwd=tree, env=environment, check=True)


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
        for database in needed:
            _migrate(tree, urls[database])
        if not options.trust and (found := _first_red(needed, tree, urls)):
            print(f"{found} is red as it is: nothing can be told.")
            return 1
        for number, mutant in enumerate(chosen, 1):
            found = killer(mutant, tree, urls)
            survivors += not found
            verdict = f"killed by {found}" if found else "SURVIVES"
            print(f"{number}/{len(chosen)} {mutant.name}: {verdict}", flush=True)
    print(f"{len(chosen) - survivors} killed, {survivors} survive")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
