"""Row-level access: the rows and choices that a report's scope leaves to a user.

Every path of the web and of the commands is in tests/web/test_scope.py, with the sample data.
"""

from typing import Any

import pytest

from reports import filters
from reports.errors import DeclarationError
from reports.queries.parameters import bind
from reports.queries.statement import Statement
from tests.reports.posts import over

pytestmark = pytest.mark.usefixtures("posts")


def scoped() -> Any:
    """A report that shows each user their own posts."""
    return over(
        by=filters.Choice("writer"), scope=lambda _, rows, user: rows.filter(writer__name=user)
    )


@pytest.mark.parametrize(
    ("user", "found", "writers"),
    [("Ann", "ac", ["A1"]), ("Bob", "b", ["B2"]), ("Cyd", "", []), (None, "abcd", ["A1", "B2"])],
)
def test_a_user_sees_the_rows_that_the_scope_leaves(
    user: Any, found: str, writers: list[str]
) -> None:
    statement = Statement(scoped(), {}, "default", user)
    assert "".join(statement.canonical(row)[0] for row in statement.queryset) == found
    form, _ = bind(scoped(), {}, "default", user)
    assert [text for text, _label in form.fields["by"].choices if text] == writers


def test_a_choice_beyond_the_scope_is_one_that_does_not_exist() -> None:
    _, errors = bind(scoped(), {"by": ["B2"]}, "default", "Ann")
    assert errors == {"by": ["“B2” is not one of the choices."]}


def test_a_scope_returns_a_queryset() -> None:
    report = over(scope=lambda _, rows, user: list(rows))
    with pytest.raises(DeclarationError, match=r"Posts\.scope returned \[.*Return a queryset\."):
        Statement(report, {}, "default", "Ann")
