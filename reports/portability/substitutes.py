"""Isoline's expressions that replace Django's of the same meaning.

An author may write Django's own class in a column or a queryset. If its documented value is the
same as that of the class of the same name in reports.expressions, that class replaces it. Classes
without an entry in SUBSTITUTES are refused (reports/portability/reasons.py), because Django leaves
their value to the database (Greatest with NULL, Round of a half) or because they need places (Avg).
"""

from collections.abc import Callable
from datetime import timedelta, tzinfo
from functools import partial
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import (
    DateTimeField,
    DecimalField,
    DurationField,
    FloatField,
    IntegerField,
    OrderBy,
    Value,
    functions,
    lookups,
)
from django.db.models.expressions import (
    Case,
    CombinedExpression,
    DurationExpression,
    TemporalSubtraction,
    When,
)
from django.db.models.functions import datetime as moments
from django.db.models.functions.text import ConcatPair
from django.db.models.sql.where import AND, OR, XOR, WhereNode
from django.utils import timezone

from reports import compat
from reports import expressions as ours
from reports.errors import DeclarationError, NotPortable
from reports.expressions.aggregates.general import key_of
from reports.expressions.base import Arithmetic
from reports.expressions.conversion.output_field import of_type
from reports.expressions.temporal.intervals import UNITS, Duration
from reports.values.base import AnyKind
from reports.values.kinds import TEXT_FIELDS, family_of, kind_class
from reports.values.numbers import Decimal, Float, Integer
from reports.values.temporal import Date, Instant, Time
from reports.values.texts import Text

# The operands of these are the same, in the same order.
ALIKE = (
    *("Lower", "Upper", "Left", "Right", "Substr", "Replace", "Trim", "LTrim", "RTrim", "LPad"),
    *("RPad", "Repeat", "Reverse", "Length", "StrIndex", "Ord"),
    *("Abs", "Ceil", "Floor", "Sign", "Mod", "Sqrt", "Exp", "Ln", "Log", "Power", "Pi", "Sin"),
    *("Cos", "Tan", "Cot", "ASin", "ACos", "ATan", "ATan2", "Degrees", "Radians"),
    *("NullIf", "Now"),
    *("RowNumber", "Rank", "DenseRank", "PercentRank", "CumeDist", "FirstValue", "LastValue"),
)
# Casts that every database either makes for every value or refuses.
CASTS: dict[type[AnyKind], tuple[type[AnyKind], ...]] = {
    Integer: (Integer, Decimal, Float, Text),
    Decimal: (Decimal, Float),
    Float: (Float,),
    Text: (Text,),
    Date: (Date,),
    Instant: (Instant,),
    Time: (Time,),
}


class _Resolved:
    """A resolved expression, for classes that expect an unresolved one."""

    def __init__(self, expression: Any) -> None:
        self.expression = expression

    def resolve_expression(self, *_: Any, **__: Any) -> Any:
        return self.expression

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Resolved) and self.expression == other.expression

    def __hash__(self) -> int:
        return hash(self.expression)


def substitute(expression: Any, with_sources: Callable[[Any], Any]) -> Any:
    """Returns Isoline's resolved equivalent of a resolved expression of Django's; None if none.

    `with_sources` makes the operands portable. Raises NotPortable if Isoline's class refuses the
    values.
    """
    if isinstance(expression, WhereNode) and expression.connector == XOR:
        return _odd(with_sources(expression))
    make = SUBSTITUTES.get(type(expression))
    if make is None:
        return None
    try:
        made = make(with_sources(expression))
        if made is None:
            return None
        found = made.resolve_expression()
        field = _declared_field(expression)
        return found if field is None else of_type(found, field)
    except DeclarationError as error:
        raise NotPortable(str(error)) from error


def without_bounds(lookup: Any) -> Any:
    """Returns a year lookup as a plain comparison. Django would compare with bounds."""
    if not isinstance(lookup, lookups.YearLookup):
        return lookup
    kind = next(base for base in type(lookup).__mro__[1:] if base in YEARS)
    plain: Any = kind.__new__(kind)  # it is prepared already
    plain.__dict__.update(lookup.__dict__)
    return plain


YEARS = (
    lookups.Exact,
    lookups.GreaterThan,
    lookups.GreaterThanOrEqual,
    lookups.LessThan,
    lookups.LessThanOrEqual,
)


def _operand(source: Any) -> Any:
    return source if isinstance(source, Value) else _Resolved(source)


def _alike(kind: Any, expression: Any) -> Any:
    return kind(*map(_operand, expression.get_source_expressions()))


def _declared_field(expression: Any) -> Any:
    """The `output_field=` that the author wrote, which is not the one that Django resolved."""
    _, options = compat.written_arguments(expression)
    is_own = isinstance(expression, moments.TruncBase | functions.Cast)
    return None if is_own else options.get("output_field")


# Moments


def _zone(expression: Any, source: Any) -> tzinfo | None:
    """Returns the time zone that Django uses: TIME_ZONE unless the author names one."""
    if not isinstance(source.output_field, DateTimeField):
        return None
    if expression.tzinfo is not None or not settings.USE_TZ:
        zone: tzinfo | None = expression.tzinfo
        return zone
    return timezone.get_default_timezone()


def _extract(expression: Any) -> Any:
    (source,) = expression.get_source_expressions()
    if isinstance(source.output_field, DurationField):
        return None
    zone = _zone(expression, source)
    return ours.Extract(_Resolved(source), expression.lookup_name, tzinfo=zone)


def _trunc(kind: Any, expression: Any) -> Any:
    (source,) = expression.get_source_expressions()
    options = {"output_field": expression.output_field, "tzinfo": _zone(expression, source)}
    if kind is ours.Trunc:
        return ours.Trunc(_Resolved(source), expression.kind, **options)
    return kind(_Resolved(source), **options)


def _shifted(expression: Any) -> Any:
    """Returns the sum of an instant and a duration."""
    moment, by = expression.lhs, expression.rhs
    if expression.connector == "+" and isinstance(moment.output_field, DurationField):
        moment, by = by, moment
    if not isinstance(moment.output_field, DateTimeField):
        return None
    if not isinstance(by.output_field, DurationField):
        return None
    if expression.connector == "-":
        if not isinstance(by, Value) or not isinstance(by.value, timedelta):
            return None
        by = Value(-by.value, output_field=DurationField())
    is_sum = expression.connector in ("+", "-")
    return ours.Shifted(_Resolved(moment), _operand(by)) if is_sum else None


def _difference(expression: Any) -> Any:
    """Returns the duration between two moments of the same kind."""
    later, earlier = _Resolved(expression.lhs), _Resolved(expression.rhs)
    if kind_class(expression.lhs.output_field) is not Date:
        return Duration(ours.DurationBetween(later, earlier, "microsecond"))
    days = ours.DurationBetween(later, earlier, "day")
    return Duration(Arithmetic(days, "*", Value(UNITS["day"])))


# Numbers and texts


def _remainder(expression: Any) -> Any:
    if expression.connector != CombinedExpression.MOD:
        return None
    return ours.Mod(_operand(expression.lhs), _operand(expression.rhs))


def _coalesce(expression: Any) -> Any:
    """Replaces it unless it is of text or numbers, of which Django's own is the same everywhere."""
    is_alike = family_of(expression.output_field) in ("text", "number")
    return None if is_alike else _alike(ours.Coalesce, expression)


def _cast(expression: Any) -> Any:
    (source,), field = expression.get_source_expressions(), expression.output_field
    if kind_class(field) not in CASTS.get(kind_class(source.output_field), ()):
        return None
    return ours.Cast(_operand(source), field)


def _concat(expression: Any) -> Any:
    sources = expression.get_source_expressions()
    if len(sources) == 1:  # Django's Concat consists of nested pairs, which have become one
        return _Resolved(sources[0])
    for source in sources:
        field = compat.output_field(source)
        if field is not None and not isinstance(field, (*TEXT_FIELDS, IntegerField)):
            raise NotPortable(
                f"Django's Concat is refused: the text of a {type(field).__name__} differs on all"
                " databases. Use reports.expressions.Concat, which writes it as AsText does."
            )
    return ours.Concat(*map(_operand, sources))


# Aggregates and windows


def _options(aggregate: Any) -> dict[str, Any]:
    """Returns `filter=`, and `distinct=` if it is true."""
    condition = aggregate.filter and _Resolved(aggregate.filter.condition)
    options = {"filter": condition, "output_field": _declared_field(aggregate)}
    return options | ({"distinct": True} if aggregate.distinct else {})


def _aggregate(kind: Any, aggregate: Any) -> Any:
    source, *_ = aggregate.get_source_expressions()
    return kind(_operand(source), **_options(aggregate))


def _rounded(kind: Any, aggregate: Any) -> Any:
    """Rounds floats and durations, or to the places that the author declares."""
    field, (source, *_) = _declared_field(aggregate), aggregate.get_source_expressions()
    has_places = isinstance(field, DecimalField) and field.decimal_places is not None
    if not has_places and not isinstance(source.output_field, FloatField | DurationField):
        return None
    is_sample = {"sample": True} if str(aggregate.function).endswith("_SAMP") else {}
    return kind(_operand(source), **_options(aggregate), **is_sample)


def _count(aggregate: Any) -> Any:
    """Counts distinct texts by code point; otherwise Django's own is the same everywhere."""
    source, *_ = aggregate.get_source_expressions()
    is_text = isinstance(compat.output_field(source), TEXT_FIELDS)
    return _aggregate(ours.Count, aggregate) if aggregate.distinct and is_text else None


def _string_agg(aggregate: Any) -> Any:
    source, delimiter, _, order_by = aggregate.get_source_expressions()
    (delimiter,) = delimiter.get_source_expressions()
    keys = None if order_by is None else _keys(order_by)
    if keys is None and order_by is not None:
        return None
    return ours.StringAgg(
        _operand(source), _operand(delimiter), order_by=keys or (), **_options(aggregate)
    )


def _keys(order_by: Any) -> list[OrderBy] | None:
    """Returns the keys of an order, NULLs last; None if one of them puts NULLs first."""
    keys = [key_of(key) for key in order_by.get_source_expressions()]
    if any(key.nulls_first for key in keys):
        return None
    return [OrderBy(_Resolved(key.expression), descending=key.descending) for key in keys]


def _window(expression: Any) -> Any:
    of, partition, order_by, frame = expression.get_source_expressions()
    keys = [] if order_by is None else _keys(order_by)
    if keys is None:
        return None
    parts = [] if partition is None else map(_Resolved, partition.get_source_expressions())
    return ours.Window(_Resolved(of), partition_by=list(parts), order_by=keys, frame=frame)


def _numbered(kind: Any, expression: Any) -> Any:
    """Returns a window function whose second operand is a literal number."""
    of, number, *rest = expression.get_source_expressions()
    return kind(_operand(of), number.value, *map(_operand, rest))


def _ntile(expression: Any) -> Any:
    (number,) = expression.get_source_expressions()
    return ours.Ntile(number.value)


# Conditions


def _odd(node: Any) -> Any:
    """Returns the condition of `^`: whether an odd number of its parts is true. NULL is not true.

    MySQL and MariaDB have an operator that is NULL if a part is.
    """
    terms = [
        _Resolved(Case(When(child, then=Value(1)), default=Value(0))) for child in node.children
    ]
    total: Any = terms[0]
    for term in terms[1:]:
        total = Arithmetic(total, "+", term)
    is_odd: Any = lookups.Exact(ours.Mod(total, Value(2)).resolve_expression(), 1)
    return WhereNode([WhereNode(node.children, OR), is_odd], AND, node.negated)


SUBSTITUTES: dict[type, Callable[[Any], Any]] = {
    **{getattr(functions, name): partial(_alike, getattr(ours, name)) for name in ALIKE},
    **{
        kind: _extract
        for kind in vars(moments).values()
        if isinstance(kind, type) and issubclass(kind, moments.Extract)
    },
    **{
        kind: partial(_trunc, getattr(ours, name))
        for name, kind in vars(moments).items()
        if name in ours.__all__ and isinstance(kind, type) and issubclass(kind, moments.TruncBase)
    },
    **{
        getattr(functions, name): partial(_numbered, getattr(ours, name))
        for name in ("Lag", "Lead", "NthValue")
    },
    functions.Ntile: _ntile,
    DurationExpression: _shifted,
    TemporalSubtraction: _difference,
    CombinedExpression: _remainder,
    functions.Cast: _cast,
    functions.Coalesce: _coalesce,
    functions.Concat: _concat,
    ConcatPair: _concat,
    models.Sum: partial(_aggregate, ours.Sum),
    models.Min: partial(_aggregate, ours.Min),
    models.Max: partial(_aggregate, ours.Max),
    models.AnyValue: partial(_aggregate, ours.AnyValue),
    models.Avg: partial(_rounded, ours.Avg),
    models.StdDev: partial(_rounded, ours.StdDev),
    models.Variance: partial(_rounded, ours.Variance),
    models.Count: _count,
    models.StringAgg: _string_agg,
    models.Window: _window,
}
