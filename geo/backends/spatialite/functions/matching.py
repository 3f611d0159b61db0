"""Answers found outside the database, looked up by the key of a row."""

from collections.abc import Mapping
from itertools import count
from typing import Any, Self

type Kept = dict[int, Mapping[Any, Any]]


class Handle(int):
    """The number by which SQL asks for some answers, which are kept as long as it is.

    It is a parameter of the statement, and the cursor holds the parameters of what it runs.
    """

    _kept: Kept

    def __new__(cls, number: int, kept: Kept) -> Self:
        handle = super().__new__(cls, number)
        handle._kept = kept
        return handle

    def __del__(self) -> None:
        self._kept.pop(self, None)


class LookupTables:
    """The mappings that the statements of one connection look up while they run."""

    def __init__(self) -> None:
        self._kept: Kept = {}
        self._numbers = count()

    def keep(self, answers: Mapping[Any, Any]) -> Handle:
        """The parameter by which a statement asks for these answers."""
        number = next(self._numbers)
        self._kept[number] = answers
        return Handle(number, self._kept)

    def isoline_matched(self, number: int, key: Any) -> Any:
        """The answer of a key, NULL where there is none."""
        return self._kept[number].get(key)
