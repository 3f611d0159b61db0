"""Fields that convert stored values by themselves, and expressions over them.

A field with `from_db_value` shows its result: cents as a Decimal("12.34"), a text as a member of an
enumeration. The database has the stored values, and orders, groups, filters and cursors use those.
A statement therefore selects stored values, and the field's converters are called where a value is
shown (reports/values/from_db.py). This module decides which field an expression has.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models.aggregates import Count as DjangoCount
from django.db.models.expressions import (
    BaseExpression,
    Col,
    Exists,
    ExpressionList,
    ExpressionWrapper,
    OrderBy,
)
from django.db.models.functions import Coalesce as DjangoCoalesce
from django.db.models.lookups import Lookup
from django.db.models.sql import Query
from django.db.models.sql.where import WhereNode

from geo.backends.compat import Connection, ModelField
from reports import compat
from reports.compat import AggregateFilter
from reports.errors import NotPortable
from reports.expressions.aggregates.general import _Default
from reports.expressions.aggregates.statistics import Sum, _Sum
from reports.expressions.comparison import Coalesce, Greatest, Least, NullIf
from reports.expressions.conversion.between_types import Conversion
from reports.expressions.text.code_point import CodePoint, by_code_point
from reports.expressions.windows.window import _Over
from reports.values.kinds import TEXT_FIELDS, named

# Modules of known converters: of durations, JSON, sums of any size.
KNOWN = ("django.", "reports.expressions.")
# Their values are of their source's field, though their own type is wider.
SUMS = (Sum, _Sum)
# Their value is one of their sources'.
CHOOSE = (Coalesce, Greatest, Least, NullIf, DjangoCoalesce, _Default, models.Case)
# Their type differs from their sources': a count, the result of Cast.
RETYPED = (DjangoCount, Conversion, ExpressionWrapper)
# Parts that compare stored values without giving one: conditions, orders, partitions.
ASIDE = (AggregateFilter, Exists, ExpressionList, Lookup, OrderBy, WhereNode, _Over)


class RawJSONField(models.JSONField):
    """A JSONField whose values are JSON texts, as the database writes them."""

    def from_db_value(self, value: object, *_: object) -> Any:
        return value


def is_converting(field: ModelField) -> bool:
    """Whether a field converts stored values by itself."""
    methods = (getattr(type(field), name, None) for name in ("from_db_value", "get_db_converters"))
    return any(method and not method.__module__.startswith(KNOWN) for method in methods)


def converting(expression: object) -> Any:
    """Returns the field that converts the stored values of a resolved expression; None for none.

    As in Django, an expression has the converters of its output field. Raises NotPortable for one
    that calculates with the stored values of such a field.
    """
    if expression is None or isinstance(expression, ASIDE):
        return None
    if isinstance(expression, RETYPED):
        return _converting_or_none(expression)
    if isinstance(expression, Query):
        return converting(_selected(expression))
    sources = _sources(expression)
    if isinstance(expression, CHOOSE):
        return _common(expression, sources)
    found = [field for source in sources if (field := converting(source)) is not None]
    if (own := _converting_or_none(expression)) is not None:
        return own
    if not found or isinstance(expression, SUMS) or _has_type_of(expression, sources[0]):
        return found[0] if found else None
    raise NotPortable(_refusal(expression, found[0]))


def _has_type_of(expression: Any, source: Any) -> bool:
    """Whether the very type of an expression is its source's: it picks one of the values."""
    return compat.output_field(source) is expression.output_field


def _converting_or_none(expression: object) -> Any:
    field = compat.output_field(expression)
    return field if field is not None and is_converting(field) else None


def _selected(query: Query) -> Any:
    """Returns the single column of a sub-query, None for several."""
    selected = [*query.select, *query.annotation_select.values()]
    return selected[0] if len(selected) == 1 else None


def _sources(expression: object) -> list[BaseExpression]:
    if isinstance(expression, models.Case):
        return [*(when.result for when in expression.cases), expression.default]
    return list(getattr(expression, "get_source_expressions", list)())


def _common(expression: object, sources: Iterable[Any]) -> Any:
    """Returns the common field of alternative values. A literal may be stored unchanged."""
    literals: list[Any] = []
    others: list[Any] = []
    for source in sources:
        bare = source.get_source_expressions()[0] if isinstance(source, CodePoint) else source
        (literals if isinstance(bare, models.Value) else others).append(bare)
    fields = [converting(source) for source in others]
    if not any(fields):
        return None
    field = next(field for field in fields if field is not None)
    if any(type(each) is not type(field) for each in fields) or not all(
        literal.value is None or field.get_prep_value(literal.value) == literal.value
        for literal in literals
    ):
        raise NotPortable(_refusal(expression, field))
    return field


def _refusal(expression: object, field: ModelField) -> str:
    stored = field.get_internal_type()
    return (
        f"{type(expression).__name__} would take what {named(field)} stores, not the values that"
        f" its from_db_value() makes of it. To mean what is stored, cast it first:"
        f" Cast(..., {stored}())."
    )


def stored(expression: BaseExpression) -> Any:
    """Returns the resolved expression with stored values.

    `shown_by` of its output field is the field that converts them for people.
    """
    field = converting(expression)
    if field is None:
        own = compat.output_field(expression)
        is_json = isinstance(own, models.JSONField)
        return _typed(expression, _as(RawJSONField, own)) if is_json else expression
    own = expression.output_field
    plain = _plain(own) if is_converting(own) else own
    marked = _as(type(plain), plain)
    marked.shown_by = field
    return _typed(expression, marked)


class Stored:
    """An expression's stored values, for a statement that selects them and is ordered by them."""

    def __init__(self, expression: Any) -> None:
        self.expression = expression

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        found = stored(self.expression.resolve_expression(*args, **kwargs))
        # Not by a collation of the server's, which another server does not have.
        return by_code_point(found) if isinstance(found.output_field, TEXT_FIELDS) else found


class StoredCol(Col):
    """A column whose values only the converters of its output field have changed."""

    is_portable = True

    def get_db_converters(self, connection: Connection) -> Any:
        return self.output_field.get_db_converters(connection)


def _typed(expression: BaseExpression, field: ModelField) -> Any:
    if isinstance(expression, Col):
        return StoredCol(expression.alias, expression.target, field)
    copy = expression.copy()
    copy.output_field = field
    return copy


def _plain(field: ModelField) -> Any:
    """Returns Django's field of a field's stored type. Raises NotPortable if there is none."""
    base = getattr(models, str(field.get_internal_type()), None)
    if base is models.JSONField:
        base = RawJSONField
    if base is None or not issubclass(base, models.Field):
        raise NotPortable(
            f"{named(field)} has a column type that is not known: let its get_internal_type()"
            " name one of Django's fields."
        )
    return _as(base, field)


def _as(kind: Any, field: Any) -> Any:
    """Returns a field of another class with the same options."""
    copy = kind.__new__(kind)
    copy.__dict__.update(field.__dict__)
    return copy
