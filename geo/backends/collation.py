"""Which text columns already compare by code point.

An engine answers `collations(table)` from the database's catalogue. Each statement asks anew: a
collation may be changed while the process runs.
"""

from typing import Any

from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning

from geo.backends.reads import UNREAD


class CollationMixin:
    """Adds to a DatabaseOperations class what the expressions ask about text comparison."""

    connection: Any
    # Collations, by the database's own names, that compare text code point by code point.
    code_point_collations: frozenset[str] = frozenset()

    def is_code_point(self, table: str, column: str) -> bool:
        """Whether this column of this table compares by code point as it stands.

        False as well while that has not been read (geo/backends/reads.py): the collation is then
        spelled out, which changes no answer.
        """
        found = self.connection.known(("collations", table), lambda _: self.collations(table))
        return found is not UNREAD and found.get(column) in self.code_point_collations

    def collations(self, table: str) -> dict[str, str]:
        """Column name to collation name for the text columns of a table."""
        raise NotImplementedError

    def code_point_sql(self, sql: str) -> str:
        """The text expression `sql`, compared by code point."""
        raise NotImplementedError


def check_default(alias: str, collation: str, *, is_code_point: bool) -> list[CheckMessage]:
    """W003: a database whose own collation is another one than the code points'."""
    if is_code_point:
        return []
    return [
        CheckWarning(
            f"Text compares by {collation} by default, not by code point.",
            hint="Isoline gives its tables and expressions a collation of their own. A filter()"
            " on other tables compares as the server does, and may find other rows than elsewhere.",
            obj=alias,
            id="geo.W003",
        )
    ]
