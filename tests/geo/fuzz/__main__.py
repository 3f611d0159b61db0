"""Random cases of every predicate on the database of ISOLINE_TEST_DATABASE: script/fuzz."""

import argparse
import logging
import os
import random
import signal
import sys
from typing import TYPE_CHECKING

import django

from tests import under_test

if TYPE_CHECKING:
    from tests.geo.fuzz.comparison import Outcome

SUBJECTS = ("predicates",)
# The kinds, and how many shapes of each meet each other.
SIZES = {"grid": 60, "outlines": 40, "near": 40}
SHOWN = 5  # wrong answers of a predicate


def main() -> int:
    """Starts the database, compares, prints; returns 1 if a result was wrong."""
    parser = argparse.ArgumentParser(prog="script/fuzz")
    parser.add_argument("subject", choices=SUBJECTS)
    parser.add_argument(
        "--cases", type=int, default=12_000, help="pairs for each predicate and kind"
    )
    parser.add_argument(
        "--seed", type=int, help="seed of an earlier run, to repeat it (default: random)"
    )
    parser.add_argument("--kind", choices=SIZES, action="append")
    options = parser.parse_args()
    seed = random.randrange(10**6) if options.seed is None else options.seed
    # Like Ctrl-C, a SIGTERM is to leave no container behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        os.environ["DATABASE_URL"] = under_test.url()
        os.environ["DJANGO_SETTINGS_MODULE"] = "settings.test"
        django.setup()
        logging.getLogger("django.contrib.gis").setLevel(logging.ERROR)
        return _run(options.kind or [*SIZES], seed, options.cases)
    except KeyboardInterrupt:
        print("fuzz: interrupted.", file=sys.stderr)
        return 130
    finally:
        under_test.pytest_unconfigure()


def _run(kinds: list[str], seed: int, cases: int) -> int:
    # Models cannot be imported before.
    from django.db import transaction

    from tests.geo.fuzz.comparison import compare, make_tables
    from tests.geo.fuzz.shapes import batches

    make_tables()
    status = 0
    for kind in kinds:
        print(f"{under_test.name()}: {kind}, seed {seed}, {cases} cases a predicate", flush=True)
        with transaction.atomic():
            outcome = compare(list(batches(kind, seed, cases, SIZES[kind])))
            transaction.set_rollback(True)
        _print(outcome)
        status |= bool(outcome.wrong)
    return status


def _print(outcome: "Outcome") -> None:
    for predicate, asked in outcome.asked.items():
        wrong = [each for each in outcome.wrong if each.predicate == predicate]
        print(f"  {predicate:<11} {asked:>9,} asked {len(wrong):>5,} wrong")
        for each in wrong[:SHOWN]:
            print(f"    {each}")


if __name__ == "__main__":
    sys.exit(main())
