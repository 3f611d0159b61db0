"""A column's expression, between its declaration and its statement."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import DecimalField, FloatField
from django.db.models.sql import Query

from geo.backends.compat import ModelField
from reports.expressions.client_side import ClientSideExpression
from reports.expressions.numbers.functions import Round
from reports.expressions.rounding import Significant
from reports.expressions.stored import stored
from reports.expressions.text.code_point import CodePoint
from reports.values.kinds import TEXT_FIELDS


class Declared:
    """A column's expression in a statement: portable, and in its comparable form.

    Floats are rounded to the column's places, so that orders and groups match what is shown; so are
    decimals that are grouped by.
    """

    def __init__(
        self,
        expression: Any,
        places: int | None,
        prove: Callable[[Any], Any],
        groups: Sequence[str] = (),
        *,
        is_key: bool = False,
    ) -> None:
        self.expression = expression
        self.places = places
        self.prove = prove
        self.groups = groups
        self.is_key = is_key

    def resolve_expression(self, query: Query, *args: Any, **kwargs: Any) -> Any:
        found = self.prove(self.expression.resolve_expression(query, *args, **kwargs))
        if isinstance(found, ClientSideExpression):  # unchanged, because nothing compares it
            keys = [query.annotations[alias] for alias in self.groups]
            return found.of_group(query, keys) if keys else found
        found = stored(found)
        field = found.output_field
        is_shown = not hasattr(field, "shown_by")  # places are those of the shown values
        if isinstance(field, FloatField) and self.places is not None and is_shown:
            return Significant(found, self.places)
        if self.is_key and self._has_more_places(field) and is_shown:
            assert self.places is not None
            return Round(found, self.places).resolve_expression(query)
        if isinstance(field, TEXT_FIELDS) and not getattr(found, "is_code_point", False):
            return CodePoint(found)
        return found

    def _has_more_places(self, field: ModelField) -> bool:
        return (
            isinstance(field, DecimalField)
            and self.places is not None
            and (field.decimal_places is None or field.decimal_places > self.places)
        )
