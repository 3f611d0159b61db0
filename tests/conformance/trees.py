"""Random expressions, each with what it means in plain Python.

A `Tree` is an expression of Isoline's and a function of a row to the value that it must have; the
strategies nest them. Whatever Hypothesis finds is shrunk to the smallest tree and rows that differ.
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.db.models import (
    Case,
    F,
    IntegerField,
    Value,
    When,
    lookups,
)
from hypothesis import strategies as st

from reports.expressions import (
    Abs,
    AsText,
    Cast,
    Coalesce,
    Concat,
    Count,
    ExtractMonth,
    ExtractWeek,
    Floor,
    Greatest,
    IntegerDivision,
    Least,
    Left,
    Length,
    Max,
    Min,
    Mod,
    NullIf,
    Replace,
    Reverse,
    Right,
    Round,
    Sign,
    StrIndex,
    StringAgg,
    Substr,
    Sum,
    Trim,
)
from tests.hostile.texts import TEXTS

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tree:
    """`make()` returns a new expression, `value` what it must be for a row."""

    make: Callable[[], Any]
    value: Callable[[Row], Any]
    text: str

    def __repr__(self) -> str:
        return self.text


# Rows.

HOSTILE = [text for text in TEXTS if text is not None]
words = st.sampled_from(HOSTILE) | st.text(
    st.sampled_from("aA\u00e1b .\U0001f600%_\\'"), max_size=4
)
small = st.integers(-3, 3) | st.integers(-2000, 2000)
prices = st.decimals(-1000, 1000, places=2)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.none() | words,
            "note": st.none() | words,
            "rank": st.none() | small,
            "number": st.none() | small,
            "price": st.none() | prices,
            "flag": st.none() | st.booleans(),
            "day": st.none() | st.dates(date(1900, 1, 1), date(2200, 12, 31)),
            "at": st.none()
            | st.datetimes(datetime(1900, 1, 2), datetime(2200, 12, 30), timezones=st.just(UTC)),
            "owner_id": st.none() | st.integers(0, 3),
        }
    ),
    min_size=1,
    max_size=12,
)


# Trees.


def _field(name: str) -> Tree:
    return Tree(lambda: F(name), lambda row: row[name], name)


def _literal(value: Any) -> Tree:
    return Tree(lambda: Value(value), lambda row: value, repr(value))


def _of(
    make: Callable[..., Any], value: Callable[..., Any], *parts: Tree, strict: bool = True
) -> Tree:
    """A function of trees; with `strict` NULL where one of them is."""

    def evaluate(row: Row) -> Any:
        values = [part.value(row) for part in parts]
        return None if strict and None in values else value(*values)

    name = getattr(make, "__name__", "?")
    return Tree(
        lambda: make(*(part.make() for part in parts)),
        evaluate,
        f"{name}({', '.join(map(repr, parts))})",
    )


def _rounded(number: Fraction, places: int) -> Decimal:
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(
        Decimal(1).scaleb(-places), ROUND_HALF_UP
    )


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _present(choose: Callable[[Sequence[Any]], Any]) -> Callable[..., Any]:
    def chosen(*values: Any) -> Any:
        present = [value for value in values if value is not None]
        return choose(present) if present else None

    return chosen


def _truncated(number: int, divisor: int) -> int | None:
    if divisor == 0:
        return None
    found = abs(number) // abs(divisor)
    return found if (number < 0) == (divisor < 0) else -found


def _remainder(number: int, divisor: int) -> int | None:
    return None if divisor == 0 else number - divisor * (_truncated(number, divisor) or 0)


def _same_type(trees: Any) -> Any:
    """What any type has."""
    return st.one_of(
        st.builds(lambda a, b: _of(Coalesce, _first, a, b, strict=False), trees, trees),
        st.builds(
            lambda a, b: _of(NullIf, lambda x, y: None if x == y else x, a, b, strict=False),
            trees,
            trees,
        ),
        st.builds(lambda a, b: _of(Greatest, _present(max), a, b, strict=False), trees, trees),
        st.builds(lambda a, b: _of(Least, _present(min), a, b, strict=False), trees, trees),
        st.builds(_case, st.deferred(lambda: conditions), trees, trees),
    )


def _case(condition: Tree, then: Tree, other: Tree) -> Tree:
    return Tree(
        lambda: Case(
            When(condition.make(), then=then.make()),
            default=other.make(),
        ),
        lambda row: then.value(row) if condition.value(row) else other.value(row),
        f"Case({condition!r}, {then!r}, {other!r})",
    )


def _cut(function: Any, tree: Tree, size: int, value: Callable[[str], str]) -> Tree:
    return Tree(
        lambda: function(tree.make(), size),
        lambda row: None if tree.value(row) is None else value(tree.value(row)),
        f"{function.__name__}({tree!r}, {size})",
    )


def _more_texts(texts: Any) -> Any:
    sizes = st.integers(1, 3)
    return st.one_of(
        _same_type(texts),
        st.builds(lambda t, n: _cut(Left, t, n, lambda x: x[:n]), texts, sizes),
        st.builds(lambda t, n: _cut(Right, t, n, lambda x: x[-n:]), texts, sizes),
        st.builds(lambda t, n: _cut(Substr, t, n, lambda x: x[n - 1 :]), texts, sizes),
        st.builds(
            lambda a, b: _of(Concat, lambda x, y: (x or "") + (y or ""), a, b, strict=False),
            texts,
            texts,
        ),
        st.builds(lambda t: _of(Reverse, lambda x: x[::-1], t), texts),
        st.builds(lambda t: _of(Trim, lambda x: x.strip(" "), t), texts),
        st.builds(
            lambda t, a, b: _of(
                Replace, lambda x, y, z: x.replace(y, z), t, _literal(a), _literal(b)
            ),
            texts,
            words.filter(bool),
            words,
        ),
        st.builds(lambda n: _of(AsText, str, n), st.deferred(lambda: integers)),
    )


def _more_integers(integers: Any) -> Any:
    limited = integers.filter(lambda tree: len(tree.text) < 200)
    return st.one_of(
        _same_type(integers),
        *(
            st.builds(lambda a, b, sign=sign: _of(sign, sign, a, b), limited, limited)
            for sign in (operator.add, operator.sub)
        ),
        st.builds(lambda a, n: _of(operator.mul, operator.mul, a, _literal(n)), limited, small),
        st.builds(lambda a: _of(Abs, abs, a), integers),
        st.builds(lambda a: _of(Sign, lambda x: (x > 0) - (x < 0), a), integers),
        st.builds(lambda a, b: _of(IntegerDivision, _truncated, a, b), integers, integers),
        st.builds(lambda a, b: _of(Mod, _remainder, a, b), integers, integers),
        st.builds(lambda t: _of(Length, len, t), st.deferred(lambda: texts)),
        st.builds(
            lambda t, w: _of(StrIndex, lambda x, y: x.find(y) + 1, t, _literal(w)),
            st.deferred(lambda: texts),
            words.filter(bool),
        ),
        st.builds(
            lambda d: _of(Floor, lambda x: int(x.to_integral_value("ROUND_FLOOR")), d),
            st.deferred(lambda: decimals),
        ),
        st.builds(_to_integer, st.deferred(lambda: decimals)),
        st.just(_of(ExtractMonth, lambda x: x.month, _field("at"))),
        st.just(_of(ExtractWeek, lambda x: x.isocalendar().week, _field("day"))),
    )


def _to_integer(tree: Tree) -> Tree:
    return Tree(
        lambda: Cast(tree.make(), IntegerField()),
        lambda row: (
            None if tree.value(row) is None else int(tree.value(row).to_integral_value(ROUND_DOWN))
        ),
        f"Cast({tree!r}, int)",
    )


def _more_decimals(decimals: Any) -> Any:
    return st.one_of(
        _same_type(decimals),
        st.builds(lambda a, b: _of(operator.add, operator.add, a, b), decimals, decimals),
        st.builds(lambda a, b: _of(operator.sub, operator.sub, a, b), decimals, decimals),
        st.builds(
            lambda a: _cut(
                Round, a, 1, lambda x: _rounded(Fraction(x), 1).quantize(Decimal("0.1"))
            ),
            decimals,
        ),
    )


texts = st.recursive(
    st.sampled_from([_field("text"), _field("note")]) | words.map(_literal),
    _more_texts,
    max_leaves=4,
)
integers = st.recursive(
    st.sampled_from([_field("rank"), _field("number")]) | small.map(_literal),
    _more_integers,
    max_leaves=4,
)
decimals = st.recursive(
    st.just(_field("price")) | prices.map(_literal), _more_decimals, max_leaves=3
)


def _compared(kind: Any, compare: Callable[[Any, Any], bool], trees: Any) -> Any:
    return st.builds(
        lambda a, b: Tree(
            lambda: kind(a.make(), b.make()),
            lambda row: (
                None not in (a.value(row), b.value(row)) and compare(a.value(row), b.value(row))
            ),
            f"({a!r} {kind.__name__} {b!r})",
        ),
        trees,
        trees,
    )


conditions: Any = st.one_of(
    *(
        _compared(kind, compare, trees)
        for kind, compare in (
            (lookups.Exact, operator.eq),
            (lookups.LessThan, operator.lt),
            (lookups.GreaterThanOrEqual, operator.ge),
        )
        for trees in (texts, integers, decimals)
    ),
    texts.map(
        lambda t: Tree(
            lambda: lookups.IsNull(t.make(), True),
            lambda row: t.value(row) is None,
            f"{t!r} is NULL",
        )
    ),
)


# Aggregates: trees of a group's rows.


def _aggregate(
    make: Callable[..., Any], value: Callable[[list[Any]], Any], tree: Tree, condition: Tree
) -> Tree:
    def evaluate(group: Any) -> Any:
        kept = [tree.value(row) for row in group if condition.value(row)]
        return value([found for found in kept if found is not None])

    return Tree(
        lambda: make(tree.make(), filter=condition.make()),
        evaluate,
        f"{make.__name__}({tree!r}, filter={condition!r})",
    )


def joined(expression: Any, **options: Any) -> Any:
    """The texts of a group."""
    return StringAgg(expression, "|", **options)


aggregates = st.one_of(
    st.builds(
        lambda t, c: _aggregate(joined, lambda v: "|".join(sorted(v)) if v else None, t, c),
        texts,
        conditions,
    ),
    *(
        st.builds(
            lambda t, c, make=make, value=value: _aggregate(make, value, t, c), trees, conditions
        )
        for make, value, trees in (
            (Count, len, texts),
            (Min, lambda v: min(v, default=None), texts),
            (Max, lambda v: max(v, default=None), integers),
            (Sum, lambda v: sum(v) if v else None, integers),
            (Sum, lambda v: sum(v) if v else None, decimals),
        )
    ),
)
