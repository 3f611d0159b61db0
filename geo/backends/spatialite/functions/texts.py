"""Letters, of which SQLite knows ASCII's."""

from geo.backends.letters import BASES, LOWER, UPPER

# Without diacritics; a None takes the combining ones away.
BASE = {ord(letter): base for base, letters in BASES.items() for letter in letters} | dict.fromkeys(
    range(0x300, 0x370)
)


def isoline_lower(text: str | None) -> str | None:
    """`text` in small letters, code point by code point."""
    if text is None:
        return None
    return text.lower() if text.isascii() else text.translate(LOWER)


def isoline_upper(text: str | None) -> str | None:
    """`text` in capital letters, code point by code point."""
    if text is None:
        return None
    return text.upper() if text.isascii() else text.translate(UPPER)


def isoline_base(text: str | None) -> str | None:
    """`text` without the diacritics of Latin, Greek and Cyrillic letters."""
    return text if text is None or text.isascii() else text.translate(BASE)


def isoline_ord(text: str | None) -> int | None:
    """The number of the first code point; None if there is none."""
    return ord(text[0]) if text else None


FUNCTIONS = (isoline_ord, isoline_lower, isoline_upper, isoline_base)
