"""Circles on the sphere, and boxes of meridians and parallels around them."""

import math
from dataclasses import dataclass

from geo.spherical.bbox import Box
from geo.spherical.sphere import EARTH_RADIUS

# Metres from a place to its antipode.
HALF_CIRCUMFERENCE = math.floor(math.pi * EARTH_RADIUS)
# Degrees that are added to a box, one metre: ten times the rounding errors of its computation where
# a circle almost touches a pole.
MARGIN = 1e-5


@dataclass(frozen=True, slots=True)
class Circle:
    """The places within `metres` of one, along great circles; degrees of longitude, latitude."""

    longitude: float
    latitude: float
    metres: float

    @property
    def boxes(self) -> list[Box]:
        """Boxes (west, south, east, north) which hold the circle: two across the antimeridian.

        A circle around a pole has every longitude. Otherwise its farthest meridian is asin(sin
        radius / cos latitude) away (J. P. Matuschek, Finding Points Within a Distance of a
        Latitude/Longitude Using Bounding Coordinates).
        """
        radius = math.degrees(self.metres / EARTH_RADIUS) + MARGIN
        south, north = self.latitude - radius, self.latitude + radius
        if south <= -90 or north >= 90:
            return [(-180.0, max(south, -90.0), 180.0, min(north, 90.0))]
        sine = math.sin(math.radians(radius)) / math.cos(math.radians(self.latitude))
        reach = math.degrees(math.asin(min(1.0, sine))) + MARGIN
        west, east = self.longitude - reach, self.longitude + reach
        if west < -180:
            return [(west + 360, south, 180.0, north), (-180.0, south, east, north)]
        if east > 180:
            return [(west, south, 180.0, north), (-180.0, south, east - 360, north)]
        return [(west, south, east, north)]
