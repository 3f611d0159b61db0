"""One benchmark on the database of ISOLINE_TEST_DATABASE: script/bench."""

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import django

from tests import under_test

FEWEST = 1000
BENCHMARKS = ("expressions", "space", "export", "paging", "geometry")


def main() -> int:
    """Bring the database up, measure, print; 1 when something was wrong."""
    parser = argparse.ArgumentParser(prog="script/bench")
    parser.add_argument("benchmark", choices=BENCHMARKS)
    parser.add_argument("case", nargs="*", help="part of a case's name (default: all cases)")
    parser.add_argument("--rows", type=int, help="rows of the exported table")
    options = parser.parse_intermixed_args()
    if options.rows is not None and options.benchmark != "export":
        parser.error("--rows is an option of export.")
    if options.rows is not None and options.rows < FEWEST:
        parser.error(f"--rows must be at least {FEWEST:,}.")
    # Like Ctrl-C, a SIGTERM is to leave no container behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _tables_alone():
            os.environ["DATABASE_URL"] = under_test.url()
        os.environ["DJANGO_SETTINGS_MODULE"] = "settings.test"
        django.setup()
        # Models cannot be imported before.
        benchmark = import_module(f"tests.bench.{options.benchmark}")
        rows = {} if options.rows is None else {"rows": options.rows}
        status: int = benchmark.run(under_test.name(), options.case, **rows)
        return status
    except KeyboardInterrupt:
        print("bench: interrupted.", file=sys.stderr)
        return 130
    finally:
        under_test.pytest_unconfigure()


@contextmanager
def _tables_alone() -> Iterator[None]:
    """What other processes print, while a template is made, is no part of the output."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


if __name__ == "__main__":
    sys.exit(main())
