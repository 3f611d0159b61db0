"""The columns of a report, as its author declares them."""

from datetime import tzinfo
from typing import Any

from django.db.models import Expression, F

from geo.backends.compat import Connection
from reports.expressions.of_report import OfReport
from reports.naming import Named
from reports.values.base import PRECISION, AnyKind
from reports.values.from_db import kind_of_returned
from reports.values.kinds import kind_of


class Column(Named):
    """A column: an ORM expression, or the name of a field as `values()` takes it.

    label   the heading; by default the attribute's name with spaces
    places  decimal places, rounded half up; required for floats and means
    unit    the unit of the numbers, such as "m"
    zone    the time zone in which instants are shown; UTC by default
    labels  whether the labels of a field's choices are shown for its values
    """

    def __init__(
        self,
        expression: Any,
        *,
        label: Any = None,
        places: int | None = None,
        unit: Any = "",
        zone: tzinfo | None = None,
        labels: bool = False,
    ) -> None:
        expression = F(expression) if isinstance(expression, str) else expression
        if places is not None and hasattr(expression, "rounded"):
            expression = expression.rounded(places)
        self.expression: Expression | F | OfReport = expression
        self.places = places
        self.unit = unit
        self.zone = zone
        self.labels = labels
        self.label = label

    def kind(self, expression: Any, connection: Connection) -> AnyKind:
        """Returns how the values of the resolved expression are read and written in this column.

        Raises DeclarationError for a type, a zone or labels that the values cannot have.
        """
        field = expression.output_field
        if hasattr(field, "shown_by"):
            kind = kind_of_returned(expression, connection, self.places)
        else:
            kind = kind_of(field, self.places)
        if self.zone is not None:
            kind = kind.local(self.zone)
        return kind.labelled(field.flatchoices) if self.labels else kind


class Geometry(Column):
    """A column of geometries: points, lines or areas of the row, or of a row that it refers to.

    precision  decimal places of a coordinate; six of a degree are a tenth of a metre

    In a grouped report it must depend on a key that determines one row. Reports cannot order or
    group by it.
    """

    def __init__(
        self, expression: object, *, precision: int = PRECISION, label: object = None
    ) -> None:
        super().__init__(expression, label=label, places=precision)


class Key(Column):
    """A key to group by, where `group_by` needs more than a name or an expression.

    `shows` is the field that is shown instead of the key, such as a city's name for its primary
    key: `Key("pk", shows="name")`. It must depend on the key.
    """

    def __init__(self, expression: object, *, shows: str = "", **options: Any) -> None:
        super().__init__(expression, **options)
        self.shows = shows
