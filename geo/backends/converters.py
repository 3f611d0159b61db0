"""Conversion of values that are computed in Python from inputs that the database selects."""

from typing import Any


class ConvertersMixin:
    """Leaves the value of a client-side expression to the expression's own converters."""

    def get_db_converters(self, expression: Any) -> list[Any]:
        if getattr(expression, "is_client_side", False):
            return []
        found: list[Any] = super().get_db_converters(expression)
        return found
