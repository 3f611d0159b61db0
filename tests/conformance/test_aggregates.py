"""Aggregates, against plain Python."""

import pytest

from reports.expressions import Count
from tests.conformance.harness import by_group, by_row

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]


@pytest.mark.parametrize("field", ["text", "number", "amount", "day"])
def test_count(field):
    by_group(Count(field), lambda rows: sum(row[field] is not None for row in rows))


def test_a_plain_column():
    by_row("owner__name", lambda row: row["owner__name"])
