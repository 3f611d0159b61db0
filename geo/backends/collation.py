"""Which text columns already compare by code point.

An engine answers `collations(table)` from the database's catalogue. The answer is kept as long
as the process: a table whose collation is changed under a running server needs a restart, as a
changed column type does.
"""

from typing import Any

from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning


class CollationMixin:
    """Adds to a DatabaseOperations class what the expressions ask about text comparison."""

    connection: Any
    # Collations, by the database's own names, that compare text code point by code point.
    code_point_collations: frozenset[str] = frozenset()

    _known: dict[tuple[str, str], dict[str, str]] = {}

    def is_code_point(self, table: str, column: str) -> bool:
        """Whether this column of this table compares by code point as it stands."""
        settings = self.connection.settings_dict
        key = (f"{settings['HOST']}:{settings['PORT']}/{settings['NAME']}", table)
        if key not in self._known:
            collations = self.collations(table)
            if not collations:  # a table that is not there yet may be made later
                return False
            self._known[key] = collations
        return self._known[key].get(column) in self.code_point_collations

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
