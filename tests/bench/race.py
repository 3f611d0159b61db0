"""Two ways to the same answer, timed side by side."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from statistics import median
from typing import Any

# Turns at least, and those of what is short: as many as take so many seconds.
RUNS, SECONDS = 5, 1.0
HEADER = "| case | Isoline, ms | {other}, ms | ratio | at most | |\n|---|--:|--:|--:|--:|---|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a case took: seconds, medians. Where `note` is given there is no ratio, and it says why.

    A failure is what makes the whole run fail: other bytes, or no answer of ours.
    """

    case: str
    limit: float
    ours: float | None = None
    other: float | None = None
    note: str = ""
    is_failure: bool = False

    def line(self) -> str:
        """A row of the table."""
        ratio, verdict = "", self.note
        if not self.note:
            assert self.ours is not None
            assert self.other is not None
            ratio = f"{self.ours / self.other:.2f}"
            verdict = "ok" if float(ratio) <= self.limit else "over"
        times = " | ".join("" if s is None else f"{1000 * s:.0f}" for s in (self.ours, self.other))
        return f"| {self.case} | {times} | {ratio} | {self.limit} | {verdict} |"


def race(ours: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """Returns the median seconds of each. They take turns at going first."""
    our_seconds, other_seconds = turns(partial(_seconds, ours), partial(_seconds, other))
    return our_seconds, other_seconds


def turns(*runs: Callable[[], float]) -> list[float]:
    """The medians of what each tells, in turns, and in the other order in every other round."""
    lanes: list[tuple[Callable[[], float], list[float]]] = [(run, []) for run in runs]
    begun = time.perf_counter()
    for number in count():
        if number >= RUNS and time.perf_counter() - begun >= SECONDS:
            break
        for run, told in lanes[:: -1 if number % 2 else 1]:
            told.append(run())
    return [median(told) for _, told in lanes]


def _seconds(run: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def alone(run: Callable[[], Any]) -> float:
    """The median seconds of what has nothing to be compared with."""
    return race(run, lambda: None)[0]
