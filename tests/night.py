"""Runs what takes too long for every change, and keeps what came of it: script/night.

Each step writes var/night/<commit>/<step>.json (seed, outcome, duration and the last lines it
printed) beside its log. A step that was green on this commit is not run again.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.mutate import copy_tree
from tests.servers import ROOT

DATABASES = ("spatialite", "postgis", "mysql", "mariadb")
NIGHT = ROOT / "var/night"
KEPT_LINES = 12
RANDOM_ORDERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of a part.

    command      makes the arguments for a seed and the folder of the records
    environment  variables that it needs besides
    """

    part: str
    name: str
    command: Callable[[int, Path], Sequence[str]]
    environment: Callable[[int], Mapping[str, str]] = field(default=lambda seed: {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What came of a step; `summary` are the last lines that it printed."""

    step: str
    commit: str
    seed: int
    is_green: bool
    seconds: float
    began: str
    summary: list[str]


def steps() -> Iterator[Step]:
    """All there are, in the order in which they run."""
    for database in DATABASES:
        yield Step(
            part="draws",
            name=f"draws-{database}",
            command=lambda seed, _folder: (
                *(sys.executable, "-m", "tests.authoring.draw"),
                *("--examples", "5000", "--seed", str(seed)),
            ),
            environment=lambda _seed, database=database: {"ISOLINE_TEST_DATABASE": database},
        )
    yield Step(
        part="fuzz",
        name="fuzz-predicates",
        command=lambda seed, _folder: ("script/fuzz", "predicates", "--seed", str(seed)),
    )
    yield Step(
        part="fuzz",
        name="fuzz-gate",
        command=lambda seed, _folder: ("script/fuzz", "gate", "--seed", str(seed)),
    )
    yield Step(
        part="sanitizers",
        name="sanitizers",
        command=lambda _seed, _folder: (sys.executable, "-m", "tests.night", "--sanitize"),
    )
    yield Step(
        part="chaos",
        name="chaos",
        command=lambda seed, _folder: ("script/chaos", "--seed", str(seed)),
    )
    for number in range(1, RANDOM_ORDERS + 1):
        yield Step(
            part="orders",
            name=f"orders-{number}",
            command=lambda seed, _folder: (
                *("script/test", "spatialite", "--", f"--randomly-seed={seed}"),
            ),
        )
    yield Step(
        part="mutants",
        name="mutants",
        command=lambda _seed, folder: (
            *("script/mutate", "--record", str(folder / "mutants.jsonl")),
        ),
    )


def run(chosen: Sequence[Step], folder: Path, commit: str, *, again: bool = False) -> int:
    """Run the steps that are not green yet, and keep a record of each; 1 if any is red."""
    folder.mkdir(parents=True, exist_ok=True)
    is_red = False
    for number, step in enumerate(chosen, 1):
        kept = folder / f"{step.name}.json"
        if not again and kept.exists() and json.loads(kept.read_text())["is_green"]:
            print(f"{number}/{len(chosen)} {step.name}: green already", flush=True)
            continue
        print(f"{number}/{len(chosen)} {step.name}: begins", flush=True)
        record = _run(step, folder, commit)
        kept.write_text(json.dumps(asdict(record), indent=2) + "\n")
        is_red |= not record.is_green
        print("\n".join(f"    {line}" for line in record.summary))
        outcome = "green" if record.is_green else "RED"
        print(f"    {outcome} after {record.seconds:.0f} s, seed {record.seed}", flush=True)
    return int(is_red)


def _run(step: Step, folder: Path, commit: str) -> Record:
    seed = random.SystemRandom().randrange(2**31)
    began = datetime.now(UTC)
    clock = time.monotonic()
    log = folder / f"{step.name}.log"
    with log.open("w") as file:
        done = subprocess.run(
            step.command(seed, folder),
            cwd=ROOT,
            env=os.environ | step.environment(seed),
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return Record(
        step=step.name,
        commit=commit,
        seed=seed,
        is_green=done.returncode == 0,
        seconds=round(time.monotonic() - clock, 1),
        began=began.isoformat(timespec="seconds"),
        summary=lines[-KEPT_LINES:],
    )


def sanitize() -> int:
    """Run the tests of the compiled part with its memory watched (AddressSanitizer, UBSan)."""
    flags = "-fsanitize=address,undefined -fno-sanitize-recover=all -g"
    with tempfile.TemporaryDirectory(prefix="isoline-sanitized-") as name:
        tree = Path(name) / "tree"
        copy_tree(tree)
        variables = os.environ | {"CFLAGS": flags}
        for older in (tree / "reports/exports/fastcsv").glob("*.so"):
            older.unlink()
        library = [sys.executable, "reports/exports/fastcsv/library.py"]
        subprocess.run(library, cwd=tree, env=variables, check=True)
        # The interpreter is not instrumented: the library's runtime comes first.
        runtime = subprocess.run(
            ["cc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
        ).stdout.strip()
        variables |= {
            "LD_PRELOAD": runtime,
            "ASAN_OPTIONS": "detect_leaks=0",  # of Python's own, at its end
            "ISOLINE_TEST_DATABASE": "spatialite",
        }
        tests = ("tests/reports/test_csvrows.py", "tests/reports/test_fastcsv.py")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
        return subprocess.run(command, cwd=tree, env=variables, check=False).returncode


def commit() -> str:
    """Return the short hash of the commit, with a mark where files differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return found.stdout.strip()


def main() -> int:
    """Run the parts that are named, or all."""
    known = list(steps())
    parts = list(dict.fromkeys(step.part for step in known))
    parser = argparse.ArgumentParser(prog="script/night")
    parser.add_argument("part", nargs="*", help=", ".join(parts))
    parser.add_argument(
        "--again", action="store_true", help="repeat steps that passed on this commit"
    )
    parser.add_argument("--sanitize", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.sanitize:
        return sanitize()
    if unknown := sorted({*options.part} - {*parts}):
        parser.error(f"there is no part {unknown[0]!r}; parts: {', '.join(parts)}")
    chosen = [step for step in known if not options.part or step.part in options.part]
    now = commit()
    try:
        return run(chosen, NIGHT / now, now, again=options.again)
    except KeyboardInterrupt:
        print("night: interrupted; what is green stays so.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
