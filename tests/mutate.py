"""Does a test notice when a normaliser is gone? script/mutate.

A mutant is the tree without one of tests/normalisers.py. It is killed when a test turns red on a
database that it is for. KILLERS has the test that killed each one last, which is tried first.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from tests import under_test
from tests.normalisers import Mutant, mutants
from tests.servers import ROOT

PARTS = ("geo", "reports", "aviation", "settings", "tests", "manage.py", "pyproject.toml")
# Of the whole suite, what speaks of values and rows. The first that is red will do.
TESTS = (
    ("tests/conformance",),
    (
        "tests/authoring",
        "tests/reports",
        "-k",
        "not (broken or limits or supervision or manifests)",
    ),
    ("tests/geo/backends", "-k", "not new_tables"),
    ("tests/geo/test_lookups_in_reports.py",),
)
KILLERS = ROOT / "tests/killers.json"
# What pytest ends with. Other codes are of runs that tell nothing.
GREEN, RED, NO_SUCH_TEST = 0, 1, 4


@dataclass(frozen=True, slots=True)
class Lane:
    """A copy of the tree, and a copy of each database, by name."""

    tree: Path
    urls: dict[str, str]


@contextmanager
def _lane(databases: Sequence[str]) -> Iterator[Lane]:
    with tempfile.TemporaryDirectory(prefix="isoline-mutants-") as folder:
        tree = Path(folder) / "tree"
        copy_tree(tree)
        urls = {database: under_test.made(database) for database in databases}
        try:
            yield Lane(tree, urls)
        finally:
            under_test.remove(urls.get(under_test.SPATIALITE))


# A database, and what pytest is to run on it.
type Run = tuple[str, Sequence[str]]


def nearest(mutant: Mutant, last: str) -> list[Run]:
    """What is most likely red: the test that was last time, as `killer` has it, and the first."""
    database, _, test = last.partition(": ")
    runs: list[Run] = [(database, (test,))] if database in mutant.databases else []
    return runs + [(each, mutant.first) for each in mutant.databases if mutant.first]


def everything(mutant: Mutant) -> list[Run]:
    """All TESTS, which take minutes."""
    return [(each, tests) for tests in TESTS for each in mutant.databases]


def killer(mutant: Mutant, lane: Lane, runs: Sequence[Run]) -> str:
    """The first test that is red, with its database; "" where all are green."""
    file = lane.tree / mutant.path
    original = file.read_text()
    file.write_text(mutant.text)
    try:
        return next(filter(None, (_red(tests, lane, each) for each, tests in runs)), "")
    finally:
        file.write_text(original)


def _first_red(databases: Sequence[str], lane: Lane) -> str:
    """Of all TESTS, on every database at once."""
    with ThreadPoolExecutor() as pool:
        for tests in TESTS:
            found = pool.map(partial(_red, tests, lane), databases)
            if red := "; ".join(filter(None, found)):
                return red
    return ""


def _red(tests: Sequence[str], lane: Lane, database: str) -> str:
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    command += ["-m", "once or not once", *tests]
    environment = os.environ | {
        "ISOLINE_TEST_DATABASE": database,
        "ISOLINE_TEST_URL": lane.urls[database],
    }
    found = subprocess.run(
        command, cwd=lane.tree, env=environment, capture_output=True, text=True, check=False
    )
    names = re.findall(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", found.stdout, re.MULTILINE)
    if found.returncode == NO_SUCH_TEST and "ERROR: not found:" in found.stdout + found.stderr:
        return ""
    if found.returncode not in (GREEN, RED) or bool(names) != (found.returncode == RED):
        raise SystemExit(f"{' '.join(command)} on {database}:\n{found.stdout}{found.stderr}")
    return f"{database}: {names[0]}" if names else ""


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
    parser.add_argument("--lanes", type=int, default=2, help="how many at a time (2)")
    parser.add_argument("--list", action="store_true", help="only list them")
    parser.add_argument(
        "--record", type=Path, help="a file that keeps what was killed, and is not tried again"
    )
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
    killed = _recorded(options.record)
    if killed:
        print(f"{len(killed)} were killed before.")
    chosen = [mutant for mutant in chosen if mutant.name not in killed]
    needed = sorted({database for mutant in chosen for database in mutant.databases})
    with ExitStack() as stack:
        lanes: SimpleQueue[Lane] = SimpleQueue()
        for _ in range(options.lanes):
            lanes.put(stack.enter_context(_lane(needed)))
        lane = lanes.get()
        if not options.trust and (found := _first_red(needed, lane)):
            print(f"{found} is red as it is: nothing can be told.")
            return 1
        lanes.put(lane)
        pool = stack.enter_context(ThreadPoolExecutor(options.lanes))
        last = json.loads(KILLERS.read_text())
        alive = chosen
        # What survives the tests nearest to it is tried with all of them when no other is left.
        for runs_of in (lambda mutant: nearest(mutant, last.get(mutant.name, "")), everything):
            results = {
                pool.submit(_killer_in_a_lane, lanes, mutant, runs_of(mutant)): mutant
                for mutant in alive
            }
            alive = []
            for number, done in enumerate(as_completed(results), 1):
                mutant, found = results[done], done.result()
                verdict = f"killed by {found}" if found else "still lives"
                print(f"{number}/{len(results)} {mutant.name}: {verdict}", flush=True)
                if found:
                    _keep(mutant, found, last, options.record)
                else:
                    alive.append(mutant)
    for mutant in alive:
        print(f"{mutant.name} SURVIVES")
    print(f"{len(killed) + len(chosen) - len(alive)} killed, {len(alive)} survive")
    return 1 if alive else 0


def _keep(mutant: Mutant, found: str, last: dict[str, str], record: Path | None) -> None:
    """Write down which test killed a mutant, so that neither run nor search is repeated."""
    last[mutant.name] = found
    KILLERS.write_text(json.dumps(last, indent=1, sort_keys=True) + "\n")
    if record:
        with record.open("a") as file:
            print(json.dumps({"mutant": mutant.name, "killed by": found}), file=file)


def _recorded(path: Path | None) -> set[str]:
    """The names of the mutants that an earlier run has killed."""
    if path is None or not path.exists():
        return set()
    return {json.loads(line)["mutant"] for line in path.read_text().splitlines()}


def _killer_in_a_lane(lanes: "SimpleQueue[Lane]", mutant: Mutant, runs: Sequence[Run]) -> str:
    lane = lanes.get()
    try:
        return killer(mutant, lane, runs)
    finally:
        lanes.put(lane)


if __name__ == "__main__":
    sys.exit(main())
