"""Django's `output_field=`: the type that an author declares for a value.

Django reads the database's answer as that type, which shows the differences between databases. Here
the type of every expression is known, and a number is converted to the declared one.
"""

from decimal import Decimal

from django.db.models import DecimalField, Expression, Value

from geo.backends.compat import ModelField
from reports.errors import NotPortable
from reports.expressions.conversion.cast import cast, kind_of

NUMBERS = ("integer", "decimal", "float")


def of_type(expression: Expression, field: ModelField) -> Expression:
    """Returns the resolved `expression` converted to the type `field`.

    An integer becomes a decimal or a float of the same value; a decimal is rounded half up (away
    from zero) to the places that `field` declares, or truncated to an integer. Raises NotPortable
    for values of other types.
    """
    have, want = kind_of(expression.output_field), kind_of(field)
    if have in NUMBERS and want in NUMBERS:
        return _number(expression, have, want, field)
    if have == want and (have or isinstance(expression.output_field, type(field))):
        return expression
    raise NotPortable(
        f"{type(expression).__name__} gives a {type(expression.output_field).__name__} here, not a"
        f" {type(field).__name__}. Leave output_field= out, or use reports.expressions.Cast."
    )


def _number(expression: Expression, have: str, want: str, field: ModelField) -> Expression:
    from reports.expressions.base import Arithmetic, Portable
    from reports.expressions.numbers.functions import IntegerDivision, Round

    places = field.decimal_places if isinstance(field, DecimalField) else None
    own = expression.output_field
    own_places = own.decimal_places if isinstance(own, DecimalField) else None
    if have == want and (places is None or places == own_places):
        return expression
    if want == "decimal" and have == "integer":
        zero = Value(Decimal(0).scaleb(-(places or 0)))
        found: Portable = Arithmetic(expression, "+", zero)
    elif want == "decimal" and places is not None:
        found = Round(expression, places)
    elif want == "integer" and have == "decimal":
        found = IntegerDivision(expression, 1)
    else:
        return cast(expression, field)
    return found.resolve_expression()
