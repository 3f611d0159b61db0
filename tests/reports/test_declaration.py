"""The class of a report: names, inheritance, Meta, and refused declarations."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db.models import F, QuerySet

from reports import Column, Geometry, Key, Report, filters
from reports.declaration import RESERVED
from reports.errors import DeclarationError
from reports.expressions import Count
from reports.formats import OPTIONS
from reports.queries.parameters import form_class, read
from reports.queries.statement import Statement
from reports.report import ReportType
from tests.hostile.models import Entry
from tests.hostile.texts import TEXTS

ENTRIES = Entry.objects.all()
STRANGER = SimpleNamespace(has_perm=lambda name: False, is_active=True, is_staff=True)


def _declare(*bases: type, called: str = "Probe", **attributes: Any) -> Any:
    return type(called, bases or (Report,), attributes)


def _meta(*bases: type, **options: Any) -> type:
    return type("Meta", bases, options)


def _refused(report: type[Report]) -> str:
    with pytest.raises(DeclarationError) as caught:
        report()
    return str(caught.value)


class Counted(Report):
    """The base class of the reports in these tests."""

    title = "Counted entries"
    queryset = ENTRIES
    group_by = {"rank": "rank", "flag": "flag"}
    entries = Column(Count("pk"))
    texts = Column(Count("text"))
    ranked = filters.Minimum("rank")

    class Meta:
        ordering = ["-entries"]
        permission = "a.secret"
        page_size = 7


# Meta, as Python inherits it


def test_a_child_without_meta_has_its_parents() -> None:
    assert _declare(Counted).options == Counted.options


def test_a_meta_that_inherits_keeps_what_it_does_not_say() -> None:
    class Child(Counted):
        class Meta(Counted.Meta):
            page_size = 9

    assert Child.options.permission == "a.secret"
    assert Child.options.ordering == ("-entries",)
    assert Child.options.page_size == 9


def test_a_meta_inherits_from_any_class() -> None:
    base = _meta(permission="a.b", ordering=["rank"])
    report = _declare(queryset=ENTRIES, rank=Column("rank"), Meta=_meta(base, page_size=3))
    assert (report.options.permission, report.options.ordering) == ("a.b", ("rank",))


def test_a_meta_that_does_not_inherit_loses_all_but_the_permission() -> None:
    child = _declare(Counted, Meta=_meta(page_size=9))
    assert (child.options.ordering, child.options.page_size) == ((), 9)
    assert child.options.permission == "a.secret"
    assert not child().allows(STRANGER)


def test_a_child_is_opened_by_its_own_word_alone() -> None:
    assert _declare(Counted, Meta=_meta(permission=None)).options.permission is None
    opened = _meta(Counted.Meta, permission=None)
    assert _declare(Counted, Meta=opened).options.permission is None


Public = _declare(
    queryset=ENTRIES, note=Column("note"), Meta=_meta(permission=None), called="Public"
)
ForStaff = _declare(queryset=ENTRIES, note=Column("note"), called="ForStaff")


@pytest.mark.parametrize(
    ("bases", "meta", "permission"),
    [
        ((Public,), None, None),
        ((ForStaff,), None, "staff"),
        ((Public, Counted), None, "a.secret"),
        ((Counted, Public), _meta(page_size=2), "a.secret"),
        ((Public, Counted), _meta(Public.Meta), "a.secret"),
        ((Public, ForStaff), None, "staff"),
        ((_declare(Counted, Meta=_meta(), called="Silent"),), _meta(Counted.Meta), "a.secret"),
        ((_declare(Counted, Meta=_meta(permission="a.more")),), _meta(Counted.Meta), "a.more"),
        ((Counted,), _meta(_meta(permission="a.other")), "a.other"),
    ],
)
def test_a_child_that_says_no_permission_is_as_closed_as_the_most_closed_of_its_parents(
    bases: tuple[type, ...], meta: type | None, permission: str | None
) -> None:
    attributes = {} if meta is None else {"Meta": meta}
    assert _declare(*bases, **attributes).options.permission == permission


@pytest.mark.parametrize("meta", [None, _meta(ordering=["note"])])
def test_a_mixins_permission_counts_as_a_parents(meta: type | None) -> None:
    mixin = type("Secured", (), {"Meta": _meta(permission="a.b")})
    attributes: dict[str, Any] = {} if meta is None else {"Meta": meta}
    report = _declare(mixin, Report, queryset=ENTRIES, note=Column("note"), **attributes)
    assert report.options.permission == "a.b"
    assert _declare(Public, mixin, **attributes).options.permission == "a.b"


def test_two_permissions_of_which_neither_is_the_other_are_refused() -> None:
    other = _declare(Public, Meta=_meta(permission="a.b"))
    refusal = _refused(_declare(Counted, other))
    assert "permissions 'a.b' and 'a.secret': set one in its Meta" in refusal
    assert _declare(Counted, other, Meta=_meta(permission="a.b"))().options.permission == "a.b"


def test_a_child_of_a_broken_report_is_broken() -> None:
    """The mistake may be in its parent's permission."""
    parent = _declare(Counted, Meta=_meta(permision="a.more"), called="Parent")
    child = _declare(parent, Meta=_meta(ordering=["rank"]), called="Child")
    assert "Child inherits from Parent, which is broken: Parent.Meta has no permision" in _refused(
        child
    )


# Columns, filters, keys


def test_a_subclass_adds_to_what_it_inherits() -> None:
    child = _declare(Counted, notes=Column(Count("note")), seen=filters.Minimum("number"))
    assert list(child.columns) == ["entries", "texts", "notes"]
    assert list(child.filters) == ["ranked", "seen"]
    assert list(child.keys) == ["rank", "flag"]
    assert list(Counted.columns) == ["entries", "texts"]


def test_a_column_is_no_attribute_of_the_class() -> None:
    """As with the fields of Django's forms, a column cannot hide a method."""
    for name in ("entries", "texts", "ranked"):
        assert not hasattr(Counted, name)


def test_none_removes_what_is_inherited() -> None:
    child = _declare(Counted, texts=None, flag=None, ranked=None)
    assert (list(child.columns), list(child.keys), child.filters) == (["entries"], ["rank"], {})
    again = _declare(child, texts=Column(Count("note")), group_by={"flag": "flag"})
    assert (list(again.columns), list(again.keys)) == (["entries", "texts"], ["flag"])


def test_a_childs_own_group_by_takes_the_place_of_the_inherited() -> None:
    child = _declare(Counted, group_by={"owner": "owner"})
    assert (list(child.keys), child.keys["owner"].shows) == (["owner"], "owner__name")
    assert list(_declare(Counted, group_by=None).keys) == []


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [
        ({"entries": None}, "Meta.ordering names '-entries'; its columns are rank, flag, texts"),
        ({"group_by": {"texts": "text"}}, "declares 'texts' twice"),
        ({"rank": Column("rank")}, "declares 'rank' twice"),
        ({"Meta": _meta(ordering=["total"])}, "Meta.ordering names 'total'"),
        ({"page": filters.Minimum("rank")}, "the parameter 'page'"),
        ({"queryset": None}, "is abstract, because it has no queryset"),
    ],
)
def test_a_child_is_judged_by_what_it_ends_up_with(
    attributes: dict[str, Any], sentence: str
) -> None:
    assert sentence in _refused(_declare(Counted, **attributes))


def test_mixins_that_are_no_reports_contribute() -> None:
    class Noted:
        note = Column("note")
        noted = filters.Choice("note", choices=[("a", "A")])

    class Child(Noted, Report):
        queryset = ENTRIES
        rank = Column("rank")

    assert (list(Child.columns), list(Child.filters)) == (["note", "rank"], ["noted"])


def test_the_nearest_wins_by_the_order_of_resolution() -> None:
    left = _declare(queryset=ENTRIES, note=Column("note", label="left"), called="Left")
    right = _declare(queryset=ENTRIES, note=Column("note", label="right"), called="Right")
    assert _declare(left, right).columns["note"].label == "left"
    diamond = _declare(
        _declare(left, called="Plain"), _declare(left, note=None, rank=Column("rank"))
    )
    assert list(diamond.columns) == ["rank"]


def test_an_abstract_report_is_inherited_from() -> None:
    class Ranked(Report):
        group_by = {"owner": "owner"}
        entries = Column(Count("pk"))

        class Meta:
            ordering = ["later"]

    assert "Ranked is abstract, because it has no queryset" in _refused(Ranked)
    child = _declare(Ranked, queryset=ENTRIES, later=Column(Count("note")))
    assert (list(child().keys), list(child.columns)) == (["owner"], ["entries", "later"])
    assert child.keys["owner"].shows == "owner__name"


def test_a_title_is_inherited_and_a_made_one_is_not() -> None:
    assert _declare(Counted, called="Child").title == "Counted entries"
    assert _declare(ForStaff, called="Child").title == "Child"


def test_an_instance_in_many_places_has_the_name_of_each() -> None:
    shared, narrowed = Column("rank"), filters.Minimum("rank")
    one = _declare(queryset=ENTRIES, first=shared, second=shared, least=narrowed)
    other = _declare(queryset=ENTRIES, third=shared, at_least=narrowed)
    labels = [(c.name, c.label) for c in (*one.columns.values(), *other.columns.values())]
    assert labels == [("first", "First"), ("second", "Second"), ("third", "Third")]
    assert [(n, f.name, f.label) for n, f in {**one.filters, **other.filters}.items()] == [
        ("least", "least", "Least"), ("at_least", "at_least", "At least"),
    ]  # fmt: skip
    key = Key("rank")
    keyed = _declare(queryset=ENTRIES, group_by={"a": key, "b": key})
    assert [each.label for each in keyed.keys.values()] == ["A", "B"]
    assert (shared.name, shared.label, narrowed.label, key.label) == ("", None, None, None)


# Names

OWN = [
    *("title", "slug", "description", "options", "queryset", "columns", "filters", "keys"),
    *("group_by", "get_queryset", "allows", "register", "name", "mro", "c0", "k0", "_body"),
]
STATED = {
    "title": "All",
    "description": "Of it",
    "queryset": Entry.objects.filter(pk__lt=3),
    "group_by": {"rank": "rank"},
}


def _columns_called(names: list[str]) -> Any:
    columns = {name: Column(Count("pk")) for name in names}
    return _declare(**columns, Meta=_meta(permission=None, **STATED))


def _filters_called(names: list[str]) -> Any:
    narrowed = {name: filters.Minimum("rank") for name in names}
    return _declare(**narrowed, Meta=_meta(permission=None, **STATED))


@pytest.mark.parametrize(
    ("declare", "names"),
    [(_columns_called, OWN), (_filters_called, [name for name in OWN if name not in RESERVED])],
)
def test_columns_and_filters_have_any_name(declare: Any, names: list[str]) -> None:
    """They replace nothing of the report, which works as before."""
    report = declare(names)()
    assert list(report.columns or report.filters) == names
    assert (report.title, report.description, report.slug) == ("All", "Of it", "probe")
    assert report.group_by == {"rank": "rank"}
    assert (report.options.permission, report.allows(STRANGER)) == (None, True)
    assert isinstance(report.get_queryset({}), QuerySet)


@pytest.mark.django_db
def test_columns_of_such_names_are_shown(hostile: None) -> None:
    statement = Statement(_columns_called(OWN)(), {}, "default")
    assert [column.id for column in statement.columns] == ["rank", *OWN]
    counts = {len(set(row[1:])) for row in statement.stream()}
    assert counts == {1}


@pytest.mark.parametrize("name", OWN)
def test_a_mixins_column_replaces_nothing_of_the_report(name: str) -> None:
    mixin = type("Mixin", (), {name: Column(Count("pk"))})
    report = _declare(mixin, Counted)()
    assert name in report.columns
    assert (report.title, report.slug) == ("Counted entries", "probe")
    assert not report.allows(STRANGER)
    assert isinstance(report.get_queryset({}), QuerySet)
    without = _declare(type(report), **{name: None})()
    assert name not in without.columns
    assert without.title == "Counted entries"
    assert isinstance(without.get_queryset({}), QuerySet)


def test_the_nearest_class_says_the_title_in_its_body_or_its_meta() -> None:
    named = _declare(Counted, Meta=_meta(title="By Meta"), called="Named")
    assert named.title == "By Meta"
    assert _declare(named, title="By body").title == "By body"
    assert _declare(_declare(named, title="By body"), Meta=_meta(named.Meta)).title == "By Meta"
    assert _declare(named, title=Column(Count("pk"))).title == "By Meta"
    both = _declare(Counted, title="By body", Meta=_meta(title="By Meta"))
    assert "has 'title' both in its body and in its Meta" in _refused(both)


def test_what_a_class_body_declares_twice_is_refused() -> None:
    class Twice(Counted):
        flown = Column(Count("pk"))
        flown = filters.DateRange("at", zone=None)  # noqa: PIE794 -- the mistake

    class Titled(Counted):
        title = "Flights"
        title = Column(Count("title"))  # noqa: PIE794 -- the mistake

    class Redefined(Counted):
        total = Geometry("shape")

        def total(self) -> None:  # noqa: F811 -- the mistake
            """The mistake."""

    assert "declares 'flown' twice, as a Column and as a filter DateRange: rename" in _refused(
        Twice
    )
    assert "'title' twice, as a str and as a Column: write Meta.title" in _refused(Titled)
    assert "'total' twice, as a Geometry and as a function" in _refused(Redefined)


def test_a_column_and_a_filter_of_two_classes_share_a_name() -> None:
    child = _declare(Counted, entries=filters.Minimum("pk"), ranked=Column(Count("rank")))
    assert list(child.columns) == ["entries", "texts", "ranked"]
    assert list(child.filters) == ["ranked", "entries"]
    removed = _declare(child, entries=None, Meta=_meta())
    assert ("entries" in removed.columns, "entries" in removed.filters) == (False, False)


@pytest.mark.django_db
def test_a_key_and_a_filter_share_a_name(hostile: None) -> None:
    report = _declare(Counted, rank=filters.Minimum("rank"))()
    values = dict(read(report, {"rank": ["3"]}, "default").values)
    assert {row[0] for row in Statement(report, values, "default").stream()} == {3}


@pytest.mark.parametrize("name", sorted({*RESERVED, *OPTIONS}))
def test_a_filter_cannot_have_a_name_that_every_page_uses(name: str) -> None:
    assert f"a filter {name!r} with the parameter {name!r}, a name that every page" in _refused(
        _declare(Counted, **{name: filters.Minimum("rank")})
    )
    assert _declare(Counted, **{name: Column(Count("pk"))})().columns[name]


def test_the_reserved_names_are_those_that_are_announced() -> None:
    announced = (
        "page after database dialect separator line_end export sort columns rows view compare"
        " cursor lang totals"
    )
    assert set(announced.split()) <= RESERVED


def test_two_filters_cannot_have_one_parameter() -> None:
    report = _declare(
        Counted, when=filters.DateRange("at", zone=None), when_to=filters.Minimum("rank")
    )
    assert "'when' and 'when_to' of Probe both have the parameter 'when_to'" in _refused(report)


def test_a_filter_tells_its_parameters_before_its_fields() -> None:
    class Odd(filters.Minimum):
        def fields(self, rows: Any) -> Any:
            return {"page": super().fields(rows)[self.name]}

    report = _declare(Counted, odd=Odd("rank"))()
    with pytest.raises(DeclarationError, match="'odd' of 'probe' has the fields page"):
        form_class(report, "default")


def test_every_filter_names_the_parameters_of_its_fields(django_db_blocker: Any) -> None:
    declared = {
        "chosen": filters.Choice("text", choices=[(text, text) for text in TEXTS]),
        "holds": filters.Contains("text"),
        "no_day": filters.IsEmpty("day"),
        "least": filters.Minimum("rank"),
        "most": filters.Maximum("rank"),
        "between": filters.Range("price"),
        "when": filters.DateRange("at", zone=None),
        "area": filters.Area("shape"),
        "near": filters.Near("shape"),
        "nearest": filters.Nearest("shape"),
    }
    report = _declare(Counted, **declared)
    names = [name for each in report.filters.values() for name in each.parameters]
    assert list(form_class(report(), "default").base_fields) == names
    # Every filter there is has been looked at.
    offered = {each for each in vars(filters).values() if isinstance(each, type)}
    assert offered == {type(each) for each in declared.values()} | {filters.Filter}


# What cannot be meant


@pytest.mark.parametrize("name", ["Aéroports", "空港", "Ａ"])
def test_a_class_whose_name_no_address_takes_is_refused(name: str) -> None:
    assert f"{name}: the name of a report's class" in _refused(_declare(Counted, called=name))


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [
        ({"Meta": _meta(order=["rank"])}, "Meta has no order; it takes ordering, permission"),
        ({"Meta": _meta(_meta(order=["rank"]))}, "Meta has no order"),
        ({"Meta": _meta(page_size=1001)}, "page_size must be from 1 to 1000"),
        ({"Meta": _meta(page_size=0)}, "page_size must be from 1 to 1000"),
        ({"Meta": _meta(page_size="9")}, "TypeError"),
        ({"Meta": _meta(ordering=["nobody"])}, "ordering names 'nobody'; its columns are rank"),
        ({"Meta": _meta(ordering="rank")}, "Meta.ordering is 'rank'; write a list of names"),
        ({"Meta": _meta(ordering=[F("rank")])}, "write a list of names"),
        ({"Meta": _meta(databases="postgis")}, "Meta.databases is 'postgis'; write a list"),
        ({"Meta": _meta(permission=False)}, 'permission is False; write "app.codename"'),
        ({"group_by": {"rank": "rank"}}, "declares 'rank' twice"),
        ({"group_by": ["rank"]}, "group_by is ['rank']; write a dict"),
        ({"group_by": {"x": Column("note")}}, "group_by['x'] is a Column; write the name"),
        ({"group_by": {"x": filters.Minimum("note")}}, "group_by['x'] is a Minimum"),
        ({"queryset": Entry}, "queryset is <class 'tests.hostile.models.Entry'>; write a queryset"),
        ({"rank": Key("rank")}, "rank is a Key: put it into group_by, or make it a Column"),
        ({"late": (Column("rank"),)}, "late is a tuple: remove the comma"),
        ({"slug": "mine"}, "sets 'slug', which Isoline makes from the declaration. Rename the cl"),
        ({"columns": ["rank"]}, "sets 'columns'"),
        ({"rank": 3}, "has no columns: declare a Column, or group_by with a key"),
    ],
)
def test_what_cannot_be_meant_is_refused(attributes: dict[str, Any], sentence: str) -> None:
    declared: dict[str, Any] = {"queryset": ENTRIES, "rank": Column("rank")}
    assert sentence in _refused(_declare(**declared | attributes))


def test_a_relation_without_a_name_to_show_wants_a_key() -> None:
    report = _declare(queryset=Permission.objects.all(), group_by={"type": "content_type"})
    assert "has no field `name` to show. Say which to show" in _refused(report)


def test_a_group_by_names_annotations_as_well() -> None:
    report = _declare(queryset=ENTRIES.annotate(twice=F("rank") * 2), group_by={"two": "twice"})
    assert Statement(report(), {}, "default").columns[0].id == "two"


def test_a_manager_is_a_queryset() -> None:
    assert _declare(queryset=Entry.objects, note=Column("note"))().get_queryset({}).model is Entry


def test_a_class_statement_never_fails_and_knows_its_line() -> None:
    class Wrong(Report):
        queryset = ENTRIES

    assert isinstance(Wrong, ReportType)
    file, line = Wrong._source
    assert file == __file__
    assert "class Wrong" in Path(__file__).read_text().splitlines()[line - 1]
