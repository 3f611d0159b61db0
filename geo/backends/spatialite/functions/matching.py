"""Answers found outside the database, looked up by the key of a row."""

from collections.abc import Mapping
from itertools import count
from typing import Any

# Of one connection; a statement that is still running is among the last.
MOST_KEPT = 32


class Answers:
    """The mappings that the statements of one connection look up, the last ones made."""

    def __init__(self) -> None:
        self._kept: dict[int, Mapping[Any, Any]] = {}
        self._numbers = count()

    def keep(self, answers: Mapping[Any, Any]) -> int:
        """The number by which SQL asks for these answers."""
        number = next(self._numbers)
        self._kept[number] = answers
        self._kept.pop(number - MOST_KEPT, None)
        return number

    def isoline_matched(self, number: int, key: Any) -> Any:
        """The answer of a key, NULL where there is none."""
        return self._kept[number].get(key)
