"""The order of a statement."""

from typing import Any

from django.db.models import F, OrderBy


class ByAlias(OrderBy):
    """Order by what a statement selects under an alias, NULLs last.

    Raises FieldError, when the statement is made, for an alias that it does not have.
    """

    def __init__(self, alias: str, *, descending: bool = False) -> None:
        super().__init__(F(alias), descending=descending, nulls_last=True)
        self.alias = alias

    def as_mysql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        # Without NULLS LAST there is a key more, which Django writes as the whole expression: then
        # the value of every row, not of every group, is reckoned again. An aggregate's is not, and
        # MariaDB knows it by its expression alone.
        selected: Any = self.expression
        if selected.contains_aggregate:
            return self.as_sql(compiler, connection)
        alias = connection.ops.quote_name(self.alias)
        return (f"{alias} DESC" if self.descending else f"{alias} IS NULL, {alias} ASC"), ()
