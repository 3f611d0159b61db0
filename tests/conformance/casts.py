"""What a text is to Cast, in plain Python."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from uuid import UUID

from tests.conformance.harness import answers
from tests.hostile.models import Entry

INT, BIG = (-(2**31), 2**31 - 1), (-(2**63), 2**63 - 1)


def to_integer(text, low, high):
    if text is None or not re.fullmatch("(?=.{1,100}$)[+-]?[0-9]+", text):
        return None
    return int(text) if low <= int(text) <= high else None


def to_decimal(text, digits, places):
    if text is None or not re.fullmatch("(?=.{1,100}$)[+-]?[0-9]+([.][0-9]+)?", text):
        return None
    return held(Decimal(text), digits, places)


def held(number, digits, places):
    number = quantized(number, places)
    return number if abs(number) < 10 ** (digits - places) else None


def quantized(number, places, rounding=ROUND_HALF_UP):
    number = Decimal(number).quantize(Decimal(1).scaleb(-places), rounding, Context(prec=500))
    return number or abs(number)


def to_date(text):
    if text is None or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def to_uuid(text):
    hexadecimal = "[0-9A-Fa-f]"
    hyphened = f"{hexadecimal}{{8}}(-{hexadecimal}{{4}}){{3}}-{hexadecimal}{{12}}"
    if text is None or not re.fullmatch(f"{hexadecimal}{{32}}|{hyphened}", text):
        return None
    return UUID(text)


def alone(expression):
    """The one value of an expression that is asked of one row."""
    ((found,),) = answers({"found": expression}, queryset=Entry.objects.filter(pk=0))
    return found
