"""Lists, and the texts of their values."""

import json
from decimal import Decimal

from geo.backends.spatialite.functions.decimals import WIDEST, Number, exact


def isoline_join(values: str | None, delimiter: str, descending: int) -> str | None:
    """The strings of a JSON list by code point, joined; NULLs left out; NULL for none."""
    strings = [value for value in json.loads(values or "[]") if value is not None]
    strings.sort(reverse=bool(descending))
    return delimiter.join(strings) if strings else None


def isoline_decimal_text(number: Number | None, places: int) -> str | None:
    """A decimal with `places`."""
    if number is None:
        return None
    decimal = exact(number).quantize(Decimal(1).scaleb(-places), context=WIDEST)
    return f"{decimal if decimal else abs(decimal):f}"


def isoline_uuid_text(digits: str | None) -> str | None:
    """32 hexadecimal digits, with the dashes of a UUID."""
    if digits is None:
        return None
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class JSONList:
    """The values as a JSON list; each comes as its text, and is a string in the list if quoted."""

    name = "isoline_json_list"

    def __init__(self) -> None:
        self.values: list[str] = []
        self.quoted = self.distinct = 0

    def step(self, value: str | None, quoted: int, distinct: int) -> None:
        if value is not None:
            self.values.append(value)
            self.quoted, self.distinct = quoted, distinct

    def finalize(self) -> str | None:
        values = list(dict.fromkeys(self.values)) if self.distinct else self.values
        if not values:
            return None
        if self.quoted:
            return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        return f"[{','.join(values)}]"


FUNCTIONS = (isoline_join, isoline_decimal_text, isoline_uuid_text)
AGGREGATES = (JSONList,)
