"""Where a geometry may be used in a report: shown as it is in a row, and nowhere else."""

from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.db.models import BinaryField, F, JSONField
from django.db.models.expressions import BaseExpression, Col
from django.db.models.sql import Query

from reports import compat
from reports.errors import DeclarationError, NotPortable
from reports.expressions.functional_dependency import depends


def is_geometry(expression: BaseExpression) -> bool:
    """Whether a resolved expression gives geometries."""
    return isinstance(compat.output_field(expression), GeometryField)


def demand_shown(
    query: Query, expression: BaseExpression, *, is_grouped: bool, is_portable: bool
) -> None:
    """Refuses a resolved geometry of which a row, or a group, may have several.

    Allowed are a table's column, and an expression that `gives_geometry`: its converters make the
    same GEOSGeometry of every database's value. `is_portable` is whether the databases must agree.
    Raises DeclarationError and NotPortable.
    """
    if is_portable and not isinstance(expression, Col) and not _gives_geometry(expression):
        raise NotPortable(
            f"{type(expression).__name__} is not proven to give one geometry on every database."
            " Name the field that has the geometry."
        )
    if is_grouped and not expression.contains_aggregate:
        raise DeclarationError(
            "A group may have many of these geometries, and nothing is grouped by a geometry. Group"
            ' by what has it, such as Key("pk", shows="name"), or leave the column out.'
        )
    if isinstance(expression, Col) and not _is_of_row(query, expression):
        raise DeclarationError(
            "A row may have many of these geometries: the path to them crosses a relation to many."
            " Make a report of the model that has the geometry."
        )


def _gives_geometry(expression: BaseExpression) -> bool:
    return bool(getattr(expression, "gives_geometry", False))


def _is_of_row(query: Query, column: Col) -> bool:
    key: Any = F("pk").resolve_expression(query, allow_joins=True)
    return depends(query, column, key)


def refuse_order(expression: BaseExpression, done: str) -> None:
    """Refuses to group or order by values that databases compare in different ways.

    They compare a geometry by its bytes or its bounding box, and JSON by its text, its type or its
    size.
    """
    if isinstance(expression.output_field, BinaryField):
        raise DeclarationError(f"Nothing is {done} by bytes: take a text or a number beside them.")
    if isinstance(expression.output_field, JSONField):
        raise DeclarationError(
            f"Nothing is {done} by JSON: databases have no common order of it. Take a value of it,"
            " with JSONText, JSONInteger, JSONDecimal or JSONBoolean."
        )
    if is_geometry(expression):
        raise DeclarationError(
            f"Nothing is {done} by a geometry: databases have no common order of them. Take the"
            " primary key or a name of what has it."
        )
