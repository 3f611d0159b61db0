"""JSON lists, against json.dumps."""

import json

import pytest
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When

from reports.errors import DeclarationError, NotPortable
from reports.expressions.json.lists import JSONList
from tests.conformance.harness import answers, by_group, by_row, groups
from tests.conformance.oracles import FIELDS, canonical, values
from tests.hostile.models import Entry, Long, Owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]


def listed(found, field=""):
    """The text of a JSON list, None for an empty one."""
    found = [value if isinstance(value, int) else canonical(value, field) for value in found]
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")) if found else None


@pytest.mark.parametrize("field", FIELDS)
def test_every_type(field):
    by_group(JSONList(field), lambda rows: listed(values(rows, field), field))


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", FIELDS)
def test_distinct(field, descending):
    by_group(
        JSONList(field, distinct=True, order_by=f"-{field}" if descending else ()),
        lambda rows: listed(sorted(set(values(rows, field)), reverse=descending), field),
    )


@pytest.mark.parametrize(
    "keys",
    [("rank",), ("-number", "note"), ("flag", "-uid"), ("-at",), ("day", "-text"), ("-big", "id")],
    ids="".join,
)
@pytest.mark.parametrize("field", ["text", "big", "amount", "flag", "day"])
def test_orders(field, keys):
    by_group(JSONList(field, order_by=keys), lambda rows: listed(values(rows, field, *keys), field))


@pytest.mark.parametrize("distinct", [False, True])
@pytest.mark.parametrize("field", FIELDS)
def test_filtered(field, distinct):
    def oracle(rows):
        found = values(rows, field, where=lambda row: row["flag"])
        return listed(dict.fromkeys(found) if distinct else found, field)

    by_group(JSONList(field, distinct=distinct, filter=Q(flag=True)), oracle)


@pytest.mark.parametrize("code", [*range(1, 33), 34, 39, 47, 92, 127, 128, 159, 0x2028, 0xFFFF])
def test_every_escape(code):
    text = f'a{chr(code)}\\u001F"{chr(code)}'
    ((_, found),) = answers(
        {"list": JSONList(Case(When(id__gte=0, then=Value(text))), distinct=True)},
        group_by={"all": Value(1)},
    )
    assert found == listed([text])


def test_a_default():
    by_group(JSONList("text", filter=Q(id__lt=0), default="[]"), lambda rows: "[]")


@pytest.mark.parametrize("kind", [Long.Kind.OVER_1_MB, Long.Kind.LATE, Long.Kind.NULL])
def test_long_texts(kind):
    ((_, found),) = answers(
        {"list": JSONList("text", order_by=F("id").desc())},
        queryset=Long.objects.filter(kind=kind),
        group_by={"kind": "kind"},
    )
    texts = Long.objects.filter(kind=kind, text__isnull=False).order_by("-id")
    assert found == listed(list(texts.values_list("text", flat=True)))


def test_over_a_join_backwards():
    found = answers(
        {"list": JSONList("entry__text", distinct=True)},
        queryset=Owner.objects.all(),
        group_by={"id": "pk"},
    )
    for owner, text in found:
        assert text == listed(sorted(set(values(groups().get(owner, []), "text"))))


def test_in_a_sub_query():
    lists = (
        Entry.objects.filter(owner=OuterRef("owner"))
        .order_by()
        .values("owner")
        .annotate(list=JSONList("number", order_by="id"))
        .values("list")
    )
    wanted = {owner: listed(values(rows, "number", "id")) for owner, rows in groups().items()}
    by_row(
        Subquery(lists),
        lambda row: wanted[row["owner_id"]] if row["owner_id"] is not None else None,
    )


def test_groups_ordered_by_it():
    found = [
        text
        for _, text in answers({"l": JSONList("text")}, group_by={"o": "owner_id"}, ordering=["l"])
    ]
    kept = [text for text in found if text is not None]
    assert found == [*sorted(kept), *[None] * (len(found) - len(kept))]


@pytest.mark.parametrize("field", ["ratio", "span", "data"])
def test_what_has_no_common_text(field):
    with pytest.raises(NotPortable, match="no text that is the same on every database"):
        answers({"list": JSONList(field)}, group_by={"rank": "rank"})


def test_distinct_values_have_no_order_but_their_own():
    with pytest.raises(DeclarationError, match=r"JSONList.distinct=True. can be ordered"):
        JSONList("text", distinct=True, order_by="rank")
