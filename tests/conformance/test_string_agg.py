"""Joined texts, against sorted() and join()."""

import pytest
from django.db.models import F, OuterRef, Q, Subquery, Value

from reports.errors import DeclarationError, NotPortable
from reports.expressions import Count, StringAgg
from tests.conformance.harness import answers, by_group, by_row, entries, groups
from tests.conformance.oracles import FIELDS, canonical, order, values
from tests.hostile.models import Entry, Long, Owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

SMALL = ("text", "number", "amount", "flag", "uid", "day", "clock", "at", "owner__name")


def texts(rows, field, *keys, where=None):
    """The texts in the keys' order, then their own."""
    kept = [row for row in rows if row[field] is not None and (where is None or where(row))]
    kept = [row | {"_": canonical(row[field], field)} for row in kept]
    return [row["_"] for row in sorted(kept, key=order(*keys, "_"))]


def joined(found, delimiter=","):
    return delimiter.join(found) if found else None


@pytest.mark.parametrize("field", FIELDS)
def test_every_type(field):
    by_group(StringAgg(field, ","), lambda rows: joined(texts(rows, field)))


@pytest.mark.parametrize(
    "delimiter", ["", ",", ", ", "%", "%s", "'", "\\", "\n", "\U0001f600", " x"]
)
@pytest.mark.parametrize("distinct", [False, True])
def test_every_delimiter(delimiter, distinct):
    def oracle(rows):
        found = texts(rows, "text")
        return joined(list(dict.fromkeys(found)) if distinct else found, delimiter)

    by_group(StringAgg("text", delimiter, distinct=distinct), oracle)
    by_group(StringAgg("text", Value(delimiter), distinct=distinct), oracle)


@pytest.mark.parametrize("field", SMALL)
@pytest.mark.parametrize("descending", [False, True])
def test_distinct(field, descending):
    by_group(
        StringAgg(field, ",", distinct=True, order_by=f"-{field}" if descending else ()),
        lambda rows: joined(sorted(set(texts(rows, field)), reverse=descending)),
    )


ORDERS = [
    ("rank",),
    ("-rank",),
    ("flag", "-number"),
    ("-day",),
    ("-note", "at"),
    ("owner__name", "-clock", "rank"),
    ("-uid",),
    ("amount", "text"),
    ("-big",),
    ("text",),
    ("-text", "rank"),
    ("flag", "-text", "id"),
    ("-id",),
]


@pytest.mark.parametrize("keys", ORDERS, ids="".join)
@pytest.mark.parametrize("field", ["text", "amount"])
def test_orders(field, keys):
    by_group(
        StringAgg(field, "|", order_by=keys), lambda rows: joined(texts(rows, field, *keys), "|")
    )


@pytest.mark.parametrize("field", SMALL)
def test_filtered(field):
    by_group(
        StringAgg(field, ",", filter=Q(number__gt=0), order_by=F("rank").desc()),
        lambda rows: joined(
            texts(rows, field, "-rank", where=lambda row: (row["number"] or 0) > 0)
        ),
    )


@pytest.mark.parametrize("field", ["text", "number", "at"])
def test_a_default(field):
    by_group(
        StringAgg(field, ",", filter=Q(rank=3), default="none"),
        lambda rows: (
            joined(texts(rows, field, where=lambda row: row["rank"] == 3)) or "none"
            if not any(row["rank"] == 3 and row[field] == "" for row in rows)
            else joined(texts(rows, field, where=lambda row: row["rank"] == 3))
        ),
    )


@pytest.mark.parametrize("delimiter", ["note", "rank", "flag", "day", "owner__name"])
@pytest.mark.parametrize("keys", [(), ("-number",), ("rank", "day")], ids="".join)
@pytest.mark.parametrize("where", [None, lambda row: (row["number"] or 0) > 0], ids=["", "filter"])
def test_a_delimiter_from_a_column(delimiter, keys, where):
    def oracle(rows):
        kept = [row for row in rows if row["text"] is not None and (where is None or where(row))]
        kept = [row | {"_": canonical(row[delimiter])} for row in kept]
        kept.sort(key=order(*keys, "text", "_"))
        found = "".join((row["_"] or "") + row["text"] for row in kept)
        return found[len(kept[0]["_"] or "") :] if kept else None

    by_group(
        StringAgg("text", F(delimiter), order_by=keys, filter=where and Q(number__gt=0)), oracle
    )


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_join_leaves_keys_empty(sign):
    """A column without NULLs has some where nobody is joined; they are last."""
    ((_, found),) = answers(
        {"joined": StringAgg("name", ",", order_by=[f"{sign}entry__id", "id"])},
        queryset=Owner.objects.all(),
        group_by={"all": Value(1)},
    )
    rows = []
    for owner, name in Owner.objects.values_list("id", "name"):
        ids = [row["id"] for row in groups().get(owner, [])]
        rows += [{"id": owner, "name": name, "entry": entry} for entry in ids or [None]]
    assert any(row["entry"] is None and row["name"] is not None for row in rows)
    rows.sort(key=order(f"{sign}entry", "id"))
    assert found == joined([row["name"] for row in rows if row["name"] is not None])


def test_in_a_sub_query():
    names = (
        Entry.objects.filter(owner=OuterRef("owner"))
        .order_by()
        .values("owner")
        .annotate(joined=StringAgg("text", ", ", order_by="-rank"))
        .values("joined")
    )
    wanted = {owner: joined(texts(rows, "text", "-rank"), ", ") for owner, rows in groups().items()}
    wanted[None] = None
    by_row(Subquery(names), lambda row: wanted[row["owner_id"]])


def test_over_a_join_backwards():
    found = dict(
        answers(
            {"joined": StringAgg("entry__text", "/", filter=Q(entry__flag=True))},
            queryset=Owner.objects.all(),
            group_by={"id": "pk"},
        )
    )
    for owner, text in found.items():
        rows = groups().get(owner, [])
        assert text == joined(texts(rows, "text", where=lambda row: row["flag"]), "/")


@pytest.mark.parametrize("than", ["", "A", "a", "\u00e1", "\U0001f600"])
def test_groups_filtered_by_it(than):
    queryset = (
        Entry.objects.order_by()
        .values("owner")
        .annotate(names=StringAgg("note", ""))
        .filter(names__gt=than)
    )
    wanted = {
        owner for owner, rows in groups().items() if (joined(texts(rows, "note"), "") or "") > than
    }
    assert {row["owner"] for row in queryset} == wanted


@pytest.mark.parametrize("direction", ["", "-"])
def test_groups_ordered_by_it(direction):
    found = answers(
        {"names": StringAgg("text", "", order_by="id")},
        group_by={"rank": "rank"},
        ordering=[f"{direction}names"],
    )
    names = [name for _, name in found]
    assert names == [
        *sorted((name for name in names if name is not None), reverse=direction == "-"),
        *(name for name in names if name is None),
    ]


@pytest.mark.parametrize("kind", list(Long.Kind))
def test_long_texts_are_whole(kind):
    ((_, found),) = answers(
        {"joined": StringAgg("text", ", ", order_by="id")},
        queryset=Long.objects.filter(kind=kind),
        group_by={"kind": "kind"},
    )
    wanted = list(
        Long.objects.filter(kind=kind, text__isnull=False)
        .order_by("id")
        .values_list("text", flat=True)
    )
    assert found == joined(wanted, ", ")


def test_beside_other_aggregates():
    found = answers(
        {"texts": StringAgg("text", ","), "count": Count("text")}, group_by={"rank": "rank"}
    )
    for rank, text, count in found:
        rows = [row for row in entries() if row["rank"] == rank]
        assert (text, count) == (joined(texts(rows, "text")), len(values(rows, "text")))


@pytest.mark.parametrize("delimiter", ["text", "owner__name", "owner_id", "rank", "pk"])
def test_a_string_that_names_a_field_is_no_delimiter(delimiter):
    with pytest.raises(
        DeclarationError, match=rf'Value\("{delimiter}"\) for the text, F\("{delimiter}"\)'
    ):
        answers({"joined": StringAgg("text", delimiter)}, group_by={"rank": "rank"})


def test_a_literal_that_is_a_fields_name():
    by_group(StringAgg("text", Value("note")), lambda rows: joined(texts(rows, "text"), "note"))


@pytest.mark.parametrize("field", ["ratio", "span", "data"])
def test_what_has_no_common_text(field):
    with pytest.raises(NotPortable, match="no text that is the same on every database"):
        answers({"joined": StringAgg(field, ",")}, group_by={"rank": "rank"})


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"delimiter": F("note"), "distinct": True}, "takes a literal delimiter"),
        ({"delimiter": ",", "distinct": True, "order_by": "rank"}, "by its own texts alone"),
        ({"delimiter": Value(1)}, "delimiter is a text, not 1"),
    ],
)
def test_what_cannot_be_meant(options, sentence):
    with pytest.raises(DeclarationError, match=sentence):
        StringAgg("text", **options)
