"""Fixtures of the tests of reports."""

import pytest

from tests.reports import posts as of_posts


@pytest.fixture
def posts(db: None) -> None:
    """The posts of tests/reports/posts.py, in the test's own transaction."""
    of_posts.load()
