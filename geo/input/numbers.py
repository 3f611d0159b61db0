"""Numbers in a user's text."""

from geo.input.refusal import GeometryRefused, excerpt

# The shortest text of a double has 24 at most; programs that write more write some zeros.
MOST_CHARACTERS = 40


def number(text: str) -> float:
    """The double of a decimal number, infinity where it is too large for one.

    Raises GeometryRefused for one of too many characters, ValueError for what is no number.
    """
    if len(text) > MOST_CHARACTERS:
        raise GeometryRefused(
            f"the number {excerpt(text)} has {len(text):,} characters, more than"
            f" {MOST_CHARACTERS}: round it, seven decimals of a degree are a centimetre."
        )
    return float(text)
