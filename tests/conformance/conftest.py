"""Fixtures of the tests of expressions."""

from collections.abc import Iterator

import pytest

from tests.conformance import harness


@pytest.fixture(autouse=True, scope="module")
def one_snapshot(hostile: None) -> Iterator[None]:
    """The statements of a module share a snapshot, which sees the hostile rows."""
    yield
    harness.held.close()
