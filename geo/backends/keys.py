"""Rows named by their keys in a statement, as many as there are, in one list."""

from collections.abc import Iterable, Sequence
from typing import Any


class KeysMixin:
    """Adds to a DatabaseOperations class what `recheck` writes into a statement."""

    # The function of the number of characters of a text.
    length_function = "LENGTH"

    def among(self, sql: str, kind: str, keys: Sequence[Any]) -> tuple[str, list[Any]]:
        """That `sql`, of the database's type `kind`, is one of the keys, of which there are some.

        It is to be as fast under NOT and OR as it is alone.
        """
        raise NotImplementedError

    def among_pairs(
        self, first: str, second: str, pairs: Iterable[tuple[Any, Any]]
    ) -> tuple[str, list[Any]]:
        """That two keys are one of the pairs, as one text each: no server finds pairs fast."""
        first, second = self.code_point_sql(first), self.code_point_sql(second)
        # The length makes it sure that no two pairs have one text.
        joined = f"CONCAT({self.length_function}({first}), ' ', {first}, {second})"
        return self.among(joined, "text", [f"{len(str(a))} {a}{b}" for a, b in pairs])

    def code_point_sql(self, sql: str) -> str:
        """The text expression `sql`, compared by code point."""
        raise NotImplementedError
