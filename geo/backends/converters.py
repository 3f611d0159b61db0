"""Values that are reckoned in Python, of which the database has the inputs alone."""

from typing import Any


class ConvertersMixin:
    """An expression that is `reckoned` reads what it selected itself, whatever its type is."""

    def get_db_converters(self, expression: Any) -> list[Any]:
        if getattr(expression, "is_reckoned", False):
            return []
        found: list[Any] = super().get_db_converters(expression)
        return found
