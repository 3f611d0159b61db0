"""Django's `output_field=`: the type that an author declares for a value.

Django reads the database's answer as that type, which shows the differences between databases. Here
the type of every expression is known, and a number is converted to the declared one.
"""

from decimal import Decimal as Exact

from django.db.models import DecimalField, Expression, Value

from geo.backends.compat import ModelField
from reports.errors import NotPortable
from reports.expressions.conversion.cast import CONVERTED, cast
from reports.values.base import AnyKind
from reports.values.kinds import kind_class
from reports.values.numbers import Decimal, Integer


def of_type(expression: Expression, field: ModelField) -> Expression:
    """Returns the resolved `expression` converted to the type `field`.

    An integer becomes a decimal or a float of the same value; a decimal is rounded half up (away
    from zero) to the places that `field` declares, or truncated to an integer. Raises NotPortable
    for values of other types.
    """
    have, want = kind_class(expression.output_field), kind_class(field)
    if _is_number(have) and _is_number(want):
        return _number(expression, have, want, field)
    if have is want and (have in CONVERTED or isinstance(expression.output_field, type(field))):
        return expression
    raise NotPortable(
        f"{type(expression).__name__} gives a {type(expression.output_field).__name__} here, not a"
        f" {type(field).__name__}. Leave output_field= out, or use reports.expressions.Cast."
    )


def _is_number(kind: type[AnyKind] | None) -> bool:
    return kind is not None and kind.is_number


def _number(
    expression: Expression,
    have: type[AnyKind] | None,
    want: type[AnyKind] | None,
    field: ModelField,
) -> Expression:
    from reports.expressions.base import Arithmetic, Portable
    from reports.expressions.numbers.functions import IntegerDivision, Round

    places = field.decimal_places if isinstance(field, DecimalField) else None
    own = expression.output_field
    own_places = own.decimal_places if isinstance(own, DecimalField) else None
    if have is want and (places is None or places == own_places):
        return expression
    if want is Decimal and have is Integer:
        zero = Value(Exact(0).scaleb(-(places or 0)))
        found: Portable = Arithmetic(expression, "+", zero)
    elif want is Decimal and places is not None:
        found = Round(expression, places)
    elif want is Integer and have is Decimal:
        found = IntegerDivision(expression, 1)
    else:
        return cast(expression, field)
    return found.resolve_expression()
