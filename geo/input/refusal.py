"""The error for a user's geometry that cannot be accepted."""

from geo.errors import IsolineError

EXCERPT = 30


class GeometryRefused(IsolineError, ValueError):
    """A geometry is refused: one sentence of what is wrong, where, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence[:1].upper() + sentence[1:])


def excerpt(text: str) -> str:
    """Returns the beginning of a user's text, quoted and escaped."""
    begin = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text[:EXCERPT]
    )
    return f"“{begin}{'…' if len(text) > EXCERPT else ''}”"
