"""What stands in a report's columns, as its author declares it."""

from typing import Any

from django.db.models import Expression, F
from django.utils.text import capfirst

from reports.canonical import PRECISION


class Column:
    """One column: an ORM expression, or the name of a field as `values()` takes it.

    label   what people read; the attribute's name, spaced, unless given
    places  decimal places, rounded half up; needed for floats and means
    unit    what the numbers count, such as "m"
    """

    def __init__(
        self, expression: Any, *, label: Any = None, places: int | None = None, unit: Any = ""
    ) -> None:
        expression = F(expression) if isinstance(expression, str) else expression
        if places is not None and hasattr(expression, "rounded"):
            expression = expression.rounded(places)
        self.expression: Expression | F = expression
        self.places = places
        self.unit = unit
        self.label = label
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        if self.label is None:
            self.label = capfirst(name.replace("_", " "))


class Geometry(Column):
    """A column of geometries: points, lines or areas of the row, or of a row it points to.

    precision  decimal places of a coordinate; six of a degree are a tenth of a metre

    In a grouped report it must depend on a key that tells one row. Nothing is ordered or grouped by
    it.
    """

    def __init__(self, expression: Any, *, precision: int = PRECISION, label: Any = None) -> None:
        super().__init__(expression, label=label, places=precision)


class Key(Column):
    """What a report groups by, where `group_by` needs more than a name or an expression.

    `shows` is the field people read in the place of the key, such as a city's name for its
    primary key: `Key("pk", shows="name")`. It must depend on the key.
    """

    def __init__(self, expression: Any, *, shows: str = "", **options: Any) -> None:
        super().__init__(expression, **options)
        self.shows = shows
