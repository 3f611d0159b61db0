"""Aggregates that pick one value of a group's, or combine their bits."""

import json
from collections import Counter
from collections.abc import Callable
from operator import and_, or_, xor
from typing import Any


def isoline_mode(values: str | None) -> Any:
    """The most frequent value of a JSON list, of several the least; NULL where there is none."""
    counts = Counter(json.loads(values or "[]"))
    del counts[None]
    most = max(counts.values(), default=0)
    return min((value for value, count in counts.items() if count == most), default=None)


class First:
    """The first value that is not NULL."""

    name = "isoline_first"

    def __init__(self) -> None:
        self.value: Any = None

    def step(self, value: Any) -> None:
        if self.value is None:
            self.value = value

    def finalize(self) -> Any:
        return self.value


class _Bits:
    """Integers combined bit by bit; NULLs left out, NULL for none."""

    combine: Callable[[int, int], int]

    def __init__(self) -> None:
        self.bits: int | None = None

    def step(self, value: int | None) -> None:
        if value is not None:
            self.bits = value if self.bits is None else type(self).combine(self.bits, value)

    def finalize(self) -> int | None:
        return self.bits


class BitAnd(_Bits):
    name = "isoline_bit_and"
    combine = staticmethod(and_)


class BitOr(_Bits):
    name = "isoline_bit_or"
    combine = staticmethod(or_)


class BitXor(_Bits):
    name = "isoline_bit_xor"
    combine = staticmethod(xor)


FUNCTIONS = (isoline_mode,)
AGGREGATES = (First, BitAnd, BitOr, BitXor)
