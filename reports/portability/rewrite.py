"""Makes a report's query portable, so that every database gives the same answer, or refuses it.

`portable` walks a resolved expression. Proven expressions stay. If Django writes an expression
differently for each database and Isoline has an equivalent (text lookups, decimal arithmetic), that
replaces it. All others raise NotPortable. `prepare` does so for a whole query: its annotations,
filters, groups and sub-queries.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import cast, overload

from django.contrib.gis.db.models.lookups import GISLookup
from django.db import models
from django.db.models import expressions, lookups
from django.db.models.expressions import BaseExpression, Expression, OrderBy
from django.db.models.fields.related_lookups import RelatedIn, RelatedLookupMixin
from django.db.models.lookups import Lookup
from django.db.models.sql import Query
from django.db.models.sql.where import NothingNode, WhereNode

from geo.backends import agreement
from geo.backends.compat import ModelField
from reports import compat
from reports.errors import NotPortable
from reports.expressions.base import exact, settled
from reports.expressions.conversion.literals import Literal
from reports.expressions.conversion.output_field import of_type
from reports.expressions.materialized import asked_of_geos
from reports.expressions.rounding import (
    Comparable,
    SortKey,
    comparable,
    comparable_value,
    needs_sort_key,
)
from reports.expressions.spatial.distance import InNearest
from reports.expressions.spatial.joins import Neighbours
from reports.expressions.text.lookups import portable_lookup
from reports.portability.reasons import refusal
from reports.portability.substitutes import Condition, substitute, without_bounds
from reports.values.kinds import TEXT_FIELDS, family_of

# Django's SQL for these means the same everywhere if their operands do.
TRANSPARENT: tuple[type, ...] = (
    compat.AggregateFilter,
    compat.AggregateOrderBy,
    compat.StringAggDelimiter,
    models.Count,  # for distinct texts a substitute stands already
    expressions.Col,
    expressions.ExpressionList,
    expressions.OrderByList,
    expressions.RowRange,
    expressions.Star,
    expressions.ValueRange,
    expressions.ExpressionWrapper,
    expressions.NegatedExpression,
    expressions.When,
    expressions.OrderBy,
    NothingNode,
    WhereNode,
)
COMPARISONS = (
    lookups.Exact,
    lookups.GreaterThan,
    lookups.GreaterThanOrEqual,
    lookups.LessThan,
    lookups.LessThanOrEqual,
    lookups.In,
    lookups.Range,
)
RELATED: tuple[type, ...] = (RelatedLookupMixin, RelatedIn)
PLAIN: tuple[type[Lookup], ...] = (*COMPARISONS, lookups.IsNull)


# What a query consists of. A Subquery's query is among its sources.
type Part = Condition | Query


@overload
def portable(expression: BaseExpression) -> Expression: ...


@overload
def portable(expression: WhereNode) -> WhereNode: ...


@overload
def portable(expression: Part) -> Part: ...


def portable(expression: Part) -> Part:
    """Returns a portable equivalent of a resolved expression. Raises NotPortable."""
    match expression:
        case expressions.Ref():
            # It has been checked where it is defined.
            return expression
        case expressions.Exists() | Neighbours() | InNearest():  # any rows will do
            copy = expression.copy()
            copy.query = _subquery(expression.query)
            return copy
        case Query():  # a Subquery becomes one when it is resolved
            query = _subquery(expression)
            _demand_one_row(query)
            return query
        case lookups.Lookup() if not _is_proven(expression):
            return _lookup(expression)
        case expressions.Value():
            return _value(expression)
    if (equal := substitute(expression, _with_sources)) is not None:
        return equal
    if not _may_stand(expression):
        raise NotPortable(refusal(expression))
    return _checked(_with_sources(expression))


def _checked(expression: Condition) -> Condition:
    """Returns an expression of portable operands, if it means the same everywhere."""
    match expression:
        case expressions.CombinedExpression():
            combined: Expression = exact(expression)
            return combined
        case expressions.Case():
            case: expressions.Case = settled(expression)
            _demand_one_family(case, [*(each.result for each in case.cases), case.default])
            return case
        case expressions.ExpressionWrapper():
            (source,) = expression.get_source_expressions()
            _demand_one_family(expression, [source])
            if family_of(source.output_field) == "number":
                return of_type(source, expression.output_field)
        case models.functions.Coalesce() if not _is_proven(expression):
            _demand_one_family(expression, expression.get_source_expressions())
    return expression


def _may_stand(expression: Condition) -> bool:
    """Whether an expression means the same everywhere, or can be made to here."""
    match expression:
        case expressions.CombinedExpression() | expressions.Case():
            return True
        case models.functions.Coalesce():  # the default= of an aggregate becomes one
            return family_of(expression.output_field) in ("text", "number")
    return _is_proven(expression) or type(expression) in TRANSPARENT


def _is_proven(expression: Condition) -> bool:
    return bool(getattr(expression, "is_portable", False))


@overload
def _with_sources[E: BaseExpression](expression: E) -> E: ...


@overload
def _with_sources(expression: Condition) -> Condition: ...


def _with_sources(expression: Condition) -> Condition:
    """Returns a copy with portable operands, or the expression itself if they all are."""
    if isinstance(expression, NothingNode) or not hasattr(expression, "get_source_expressions"):
        return expression
    sources = expression.get_source_expressions()
    found = [source if source is None else portable(source) for source in sources]
    if all(new is old for new, old in zip(found, sources, strict=True)):
        return expression
    copy = expression.clone() if isinstance(expression, WhereNode) else expression.copy()
    copy.set_source_expressions(found)  # type: ignore[arg-type]  # which may be None
    return copy


def _demand_one_family(expression: Expression, results: Sequence[Expression]) -> None:
    fields = [
        expression.output_field,
        *(
            r.output_field
            for r in results
            if not isinstance(r, expressions.Value) or r.value is not None
        ),
    ]
    found = {family_of(field) or type(field).__name__ for field in fields}
    if len(found) > 1:
        raise NotPortable(
            f"{type(expression).__name__} mixes {' and '.join(sorted(found))}: databases convert"
            " them differently. Give every branch the same type, with reports.expressions.Cast."
        )


def _value(value: expressions.Value) -> Expression:
    if isinstance(value.value, date | datetime | time):
        return Literal(value.value, output_field=value.output_field)
    found: Expression = settled(value)
    return found


# Lookups: in filter(), Q and When


def _lookup(lookup: Lookup) -> Expression:
    lookup = without_bounds(asked_of_geos(lookup))
    if isinstance(lookup, lookups.In) and isinstance(lookup.rhs, Query):
        # MySQL and MariaDB do not support LIMIT there.
        _refuse(lookup.rhs.is_sliced, "a slice in a sub-query of `in`", "a filter, or Exists")
        rhs = _subquery(lookup.rhs)
        lookup = lookup.copy()
        lookup.lhs, lookup.rhs = portable(lookup.lhs), rhs
    else:
        lookup = _with_sources(lookup)
    lookup = _of_key(lookup)
    if isinstance(lookup, lookups.IsNull):
        return lookup
    if isinstance(lookup, GISLookup):
        _demand_agreement(lookup)
        return agreement.exactly(lookup)
    field = lookup.lhs.output_field
    _demand_same_family(lookup, field)
    if isinstance(field, TEXT_FIELDS):
        found = portable_lookup(lookup)
    else:
        found = (
            _comparison(lookup) if family_of(field) and isinstance(lookup, COMPARISONS) else None
        )
    if found is None:
        raise NotPortable(refusal(lookup))
    return found


def _demand_agreement(lookup: GISLookup) -> None:
    """Raises NotPortable unless every engine has the spatial lookup with the same answer."""
    if lookup.lookup_name not in agreement.LOOKUPS or isinstance(lookup.rhs, Query):
        raise NotPortable(refusal(lookup))
    if words := agreement.refusal(lookup):
        raise NotPortable(words)


def _of_key(lookup: Lookup) -> Lookup:
    """Returns a relation's lookup as one of its key, which has a type of its own."""
    if not isinstance(lookup, RELATED):
        return lookup
    column = lookup.lhs
    if not isinstance(column, expressions.Col):
        raise NotPortable(refusal(lookup))
    field = column.output_field
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    plain = compat.as_another(lookup, next(each for each in PLAIN if isinstance(lookup, each)))
    plain.lhs = expressions.Col(column.alias, column.target, field)
    return plain


def _comparison(lookup: Lookup) -> Lookup:
    """Returns the lookup with both sides converted for comparison."""
    is_list = isinstance(lookup, lookups.In | lookups.Range) and not _is_sql(lookup.rhs)
    values = list(lookup.rhs) if is_list else [lookup.rhs]
    sides = [lookup.lhs, *(v for v in values if _is_sql(v) and not isinstance(v, Query))]
    by_key = any(needs_sort_key(side) for side in sides)

    def form(value: object) -> object:
        if value is None:
            return value
        if isinstance(value, Query):
            return _selecting(comparable, value)
        if not _is_sql(value):
            return comparable_value(lookup.lhs, value)
        return SortKey(value) if by_key else comparable(value)

    forms = [form(value) for value in values]
    lhs = form(lookup.lhs)
    if lhs is lookup.lhs and all(new is old for new, old in zip(forms, values, strict=True)):
        return lookup
    copy = lookup.copy()
    copy.lhs = lhs
    copy.rhs = forms if is_list else forms[0]
    return copy


def _is_sql(value: object) -> bool:
    return hasattr(value, "as_sql") or isinstance(value, Query)


def _demand_same_family(lookup: Lookup, field: ModelField) -> None:
    rhs = lookup.rhs if isinstance(lookup.rhs, Sequence) and not isinstance(lookup.rhs, str) else ()
    for side in (lookup.rhs, *rhs):
        other = compat.output_field(side) if hasattr(side, "as_sql") else None
        if (
            other is not None
            and not isinstance(side, Query)
            and family_of(other) != family_of(field)
        ):
            raise NotPortable(
                f"The lookup {lookup.lookup_name!r} compares a {type(field).__name__} with a"
                f" {type(other).__name__}: databases convert them differently. Cast one with"
                " reports.expressions.Cast."
            )


# Queries


def prepare(query: Query) -> None:
    """Makes what a query selects, filters, groups and orders by portable, in place.

    Raises NotPortable if that is impossible.
    """
    _refuse(query.combinator, "union(), intersection() and difference()", "one queryset with Q")
    _refuse(query.distinct_fields, "distinct() on fields", "group_by and First")
    _refuse(
        query.extra or query.extra_tables or query.extra_order_by or _has_extra(query.where),
        "extra()",
        "expressions of reports.expressions",
    )
    _refuse(compat.filtered_relations(query), "FilteredRelation", "an aggregate's filter=")
    _refuse(query.select_for_update, "select_for_update()", "a queryset that only reads")
    for alias, annotation in query.annotations.items():
        query.annotations[alias] = _of(f"annotation {alias!r}", annotation)
    compat.annotations_changed(query)
    query.where = _of("filter()", query.where)
    if isinstance(query.group_by, tuple) or query.distinct:
        _select(_told_apart, query)
    if isinstance(query.group_by, tuple):
        query.group_by = tuple(
            expressions.Ref(name := compat.name_of(key), query.annotations[name])
            if isinstance(key, expressions.Ref)
            else _told_apart(portable(key))
            for key in query.group_by
        )


def _of[P: (Expression, WhereNode)](where: str, expression: P) -> P:
    try:
        return portable(expression)
    except NotPortable as error:
        raise NotPortable(f"{where}: {error}") from error


def _refuse(is_there: object, what: str, instead: str) -> None:
    if is_there:
        raise NotPortable(f"A report's queryset cannot use {what}; use {instead}.")


def _has_extra(where: WhereNode) -> bool:
    return any(
        _has_extra(child)
        if isinstance(child, WhereNode)
        else not hasattr(child, "get_source_expressions") and not isinstance(child, NothingNode)
        for child in where.children
    )


def refuse_slice(query: Query) -> None:
    """Raises NotPortable for a slice: the report's own order decides which rows are first."""
    _refuse(query.is_sliced, "a slice", "Meta.ordering, and a filter that says which rows count")


def _told_apart(expression: BaseExpression) -> Expression:
    """Returns the key to group by: texts differ by code point, not by the server's collation."""
    if expression.contains_aggregate or not isinstance(expression.output_field, TEXT_FIELDS):
        return cast(Expression, expression)  # as the stubs have it in a query
    return comparable(expression)


def _select(form: Callable[[BaseExpression], Expression], query: Query) -> None:
    """Replaces a selected expression of a query, in place."""
    query.select = tuple(map(form, query.select))
    query.annotations |= {
        alias: form(annotation) for alias, annotation in query.annotation_select.items()
    }
    compat.annotations_changed(query)


def _selecting(form: Callable[[BaseExpression], Expression], query: Query) -> Query:
    query = query.clone()
    _select(form, query)
    return query


def _subquery(query: Query) -> Query:
    query = query.clone()
    prepare(query)
    return query


def _demand_one_row(query: Query) -> None:
    """Raises NotPortable if a scalar sub-query may have several rows: SQLite takes any one."""
    if query.is_sliced:
        _order_totally(query)
    else:
        _refuse(
            query.group_by is None, "a sub-query of several rows as a value", "order_by(...)[:1]"
        )


def _order_totally(query: Query) -> None:
    """Orders a sub-query totally, so that its first rows are the same everywhere."""
    _refuse(query.group_by is not None, "a slice of a grouped sub-query", "First or Last")
    ordering = query.get_meta().ordering if query.default_ordering else None
    declared = query.order_by or ordering or ()
    _refuse("?" in declared, "a random order", "an order")
    terms = [_term(term, descending=not query.standard_ordering) for term in declared]
    query.clear_ordering(force=True)
    query.add_ordering(*terms, OrderBy(models.F("pk")))


def _term(declared: object, *, descending: bool) -> OrderBy:
    if isinstance(declared, str):
        descending ^= declared.startswith("-")
        declared = models.F(declared.lstrip("-+"))
    elif isinstance(declared, OrderBy):
        descending ^= declared.descending
        declared = declared.expression
    return OrderBy(Comparable(declared), descending=descending, nulls_last=True)
