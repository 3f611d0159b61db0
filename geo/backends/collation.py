"""Which text columns already compare by code point.

An engine returns `collations(table)` from the database's catalogue. Each statement reads them
again, because a collation may be changed while the process runs.
"""

from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning

from geo.backends.reads import UNREAD, ReadsMixin


class CollationMixin:
    """Adds methods about text comparison to a DatabaseOperations class."""

    connection: ReadsMixin
    # Collations, by the database's own names, that compare by code point.
    code_point_collations: frozenset[str] = frozenset()

    @property
    def code_point_collation(self) -> str:
        """Returns the name of the collation that compares by code point and does not pad."""
        raise NotImplementedError

    def is_code_point(self, table: str, column: str) -> bool:
        """Whether this column of this table compares by code point by itself.

        Also False while that has not been read (geo/backends/reads.py): the SQL then names the
        collation, which changes no answer.
        """
        found = self.connection.known(("collations", table), lambda _: self.collations(table))
        return found is not UNREAD and found.get(column) in self.code_point_collations

    def collations(self, table: str) -> dict[str, str]:
        """Returns the collation names of a table's text columns, by column name."""
        raise NotImplementedError

    def code_point_sql(self, sql: str) -> str:
        """Returns SQL that compares the text expression `sql` by code point."""
        raise NotImplementedError


def check_default(alias: str, collation: str, *, is_code_point: bool) -> list[CheckMessage]:
    """W003: the database's default collation does not compare by code point."""
    if is_code_point:
        return []
    return [
        CheckWarning(
            f"Text compares by {collation} by default, not by code point.",
            hint=(
                "Isoline gives its tables and expressions a collation of their own. A filter() on"
                " other tables compares by the server's rules, and may find other rows than on"
                " other databases."
            ),
            obj=alias,
            id="geo.W003",
        )
    ]
