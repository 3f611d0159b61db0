"""Functions of text, against Python's own on code points."""

from collections import Counter

import pytest
from django.db.models import Case, F, Q, Value, When

from reports.errors import DeclarationError, NotPortable
from reports.expressions import Count, Max, StringAgg
from reports.expressions.text.functions import (
    Concat,
    Left,
    Length,
    LPad,
    LTrim,
    Ord,
    Repeat,
    Replace,
    Reverse,
    Right,
    RPad,
    RTrim,
    StrIndex,
    Substr,
    Trim,
)
from tests.conformance.harness import answers, by_group, by_row, entries, statement
from tests.hostile.models import Entry
from tests.hostile.texts import TEXTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("hostile")]

FIELDS = ("text", "note", "owner__name")
ONE = Entry.objects.filter(pk=0)
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
LONG = f"  e\u0301\u05e9{FAMILY}\u00c9aA %_\\'\"  "


def of(function):
    """The oracle of a function of a field; None if any operand is."""
    return lambda *values: None if None in values else function(*values)


def lpad(text, length, fill):
    return (fill * length)[: max(0, length - len(text))] + text[:length]


def rpad(text, length, fill):
    return text[:length] + (fill * length)[: max(0, length - len(text))]


def replaced(text, old, new):
    return text.replace(old, new) if old else text


UNARY = [
    (Trim, lambda text: text.strip(" ")),
    (LTrim, lambda text: text.lstrip(" ")),
    (RTrim, lambda text: text.rstrip(" ")),
    (Reverse, lambda text: text[::-1]),
    (Length, len),
    (Ord, lambda text: ord(text[0]) if text else None),
]


@pytest.mark.parametrize(("expression", "oracle"), UNARY)
@pytest.mark.parametrize("field", FIELDS)
def test_a_function_of_a_text(field, expression, oracle):
    by_row(expression(field), lambda row: of(oracle)(row[field]))


@pytest.mark.parametrize("text", [*TEXTS[1:], LONG])
def test_functions_of_a_literal(text):
    columns = {f"c{n}": expression(Value(text)) for n, (expression, _) in enumerate(UNARY)}
    columns |= {
        "left": Left(Value(text), 2),
        "right": Right(Value(text), 2),
        "substr": Substr(Value(text), 2, 3),
        "lpad": LPad(Value(text), 7, Value("\U0001f600\u00e9")),
        "rpad": RPad(Value(text), 7, Value("\U0001f600\u00e9")),
        "repeat": Repeat(Value(text), 3),
        "replace": Replace(Value(text), Value("a"), Value("\U0001f600")),
        "index": StrIndex(Value(text), Value("a")),
        "concat": Concat(Value(text), Value("|"), Value(text)),
    }
    (row,) = answers(columns, queryset=ONE)
    assert row == (
        *(oracle(text) for _, oracle in UNARY),
        text[:2],
        text[-2:],
        text[1:4],
        lpad(text, 7, "\U0001f600\u00e9"),
        rpad(text, 7, "\U0001f600\u00e9"),
        text * 3,
        text.replace("a", "\U0001f600"),
        text.find("a") + 1,
        f"{text}|{text}",
    )


@pytest.mark.parametrize("length", [0, 1, 2, 5, 1000, 2**31 - 1])
@pytest.mark.parametrize("field", FIELDS)
def test_the_ends(field, length):
    by_row(Left(field, length), lambda row: of(lambda text: text[:length])(row[field]))
    by_row(
        Right(field, length),
        lambda row: of(lambda text: text[max(0, len(text) - length) :])(row[field]),
    )


@pytest.mark.parametrize("number", ["rank", "number", "big", "huge"])
def test_the_ends_by_a_column(number):
    def left(text, length):
        return text[: max(0, length)]

    def right(text, length):
        return text[max(0, len(text) - max(0, length)) :]

    by_row(Left("text", F(number)), lambda row: of(left)(row["text"], row[number]))
    by_row(Right("text", number), lambda row: of(right)(row["text"], row[number]))


@pytest.mark.parametrize("length", [None, 0, 1, 3, 2**31 - 1])
@pytest.mark.parametrize("position", [1, 2, 4, 1000, 2**31 - 1])
def test_a_part(position, length):
    end = None if length is None else position - 1 + length
    by_row(
        Substr("text", position, length),
        lambda row: of(lambda text: text[position - 1 : end])(row["text"]),
    )


@pytest.mark.parametrize("number", ["rank", "huge"])
def test_a_part_by_columns(number):
    def part(text, position, length):
        start = max(1, position) - 1
        return text[start : start + max(0, length)]

    by_row(
        Substr("text", number, F(number)),
        lambda row: of(part)(row["text"], row[number], row[number]),
    )
    by_row(
        Substr("text", number),
        lambda row: of(lambda t, p: t[max(1, p) - 1 :])(row["text"], row[number]),
    )
    by_row(
        Substr("text", Length("text") - 1),
        lambda row: of(lambda text: text[max(0, len(text) - 2) :])(row["text"]),
    )


@pytest.mark.parametrize("new", ["", "x", "\U0001f600\u00e9", "aa", "%", "\\"])
@pytest.mark.parametrize(
    "old",
    ["", "a", "A", "\u00e1", "\u00e5", " ", "\U0001f600", "%", "_", "\\", "\u0301", "ss", "\n"],
)
def test_replace(old, new):
    by_row(
        Replace("text", Value(old), Value(new)),
        lambda row: of(replaced)(row["text"], old, new),
    )


def test_replace_by_columns():
    by_row(
        Replace("text", "note", F("owner__name")),
        lambda row: of(replaced)(row["text"], row["note"], row["owner__name"]),
    )
    by_row(Replace("text", Value("a")), lambda row: of(replaced)(row["text"], "a", ""))


def test_a_column_alone_is_converted_to_another_character_set():
    queryset = Entry.objects.values_list(Replace("text", Value("a"), Value("b")))
    assert str(queryset.query).count("CONVERT") <= 1


@pytest.mark.parametrize("fill", [" ", "0", "\U0001f600", "ab\u05e9", "%", "\\"])
@pytest.mark.parametrize("length", [0, 1, 2, 8])
def test_pads(length, fill):
    by_row(LPad("text", length, Value(fill)), lambda row: of(lpad)(row["text"], length, fill))
    by_row(RPad("text", length, Value(fill)), lambda row: of(rpad)(row["text"], length, fill))


def test_pads_by_a_column():
    by_row(
        LPad("text", F("rank"), Value("xy")),
        lambda row: of(lambda t, n: lpad(t, max(0, n), "xy"))(row["text"], row["rank"]),
    )
    by_row(RPad("text", 3), lambda row: of(rpad)(row["text"], 3, " "))


@pytest.mark.parametrize("number", [0, 1, 2, 20])
def test_repeat(number):
    by_row(Repeat("text", number), lambda row: of(lambda text: text * number)(row["text"]))


def test_repeat_by_a_column():
    by_row(Repeat("text", "rank"), lambda row: of(lambda t, n: t * n)(row["text"], row["rank"]))
    by_row(
        Repeat(Value("*"), F("rank") + 3),
        lambda row: of(lambda n: "*" * (n + 3))(row["rank"]),
    )


@pytest.mark.parametrize("text", TEXTS[1:])
def test_index(text):
    by_row(StrIndex("text", Value(text)), lambda row: of(lambda t: t.find(text) + 1)(row["text"]))


@pytest.mark.parametrize(("string", "substring"), [("text", "note"), ("note", "owner__name")])
def test_index_by_columns(string, substring):
    by_row(
        StrIndex(string, substring),
        lambda row: of(lambda t, s: t.find(s) + 1)(row[string], row[substring]),
    )


def test_concat():
    def joined(*values):
        return "".join(value or "" for value in values)

    by_row(Concat("text", "note"), lambda row: joined(row["text"], row["note"]))
    by_row(
        Concat("text", Value(", "), "owner__name", Value(None), Value("")),
        lambda row: joined(row["text"], ", ", row["owner__name"]),
    )
    by_row(Concat(*["note"] * 12), lambda row: joined(row["note"]) * 12)
    by_row(
        Concat(Concat("text", "text"), Trim("note")),
        lambda row: joined(row["text"], row["text"], (row["note"] or "").strip(" ")),
    )


def test_concat_of_other_types():
    by_row(
        Concat("number", Value("/"), F("amount"), Value("/"), "day", "flag"),
        lambda row: "".join(
            [
                "" if row["number"] is None else str(row["number"]),
                "/",
                "" if row["amount"] is None else f"{row['amount']:.6f}",
                "/",
                "" if row["day"] is None else row["day"].isoformat(),
                "" if row["flag"] is None else str(row["flag"]).lower(),
            ]
        ),
    )


def test_nested():
    by_row(
        Left(Reverse(Concat("text", Repeat(Value("-"), 2), Right("note", 1))), Length("text") + 1),
        lambda row: of(
            lambda text: ((text + "--" + (row["note"] or "")[-1:])[::-1])[: len(text) + 1]
        )(row["text"]),
    )


@pytest.mark.parametrize(
    ("key", "oracle"),
    [
        (Left("text", 1), lambda text: text[:1]),
        (Right("text", 1), lambda text: text[-1:]),
        (Trim("text"), lambda text: text.strip(" ")),
        (Reverse("text"), lambda text: text[::-1]),
        (Length("text"), len),
        (Replace("text", Value("a"), Value("A")), lambda text: text.replace("a", "A")),
        (Substr("text", 2), lambda text: text[1:]),
        (LPad("text", 2, Value("a")), lambda text: lpad(text, 2, "a")),
    ],
)
def test_a_group_key_in_order(key, oracle):
    found = answers({"count": Count("*")}, group_by={"key": key}, ordering=["key"])
    wanted = Counter(of(oracle)(row["text"]) for row in entries())
    assert found == sorted(
        wanted.items(), key=lambda pair: (pair[0] is None, "" if pair[0] is None else pair[0])
    )


def test_within_aggregates():
    by_group(
        StringAgg(Left("text", 1), ",", distinct=True, filter=Q(number__gt=0)),
        lambda rows: (
            ",".join(
                sorted(
                    {
                        r["text"][:1]
                        for r in rows
                        if r["text"] is not None and (r["number"] or 0) > 0
                    }
                )
            )
            if any(r["text"] is not None and (r["number"] or 0) > 0 for r in rows)
            else None
        ),
    )
    by_group(
        Max(Length("note")),
        lambda rows: max((len(r["note"]) for r in rows if r["note"] is not None), default=None),
    )
    by_group(
        Left(Max("note"), 2),
        lambda rows: of(lambda t: t[:2])(
            max((r["note"] for r in rows if r["note"] is not None), default=None)
        ),
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: Left("text", -1),
        lambda: Right("text", -1),
        lambda: Left("text", 2**31),
        lambda: Substr("text", 0),
        lambda: Substr("text", 1, -1),
        lambda: LPad("text", -1),
        lambda: RPad("text", -1),
        lambda: Repeat("text", -1),
    ],
)
def test_a_length_out_of_range(make):
    with pytest.raises(DeclarationError, match=r"takes a number from [01] to 2147483647, not"):
        statement({"found": make()})


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: LPad("text", 5, "0"), r"LPad fills with a literal, such as Value\(\"0\"\)"),
        (lambda: RPad("text", 5, F("note")), "RPad fills with a literal"),
        (lambda: LPad("text", 5, Value("")), "LPad cannot fill with an empty text"),
        (lambda: Concat("text"), "Concat takes two expressions or more"),
    ],
)
def test_what_cannot_be_meant(make, sentence):
    with pytest.raises(DeclarationError, match=sentence):
        make()


@pytest.mark.parametrize("field", ["number", "amount", "ratio", "day", "at", "flag", "uid", "data"])
@pytest.mark.parametrize(
    "make",
    [
        Trim,
        Reverse,
        Length,
        Ord,
        lambda field: Left(field, 1),
        lambda field: StrIndex("text", field),
        lambda field: Replace("text", field),
    ],
)
def test_what_is_not_text(make, field):
    with pytest.raises(NotPortable, match=r"takes text, not a .*Use reports.expressions.AsText"):
        statement({"found": make(field)})


@pytest.mark.parametrize("field", ["text", "amount", "ratio", "flag"])
def test_what_is_no_length(field):
    with pytest.raises(NotPortable, match="Left takes whole numbers beside its text"):
        statement({"found": Left("text", F(field))})


@pytest.mark.parametrize("field", ["ratio", "data", "span"])
def test_what_has_no_text(field):
    with pytest.raises(NotPortable, match="has no text that is the same"):
        statement({"found": Concat("text", field)})


def test_the_length_of_one_of_texts_of_several_types():
    by_row(
        Length(Case(When(rank__gt=0, then="text"), default="note")),
        lambda row: of(len)(row["text" if (row["rank"] or 0) > 0 else "note"]),
    )
