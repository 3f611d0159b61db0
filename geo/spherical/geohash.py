"""Geohashes of places (G. Niemeyer, 2008): longitude and latitude halved in turn, 5 bits a letter.

https://en.wikipedia.org/wiki/Geohash
"""

from geo.spherical.sphere import Position

LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz"
BITS = 5
# As many letters as two floats of a place can tell.
LONGEST = 20


def geohash(place: Position, precision: int = LONGEST) -> str | None:
    """The first `precision` letters of a place's geohash; None for one off the map.

    A place on the line between two cells belongs to the eastern or northern one.
    """
    longitude, latitude = place
    if not (abs(longitude) <= 180 and abs(latitude) <= 90):
        return None
    ranges = [[-180.0, 180.0], [-90.0, 90.0]]
    number = 0
    for bit in range(precision * BITS):
        low, high = ranges[bit % 2]
        middle = (low + high) / 2
        is_beyond = place[bit % 2] >= middle
        ranges[bit % 2][0 if is_beyond else 1] = middle
        number = number << 1 | is_beyond
    return "".join(LETTERS[number >> BITS * letter & 31] for letter in reversed(range(precision)))
