"""Drawn querysets and reports: what Python says of the objects, the report says.

ISOLINE_EXAMPLES sets how many are drawn, 200 unless set; they are the same ones each time then.
More are drawn from ISOLINE_SEED, or a seed that is printed.
"""

import os
import random

import pytest

from tests.authoring.draw import LEAST_ANSWERED, Counts, drawing

EXAMPLES = int(os.environ.get("ISOLINE_EXAMPLES", "200"))
IS_LONG = "ISOLINE_EXAMPLES" in os.environ


@pytest.mark.django_db
def test_drawn_reports_are_right_and_seldom_refused(
    authored: None, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = int(os.environ.get("ISOLINE_SEED", random.randrange(2**32))) if IS_LONG else None
    counts = Counts()
    try:
        drawing(counts, examples=EXAMPLES, seed=seed)()
    finally:
        with capsys.disabled():
            print(f"\nauthoring, seed {seed}: {counts}")
    assert counts.drawn >= EXAMPLES
    assert counts.share >= LEAST_ANSWERED, str(counts)
