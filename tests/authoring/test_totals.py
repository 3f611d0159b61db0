"""The row of totals: each aggregate over the whole result, in every format with a place for it."""

import csv
import io
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db.models import F, Q

from geo.backends.wrapper import database_wrapper
from reports import Column, Report
from reports.errors import FormatRefused, ParameterError
from reports.exports.pipeline import ExportPipeline
from reports.expressions import (
    AnyValue,
    Avg,
    Count,
    Max,
    Median,
    Quotient,
    Rank,
    StringAgg,
    Sum,
    Window,
)
from reports.formats import FORMATS
from reports.queries.statement import Statement
from tests.authoring.asking import statement, texts
from tests.authoring.models import Post
from tests.hostile.oracle import rounded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("authored")]

COLUMNS: dict[str, Any] = {
    "posts": Count("pk"),
    "live": Count("pk", filter=Q(status="live")),
    "likes": Count("likes"),
    "weight": Sum("likes__weight"),
    "mean": Column(Avg("comments__words"), places=2),
    "middle": Column(Median("comments__words"), places=1),
    "most": Max("comments__words"),
    "each": Column(Quotient(Count("likes"), Count("comments")), places=3),
    "titles": StringAgg("title", ",", distinct=True),
    "one": AnyValue("status"),
    "place": Window(Rank(), order_by=Count("pk").desc()),
}


def totals(found: Statement) -> tuple[str, ...]:
    """The totals, as canonical texts."""
    with database_wrapper("default").snapshot() as connection:
        return texts(found, found.totals(connection))


def expected(posts: list[Post]) -> tuple[str, ...]:
    """The same of objects."""
    comments = sorted(each.words for post in posts for each in post.comments.all())
    likes = [each.weight for post in posts for each in post.likes.all()]
    weights = [weight for weight in likes if weight is not None]
    half, odd = divmod(len(comments), 2)
    middle = Fraction(comments[half] if odd else comments[half - 1] + comments[half], 2 - odd)
    values = [
        len(posts),
        sum(post.status == "live" for post in posts),
        len(likes),
        sum(weights),
        rounded(Fraction(sum(comments), len(comments)), 2),
        rounded(middle, 1),
        max(comments),
        rounded(Fraction(len(likes), len(comments)), 3),
        ",".join(sorted({post.title for post in posts})),
        None,
        None,
    ]
    return tuple(
        "NULL" if v is None else f"{v.normalize() + 0:f}" if isinstance(v, Decimal) else str(v)
        for v in values
    )


@pytest.mark.parametrize(
    ("queryset", "kept"),
    [
        (Post.objects.all(), lambda post: True),
        (Post.objects.filter(status="live"), lambda post: post.status == "live"),
        (
            Post.objects.annotate(n=Count("comments")).filter(n__gte=2),
            lambda post: post.comments.count() >= 2,
        ),
    ],
    ids=["all", "filtered", "filtered by an aggregate"],
)
def test_each_aggregate_is_over_all_rows(queryset: Any, kept: Any) -> None:
    found = statement(queryset, COLUMNS, group_by={"author": "author"})
    posts = [post for post in Post.objects.all() if kept(post)]
    assert totals(found) == ("NULL", *expected(posts))


def test_totals_of_no_rows() -> None:
    columns = {"posts": Count("pk"), "likes": Count("likes"), "weight": Sum("likes__weight")}
    found = statement(Post.objects.none(), columns, group_by={"status": "status"})
    assert totals(found) == ("NULL", "0", "0", "NULL")


def test_of_single_rows_there_is_no_total() -> None:
    found = statement(Post.objects.all(), {"title": "title", "likes": Count("likes")})
    assert totals(found) == ("NULL", "12")
    found = statement(Post.objects.all(), {"title": "title", "day": F("day")})
    assert not found.has_totals
    assert totals(found) == ("NULL", "NULL")


def _with_totals() -> Statement:
    meta = type("Meta", (), {"totals": True})
    declared = {"posts": Column(Count("pk")), "likes": Column(Count("likes")), "Meta": meta}
    names = declared | {"queryset": Post.objects.all(), "group_by": {"s": "status"}}
    return Statement(type("Probe", (Report,), names)(), {}, "default")


LAST: dict[str, Any] = {
    "csv": "Total,8,12\r\n",
    "tsv": "Total\t8\t12\r\n",
    "md": "| Total | 8 | 12 |\n",
    "html": "<tr><td>Total</td><td>8</td><td>12</td></tr>\n</tbody>",
    "json": '{"s":null,"posts":8,"likes":12}\n]\n',
    "jsonl": '{"s":null,"posts":8,"likes":12}\n',
}


@pytest.mark.parametrize("name", LAST)
def test_the_last_row_of_a_file(name: str) -> None:
    export = ExportPipeline(_with_totals(), FORMATS[name], totals=True)
    text = b"".join(export.pieces()).decode()
    assert LAST[name] in text
    assert text.endswith(LAST[name]) or name == "html"
    assert export.rows == 3
    assert export.given == {"totals": "1"}


def test_a_raw_file_has_no_word_among_its_values() -> None:
    data = b"".join(
        ExportPipeline(_with_totals(), FORMATS["csv"], "raw", totals=True).pieces()
    ).decode()
    assert list(csv.reader(io.StringIO(data)))[-1] == ["", "8", "12"]


def test_a_workbook_and_a_parquet_file_have_them() -> None:
    import openpyxl
    from pyarrow import parquet

    data = b"".join(ExportPipeline(_with_totals(), FORMATS["xlsx"], totals=True).pieces())
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Report"]
    assert [cell.value for cell in sheet[sheet.max_row]] == ["Total", 8, 12]
    data = b"".join(ExportPipeline(_with_totals(), FORMATS["parquet"], totals=True).pieces())
    assert parquet.read_table(io.BytesIO(data)).to_pylist()[-1] == {
        "s": None,
        "posts": 8,
        "likes": 12,
    }


def test_a_map_has_no_place_for_them() -> None:
    with pytest.raises(FormatRefused, match="geojson cannot hold a row of totals"):
        FORMATS["geojson"].demand_totals()


def test_a_report_without_totals_says_so() -> None:
    found = statement(Post.objects.all(), {"posts": Count("pk")}, group_by={"s": "status"})
    with pytest.raises(ParameterError, match="has no totals"):
        ExportPipeline(found, FORMATS["csv"], totals=True)


def test_files_without_totals_are_as_they_were() -> None:
    text = b"".join(ExportPipeline(_with_totals(), FORMATS["json"]).pieces()).decode()
    assert len(json.loads(text)) == 3
