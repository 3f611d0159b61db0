"""Limits of a user's geometry."""

from dataclasses import dataclass

from geo.input.refusal import GeometryRefused
from geo.limits import in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of a user's geometry. The setting GEOMETRY_LIMITS, a dict, overrides them.

    bytes       of the text, as UTF-8
    depth       of nested brackets
    vertices    of all parts together
    overlaps    pairs of edges, and of rings, whose bounding boxes meet. They determine the time of
                the validity check, unlike the vertices (coasts and borders have 1.2 pairs a vertex;
                10,000 vertices that fan out from one have millions, and take seconds)
    """

    bytes: int = 512 * 1024
    depth: int = 8
    vertices: int = 10_000
    overlaps: int = 100_000


class Vertices:
    """Counts vertices up to a limit."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.count = 0

    def add(self, count: int) -> None:
        """Adds to the count. Raises GeometryRefused if the limit is exceeded."""
        self.count += count
        if self.count > self.most:
            raise GeometryRefused(
                f"the geometry has more than {self.most:,} vertices: simplify it, or use its"
                " parts one by one."
            )


def limits() -> Limits:
    """Returns the limits in force. Raises ImproperlyConfigured for an unknown name."""
    return in_force(Limits, "GEOMETRY_LIMITS")
