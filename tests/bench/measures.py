"""One run of script/bench export: what a process of its own tells of its export, and verdicts."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.clients import Runner

MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What a process told of its export.

    seconds  of the export, without the start of the process
    first    seconds until its first piece
    memory   bytes at the most, above the started process
    start    seconds of the start of the process
    """

    seconds: float
    first: float
    memory: int
    start: float
    rows: int = 0
    sha256: str = ""


@dataclass(slots=True, kw_only=True)
class Bench:
    """A table of so many rows in a database; what goes wrong gathers in `failures`."""

    database: str
    rows: int
    folder: Path
    runner: Runner
    failures: list[str] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """The file that each measurement writes, and overwrites."""
        return self.folder / "file"

    def measure(self, way: str, *arguments: object, **variables: str) -> Measure:
        """One export by a process of its own: tests/bench/exporting.py."""
        command = [sys.executable, "-m", "tests.bench.exporting", way, *map(str, arguments)]
        begun = time.perf_counter()
        found = subprocess.run(
            [*command, str(self.file)],
            env=os.environ | variables,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        took = time.perf_counter() - begun
        told: dict[str, Any] = json.loads(found.stdout)
        return Measure(start=took - told["seconds"], **told)


def table(head: str, rows: Iterable[str]) -> None:
    """Print a Markdown table, its cells separated by |; the first and the last one are texts."""
    middle = "--:|" * (head.count("|") - 1)
    print("", f"| {head} |", f"|---|{middle}---|", *(f"| {row} |" for row in rows), sep="\n")


def at_most(found: float, limit: float, form: str = ".2f") -> str:
    """What was found, what there may be, and whether it is that."""
    verdict = "ok" if found <= limit else "over"
    return f"{found:{form}} | {limit:{form}} | {verdict}"


def at_least(found: float, limit: float) -> str:
    """What was found, what there must be, and whether it is that."""
    return f"{found:.1f} | {limit:.0f} | {'ok' if found >= limit else 'under'}"
