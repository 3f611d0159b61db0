"""The kind of a field's values."""

from geo.backends.compat import ModelField
from reports.errors import DeclarationError
from reports.values.base import AnyKind
from reports.values.geometries import Geometry
from reports.values.numbers import Boolean, Decimal, Float, Integer
from reports.values.temporal import Date, Duration, Instant, Time
from reports.values.texts import JSON, UUID, Text

# The first match counts: a DateTimeField is a DateField too, and True is an int.
KINDS: tuple[type[AnyKind], ...] = (
    *(Boolean, Integer, Decimal, Float),
    *(Instant, Date, Time, Duration),
    *(UUID, JSON, Text, Geometry),
)
TEXT_FIELDS = Text.fields


def kind_class(field: object) -> type[AnyKind] | None:
    """Returns the class of a field's values; None if they have no canonical form."""
    return next((kind for kind in KINDS if isinstance(field, kind.fields)), None)


def family_of(field: object) -> str:
    """Returns the family of a field's values, "" if they are not compared."""
    kind = kind_class(field)
    return "" if kind is None else kind.family


def kind_of(field: ModelField, places: int | None = None) -> AnyKind:
    """Returns the kind of an expression's output field.

    `places` are the decimal places that the column declares: required for floats, optional for
    decimals, which have their own, and for the coordinates of geometries. Raises DeclarationError
    for a type without a canonical form.
    """
    kind = kind_class(field)
    if kind is None:
        raise DeclarationError(
            f"{named(field)} has no canonical form: take text, numbers, dates or booleans of it."
        )
    return kind.of(field, places)


def named(field: ModelField) -> str:
    """Returns a field's model, name and class: `shop.Payment.amount (CentsField)`."""
    if not hasattr(field, "model") or not field.name:
        return f"a {type(field).__name__}"
    return f"{field.model._meta.label}.{field.name} ({type(field).__name__})"
