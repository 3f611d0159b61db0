"""A column's expression, between its declaration and its statement."""

from collections.abc import Callable
from typing import Any

from django.db.models import FloatField

from reports.expressions.rounding import Significant
from reports.expressions.text import TEXT_FIELDS, CodePoint


class Declared:
    """A column's expression as a statement has it: portable, and in the form that compares alike.

    Floats are rounded to the column's places, so that order and groups go by what is shown.
    """

    def __init__(self, expression: Any, places: int | None, prove: Callable[[Any], Any]) -> None:
        self.expression = expression
        self.places = places
        self.prove = prove

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        found = self.prove(self.expression.resolve_expression(*args, **kwargs))
        field = found.output_field
        if isinstance(field, FloatField) and self.places is not None:
            return Significant(found, self.places)
        if isinstance(field, TEXT_FIELDS) and not getattr(found, "is_code_point", False):
            return CodePoint(found)
        return found
