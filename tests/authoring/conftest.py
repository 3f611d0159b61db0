"""The rows of these models, in the database under test."""

from typing import Any

import pytest

from tests.authoring import data


@pytest.fixture(scope="session")
def authored(django_db_setup: None, django_db_blocker: Any) -> None:
    """The rows, committed once a session."""
    with django_db_blocker.unblock():
        data.load("default")
