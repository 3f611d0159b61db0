"""Numbers of JSON, whose text SQLite would take for a float."""

from decimal import Decimal


def isoline_whole(number: str | None) -> int | None:
    """A JSON number as an integer of 64 bits, if it is one."""
    if number is None:
        return None
    decimal = Decimal(number)
    if decimal.adjusted() > 18 or decimal != decimal.to_integral_value():
        return None
    integer = int(decimal)
    return integer if -(2**63) <= integer < 2**63 else None


FUNCTIONS = (isoline_whole,)
