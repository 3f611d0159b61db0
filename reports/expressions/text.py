"""Text, compared by code point."""

from typing import Any

from django.db.models import CharField, Func, TextField
from django.db.models.expressions import Col

TEXT_FIELDS = (CharField, TextField)


class CodePoint(Func):
    """`CodePoint(expression)`: the same value; text compares, groups and sorts by code point.

    What is not text passes unchanged, and a column whose collation is right already is left
    alone, so that its index still serves.
    """

    arity = 1

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        (source,) = self.get_source_expressions()
        sql, params = compiler.compile(source)
        if not isinstance(self.output_field, TEXT_FIELDS) or (
            isinstance(source, Col)
            and connection.ops.is_code_point(
                source.target.model._meta.db_table, source.target.column
            )
        ):
            return sql, params
        return connection.ops.code_point_sql(sql), params
