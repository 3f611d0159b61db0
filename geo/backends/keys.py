"""Lists of keys in a statement, which may be long."""

from collections.abc import Iterable, Sequence

from geo.backends.compat import Sql


class KeysMixin:
    """Adds methods for `refine` to a DatabaseOperations class."""

    # The function that returns a text's length in characters.
    length_function = "LENGTH"

    def among(self, sql: str, kind: str, keys: Sequence[object]) -> Sql:
        """Returns the condition that `sql`, of the database's type `kind`, is one of the keys.

        There is at least one key. The condition must be as fast under NOT and OR as it is alone.
        """
        raise NotImplementedError

    def among_pairs(self, first: str, second: str, pairs: Iterable[tuple[object, object]]) -> Sql:
        """Returns the condition that two keys are one of the pairs.

        Each pair is compared as one text, because no server finds pairs fast.
        """
        first, second = self.code_point_sql(first), self.code_point_sql(second)
        # With the length no two pairs have the same text.
        joined = f"CONCAT({self.length_function}({first}), ' ', {first}, {second})"
        return self.among(joined, "text", [f"{len(str(a))} {a}{b}" for a, b in pairs])

    def code_point_sql(self, sql: str) -> str:
        """Returns SQL that compares the text expression `sql` by code point."""
        raise NotImplementedError
