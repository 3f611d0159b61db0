"""Case and diacritics, against the tables of Python's unicodedata."""

import unicodedata
from collections import Counter

import pytest
from django.db.models import F, Q, Value

from geo.backends.letters import BASES, LOWER, UPPER
from reports.errors import NotPortable
from reports.expressions import Count
from reports.expressions.text import case
from reports.expressions.text.case import AccentBlind, CaseBlind, Lower, Upper
from reports.expressions.text.functions import Concat, Left, Length
from tests.conformance.harness import answers, by_group, by_row, entries, statement
from tests.hostile.models import Entry
from tests.hostile.texts import TEXTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

ONE = Entry.objects.filter(pk=0)
BLOCKS = 40
LETTERS = sorted({*LOWER, *UPPER, *LOWER.values(), *UPPER.values()})
ACCENTED = [letter for letters in BASES.values() for letter in letters]
# Where no letter has a case or diacritics, and where one may yet get some.
OTHERS = (
    *(range(0x20, 0x7F), range(0xA0, 0xC0), range(0x10D40, 0x10D90), range(0xA7C0, 0xA7E0)),
    *(
        range(0x1C80, 0x1C90),
        range(0x16E40, 0x16E80),
        range(0x16EA0, 0x16EE0),
        range(0xAC00, 0xAC40),
    ),
    *(range(0x3040, 0x3100), range(0x900, 0x980), range(0x2100, 0x2150), range(0x24B0, 0x24F0)),
)


def simple_lower(text):
    """Python's own, but for the one letter of which it makes two."""
    return "".join("i" if c == "\u0130" else c.lower() for c in text)


def simple_upper(text):
    return "".join(chr(UPPER.get(ord(c), ord(c))) for c in text)


def without_accents(text):
    """By decomposition, of three scripts alone."""

    def base(character):
        first, *marks = unicodedata.normalize("NFD", character)
        if "\u0300" <= character <= "\u036f":
            return ""
        is_one = unicodedata.name(first, "").startswith(("LATIN", "GREEK", "CYRILLIC"))
        is_letter = unicodedata.category(first).startswith("L")
        return (
            first
            if marks and is_one and is_letter and all("\u0300" <= m <= "\u036f" for m in marks)
            else character
        )

    return "".join(map(base, text))


EXPRESSIONS = [
    (Lower, simple_lower),
    (CaseBlind, simple_lower),
    (Upper, simple_upper),
    (AccentBlind, without_accents),
]


def nullable(function):
    return lambda text: None if text is None else function(text)


def asked(expression):
    (row,) = answers({"found": expression}, queryset=ONE)
    return row[-1]


@pytest.mark.parametrize(("expression", "oracle"), EXPRESSIONS)
@pytest.mark.parametrize("field", ["text", "note", "owner__name"])
def test_every_text(field, expression, oracle):
    by_row(expression(field), lambda row: nullable(oracle)(row[field]))


@pytest.mark.parametrize("text", TEXTS[1:])
def test_a_literal(text):
    columns = {f"c{n}": expression(Value(text)) for n, (expression, _) in enumerate(EXPRESSIONS)}
    (row,) = answers(columns, queryset=ONE)
    assert row == tuple(oracle(text) for _, oracle in EXPRESSIONS)


@pytest.mark.parametrize("block", range(BLOCKS))
@pytest.mark.parametrize(("expression", "oracle"), [EXPRESSIONS[0], EXPRESSIONS[2]])
def test_every_letter_with_a_case(expression, oracle, block):
    text = "".join(map(chr, LETTERS[block::BLOCKS]))
    assert asked(expression(Value(text))) == oracle(text)


@pytest.mark.parametrize("block", range(20))
def test_every_letter_with_diacritics(block):
    text = "".join(ACCENTED[block::20])
    assert asked(AccentBlind(Value(text))) == without_accents(text)
    assert (
        asked(AccentBlind(Value(text + "\uac00\u304c"))) == without_accents(text) + "\uac00\u304c"
    )


@pytest.mark.parametrize("others", OTHERS, ids=lambda others: f"{others.start:x}")
@pytest.mark.parametrize(("expression", "oracle"), EXPRESSIONS[2:])
def test_other_characters(expression, oracle, others):
    text = "".join(map(chr, others))
    if expression is AccentBlind and any(unicodedata.category(c) == "Cn" for c in text):
        text = "".join(c for c in text if unicodedata.category(c) != "Cn")
    assert asked(expression(Value(text))) == oracle(text)
    assert asked(Lower(Value(text))) == "".join(chr(LOWER.get(ord(c), ord(c))) for c in text)


def test_the_table_is_unicodes():
    """Case pairs never change, whatever the version of this Python."""
    assert len(LOWER) == 1433
    assert len(UPPER) == 1450
    for code, small in LOWER.items():
        assert chr(small) == simple_lower(chr(code))
    for code, capital in UPPER.items():
        full = chr(code).upper()
        assert full == chr(capital) or (len(full) > 1 and LOWER[capital] == code)


@pytest.mark.parametrize(
    ("text", "lower", "upper"),
    [
        ("\u00df", "\u00df", "\u00df"),
        ("\u1e9e", "\u00df", "\u1e9e"),
        ("\u0130I\u0131i", "ii\u0131i", "\u0130III"),
        ("\u03a3\u03a3", "\u03c3\u03c3", "\u03a3\u03a3"),
        ("\u03c2", "\u03c2", "\u03a3"),
        ("\ufb01", "\ufb01", "\ufb01"),
        ("\u01c4\u01c5\u01c6", "\u01c6\u01c6\u01c6", "\u01c4\u01c4\u01c4"),
        ("\u1fb3", "\u1fb3", "\u1fbc"),
        # More bytes than before, where a server would cut the end of the text.
        ("\u023a" * 50 + "End", "\u2c65" * 50 + "end", "\u023a" * 50 + "END"),
        ("\u0250" * 50 + "End", "\u0250" * 50 + "end", "\u2c6f" * 50 + "END"),
        ("\u212a\u2126\u212b", "k\u03c9\u00e5", "\u212a\u2126\u212b"),
        ("\u10d0\u1c90", "\u10d0\u10d0", "\u1c90\u1c90"),
        ("\U00010400\U00016e40\U0001e900", "\U00010428\U00016e60\U0001e922", None),
    ],
)
def test_remarkable_letters(text, lower, upper):
    assert asked(Lower(Value(text))) == lower
    assert asked(Upper(Value(text))) == (text if upper is None else upper)


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("S\u00e3o Paulo", "Sao Paulo"),
        ("Th\u00e0nh ph\u1ed1 H\u1ed3 Ch\u00ed Minh", "Thanh pho Ho Chi Minh"),
        (
            "\u0399\u03c9\u03ac\u03bd\u03bd\u03b9\u03bd\u03b1",
            "\u0399\u03c9\u03b1\u03bd\u03bd\u03b9\u03bd\u03b1",
        ),
        (
            "\u0419\u043e\u0448\u043a\u0430\u0440-\u041e\u043b\u0430",
            "\u0418\u043e\u0448\u043a\u0430\u0440-\u041e\u043b\u0430",
        ),
        ("e\u0301\u0323x", "ex"),
        ("\u0301", ""),
        ("\u212b\u2126\u212a", "A\u2126\u212a"),
        ("\u00f8\u0142\u0111\u00df\u0131", "\u00f8\u0142\u0111\u00df\u0131"),
        ("\u304c\u00e9", "\u304ce"),
        ("\uac00\u00e9", "\uac00e"),
        ("\u05e9\u05b8\u05c1\u00e9", "\u05e9\u05b8\u05c1e"),
        ("\u037e\u00e9", "\u037ee"),
        ("\u2000\u00e9", "\u2000e"),
        ("]-^\\\u00e9", "]-^\\e"),
    ],
)
def test_remarkable_diacritics(text, base):
    assert asked(AccentBlind(Value(text))) == base


def test_long_texts():
    text = "\u00c9x\u023a" * 3000
    assert asked(Lower(Value(text))) == "\u00e9x\u2c65" * 3000
    assert asked(AccentBlind(Value(text))) == "Ex\u023a" * 3000


def test_nested():
    by_row(
        AccentBlind(CaseBlind(Concat("text", Value("\u00c9"), "owner__name"))),
        lambda row: without_accents(
            simple_lower((row["text"] or "") + "\u00c9" + (row["owner__name"] or ""))
        ),
    )
    by_row(
        Upper(Lower(Upper(Left("text", 2)))),
        lambda row: nullable(lambda t: simple_upper(simple_lower(simple_upper(t[:2]))))(
            row["text"]
        ),
    )


@pytest.mark.parametrize(
    ("key", "oracle"),
    [
        (CaseBlind("text"), nullable(simple_lower)),
        (AccentBlind("text"), nullable(without_accents)),
        (
            AccentBlind(CaseBlind("text")),
            nullable(lambda text: without_accents(simple_lower(text))),
        ),
        (Upper(F("owner__name")), None),
    ],
)
def test_a_group_key(key, oracle):
    found = answers({"count": Count("*")}, group_by={"name": key}, ordering=["name"])
    if oracle is None:
        wanted = Counter(nullable(simple_upper)(row["owner__name"]) for row in entries())
    else:
        wanted = Counter(oracle(row["text"]) for row in entries())
    assert found == sorted(wanted.items(), key=lambda pair: (pair[0] is None, pair[0] or ""))


@pytest.mark.parametrize("descending", ["", "-"])
def test_an_order(descending):
    found = answers(
        {"id": "pk", "key": AccentBlind(CaseBlind("text"))}, ordering=[f"{descending}key", "id"]
    )
    rows = [
        (row["id"], nullable(lambda t: without_accents(simple_lower(t)))(row["text"]))
        for row in entries()
    ]
    known = sorted((row for row in rows if row[1] is not None), key=lambda row: row[0])
    known.sort(key=lambda row: row[1], reverse=bool(descending))
    assert found == [*known, *(row for row in rows if row[1] is None)]


def test_within_an_aggregate_and_its_filter():
    by_group(
        Count(Lower("text"), distinct=True, filter=Q(number__gt=0)),
        lambda rows: len(
            {
                simple_lower(row["text"])
                for row in rows
                if row["text"] is not None and (row["number"] or 0) > 0
            }
        ),
    )


@pytest.mark.parametrize("expression", [Lower, Upper, CaseBlind, AccentBlind])
@pytest.mark.parametrize("field", ["number", "amount", "day", "flag", "uid", "data"])
def test_what_is_not_text(expression, field):
    with pytest.raises(NotPortable, match=rf"{expression.__name__} takes text, not a .*Field"):
        statement({"found": expression(field)})


def test_the_length_is_kept():
    by_row(Length(Lower("text")), lambda row: nullable(len)(row["text"]))


@pytest.mark.parametrize("expression", [Lower, Upper])
def test_a_server_whose_table_is_another(expression, monkeypatch):
    """Before version 17 PostgreSQL knows ASCII's case alone, if asked not to ask the system."""
    monkeypatch.setattr(case, "BUILTIN_CASE", 1_000_000)
    oracle = simple_lower if expression is Lower else simple_upper
    by_row(expression("text"), lambda row: nullable(oracle)(row["text"]))
