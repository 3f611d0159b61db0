"""Reads numbers in a user's text."""

from geo.input.refusal import GeometryRefused, excerpt

# The shortest text of a double has at most 24; some programs add zeros.
MOST_CHARACTERS = 40


def number(text: str) -> float:
    """Returns the double of a decimal number, infinity if it is too large.

    Raises GeometryRefused for too many characters, ValueError for a text that is not a number.
    """
    if len(text) > MOST_CHARACTERS:
        raise GeometryRefused(
            f"the number {excerpt(text)} has {len(text):,} characters, more than"
            f" {MOST_CHARACTERS}: round it, seven decimals of a degree are a centimetre."
        )
    return float(text)
