"""Keys of a statement's order."""

from typing import Any

from django.db.models import F, OrderBy

from geo.backends.compat import Compiler, Connection, Sql
from reports.expressions.columns import is_never_null


class ByAlias(OrderBy):
    """Orders by what a statement selects under an alias, NULLs last.

    Raises FieldError, when the statement is compiled, for an unknown alias.
    """

    def __init__(self, alias: str, *, descending: bool = False) -> None:
        super().__init__(F(alias), descending=descending, nulls_last=True)
        self.alias = alias

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # Django writes a second key with the whole expression where there is no NULLS LAST. The
        # server then computes it again for every row, not once for every group. It does not repeat
        # an aggregate, which MariaDB finds by its expression only.
        selected: Any = self.expression
        if selected.contains_aggregate:
            return self.as_sql(compiler, connection)
        alias = connection.ops.quote_name(self.alias)
        return (f"{alias} DESC" if self.descending else f"{alias} IS NULL, {alias} ASC"), ()


class ByValue(OrderBy):
    """Orders by a value that the statement need not select, NULLs last.

    For a column that is never NULL it omits NULLS LAST, so that an index can give the order.
    """

    def __init__(self, expression: Any, *, descending: bool = False) -> None:
        super().__init__(expression, descending=descending, nulls_last=True)

    def as_sql(
        self, compiler: Compiler, connection: Connection, template: str | None = None, **extra: Any
    ) -> Sql:
        if self.nulls_last and is_never_null(self.expression, compiler.query):
            plain = self.copy()
            plain.nulls_last = False
            return plain.as_sql(compiler, connection, template, **extra)
        return super().as_sql(compiler, connection, template, **extra)
