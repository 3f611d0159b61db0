"""The exact spatial predicates of MySQL and MariaDB: points with points, and envelopes.

Neither uses GEOS, and each goes wrong about the other pairs where boundaries meet.
"""

from geo.backends.predicates import POINTS, Predicates, Templates, same

NEAR = "MBRIntersects({a}, {b}) AND "


def _of_points(function: str) -> Templates:
    return same(function + "({a}, {b})", (POINTS, POINTS))


_POINTS = {
    "intersects": _of_points("ST_Intersects"),
    "contains": _of_points("ST_Contains"),
    "covers": _of_points("ST_Contains"),
    "touches": {},
    "crosses": {},
    "overlaps": _of_points("ST_Overlaps"),
    "equals": _of_points("ST_Equals"),
}
MYSQL = Predicates.of(
    {
        **_POINTS,
        # MBRContains wants an inside, which the envelope of a point or an upright line lacks.
        "bbcontains": same(NEAR + "MBRCovers({a}, {b})"),
        "contained": same(NEAR + "MBRCoveredBy({a}, {b})"),
        "bboverlaps": same("MBRIntersects({a}, {b})"),
    }
)
MARIADB = Predicates.of(
    {
        **_POINTS,
        # MBRWithin is not the converse of MBRContains, and a literal that contains a column is a
        # range that the optimizer takes for the whole table.
        "bbcontains": same("MBRContains({a}, {b})"),
        "contained": same(NEAR + "MBRContains({b}, {a}) = 1"),
        "bboverlaps": same("MBRIntersects({a}, {b})"),
    }
)
