"""Judges drawn reports, and draws thousands.

    python -m tests.authoring.draw --examples 5000 --seed 1

asks the database of DATABASE_URL, or else a copy that ISOLINE_TEST_DATABASE names, and prints how
many reports were answered, how many refused and for what reason.
"""

import argparse
import os
import random
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

LEAST_ANSWERED = 0.85


@dataclass(slots=True)
class Counts:
    """Of the drawn reports: how many Django cannot run, were answered, were refused and why."""

    answered: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unrunnable: Counter[str] = field(default_factory=Counter)

    @property
    def drawn(self) -> int:
        return self.answered + self.refused.total() + self.unrunnable.total()

    @property
    def share(self) -> float:
        """Answered ones among those that Django can run."""
        runnable = self.answered + self.refused.total()
        return self.answered / runnable if runnable else 0.0

    def __str__(self) -> str:
        lines = [
            f"{self.drawn} drawn, {self.unrunnable.total()} that Django cannot run,"
            f" {self.answered} answered, {self.refused.total()} refused: {self.share:.1%} answered"
        ]
        for title, reasons in (("refused", self.refused), ("Django", self.unrunnable)):
            lines += [f"  {title} {n:5}  {reason}" for reason, n in reasons.most_common()]
        return "\n".join(lines)


def judge(declared: Any, counts: Counts) -> None:
    """Demand what Python answers, by pages and in a file too, or a refusal; count which."""
    from django.db import transaction

    from reports.errors import DeclarationError, NotPortable
    from reports.queries.statement import Statement
    from tests.authoring import asking

    try:
        with transaction.atomic():
            yielded = _yielded(declared)
    except (NotPortable, DeclarationError) as error:
        counts.refused[_reason(error)] += 1
        return
    except Exception as error:  # noqa: BLE001 -- whatever it is: Django cannot run this
        counts.unrunnable[_reason(error)] += 1
        return
    relation = declared.query.relation()
    wanted = sorted(tuple(map(_text, row)) for row in relation.yielded())
    if not _has_text_for_decimal(declared):
        assert yielded == wanted, f"Django yields\n{yielded!r}\nand Python\n{wanted!r}"
    try:
        statement = Statement(declared.report(), declared.values(), "default")
    except (NotPortable, DeclarationError) as error:
        counts.refused[_reason(error)] += 1
        return
    found = asking.streamed(statement)
    declared.answer().demand(found)
    assert asking.paged(statement) == found, "the pages are not the stream"
    assert asking.filed(statement) == found, "the file is not the stream"
    counts.answered += 1


def _has_text_for_decimal(declared: Any) -> bool:
    """On SQLite Django compares an aggregate with a decimal's text, and finds no row."""
    from django.db import connection

    return connection.vendor == "sqlite" and "Decimal(" in repr(declared.query)


def _yielded(declared: Any) -> list[tuple[str, ...]]:
    relation = declared.query.relation()
    found = []
    for row in declared.query.queryset():
        if relation.is_keyed:
            values = [row.pk, *(getattr(row, name) for name in relation.selected)]
        else:
            values = [row[name] for name in relation.selected]
        found.append(tuple(map(_text, values)))
    return sorted(found)


def _text(value: Any) -> str:
    from tests.authoring.values import text

    # A truth value of an expression is an integer on some.
    return text(int(value) if isinstance(value, bool) else value)


def _reason(error: Exception) -> str:
    """The error without the names of one report."""
    text = re.sub(r"^probe\.\w+: |^(annotation '\w+'|filter\(\)): ", "", str(error))
    return f"{type(error).__name__}: {re.sub(r'\d+', 'N', text)[:160]}"


def drawing(counts: Counts, *, examples: int, seed: int | None) -> Any:
    """A function that judges so many drawn reports: the same ones each time without a seed."""
    import hypothesis
    from hypothesis import HealthCheck, Phase, given, settings

    from tests.authoring.strategies import reports

    @settings(
        max_examples=examples,
        derandomize=seed is None,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(declared=reports())
    def judged(declared: Any) -> None:
        judge(declared, counts)
        if counts.drawn % 500 == 0:
            print(counts, flush=True)

    return judged if seed is None else hypothesis.seed(seed)(judged)


def main() -> int:
    """Draw and judge; 1 where a report is wrong, or too few are answered."""
    parser = argparse.ArgumentParser(prog="python -m tests.authoring.draw")
    parser.add_argument("--examples", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    given = parser.parse_args()
    from tests import under_test

    is_given = "DATABASE_URL" in os.environ
    os.environ.setdefault("DATABASE_URL", under_test.url())
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings.test"
    import django

    django.setup()
    from tests.authoring import data

    data.create("default")
    data.load("default")
    counts = Counts()
    print(f"seed {given.seed}, {given.examples} examples", flush=True)
    try:
        drawing(counts, examples=given.examples, seed=given.seed)()
    finally:
        print(counts)
        if not is_given:
            under_test.pytest_unconfigure()
    return 0 if counts.share >= LEAST_ANSWERED else 1


if __name__ == "__main__":
    sys.exit(main())
