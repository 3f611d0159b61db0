"""Report declarations do what they say, or are an error."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.db import connection
from django.db.models import DecimalField, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.test.utils import CaptureQueriesContext

from geo.backends.wrapper import database_wrapper
from reports import Column, Key, Report, filters, registry
from reports.errors import DeclarationError, NotPortable, ParameterError, UnknownReport
from reports.expressions import Cast, Count, RowNumber, Sum, Window
from reports.queries.statement import Statement
from tests.catalogue import is_of_catalogue
from tests.hostile.models import Entry
from tests.hostile.oracle import hostile_values


def _declare(**attributes: Any) -> type[Report]:
    return type("Probe", (Report,), {"queryset": Entry.objects.all(), **attributes})


def _meta(**options: Any) -> type:
    return type("Meta", (), options)


def _user(**rights: bool) -> SimpleNamespace:
    return SimpleNamespace(**{"is_active": True, "is_staff": False, "is_superuser": False} | rights)


@pytest.mark.parametrize(
    ("name", "slug"),
    [("AirportsByCountry", "airports-by-country"), ("GDPOfEU27", "gdp-of-eu27"), ("A", "a")],
)
def test_the_slug_is_the_class_name_in_kebab_case(name: str, slug: str) -> None:
    report = type(name, (Report,), {"queryset": Entry.objects.all()})
    assert report.slug == slug


def test_labels_come_from_names_unless_given() -> None:
    report = _declare(mean_delay=Column("rank"), other=Column("rank", label="Rank"))
    assert report.title == "Probe"
    assert [column.label for column in report.columns.values()] == ["Mean delay", "Rank"]


def test_a_report_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownReport, match="no report “nothing”"):
        registry.get("nothing")


@pytest.mark.parametrize(
    ("permission", "user", "allowed"),
    [
        (None, AnonymousUser(), True),
        ("staff", AnonymousUser(), False),
        ("staff", _user(is_staff=True), True),
        ("staff", _user(is_superuser=True), True),
        ("staff", _user(is_staff=True, is_active=False), False),
        ("staff", _user(is_superuser=True, is_active=False), False),
        ("staff", _user(), False),
        ("a.b", SimpleNamespace(has_perm=lambda name: name == "a.b"), True),
        ("a.c", SimpleNamespace(has_perm=lambda name: name == "a.b"), False),
    ],
)
def test_who_may_read_a_report(permission: str | None, user: Any, allowed: bool) -> None:
    report = _declare(rank=Column("rank"), Meta=_meta(permission=permission))()
    assert report.allows(user) is allowed


def test_a_report_that_says_nothing_is_for_staff() -> None:
    assert _declare().options.permission == "staff"


def test_a_report_for_other_engines_is_refused_before_anything_is_asked() -> None:
    name = database_wrapper("default").engine_name
    others = tuple({"postgis", "mysql", "mariadb", "spatialite"} - {name})
    with pytest.raises(NotPortable, match=f"and 'default' is {name}"):
        Statement(_declare(rank=Column("rank"), Meta=_meta(databases=others))(), {}, "default")
    Statement(_declare(rank=Column("rank"), Meta=_meta(databases=(name,)))(), {}, "default")


@pytest.mark.django_db
def test_a_report_for_one_engine_reckons_as_that_engine_does(hostile: None) -> None:
    """It may use Django's operators that differ between databases, such as `-` of instants."""
    columns: dict[str, Any] = {
        "half": Column(F("rank") / 2),
        "rest": Column(F("rank") % 2),
        "none": Column(ExpressionWrapper(F("at") - F("at"), DurationField()) + F("at")),
    }
    with pytest.raises(NotPortable, match="Quotient"):
        Statement(_declare(**columns)(), {}, "default")
    meta = _meta(databases=(database_wrapper("default").engine_name,))
    found = list(
        Statement(_declare(**columns, at=Column("at"), Meta=meta)(), {}, "default").stream()
    )
    assert len(found) == Entry.objects.count()
    assert all(none == at for _, _, none, at in found)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["a", "\u00e1", "ss"])
def test_a_choice_of_a_report_for_one_engine_finds_its_own_text_alone(
    text: str, hostile: None
) -> None:
    report = _declare(
        text=Column("text"),
        chosen=filters.Choice("text"),
        Meta=_meta(databases=(database_wrapper("default").engine_name,)),
    )
    found = list(Statement(report(), {"chosen": text}, "default").stream())
    assert {value for (value,) in found} == {text}


def test_a_decimal_wider_than_the_database_keeps_is_refused_where_that_is_so() -> None:
    report = _declare(wide=Column(Cast("rank", DecimalField(max_digits=20, decimal_places=2))))
    if database_wrapper("default").features.exact_decimal_digits is None:
        assert Statement(report(), {}, "default").columns[0].id == "wide"
        return
    with pytest.raises(NotPortable, match=r"probe.wide: 'default' keeps 15 digits"):
        Statement(report(), {}, "default")


@pytest.mark.django_db
def test_a_statement_is_one_query(hostile: None) -> None:
    """Queries of the catalogue are not counted."""
    parameters = dict.fromkeys(("is_text", "of", "ranked", "worth", "when_from", "when_to"))
    statement = Statement(registry.get("hostile-values"), parameters, "default")
    with CaptureQueriesContext(connection) as queries:
        assert len(statement.queryset.all()) == 910
    assert sum(not is_of_catalogue(query["sql"]) for query in queries) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 7, 100])
def test_pages_after_one_another_are_the_whole(size: int, hostile: None) -> None:
    class Probe(Report):
        queryset = Entry.objects.filter(pk__lt=60)
        text = Column("text")
        rank = Column("rank")
        price = Column("price")
        at = Column("at")
        day = Column("day")

        class Meta:
            ordering = ("-rank", "text", "price", "-at", "day")

    statement = Statement(Probe(), {}, "default")
    found, queryset = [], statement.queryset
    while page := list(queryset[:size]):
        found += page
        queryset = statement.after(statement.cursor(page[-1]))
    assert found == list(statement.queryset)


@pytest.mark.django_db
def test_pages_of_groups_after_one_another_are_the_whole(hostile: None) -> None:
    statement = Statement(registry.get("hostile-numbers"), {}, "default")
    found, queryset = [], statement.queryset
    while page := list(queryset[:3]):
        found += page
        queryset = statement.after(statement.cursor(page[-1]))
    assert found == list(statement.queryset)


@pytest.mark.parametrize("token", ["", "x", "a:b:c"])
def test_a_token_that_is_not_ours_is_refused(token: str) -> None:
    statement = Statement(registry.get("hostile-texts"), {}, "default")
    with pytest.raises(ParameterError, match="start at the first page"):
        statement.after(token)


def test_a_token_of_another_report_is_refused() -> None:
    statement = Statement(registry.get("hostile-texts"), {}, "default")
    with pytest.raises(ParameterError, match="start at the first page"):
        statement.after(signing.dumps([1], salt="isoline.after.hostile-owners"))


@pytest.mark.django_db
def test_get_queryset_narrows_before_the_filters(hostile: None) -> None:
    class Probe(Report):
        queryset = Entry.objects.all()
        group_by = {"rank": Key("rank")}
        entries = Column(Count("pk"))
        total = Column(Sum("number", filter=Q(number__gt=0)))
        ranked = filters.Minimum("rank")

        def get_queryset(self, parameters: dict[str, Any]) -> QuerySet[Any]:
            return super().get_queryset(parameters).filter(rank__lte=F("rank"), pk__gte=0)

    rows = list(Statement(Probe(), {"ranked": 2}, "default").stream())
    _, records = hostile_values()
    ranks = [record[3] for record in records]
    assert [row[:2] for row in rows] == [(2, ranks.count(2)), (3, ranks.count(3))]


@pytest.mark.django_db
def test_keys_alone_are_groups(hostile: None) -> None:
    keys = _declare(group_by={"rank": "rank"})
    found = list(Statement(keys(), {}, "default").stream())
    assert found == [(rank,) for rank in (-3, -2, -1, 0, 1, 2, 3, None)]


@pytest.mark.django_db
def test_windows_over_groups(hostile: None) -> None:
    ranked = _declare(
        group_by={"rank": "rank"},
        place=Column(Window(RowNumber(), order_by="-rank")),
    )
    statement = Statement(ranked(), {}, "default")
    with pytest.raises(DeclarationError, match=r"probe.all: "):
        Statement(_declare(all=Column(Window(Sum(Count("pk")))))(), {}, "default")
    assert [place for _, place in statement.stream()] == [7, 6, 5, 4, 3, 2, 1, 8]


@pytest.mark.django_db
def test_windows_are_those_of_all_rows_behind_a_place_too(hostile: None) -> None:
    ranked = _declare(rank=Column("rank"), place=Column(Window(RowNumber(), order_by="rank")))
    statement = Statement(ranked(), {}, "default")
    rows = list(statement.queryset)
    assert list(statement.after(statement.cursor(rows[9]))) == rows[10:]
    with pytest.raises(ParameterError, match="start at the first page"):
        statement.after("anything")
