"""Facts about a column of a statement."""

from django.db.models.expressions import Col, Ref
from django.db.models.sql import Query
from django.db.models.sql.constants import LOUTER

from reports.expressions.text.code_point import CodePoint


def is_never_null(expression: object, query: Query) -> bool:
    """Whether it is a column that is not NULL, of a table that no outer join leaves empty."""
    if isinstance(expression, Ref | CodePoint):
        (expression,) = expression.get_source_expressions()
        return is_never_null(expression, query)
    if not isinstance(expression, Col) or expression.target.null:
        return False
    return getattr(query.alias_map.get(expression.alias), "join_type", None) != LOUTER
