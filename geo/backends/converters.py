"""Conversion of values that are computed in Python from inputs that the database selects."""

from collections.abc import Callable
from typing import Any

from django.contrib.gis.db.backends.base.operations import BaseSpatialOperations


class ConvertersMixin(BaseSpatialOperations):
    """Leaves the value of a client-side expression to the expression's own converters."""

    def get_db_converters(self, expression: Any) -> list[Callable[..., Any]]:
        if getattr(expression, "is_client_side", False):
            return []
        found: list[Callable[..., Any]] = super().get_db_converters(expression)
        return found
