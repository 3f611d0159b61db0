"""How much of a geometry is taken."""

from dataclasses import dataclass

from geo.input.refusal import GeometryRefused
from geo.limits import in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a geometry of a user may be at most; the setting GEOMETRY_LIMITS, a dict, has others.

    bytes       of the text, as UTF-8
    depth       brackets within brackets
    vertices    of all parts together
    overlaps    pairs of edges, and of rings, whose bounding boxes meet: what bounds the time of
                the validity check, which the vertices do not (coasts and borders have 1.2 pairs a
                vertex; 10,000 vertices that fan out from one have millions, and take seconds)
    """

    bytes: int = 512 * 1024
    depth: int = 8
    vertices: int = 10_000
    overlaps: int = 100_000


class Vertices:
    """How many have been read, of so many at most."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.count = 0

    def add(self, count: int) -> None:
        """Count some more. Raises GeometryRefused where they are too many."""
        self.count += count
        if self.count > self.most:
            raise GeometryRefused(
                f"the geometry has more than {self.most:,} vertices: simplify it, or take its"
                " parts one by one."
            )


def limits() -> Limits:
    """The limits in force. Raises ImproperlyConfigured for a name that is none."""
    return in_force(Limits, "GEOMETRY_LIMITS")
