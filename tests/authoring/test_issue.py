"""Wrong figures that authors met, each as the report that showed it."""

import pytest

from reports.expressions import Count, Sum
from tests.authoring.asking import answer
from tests.authoring.models import Post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("authored")]


def test_comments_and_likes_side_by_side() -> None:
    rows = answer(
        Post.objects.filter(pk=1),
        {
            "comments": Count("comments"),
            "likes": Count("likes"),
            "weight": Sum("likes__weight"),
            "posts": Count("pk"),
        },
        group_by={"slug": "slug"},
    )
    assert rows == [("alpha-1", "3", "2", "3.75", "1")]
