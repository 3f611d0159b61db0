"""Days as a table."""

import json
from collections.abc import Sequence

from django.db.models import DateField, Expression

from geo.backends.compat import Compiler, Connection, Sql
from reports.expressions.base import OfGivenType


class Days(OfGivenType, Expression):
    """A query, for FROM, with these days as its column `p`: ISO texts, None for NULL."""

    def __init__(self, days: Sequence[str | None]) -> None:
        super().__init__(output_field=DateField())
        self.days = json.dumps(days)

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        listed = "jsonb_array_elements_text(%s::jsonb) AS listed(v)"
        return f"SELECT v::date AS p FROM {listed}", (self.days,)  # noqa: S608 -- a literal

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        listed = "JSON_TABLE(%s, '$[*]' COLUMNS (p DATE PATH '$')) listed"
        return f"SELECT p FROM {listed}", (self.days,)  # noqa: S608 -- a literal

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return "SELECT value AS p FROM json_each(%s)", (self.days,)
