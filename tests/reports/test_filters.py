"""Filters by values: the rows that each finds over any path, and the choices it offers."""

from datetime import date
from typing import Any

import pytest
from django.db.models import Case, F, UUIDField, Value, When

from reports import Column, filters
from reports.errors import DeclarationError, ParameterError
from reports.expressions import Count, Max, RowNumber, Window
from reports.filters import choices
from reports.queries.parameters import bind, read
from reports.queries.statement import Statement
from tests.hostile.models import Entry, Holding, Note, Post, Tag
from tests.reports.posts import over, titles

pytestmark = pytest.mark.usefixtures("posts")


def offered(report: Any, name: str = "by") -> list[tuple[str, str]]:
    """Returns the choices of a parameter, without the empty one."""
    form, _ = bind(report, {}, "default")
    return [(text, str(label)) for text, label in form.fields[name].choices if text]


def refused(report: Any, **given: list[str]) -> dict[str, str]:
    with pytest.raises(ParameterError) as caught:
        read(report, given, "default")
    return {name: " ".join(sentences) for name, sentences in caught.value.errors.items()}


# What is offered.


def test_a_relation_offers_the_objects_that_occur_by_label() -> None:
    by = filters.Choice("remarks__by")
    assert offered(over(by=by)) == [("7", "Ann"), ("8", "Bob")]
    assert offered(over(Post.objects.filter(title="b"), by=by)) == [("8", "Bob")]
    assert offered(over(Post.objects.none(), by=by)) == []


@pytest.mark.parametrize(
    "rows",
    [
        Post.objects.annotate(n=Count("remarks")).filter(n=1),
        Post.objects.annotate(n=Count("tags")).filter(n=2),
        Post.objects.annotate(r=Window(RowNumber(), order_by="title")).filter(r=2),
        Post.objects.filter(tags__name="r").exclude(title="a").distinct(),
        Post.objects.order_by("-title").filter(remarks__words=7),
    ],
    ids=["having", "having of the same", "window", "distinct", "joined"],
)
def test_only_what_the_queryset_leaves_is_offered(rows: Any) -> None:
    kept = {post.title for post in rows}
    expected = sorted(
        {(tag.name) for post in Post.objects.filter(title__in=kept) for tag in post.tags.all()}
    )
    assert [label for _, label in offered(over(rows, by=filters.Choice("tags")))] == expected
    writers = sorted({str(post.writer) for post in Post.objects.filter(title__in=kept)})
    assert [label for _, label in offered(over(rows, by=filters.Choice("writer")))] == writers


def test_the_values_of_a_key_that_is_a_relation_are_those_of_what_it_points_to() -> None:
    source = filters.Choice("note").source(Holding.objects.all())
    assert source.related is Note
    assert isinstance(source.field, UUIDField)


def test_a_choice_that_no_row_has_is_refused_as_one_that_does_not_exist() -> None:
    report = over(by=filters.Choice("writer"))
    assert "“C3” is not one of the choices." in refused(report, by=["C3"])["by"]
    assert "“Z9” is not one of the choices." in refused(report, by=["Z9"])["by"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("writer", [("A1", "Ann"), ("B2", "Bob")]),
        ("tags", [("2", "b"), ("1", "r")]),
        ("level", [("1", "Low"), ("2", "High")]),
        ("is_open", [("true", "Yes"), ("false", "No")]),
        ("day", [(f"2024-07-0{n}", f"2024-07-0{n}") for n in (4, 5, 6)]),
        ("at", [(f"2024-07-0{n}T23:30:00Z",) * 2 for n in (4, 5, 6)]),
        ("price", [("0.00",) * 2, ("1.00",) * 2, ("2.00",) * 2]),
        ("status", [("Open", "Open"), ("open", "open")]),
        ("writer__name", [("Ann", "Ann"), ("Bob", "Bob")]),
        ("remarks__words", [(text, text) for text in ("5", "6", "7", "50", "60")]),
    ],
)
def test_what_is_offered_and_each_choice_finds_the_posts_that_have_it(
    path: str, expected: list[tuple[str, str]]
) -> None:
    report = over(by=filters.Choice(path))
    assert offered(report) == expected
    for text, _ in expected:
        assert titles(report, by=text) == "".join(
            post.title
            for post in Post.objects.order_by("title")
            if text in {choices.text_of(value) for value in _reached(post, path.split("__"))}
        )


def _reached(obj: Any, names: list[str]) -> list[Any]:
    """Returns the values at the end of a path, as in choices, read from attributes."""
    if not names:
        return [_choice(obj)]
    value = getattr(obj, names[0])
    if hasattr(value, "all"):
        return [found for each in value.all() for found in _reached(each, names[1:])]
    return [] if value is None else _reached(value, names[1:])


def _choice(value: Any) -> Any:
    if hasattr(value, "code"):
        return value.code
    if isinstance(value, Tag):
        return value.pk
    return f"{value.isoformat()[:19]}Z" if hasattr(value, "hour") else value


def test_annotations_are_offered_and_found() -> None:
    rows = Post.objects.annotate(
        n=Count("remarks"),
        latest=Max("remarks__words"),
        size=Case(When(price__gte=1, then=Value("big")), default=Value("small")),
        who=F("writer"),
        is_late=Case(When(day__gte=date(2024, 7, 6), then=True), default=False),
        since=F("day"),
    )
    found = {
        path: [(text, titles(over(rows, by=filters.Choice(path)), by=text)) for text, _ in offer]
        for path in ("n", "latest", "size", "who", "is_late", "since")
        if (offer := offered(over(rows, by=filters.Choice(path))))
    }
    assert found == {
        "n": [("0", "d"), ("1", "bc"), ("3", "a")],
        "latest": [("7", "b"), ("50", "a"), ("60", "c")],
        "size": [("big", "bc"), ("small", "ad")],
        "who": [("A1", "ac"), ("B2", "b")],
        "is_late": [("true", "c"), ("false", "abd")],
        "since": [("2024-07-04", "a"), ("2024-07-05", "b"), ("2024-07-06", "c")],
    }


def test_more_values_than_are_listed_are_refused_with_a_hint(monkeypatch: Any) -> None:
    monkeypatch.setattr(choices, "MOST_VALUES", 2)
    report = over(by=filters.Choice("title"))
    form, errors = bind(report, {}, "default")
    assert errors == {}
    assert "more than 2 values" in str(form["by"].help_text)
    assert "declare choices=" in refused(report, by=["a"])["by"]
    assert titles(report) == "abcd"


def test_exactly_as_many_values_as_may_be_are_listed(monkeypatch: Any) -> None:
    monkeypatch.setattr(choices, "MOST_VALUES", 4)
    assert titles(over(by=filters.Choice("title")), by="b") == "b"


@pytest.mark.parametrize(
    ("filter_", "sentence"),
    [
        (filters.Choice("nothing"), "Cannot resolve keyword 'nothing'.*Choices are: at, day"),
        (filters.Minimum("writer__nothing"), "Cannot resolve keyword 'nothing'"),
        (filters.Contains("day"), "needs a CharField or TextField or .*, not a DateField"),
        (filters.DateRange("title"), "needs a DateField, not a StockCharField"),
        (filters.IsEmpty("day__nothing"), "Cannot resolve|Unsupported"),
    ],
)
def test_a_path_that_leads_nowhere_is_a_declaration_error(filter_: Any, sentence: str) -> None:
    with pytest.raises(DeclarationError, match=sentence):
        Statement(over(by=filter_), {}, "default")


@pytest.mark.parametrize("path", ["ratio", "data"])
def test_values_that_cannot_be_listed_are_a_declaration_error(path: str) -> None:
    report = over(Entry.objects.all(), post=Column("text"), by=filters.Choice(path))
    with pytest.raises(DeclarationError, match=r"cannot list the values of a .*Declare choices="):
        offered(report)


def test_groups_of_values_have_the_names_of_values_alone() -> None:
    rows = Post.objects.values("status").annotate(n=Count("pk"))
    with pytest.raises(DeclarationError, match=r"groups of values\(\). Name one of status, n"):
        over(rows, by=filters.Choice("level")).filters["by"].source(rows)


# Several values, several filters, relations to many.


def test_two_choices_over_one_relation_to_many_find_the_rows_that_have_both() -> None:
    report = over(one=filters.Choice("tags"), other=filters.Choice("tags__name"))
    assert titles(report, one="1") == "ab"
    assert titles(report, one="1", other="b") == "a"
    assert titles(report, one="1", other="r") == "ab"


def test_several_choices_find_any_of_one_value_and_all_of_several() -> None:
    assert titles(over(by=filters.Choice("writer", several=True)), by=["A1", "B2"]) == "abc"
    assert titles(over(by=filters.Choice("tags", several=True)), by=["1", "2"]) == "a"
    assert titles(over(by=filters.Choice("tags", several="any")), by=["1", "2"]) == "abc"
    assert titles(over(by=filters.Choice("status", several=True)), by=["open", "Open"]) == "ab"
    assert titles(over(by=filters.Choice("is_open", several=True)), by=["true", "false"]) == "abc"


@pytest.mark.parametrize("given", [[], [""], ["", ""]])
def test_no_choice_of_several_narrows_nothing(given: list[str]) -> None:
    assert titles(over(by=filters.Choice("status", several=True)), by=given) == "abcd"


def test_each_of_several_choices_is_checked() -> None:
    report = over(by=filters.Choice("level", several=True), at_least=filters.Minimum("price"))
    assert "“3” is not one of the choices" in refused(report, by=["1", "3"])["by"]
    assert "characters that are not text" in refused(report, by=["1", "\0"])["by"]
    assert "Given 2 times" in refused(report, at_least=["1", "2"])["at_least"]


def test_as_many_can_be_chosen_as_every_database_takes_conditions() -> None:
    most = choices.MOST_CHOSEN
    Tag.objects.bulk_create(Tag(id=n, name=f"t{n}") for n in range(100, 100 + most + 1))
    texts = [str(n) for n in range(100, 100 + most + 1)]
    post = Post.objects.get(title="d")
    post.tags.set(Tag.objects.filter(id__gte=100))
    report = over(by=filters.Choice("tags", several=True))
    assert titles(report, by=texts[:most]) == "d"
    assert "101 are chosen. Choose 100 at most." in refused(report, by=texts)["by"]


@pytest.mark.parametrize(
    ("filter_", "given"),
    [
        (filters.Choice("remarks__by"), {"by": "8"}),
        (filters.Minimum("remarks__words"), {"by": "5"}),
        (filters.Maximum("remarks__words"), {"by": "100"}),
        (filters.Range("remarks__words"), {"by_min": "5", "by_max": "100"}),
        (filters.Contains("remarks__by__code"), {"by": "2"}),
        (filters.IsEmpty("remarks__by"), {"by": "no"}),
    ],
)
def test_a_filter_over_several_values_multiplies_no_row(filter_: Any, given: Any) -> None:
    rows = Post.objects.annotate(n=Count("remarks"))
    found = titles(over(rows, by=filter_), **given)
    assert len(found) == len(set(found)) >= 2


def test_a_filter_leaves_annotations_of_any_name() -> None:
    rows = Post.objects.annotate(_filtered=Value("mine"), __filtered=Value("too"))
    shown = {"post": Column("_filtered"), "other": Column("__filtered")}
    report = over(rows, by=filters.Choice("status"), **shown)
    statement = Statement(report, {"by": "open"}, "default")
    assert [statement.canonical(row) for row in statement.queryset] == [("mine", "too")]


def test_a_row_counts_what_it_counted_before_a_filter() -> None:
    rows = Post.objects.annotate(n=Count("remarks"))
    report = over(rows, by=filters.Choice("remarks__by"), least=filters.Minimum("n"))
    assert titles(report, by="8", least="3") == "a"
    assert titles(report, by="8", least="2") == "a"
    assert titles(report, by="8", least="1") == "ab"


def test_both_bounds_are_of_one_of_several_values() -> None:
    report = over(words=filters.Range("remarks__words"))
    assert titles(report, words_min="7", words_max="49") == "b"
    assert titles(report, words_min="6", words_max="6") == "a"


def test_rows_that_are_joined_with_a_relation_are_filtered_by_their_own_value() -> None:
    rows = Post.objects.filter(remarks__words__gt=0)
    assert titles(over(rows, by=filters.Choice("remarks__by"))) == "aaabc"
    assert titles(over(rows, by=filters.Choice("remarks__by")), by="8") == "ab"
    assert titles(over(rows, by=filters.Minimum("remarks__words")), by="6") == "aabc"
    report = over(rows, by=filters.Range("remarks__words"), of=filters.Choice("remarks__by"))
    assert titles(report, by_min="5", by_max="6", of="7") == "a"
    assert titles(report, by_min="6", by_max="6", of="7") == ""


def test_rows_that_are_the_groups_of_a_relation_are_filtered_by_it() -> None:
    rows = Post.objects.values("tags").annotate(n=Count("pk"))
    filter_ = over(rows, by=filters.Choice("tags")).filters["by"]
    assert [dict(row) for row in filter_.apply(rows, {"by": "1"})] == [{"tags": 1, "n": 2}]


# Bounds.


def test_bounds_are_included() -> None:
    report = over(
        least=filters.Minimum("price"), most=filters.Maximum("price"), within=filters.Range("price")
    )
    assert titles(report, least="1") == "bc"
    assert titles(report, most="1") == "ab"
    assert titles(report, within_min="1", within_max="1.00") == "b"
    assert titles(report, within_max="0") == "a"
    assert titles(report, within_min="", within_max="") == "abcd"


@pytest.mark.parametrize("path", ["pk", "level", "n", "remarks__words"])
def test_bounds_of_any_integer_are_whole_numbers_that_databases_have(path: str) -> None:
    report = over(Post.objects.annotate(n=Count("remarks")), by=filters.Range(path))
    assert titles(report, by_min="-1") in ("abcd", "abc")
    assert "whole number" in refused(report, by_min=["1.5"])["by_min"]
    assert "less than or equal" in refused(report, by_max=[str(2**63)])["by_max"]


# Texts.


@pytest.mark.parametrize(
    ("text", "found", "blind"),
    [("open", "b", "ab"), ("OPEN", "", "ab"), ("pe", "ab", "ab"), ("%", "", ""), (" ", "", "")],
)
def test_contains_takes_every_character_as_it_is(text: str, found: str, blind: str) -> None:
    assert titles(over(by=filters.Contains("status")), by=text) == found
    assert titles(over(by=filters.Contains("status", ignore_case=True)), by=text) == blind


def test_contains_finds_one_of_several_values_and_annotations() -> None:
    assert titles(over(by=filters.Contains("tags__name")), by="b") == "ac"
    rows = Post.objects.annotate(name=F("writer__name"))
    assert titles(over(rows, by=filters.Contains("name", ignore_case=True)), by="NN") == "ac"


def test_contains_has_a_longest_text() -> None:
    assert (
        "at most 1000 characters"
        in refused(over(by=filters.Contains("title")), by=["x" * 1001])["by"]
    )


@pytest.mark.parametrize(
    ("path", "empty"),
    [
        ("status", "cd"),
        ("day", "d"),
        ("writer", "d"),
        ("writer__name", "d"),
        ("tags", "d"),
        ("remarks", "d"),
        ("remarks__by", "cd"),
        ("is_open", "d"),
        ("title", ""),
    ],
)
def test_is_empty_parts_the_rows_in_two(path: str, empty: str) -> None:
    report = over(by=filters.IsEmpty(path))
    assert titles(report, by="yes") == empty
    assert titles(report, by="no") == "".join(each for each in "abcd" if each not in empty)
    assert titles(report, by="") == "abcd"


def test_is_empty_takes_yes_and_no_alone() -> None:
    assert "Select a valid choice" in refused(over(by=filters.IsEmpty("day")), by=["maybe"])["by"]


def test_annotations_can_be_empty() -> None:
    rows = Post.objects.annotate(most=Max("remarks__words"))
    assert titles(over(rows, by=filters.IsEmpty("most")), by="yes") == "d"
    assert titles(over(rows, by=filters.IsEmpty("most")), by="no") == "abc"


# Defaults.


@pytest.mark.parametrize(
    ("filter_", "off", "found"),
    [
        (filters.Choice("writer", default="A1"), {"by": ""}, "ac"),
        (filters.Choice("is_open", default=False), {"by": ""}, "b"),
        (filters.Choice("level", several=True, default=[1]), {"by": [""]}, "bcd"),
        (filters.Minimum("price", default=1), {"by": ""}, "bc"),
        (filters.Range("price", default=(None, "1")), {"by_min": ""}, "ab"),
        (filters.Range("price", default=(1, 1)), {"by_max": ""}, "b"),
        (filters.IsEmpty("day", default=True), {"by": ""}, "d"),
        (filters.Contains("status", default="pen"), {"by": ""}, "ab"),
        (filters.DateRange("day", default=(date(2024, 7, 5), None)), {"by": ""}, "bc"),
    ],
)
def test_a_default_is_in_force_until_it_is_switched_off(filter_: Any, off: Any, found: str) -> None:
    report = over(by=filter_)
    assert titles(report) == found
    assert titles(report, **off) == "abcd"
    form, _ = bind(report, {name: [""] for name in off}, "default")
    repeated = {name: texts[0] for name, texts in form.given.items()}  # by every address
    assert titles(report, **repeated) == "abcd"
    given = read(report, {}, "default").given
    assert given
    assert titles(report, **given) == found


def test_a_default_gives_way_to_what_is_given() -> None:
    assert titles(over(by=filters.Choice("writer", default="A1")), by="B2") == "b"
    assert titles(over(by=filters.Range("price", default=(1, 1))), by_min="2") == "c"
    several = over(by=filters.Choice("level", several=True, default=[1]))
    assert titles(several, by=["", "2"]) == "a"


def test_a_default_that_no_row_has_finds_no_row() -> None:
    report = over(Post.objects.filter(title="b"), by=filters.Choice("writer", default="A1"))
    assert titles(report) == ""
    assert titles(report, by="B2") == "b"


def test_texts_in_force_are_told_as_lists_where_a_parameter_takes_several() -> None:
    report = over(by=filters.Choice("level", several=True), at_least=filters.Minimum("price"))
    assert read(report, {"by": ["2"], "at_least": [""]}, "default").given == {"by": ["2"]}
    found = read(report, {"by": ["2", "1"], "at_least": ["0"]}, "default").given
    assert found == {"by": ["2", "1"], "at_least": "0"}
