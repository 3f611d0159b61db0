"""Two ways to the same answer, timed side by side."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

RUNS = 5
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
    """The median seconds of each, in turns; whoever went first goes second in the next round."""
    ours_took: list[float] = []
    other_took: list[float] = []
    lanes = [(ours, ours_took), (other, other_took)]
    for _ in range(RUNS):
        for run, took in lanes:
            begun = time.perf_counter()
            run()
            took.append(time.perf_counter() - begun)
        lanes.reverse()
    return median(ours_took), median(other_took)


def alone(run: Callable[[], Any]) -> float:
    """The median seconds of what has nothing to be compared with."""
    return race(run, lambda: None)[0]
