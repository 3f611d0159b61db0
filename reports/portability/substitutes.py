"""Isoline's expressions that replace Django's of the same meaning.

An author may write Django's own class in a column or a queryset. If its documented value is the
same as that of the class of the same name in reports.expressions, that class replaces it. Classes
without an entry in SUBSTITUTES are refused (reports/portability/reasons.py), because Django leaves
their value to the database (Greatest with NULL, Round of a half) or because they need places (Avg).
"""

from collections.abc import Callable
from datetime import timedelta, tzinfo
from functools import partial

from django.conf import settings
from django.contrib.gis.db.models.functions import GeometryType
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
    BaseExpression,
    Case,
    CombinedExpression,
    DurationExpression,
    Expression,
    TemporalSubtraction,
    When,
)
from django.db.models.functions import datetime as moments
from django.db.models.functions.text import ConcatPair
from django.db.models.sql.where import AND, OR, XOR, NothingNode, WhereNode
from django.utils import timezone

from geo.backends.compat import ModelField
from reports import compat
from reports import expressions as ours
from reports.errors import DeclarationError, NotPortable
from reports.expressions.aggregates.general import key_of
from reports.expressions.base import Arithmetic, Portable
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
CASTS: dict[type[AnyKind] | None, tuple[type[AnyKind], ...]] = {
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

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def resolve_expression(self, *_: object, **__: object) -> Expression:
        return self.expression

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Resolved) and self.expression == other.expression

    def __hash__(self) -> int:
        return hash(self.expression)


type Condition = BaseExpression | WhereNode | NothingNode


def substitute(
    expression: Condition, with_sources: Callable[[Condition], Condition]
) -> Expression | WhereNode | None:
    """Returns Isoline's resolved equivalent of a resolved expression of Django's; None if none.

    `with_sources` makes the operands portable. Raises NotPortable if Isoline's class refuses the
    values.
    """
    if isinstance(expression, WhereNode) and expression.connector == XOR:
        node = with_sources(expression)
        assert isinstance(node, WhereNode)
        return _odd(node)
    make = SUBSTITUTES.get(type(expression))
    if make is None or not isinstance(expression, Expression):
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


def without_bounds(lookup: lookups.Lookup) -> lookups.Lookup:
    """Returns a year lookup as a plain comparison. Django would compare with bounds."""
    if not isinstance(lookup, lookups.YearLookup):
        return lookup
    return compat.as_another(lookup, next(kind for kind in YEARS if isinstance(lookup, kind)))


YEARS = (
    lookups.Exact,
    lookups.GreaterThan,
    lookups.GreaterThanOrEqual,
    lookups.LessThan,
    lookups.LessThanOrEqual,
)


def _operand(source: Expression) -> Value | _Resolved:
    return source if isinstance(source, Value) else _Resolved(source)


def _alike(kind: type[Portable], expression: BaseExpression) -> Portable:
    return kind(*map(_operand, expression.get_source_expressions()))


def _declared_field(expression: BaseExpression) -> ModelField | None:
    """The `output_field=` that the author wrote, which is not the one that Django resolved."""
    _, options = compat.written_arguments(expression)
    is_own = isinstance(expression, moments.TruncBase | functions.Cast)
    return None if is_own else options.get("output_field")


# Moments


def _zone(expression: moments.Extract | moments.TruncBase, source: BaseExpression) -> tzinfo | None:
    """Returns the time zone that Django uses: TIME_ZONE unless the author names one."""
    if not isinstance(source.output_field, DateTimeField):
        return None
    if expression.tzinfo is not None or not settings.USE_TZ:
        zone: tzinfo | None = expression.tzinfo
        return zone
    return timezone.get_default_timezone()


def _extract(expression: moments.Extract) -> Portable | None:
    (source,) = expression.get_source_expressions()
    if isinstance(source.output_field, DurationField):
        return None
    zone = _zone(expression, source)
    return ours.Extract(_Resolved(source), expression.lookup_name, tzinfo=zone)


def _trunc(kind: type[Portable], expression: moments.TruncBase) -> Portable:
    (source,) = expression.get_source_expressions()
    field, zone = expression.output_field, _zone(expression, source)
    if kind is ours.Trunc:
        return ours.Trunc(_Resolved(source), str(expression.kind), output_field=field, tzinfo=zone)
    return kind(_Resolved(source), output_field=field, tzinfo=zone)


def _shifted(expression: DurationExpression) -> Portable | None:
    """Returns the sum of an instant and a duration."""
    moment, by = expression.get_source_expressions()
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


def _difference(expression: TemporalSubtraction) -> Portable:
    """Returns the duration between two moments of the same kind."""
    sources = expression.get_source_expressions()
    later, earlier = map(_Resolved, sources)
    if kind_class(sources[0].output_field) is not Date:
        return Duration(ours.DurationBetween(later, earlier, "microsecond"))
    days = ours.DurationBetween(later, earlier, "day")
    return Duration(Arithmetic(days, "*", Value(UNITS["day"])))


# Numbers and texts


def _remainder(expression: CombinedExpression) -> Portable | None:
    if expression.connector != CombinedExpression.MOD:
        return None
    return ours.Mod(*map(_operand, expression.get_source_expressions()))


def _coalesce(expression: BaseExpression) -> Portable | None:
    """Replaces it unless it is of text or numbers, of which Django's own is the same everywhere."""
    is_alike = family_of(expression.output_field) in ("text", "number")
    is_plain = is_alike and _declared_field(expression) is None
    return None if is_plain else _alike(ours.Coalesce, expression)


def _cast(expression: BaseExpression) -> Portable | None:
    (source,), field = expression.get_source_expressions(), expression.output_field
    if kind_class(field) not in CASTS.get(kind_class(source.output_field), ()):
        return None
    return ours.Cast(_operand(source), field)


def _concat(expression: BaseExpression) -> Portable | _Resolved:
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


def _options(aggregate: models.Aggregate) -> dict[str, object]:
    """Returns `filter=`, and `distinct=` if it is true."""
    condition = compat.condition_of(aggregate)
    options: dict[str, object] = {
        "filter": condition and _Resolved(condition),
        "output_field": _declared_field(aggregate),
    }
    return options | ({"distinct": True} if compat.is_distinct(aggregate) else {})


def _aggregate(kind: type[Portable], aggregate: models.Aggregate) -> Portable:
    source, *_ = aggregate.get_source_expressions()
    return kind(_operand(source), **_options(aggregate))


def _rounded(kind: type[Portable], aggregate: models.Aggregate) -> Portable | None:
    """Rounds floats and durations, or to the places that the author declares."""
    field, (source, *_) = _declared_field(aggregate), aggregate.get_source_expressions()
    has_places = isinstance(field, DecimalField) and field.decimal_places is not None
    if not has_places and not isinstance(source.output_field, FloatField | DurationField):
        return None
    is_sample = {"sample": True} if str(aggregate.function).endswith("_SAMP") else {}
    return kind(_operand(source), **_options(aggregate), **is_sample)


def _count(aggregate: models.Count) -> Portable | None:
    """Counts distinct texts by code point; otherwise Django's own is the same everywhere."""
    source, *_ = aggregate.get_source_expressions()
    is_text = isinstance(compat.output_field(source), TEXT_FIELDS)
    return _aggregate(ours.Count, aggregate) if compat.is_distinct(aggregate) and is_text else None


def _string_agg(aggregate: models.Aggregate) -> Portable | None:
    source, delimiter, _, order_by = aggregate.get_source_expressions()
    (delimiter,) = delimiter.get_source_expressions()
    keys = None if order_by is None else _keys(order_by)
    if keys is None and order_by is not None:
        return None
    options = _options(aggregate) | {"order_by": keys or ()}
    kind: type[Portable] = ours.StringAgg
    return kind(_operand(source), _operand(delimiter), **options)


def _keys(order_by: BaseExpression) -> list[OrderBy] | None:
    """Returns the keys of an order, NULLs last; None if one of them puts NULLs first."""
    keys = [key_of(key) for key in order_by.get_source_expressions()]
    if any(key.nulls_first for key in keys):
        return None
    return [
        OrderBy(_Resolved(key.expression), descending=key.descending)  # type: ignore[arg-type]  # it resolves
        for key in keys
    ]


def _window(expression: BaseExpression) -> Portable | None:
    of, partition, order_by, frame = expression.get_source_expressions()
    keys = [] if order_by is None else _keys(order_by)
    if keys is None:
        return None
    parts = [] if partition is None else map(_Resolved, partition.get_source_expressions())
    return ours.Window(_Resolved(of), partition_by=list(parts), order_by=keys, frame=frame)


def _numbered(kind: type[Portable], expression: BaseExpression) -> Portable:
    """Returns a window function whose second operand is a literal number."""
    of, number, *rest = expression.get_source_expressions()
    return kind(_operand(of), number.value, *map(_operand, rest))


def _ntile(expression: BaseExpression) -> Portable:
    (number,) = expression.get_source_expressions()
    return ours.Ntile(number.value)


# Conditions


def _odd(node: WhereNode) -> WhereNode:
    """Returns the condition of `^`: whether an odd number of its parts is true. NULL is not true.

    MySQL and MariaDB have an operator that is NULL if a part is.
    """
    terms = [
        _Resolved(Case(When(child, then=Value(1)), default=Value(0))) for child in node.children
    ]
    total: _Resolved | Arithmetic = terms[0]
    for term in terms[1:]:
        total = Arithmetic(total, "+", term)
    is_odd = lookups.Exact(ours.Mod(total, Value(2)).resolve_expression(), 1)
    either = WhereNode(node.children, OR)
    return WhereNode([either, is_odd], AND, node.negated)  # type: ignore[list-item]  # a condition too


# Each makes it of an expression of its class, or returns None.
SUBSTITUTES: dict[type, Callable[..., Portable | _Resolved | None]] = {
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
    GeometryType: partial(_alike, ours.GeometryType),
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
