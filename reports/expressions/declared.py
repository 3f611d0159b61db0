"""A column's expression, between its declaration and its statement."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import FloatField

from reports.expressions.reckoned import Reckoned
from reports.expressions.rounding import Significant
from reports.expressions.text import TEXT_FIELDS, CodePoint


class Declared:
    """A column's expression as a statement has it: portable, and in the form that compares alike.

    Floats are rounded to the column's places, so that order and groups go by what is shown.
    """

    def __init__(
        self,
        expression: Any,
        places: int | None,
        prove: Callable[[Any], Any],
        groups: Sequence[str] = (),
    ) -> None:
        self.expression = expression
        self.places = places
        self.prove = prove
        self.groups = groups

    def resolve_expression(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        found = self.prove(self.expression.resolve_expression(query, *args, **kwargs))
        if isinstance(found, Reckoned):  # as it is shown, so that there is nothing to compare
            keys = [query.annotations[alias] for alias in self.groups]
            return found.of_group(query, keys) if keys else found
        field = found.output_field
        if isinstance(field, FloatField) and self.places is not None:
            return Significant(found, self.places)
        if isinstance(field, TEXT_FIELDS) and not getattr(found, "is_code_point", False):
            return CodePoint(found)
        return found
