"""A column shows the value of the field on Django's objects, on every database."""

import ipaddress
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models import (
    BigIntegerField,
    CharField,
    ExpressionWrapper,
    F,
    IntegerField,
    JSONField,
    Q,
    Value,
)
from django.utils.duration import duration_iso_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports import Column, Report
from reports.errors import DeclarationError, NotPortable, RowFailed
from reports.exports.fastcsv.rows import Lines, refusal
from reports.expressions import (
    AnyValue,
    Avg,
    Cast,
    Coalesce,
    Count,
    First,
    Greatest,
    Lag,
    Lower,
    Max,
    Median,
    Min,
    StringAgg,
    Sum,
    Window,
)
from reports.formats.base import Document
from reports.formats.csv import RAW
from reports.queries.statement import Statement
from tests.hostile.models import Holding, Note, Ticket, Toll

ADDRESSES = [
    *(
        "10.0.0.1",
        "9.255.255.255",
        "::",
        "::1",
        "::2",
        "::ffff",
        "::1:2",
        "::1.2.3.4",
        "::ffff:0:0",
    ),
    *("::ffff:1.2.3.4", "2001:db8::1", "2001:db8:0:1::", "fe80::1:0:0:1", "1::", "1:0:1::1"),
]
SPANS = [
    *(timedelta(), timedelta(microseconds=1), timedelta(microseconds=-1), timedelta(days=-1)),
    *(timedelta(days=1), timedelta(hours=24, seconds=1), timedelta(days=400, hours=3)),
    *(timedelta(hours=-30), timedelta(seconds=59, microseconds=999_999), timedelta(days=100_000)),
]
DATA = [
    *({"b": [1, 2.5, "é\n"], "a": None}, [], {}, "=1+1", 1.0, 1e22, 2**63, -0.0, 0.1, True),
    *({"a": {"z": 1, "B": 2, "é": 3}}, 10**18, 1.5e300, "\\u0041"),
]
ROWS: list[dict[str, Any]] = [
    {
        "price": n * 617 if n % 4 else None,
        "mood": (None, "h", "s")[n % 3],
        "level": (None, 1, 2)[n % 3],
        "tag": ("b", "a", "B", "é", None)[n % 5],
        "words": "a b",
        "flag": ("y", "n", None)[n % 3],
        "loose": n,
        "size": (1, 9, 5, None)[n % 4],
        "colour": ("r", "b", "violet", None)[n % 4],
        "address": ADDRESSES[n % len(ADDRESSES)] if n % 7 else None,
        "file": ("b/a.txt", "B.txt", "=1+1", "")[n % 4],
        "path": ("/b", "/B", None)[n % 3],
        "slug": f"slug-{n % 3}",
        "url": "https://example.org/?a=1&b=é",
        "email": "a@example.org",
        "span": SPANS[n % len(SPANS)] if n % 11 else None,
        "data": DATA[n % len(DATA)] if n % 13 else None,
        "blob": b"a",
        "at": datetime(2024, n % 12 + 1, 3, n % 24, 30, tzinfo=UTC) if n % 5 else None,
    }
    for n in range(60)
]


@pytest.fixture(scope="module", autouse=True)
def holdings(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The rows, committed, with a note and a ticket for each."""
    with django_db_blocker.unblock():
        _delete()
        made = [
            Holding(id=UUID(int=n), **{k: v if k != "price" else _cents(v) for k, v in row.items()})
            for n, row in enumerate(ROWS)
        ]
        Holding.objects.bulk_create(made)
        Note.objects.bulk_create(Note(holding=each, text=str(n)) for n, each in enumerate(made))
        Ticket.objects.bulk_create(
            Ticket(code=f"{n % 7}-{n}", holding=each) for n, each in enumerate(made)
        )
        yield
        _delete()


def _cents(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number) / 100


def _delete() -> None:
    for model in (Ticket, Note, Holding):
        model.objects.all().delete()


pytestmark = pytest.mark.django_db


def shown(queryset: Any = None, **declared: Any) -> list[tuple[Any, ...]]:
    """Returns the texts of a report's rows; `ordering` and `group_by` are the report's."""
    statement = statement_of(queryset, **declared)
    return [_texts(statement, row) for row in statement.stream()]


def statement_of(
    queryset: Any = None, ordering: Any = (), group_by: Any = None, **columns: Any
) -> Statement:
    attributes: dict[str, Any] = {
        "queryset": Holding.objects.all() if queryset is None else queryset,
        "Meta": type("Meta", (), {"ordering": list(ordering)}),
        **columns,
    }
    if group_by:
        attributes["group_by"] = group_by
    return Statement(type("Shown", (Report,), attributes)(), {}, "default")


def _texts(statement: Statement, row: Any) -> tuple[Any, ...]:
    return tuple(
        None if value is None else column.kind.text(value)
        for column, value in zip(statement.columns, row, strict=True)
    )


def objects() -> list[Any]:
    """Returns every holding as a Django object, by primary key."""
    return sorted(Holding.objects.all(), key=lambda each: each.pk)


def _fixed(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:.2f}"


def _optional(text: Callable[[Any], str]) -> Callable[[Any], str | None]:
    return lambda value: None if value is None else text(value)


def _address(text: str) -> str:
    address = ipaddress.ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    return f"::ffff:{mapped}" if mapped else str(address)


# A field, and the text of what an object has of it.
TEXTS: dict[str, Callable[[Any], str | None]] = {
    "price": _fixed,
    "mood": lambda mood: mood.value,
    "level": _optional(lambda level: str(level.value)),
    "tag": _optional(str),
    "flag": _optional(lambda flag: "true" if flag else "false"),
    "loose": str,
    "size": _optional(str),
    "colour": _optional(str),
    "address": _optional(_address),
    "file": lambda file: file.name,
    "path": _optional(str),
    "slug": str,
    "url": str,
    "email": str,
    "span": _optional(duration_iso_string),
    "doubled": _optional(str),
    "pk": str,
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_field_is_shown_as_objects_have_it(name: str) -> None:
    assert shown(it=Column(name)) == [(TEXTS[name](getattr(each, name)),) for each in objects()]


def test_keys_of_relations_are_shown_as_objects_have_them() -> None:
    notes = sorted(Note.objects.all(), key=lambda each: str(each.pk))
    assert shown(Note.objects.all(), pk=Column("pk"), of=Column("holding_id")) == [
        (str(each.pk), str(each.holding_id)) for each in notes
    ]
    tickets = sorted(Ticket.objects.all(), key=lambda each: each.code[:])
    assert shown(Ticket.objects.all(), code=Column("code"), price=Column("holding__price")) == [
        (str(each.code), _fixed(each.holding.price)) for each in tickets
    ]


@pytest.mark.parametrize("name", ["price", "mood", "tag", "address", "file", "path", "span", "at"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_rows_are_in_the_order_of_what_is_stored_and_pages_are_the_report(
    name: str, sign: str
) -> None:
    statement = statement_of(it=Column(name), key=Column("pk"), ordering=[f"{sign}it"])
    stored = {row.pk: row for row in Holding.objects.annotate(it=F(name))}
    rows = list(statement.stream())
    there = [row for row in rows if _raw(stored[row[1]], name) is not None]
    assert rows[: len(there)] == there  # NULLs are last
    keys = [_sort_key(_raw(stored[row[1]], name)) for row in there]
    assert keys == sorted(keys, reverse=bool(sign))
    pages = list(statement.queryset[:7])
    while more := list(statement.after(statement.cursor(pages[-1]))[:7]):
        pages += more
    assert [statement.canonical(page) for page in pages] == rows


def test_pages_go_by_the_key_that_is_stored() -> None:
    prices = ["10.00", "0.02", "1.50", "0.10", "12.34"]
    Toll.objects.bulk_create(Toll(price=Decimal(price), name=price) for price in prices)
    statement = statement_of(Toll.objects.all(), it=Column("name"))
    pages = list(statement.queryset[:2])
    while more := list(statement.after(statement.cursor(pages[-1]))[:2]):
        pages += more
    assert [row[0] for row in pages] == sorted(prices, key=Decimal)


def _raw(holding: Any, name: str) -> Any:
    """Returns the stored value."""
    return ROWS[holding.pk.int][name]


def _sort_key(value: Any) -> Any:
    if isinstance(value, str) and ":" in value and "/" not in value:
        return _address(value)
    return value


@pytest.mark.parametrize("name", ["price", "mood", "address", "file", "span"])
def test_groups_are_of_what_is_stored(name: str) -> None:
    wanted: dict[Any, int] = {}
    for each in objects():
        raw = _raw(each, name)
        key = (
            None if raw is None and name != "mood" else TEXTS[name](getattr(each, name)),
            raw is None,
        )
        wanted[key] = wanted.get(key, 0) + 1
    found = shown(group_by={"it": name}, holdings=Column(Count("pk")))
    assert sorted(found, key=str) == sorted(
        ((text, str(count)) for (text, _), count in wanted.items()), key=str
    )


def test_aggregates_have_the_converters_of_their_field() -> None:
    prices = [each.price for each in objects() if each.price is not None]
    (row,) = shown(
        group_by={"url": "url"},
        total=Column(Sum("price")),
        nothing=Column(Sum("price", default=0)),
        least=Column(Min("price")),
        greatest=Column(Max("price")),
        some=Column(AnyValue("price")),
        first=Column(First("price", order_by="-price")),
        filtered=Column(Sum("price", filter=Q(price__gt=Decimal("100")))),
        wide=Column(Max(Coalesce("price", 0))),
        count=Column(Count("price", distinct=True)),
    )
    total = _fixed(sum(prices, Decimal()))
    assert row[1:] == (
        *(total, total, _fixed(min(prices)), _fixed(max(prices)), _fixed(min(prices))),
        *(_fixed(max(prices)), _fixed(sum(p for p in prices if p > 100))),
        *(_fixed(max(prices)), str(len(set(prices)))),
    )


def test_windows_and_choices_have_the_converters_of_their_field() -> None:
    rows = shown(
        before=Column(Window(Lag("price"), order_by="pk")),
        running=Column(Window(Sum("price"), order_by="pk")),
        one=Column(Coalesce("price", 0)),
        two=Column(Greatest("price", "price")),
        cast=Column(Cast("price", BigIntegerField())),
    )
    before, running = None, None
    for row, each in zip(rows, objects(), strict=True):
        if each.price is not None:
            running = (running or Decimal()) + each.price
        assert row == (
            *(_fixed(before), _fixed(running), _fixed(each.price or Decimal())),
            _fixed(each.price),
            None if each.price is None else str(int(each.price * 100)),
        )
        before = each.price


def test_annotations_and_filters_compare_what_is_stored() -> None:
    queryset = Holding.objects.filter(price__gte=Decimal("12.34"), mood="s")
    wanted = [
        each
        for each in objects()
        if each.price and each.price >= Decimal("12.34") and each.mood == "s"
    ]
    assert wanted
    assert shown(queryset, price=Column("price")) == [(_fixed(each.price),) for each in wanted]
    queryset = Holding.objects.annotate(p=F("price")).filter(
        p__in=[Decimal("6.17"), Decimal("30.85")]
    )
    assert shown(queryset, price=Column("p")) == [("6.17",), ("30.85",)]
    queryset = Holding.objects.filter(address__in=["10.0.0.1", "::1.2.3.4", "0:0::2"])
    wanted = [
        each
        for each in objects()
        if each.address and _address(each.address) in ("10.0.0.1", "::102:304", "::2")
    ]
    assert len(wanted) > 2
    assert shown(queryset, it=Column("address")) == [(_address(each.address),) for each in wanted]


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        (F("price") * 2, r"Arithmetic would take what hostile.Holding.price \(CentsField\) stores"),
        (Avg("price"), "Avg would take .* cast it first"),
        (Median("price"), "Median would take .* BigIntegerField"),
        (Coalesce("price", 5), "Coalesce would take"),
        (Coalesce("price", "size"), "Coalesce would take"),
        (Greatest("level", "price"), "Greatest would take"),
        (Lower("mood"), r"Lower would take what hostile.Holding.mood \(MoodField\)"),
        (Min(F("price") + 1), "Arithmetic would take"),
    ],
    ids=str,
)
def test_what_calculates_with_what_is_stored_is_refused(expression: Any, sentence: str) -> None:
    with pytest.raises(NotPortable, match=sentence):
        statement_of(group_by={"url": "url"}, it=Column(expression, places=2))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("words", r"shown\.it: hostile.Holding.words \(WordsField\) returns a list"),
        ("blob", r"hostile.Holding.blob \(BinaryField\) has no canonical form"),
    ],
)
def test_what_has_no_form_is_refused_by_the_field_s_name(name: str, sentence: str) -> None:
    with pytest.raises(DeclarationError, match=sentence):
        statement_of(it=Column(name))


def test_a_type_of_its_own_is_refused_by_the_field_s_name() -> None:
    with pytest.raises(
        NotPortable, match=r"Holding.strange \(StrangeField\) has a column type that is not known"
    ):
        statement_of(it=Column("strange"))


def test_a_value_of_another_type_than_the_field_s_others_fails_its_row() -> None:
    statement = statement_of(it=Column("loose"))
    assert statement.canonical((3, UUID(int=3))) == (3,)
    with pytest.raises(RowFailed, match=r"Holding\.loose .* returned a list .* 'integer'"):
        statement.canonical((10_000_000, UUID(int=3)))


class RarelyFiner(IntegerField):  # type: ignore[type-arg]
    """Hundredths for small values, thousandths for large ones."""

    def from_db_value(self, value: int, *_: Any) -> Decimal:
        return Decimal(value) / (1000 if value > 5_000_000 else 100)


def test_a_value_of_more_places_than_the_field_s_others_fails_its_row() -> None:
    statement = statement_of(it=Column(Value(7, output_field=RarelyFiner())))
    assert statement.canonical((1234, UUID(int=3))) == (Decimal("12.34"),)
    assert statement.canonical((6_000_010, UUID(int=3))) == (Decimal("6000.01"),)
    with pytest.raises(
        RowFailed, match=r"returned 6000\.001, which has more than 2 decimal places"
    ):
        statement.canonical((6_000_001, UUID(int=3)))


class Suit(Enum):
    HEARTS = "h"
    SPADES = "s"


class SuitField(CharField):  # type: ignore[type-arg]
    """Members of an Enum that are not texts."""

    def from_db_value(self, value: str, *_: Any) -> Suit:
        return Suit(value)


class DottedDayField(CharField):  # type: ignore[type-arg]
    """Days: a sample text does not reveal the type."""

    def from_db_value(self, value: str, *_: Any) -> date:
        return datetime.strptime(value, "%d.%m.%Y").replace(tzinfo=UTC).date()


@pytest.mark.parametrize(
    ("field", "stored", "name", "value"),
    [
        (SuitField(), "s", "text", "s"),
        (DottedDayField(), "04.07.2024", "date", date(2024, 7, 4)),
    ],
    ids=["enum", "day"],
)
def test_the_type_that_a_field_declares_is_that_of_its_values(
    field: Any, stored: str, name: str, value: Any
) -> None:
    statement = statement_of(it=Column(Value(stored, output_field=field)))
    assert statement.columns[0].kind.name == name
    assert statement.canonical((stored, UUID(int=3))) == (value,)


class Exact(json.JSONDecoder):
    """Decodes as exact decimals the numbers that other decoders read as floats."""

    def __init__(self, **options: Any) -> None:
        super().__init__(parse_float=Decimal, **options)


def test_json_is_shown_as_it_is_stored_whatever_decodes_it() -> None:
    decoded = ExpressionWrapper(F("data"), JSONField(decoder=Exact))
    assert shown(it=Column(decoded)) == shown(it=Column("data"))


def test_json_is_shown_as_one_text_and_not_ordered_by() -> None:
    found = dict(shown(key=Column("pk"), it=Column("data")))
    for each in objects():
        text = found[str(each.pk)]
        assert (text is None) == (each.data is None)
        if text is not None:
            assert text == _dumped(each.data)
    with pytest.raises(DeclarationError, match=r"Nothing is ordered by JSON: .*JSONText"):
        statement_of(it=Column("data"), ordering=["it"])
    with pytest.raises(DeclarationError, match="Nothing is grouped by JSON"):
        statement_of(group_by={"it": "data"}, n=Column(Count("pk")))


INTEGERS = st.integers(-(2**63), 2**64 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
SPAN = st.timedeltas(timedelta(days=-10_000_000), timedelta(days=10_000_000))
ADDRESS = st.ip_addresses() | st.integers(0, 2**48).map(ipaddress.IPv6Address)


def _json(value: Any) -> Any:
    """Returns a document with numbers as every database stores them."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = f"{Decimal(repr(value)):f}"
        whole = Decimal(text) == int(Decimal(text)) and -(2**63) <= int(Decimal(text)) < 2**64
        return int(Decimal(text)) if whole else float(value)
    if isinstance(value, list):
        return [_json(each) for each in value]
    if isinstance(value, dict):
        return {key: _json(each) for key, each in value.items()}
    return value


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(DOCUMENTS, SPAN, ADDRESS), min_size=1, max_size=6))
def test_any_document_duration_and_address_has_one_text(rows: list[Any]) -> None:
    with transaction.atomic():
        Holding.objects.all().delete()
        Holding.objects.bulk_create(
            Holding(id=UUID(int=n), data=data, span=span, address=str(address))
            for n, (data, span, address) in enumerate(rows)
        )
        declared = {"data": Column("data"), "span": Column("span"), "address": Column("address")}
        for ordering, place in (["span"], 1), (["address"], 2):
            statement = statement_of(ordering=ordering, **declared)
            # Not a snapshot's: these rows are not committed.
            rows_of = map(statement.canonical, statement.queryset)
            found = [_texts(statement, row) for row in rows_of]
            wanted = [
                (
                    None if data is None else _dumped(data),
                    duration_iso_string(span),
                    _address(str(address)),
                )
                for data, span, address in rows
            ]
            order = [span for _, span, _ in rows] if place == 1 else [each[2] for each in wanted]
            numbers = sorted(range(len(rows)), key=lambda n, order=order: (order[n], n))
            assert found == [wanted[n] for n in numbers]
        transaction.set_rollback(True)


def _dumped(data: Any) -> str:
    return json.dumps(_json(data), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Texts(Report):
    queryset = Holding.objects.all()
    address = Column("address")
    file = Column("file")
    path = Column("path")
    url = Column("url")
    doubled = Column("doubled")


def test_texts_of_every_field_are_written_by_the_database_alike() -> None:
    statement = Statement(Texts(), {}, "default")
    assert not refusal(statement, RAW)
    document = Document(title="", columns=statement.columns, rows=statement.stream())
    assert b"".join(Lines(statement, RAW).pieces()).decode() == "".join(RAW(document))


def test_addresses_are_texts_in_every_expression() -> None:
    found = [_address(each.address) for each in objects() if each.address]
    (row,) = shown(
        group_by={"url": "url"},
        least=Column(Min("address")),
        greatest=Column(Max("address")),
        first=Column(First("address", order_by="-address")),
        kinds=Column(Count("address", distinct=True)),
        joined=Column(StringAgg("address", "|", distinct=True)),
        small=Column(Max(Lower("address"))),
        with_files=Column(Count("address", filter=Q(address__startswith="10."))),
    )
    kinds = sorted(set(found))
    assert row[1:] == (
        *(kinds[0], kinds[-1], kinds[-1], str(len(kinds)), "|".join(kinds), kinds[-1]),
        str(sum(each.startswith("10.") for each in found)),
    )
    rows = shown(
        before=Column(Window(Lag("address"), order_by="pk")),
        other=Column(Coalesce("address", Value("none"))),
        file=Column(Coalesce("file", "path")),
    )
    before = None
    for row, each in zip(rows, objects(), strict=True):
        address = each.address and _address(each.address)
        assert row == (before, address or "none", each.file.name)
        before = address


def test_aggregates_in_a_having_and_in_places_compare_as_what_is_stored() -> None:
    statement = statement_of(
        group_by={"slug": "slug", "colour": "colour"},
        least=Column(Min("address")),
        span=Column(Max("span")),
        price=Column(Sum("price")),
        ordering=["span", "-price", "least"],
    )
    rows = list(statement.queryset)
    pages = rows[:2]
    while more := list(statement.after(statement.cursor(pages[-1]))[:2]):
        pages += more
    assert pages == rows
    assert len(rows) > 5
