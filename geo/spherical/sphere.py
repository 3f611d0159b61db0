"""Distances, great circles and areas on a sphere, in plain Python.

Every place is a pair (longitude, latitude) in degrees; lengths are metres, areas square metres. The
functions are pure, so the results are the same with every database.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

type Position = tuple[float, float]
type Vector = tuple[float, float, float]
type Ring = Sequence[Sequence[float]]
type Polygon = Sequence[Ring]

# Metres: the mean radius R1 = (2a + b) / 3 of the WGS 84 ellipsoid, with a = 6378137 and
# b = 6356752.314245179 (H. Moritz, Geodetic Reference System 1980, J. of Geodesy 74, 2000).
EARTH_RADIUS = 6371008.7714150598
# Metres between two points of a densified great circle.
STEP = 100_000.0
# Radians within which two places count as the same or as antipodes: 64 centimetres.
TOLERANCE = 1e-7
# Radians in half a degree.
HALF_DEGREE = math.pi / 360
# Radians below which there is no direction from one to the other: 64 nanometres.
NOWHERE = 1e-14


def unit_vector(place: Position) -> Vector:
    """Returns a place as a unit vector from the centre."""
    longitude, latitude = math.radians(place[0]), math.radians(place[1])
    around = math.cos(latitude)
    return around * math.cos(longitude), around * math.sin(longitude), math.sin(latitude)


def central_angle(start: Position, end: Position) -> float:
    """Returns the angle between two places seen from the centre, in radians, 0 to pi.

    It uses the haversines of the angle and of its supplement. Each is exact where it is small,
    which makes the angle exact for neighbours and for antipodes (R. W. Sinnott, Virtues of the
    Haversine, Sky & Telescope 68, 1984).
    """
    near, far = _haversines(start, end)
    return 2 * math.atan2(math.sqrt(near), math.sqrt(far))


def _haversines(start: Position, end: Position) -> tuple[float, float]:
    """Returns the haversines of the angle between two places and of its supplement."""
    (x1, y1), (x2, y2) = start, end
    apart, between = math.sin((y2 - y1) * HALF_DEGREE), math.sin((x2 - x1) * HALF_DEGREE)
    together, around = math.sin((y2 + y1) * HALF_DEGREE), math.cos((x2 - x1) * HALF_DEGREE)
    cosines = math.cos(math.radians(y1)) * math.cos(math.radians(y2))
    near = apart * apart + cosines * (between * between)
    far = together * together + cosines * (around * around)
    return near, far


def distance(start: Position, end: Position) -> float:
    """Returns metres along the great circle between two places.

    The SQL of the expression Distance has the same operations, so that a place which Python finds
    near is one that a database finds near.
    """
    return EARTH_RADIUS * central_angle(start, end)


def length(line: Sequence[Position]) -> float:
    """Returns metres along the great circles between a line's vertices."""
    return math.fsum(distance(start, end) for start, end in pairwise(line))


def azimuth(start: Position, end: Position) -> float | None:
    """Degrees clockwise from north, 0 to 360, in which `end` lies from `start` by a great circle.

    At a pole north is along the meridian that `start` names. None for one place and for antipodes,
    to which every direction leads. ("Course between points" of E. Williams' Aviation Formulary.)
    """
    if min(_haversines(start, end)) < (NOWHERE / 2) ** 2:
        return None
    phi1, phi2 = math.radians(start[1]), math.radians(end[1])
    lambda_ = math.radians(end[0] - start[0])
    east = math.sin(lambda_) * math.cos(phi2)
    # cos phi1 sin phi2 - sin phi1 cos phi2 cos lambda, without the difference of near numbers.
    north = math.sin(phi2 - phi1) + 2 * math.sin(phi1) * math.cos(phi2) * math.sin(lambda_ / 2) ** 2
    degrees = math.degrees(math.atan2(east, north))
    return (degrees + 360) % 360 if degrees < 0 else abs(degrees)


def great_circle(start: Position, end: Position, step: float = STEP) -> list[Position]:
    """The great circle from start to end as points at most `step` metres apart.

    The points divide it into equal parts; the first and last are `start` and `end` themselves,
    the longitudes between lie within -180 and 180. The formula is "Intermediate points on a
    great circle" of E. Williams' Aviation Formulary.

    Raises ValueError for a single place and for antipodes, between which no great circle is the
    shortest.
    """
    angle = central_angle(start, end)
    if angle < TOLERANCE:
        raise ValueError(f"A great circle needs two places; {start} and {end} are one.")
    if math.pi - angle < TOLERANCE:
        raise ValueError(f"{start} and {end} are antipodes: any great circle joins them.")
    parts = math.ceil(angle * EARTH_RADIUS / step)
    between = [_intermediate(start, end, angle, part / parts) for part in range(1, parts)]
    return [start, *between, end]


def _intermediate(start: Position, end: Position, angle: float, fraction: float) -> Position:
    a = math.sin((1 - fraction) * angle) / math.sin(angle)
    b = math.sin(fraction * angle) / math.sin(angle)
    x, y, z = (
        a * one + b * other for one, other in zip(unit_vector(start), unit_vector(end), strict=True)
    )
    return math.degrees(math.atan2(y, x)), math.degrees(math.atan2(z, math.hypot(x, y)))


def cut_at_antimeridian(points: Sequence[Position]) -> list[list[Position]]:
    """A line as the pieces that lie between the meridians -180 and 180.

    `points` are neighbours along great circles less than a half circle apart. Where two of them
    lie on either side of the antimeridian, both pieces end on it, at the latitude of the great
    circle there (RFC 7946, section 3.1.9). Where they lie on either side of a pole, the line is
    led along the edge of the map through the pole.
    """
    pieces = [[points[0]]]
    for point in points[1:]:
        here, there = pieces[-1][-1], point
        if abs(there[0] - here[0]) > 180 and abs(there[0]) == 180:
            # -180 and 180 are one meridian: stay on this side of it.
            there = (math.copysign(180.0, here[0]), there[1])
        if abs(there[0] - here[0]) > 180:
            _cross(pieces, here, there)
        elif abs(there[0] - here[0]) == 180:
            pole = math.copysign(90.0, here[1] + there[1])
            pieces[-1] += [(here[0], pole), (there[0], pole)]
        pieces[-1].append(there)
    return pieces


def _cross(pieces: list[list[Position]], here: Position, there: Position) -> None:
    """Ends the last piece on the antimeridian and begins the next one on its other side."""
    side = math.copysign(180.0, here[0])
    if abs(here[0]) == 180:
        if len(pieces[-1]) == 1:
            pieces.pop()
        pieces.append([(-side, here[1])])
        return
    latitude = _latitude_at(side, here, there)
    pieces[-1].append((side, latitude))
    pieces.append([(-side, latitude)])


def _latitude_at(longitude: float, start: Position, end: Position) -> float:
    """Where the great circle through two places meets a meridian, degrees of latitude.

    "Latitude of point on GC" of E. Williams' Aviation Formulary.
    """
    lambda1, phi1 = math.radians(start[0]), math.radians(start[1])
    lambda2, phi2 = math.radians(end[0]), math.radians(end[1])
    meridian = math.radians(longitude)
    return math.degrees(
        math.atan(
            (
                math.tan(phi1) * math.sin(lambda2 - meridian)
                + math.tan(phi2) * math.sin(meridian - lambda1)
            )
            / math.sin(lambda2 - lambda1)
        )
    )


def ring_area(ring: Ring) -> float:
    """Square metres within a closed ring whose edges are straight in longitude and latitude.

    Those are the edges GeoJSON means (RFC 7946, section 3.1.1) and the planar predicates of the
    databases see: the 49th parallel stays a parallel. By Green's theorem the area is
    R^2 |integral of sin(latitude) d(longitude)| around the ring (R. G. Chamberlain and
    W. H. Duquette, Some Algorithms for Polygons on a Sphere, JPL Publication 07-03, 2007); along
    a straight edge the mean of sin(latitude) is sin(middle) * sin(half) / half, `half` being half
    the difference of the latitudes, so that no approximation is made.
    """
    terms = []
    for (lambda1, phi1, *_), (lambda2, phi2, *_) in pairwise(ring):
        half = math.radians(phi2 - phi1) / 2
        mean = math.sin(math.radians(phi1 + phi2) / 2) * (math.sin(half) / half if half else 1.0)
        terms.append(math.radians(lambda2 - lambda1) * mean)
    return EARTH_RADIUS**2 * abs(math.fsum(terms))


def area(polygons: Iterable[Polygon]) -> float:
    """Square metres of polygons, each an outer ring followed by its holes; see `ring_area`."""
    return math.fsum(
        -ring_area(ring) if hole else ring_area(ring)
        for polygon in polygons
        for hole, ring in enumerate(polygon)
    )
