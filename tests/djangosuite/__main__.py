"""Runs Django's own tests on one of our engines and on Django's, and compares the outcomes."""

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django

from tests.djangosuite.runner import FAILED, PASSED
from tests.servers import NAMES, ROOT, Server, ServerError, start
from tests.under_test import SPATIALITE

EXPECTED = Path(__file__).parent / "expected.toml"
MOST_EXPECTED = 10
# What a database backend answers for.
LABELS = (
    *("aggregation", "annotations", "backends", "bulk_create", "composite_pk", "constraints"),
    *("dates", "datetimes", "db_functions", "delete", "distinct_on_fields", "expressions"),
    *("expressions_case", "expressions_window", "gis_tests", "indexes", "inspectdb"),
    *("introspection", "lookup", "migrations", "model_fields", "ordering", "queries", "schema"),
    *("timezones", "transactions"),
)
ENGINES = {SPATIALITE: "spatialite", "postgis": "postgis", "mysql": "mysql", "mariadb": "mysql"}

type Outcomes = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Tests that pass on Django's engine and not on ours, and those listed that pass on both."""

    unexpected: Mapping[str, str]
    stale: Sequence[str]
    expected: int

    @classmethod
    def of(cls, stock: Outcomes, ours: Outcomes, expected: Mapping[str, str]) -> "Differences":
        absent = ("absent", "The test was not run: its class or module failed before it.")
        lost = {
            name: "{}: {}".format(*ours.get(name, absent))
            for name, (outcome, _) in stock.items()
            if outcome == PASSED and ours.get(name, absent)[0] != PASSED
        }
        lost |= {
            name: found[1]
            for name, found in ours.items()
            if found[0] == FAILED and name not in stock
        }
        return cls(
            unexpected={name: why for name, why in lost.items() if name not in expected},
            stale=[name for name in expected if name in stock and name not in lost],
            expected=len(lost.keys() & expected),
        )

    def __bool__(self) -> bool:
        return bool(self.unexpected or self.stale)


def django_tests(folder: Path) -> Path:
    """Returns the folder of the tests of the installed Django, downloaded once."""
    version = django.__version__
    tests = folder / version / "tests"
    if not tests.exists():
        _say(f"downloading the tests of Django {version}")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as made:
            subprocess.run(
                [
                    *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
                    *("--no-binary", "django", "--dest", made, f"django=={version}"),
                ],
                check=True,
            )
            (sdist,) = Path(made).glob("*.tar.gz")
            with tarfile.open(sdist) as archive:
                archive.extractall(made, filter="data")
            (found,) = Path(made).glob("*/tests")
            tests.parent.mkdir(exist_ok=True)
            found.rename(tests)
    return tests


@contextmanager
def served(database: str) -> Iterator[str]:
    """Yields the URL of a new server, "" for a database without one."""
    server: Server | None = None
    for name in NAMES:
        if name == database:
            server = start(name)
    try:
        yield server.url if server else ""
    finally:
        if server:
            server.stop()


def run(tests: Path, engine: str, url: str, labels: Sequence[str], log: Path) -> Outcomes:
    """Runs the labels on one engine, with the output in `log`, and returns the outcomes."""
    log.parent.mkdir(parents=True, exist_ok=True)
    outcomes = log.with_suffix(".json")
    outcomes.unlink(missing_ok=True)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
        "DJANGOSUITE_ENGINE": engine,
        "DJANGOSUITE_URL": url,
        "DJANGOSUITE_OUTCOMES": str(outcomes),
    }
    _say(f"{engine}, output in {log.relative_to(ROOT)}")
    with log.open("w") as output:
        subprocess.run(
            [
                *(sys.executable, "runtests.py", "--settings", "tests.djangosuite.settings"),
                *("--parallel", "1", "--noinput", *labels),
            ],
            cwd=tests,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if not outcomes.exists():
        end = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise SystemExit(f"Django's tests did not run on {engine}:\n{end}")
    found: Outcomes = json.loads(outcomes.read_text())
    return found


def _say(line: str) -> None:
    print(f"djangosuite: {line}", file=sys.stderr, flush=True)


def main() -> int:
    """Prints each difference that expected.toml does not have; 1 if there is one."""
    parser = argparse.ArgumentParser(prog="script/djangosuite")
    parser.add_argument("database", choices=ENGINES)
    parser.add_argument("labels", nargs="*")
    chosen = parser.parse_args()
    expected = tomllib.loads(EXPECTED.read_text())[chosen.database]
    if len(expected) > MOST_EXPECTED:
        _say(
            f"{EXPECTED.name} has {len(expected)} tests for {chosen.database}, more than"
            f" {MOST_EXPECTED}."
        )
        return 1
    folder = ROOT / "var" / "djangosuite"
    tests = django_tests(folder)
    name = ENGINES[chosen.database]
    try:
        with served(chosen.database) as url:
            stock, ours = (
                run(
                    tests,
                    f"{package}.{name}",
                    url,
                    chosen.labels or LABELS,
                    folder / chosen.database / f"{package.partition('.')[0]}.log",
                )
                for package in ("django.contrib.gis.db.backends", "geo.backends")
            )
    except ServerError as error:
        _say(str(error))
        return 1
    found = Differences.of(stock, ours, expected)
    for test, why in sorted(found.unexpected.items()):
        print(f"===== {test}\n{why}")
    for test in found.stale:
        print(f"===== {test}\npasses, so {EXPECTED.name} must not list it.")
    passed = [sum(outcome == PASSED for outcome, _ in each.values()) for each in (stock, ours)]
    _say(
        f"{passed[0]} tests pass on Django's engine and {passed[1]} on ours: {found.expected}"
        f" expected differences, {len(found.unexpected)} others, {len(found.stale)} stale."
    )
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
