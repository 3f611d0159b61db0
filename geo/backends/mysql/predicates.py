"""The exact spatial predicates of MySQL and MariaDB.

Neither uses GEOS, and each is right about other pairs: what stands here was found by comparing
with GEOS (script/fuzz). A conjunction begins with the envelopes, for the sake of the index.
"""

from geo.backends.predicates import Predicates, same

POINTS, LINES, AREAS = range(3)
NEAR = "MBRIntersects({a}, {b}) AND "

# MySQL

# Nothing of b is outside a.
_WITHOUT = "ST_IsEmpty(ST_Difference({b}, {a}))"
_WITHOUT_CONVERSE = "ST_IsEmpty(ST_Difference({a}, {b}))"
# ST_Contains misses some areas that are equal but for where their rings begin.
_AREA_IN_AREA = "(ST_Contains({a}, {b}) OR ST_Equals(ST_Union({a}, {b}), {a}))"
_AREA_IN_AREA_CONVERSE = "(ST_Within({a}, {b}) OR ST_Equals(ST_Union({a}, {b}), {b}))"
_SHARED_DIMENSION = "ST_Intersects({a}, {b}) AND ST_Dimension(ST_Intersection({a}, {b}))"
_MYSQL_CONTAINS = {
    (POINTS, POINTS): "ST_Contains({a}, {b})",
    (LINES, POINTS): "ST_Contains({a}, {b})",
    (LINES, LINES): NEAR + _WITHOUT,
    (AREAS, POINTS): "ST_Contains({a}, {b})",
    (AREAS, AREAS): NEAR + _AREA_IN_AREA,
}
# What asks about the inside of a line is left out where the other side is no point: a line that
# runs back over its own end, lines of which one only touches, holes that touch the outer ring.
MYSQL = Predicates.of(
    "MySQL",
    {
        "intersects": same("ST_Intersects({a}, {b})"),
        "contains": _MYSQL_CONTAINS,
        "covers": _MYSQL_CONTAINS
        | same(NEAR + _WITHOUT, (LINES, POINTS), (AREAS, POINTS), (AREAS, LINES)),
        "touches": same(
            "ST_Touches({a}, {b})",
            *((POINTS, LINES), (LINES, POINTS), (POINTS, AREAS), (AREAS, POINTS)),
        )
        | same(f"{_SHARED_DIMENSION} < 2", (AREAS, AREAS)),
        # Where the left side has more dimensions, ST_Crosses is NULL.
        "crosses": same("ST_Crosses({a}, {b})", (POINTS, LINES), (POINTS, AREAS))
        | same(NEAR + "ST_Crosses({b}, {a})", (LINES, POINTS), (AREAS, POINTS)),
        "overlaps": {
            (POINTS, POINTS): "ST_Overlaps({a}, {b})",
            (LINES, LINES): f"{_SHARED_DIMENSION} = 1"
            f" AND NOT {_WITHOUT} AND NOT {_WITHOUT_CONVERSE}",
            (AREAS, AREAS): f"{_SHARED_DIMENSION} = 2"
            f" AND NOT {_AREA_IN_AREA} AND NOT {_AREA_IN_AREA_CONVERSE}",
        },
        "equals": {
            (POINTS, POINTS): "ST_Equals({a}, {b})",
            (LINES, LINES): NEAR + "ST_IsEmpty(ST_SymDifference({a}, {b}))",
            (AREAS, AREAS): "MBREquals({a}, {b}) AND ST_IsEmpty(ST_SymDifference({a}, {b}))",
        },
        # MBRContains wants an inside, which the envelope of a point or an upright line lacks.
        "bbcontains": same(NEAR + "MBRCovers({a}, {b})"),
        "contained": same(NEAR + "MBRCoveredBy({a}, {b})"),
        "bboverlaps": same("MBRIntersects({a}, {b})"),
    },
)

# MariaDB


def _has_length(line: str) -> str:
    # The length of what is no line is NULL, which is not to hide behind a NULL geometry.
    return f"COALESCE(ST_Length({line}), IF({{a}} IS NULL OR {{b}} IS NULL, NULL, 0)) > 0"


_LINE_COVERED = "ST_Intersects({a}, {b}) AND NOT " + _has_length("ST_Difference({b}, {a})")
# ST_Contains takes the boundary in.
_MARIADB_COVERS = same(
    "ST_Contains({a}, {b})",
    *((POINTS, POINTS), (LINES, POINTS), (AREAS, POINTS), (AREAS, AREAS)),
) | same(_LINE_COVERED, (LINES, LINES), (AREAS, LINES))
_INSIDES_MEET = "ST_Relate({a}, {b}, 'T********')"
# Lines are left out of touches and crosses, and contains of points, unless areas are the other
# side: the boundary of a line that runs back over its own end.
MARIADB = Predicates.of(
    "MariaDB",
    {
        "intersects": same("ST_Intersects({a}, {b})"),
        "covers": _MARIADB_COVERS,
        "contains": {
            (POINTS, POINTS): "ST_Contains({a}, {b})",
            (LINES, LINES): _LINE_COVERED,
            (AREAS, POINTS): f"ST_Contains({{a}}, {{b}}) AND {_INSIDES_MEET}",
            (AREAS, LINES): _LINE_COVERED
            + " AND "
            + _has_length("ST_Difference({b}, ST_Boundary({a}))"),
            (AREAS, AREAS): "ST_Contains({a}, {b})",
        },
        "touches": same("ST_Touches({a}, {b})", (POINTS, AREAS), (AREAS, POINTS), (AREAS, AREAS))
        | {
            (LINES, AREAS): "ST_Intersects({a}, {b})"
            " AND ST_Contains(ST_Boundary({b}), ST_Intersection({a}, {b}))",
            (AREAS, LINES): "ST_Intersects({a}, {b})"
            " AND ST_Contains(ST_Boundary({a}), ST_Intersection({a}, {b}))",
        },
        "crosses": {
            (POINTS, AREAS): NEAR + _INSIDES_MEET + " AND NOT ST_Within({a}, {b})",
            (AREAS, POINTS): NEAR + _INSIDES_MEET + " AND NOT ST_Contains({a}, {b})",
            (LINES, AREAS): NEAR
            + _has_length("ST_Difference({a}, {b})")
            + " AND "
            + _has_length("ST_Difference(ST_Intersection({a}, {b}), ST_Boundary({b}))"),
            (AREAS, LINES): NEAR
            + _has_length("ST_Difference({b}, {a})")
            + " AND "
            + _has_length("ST_Difference(ST_Intersection({a}, {b}), ST_Boundary({a}))"),
        },
        "overlaps": {
            (POINTS, POINTS): "ST_Overlaps({a}, {b})",
            (LINES, LINES): NEAR
            + " AND ".join(
                _has_length(line)
                for line in (
                    "ST_Intersection({a}, {b})",
                    "ST_Difference({a}, {b})",
                    "ST_Difference({b}, {a})",
                )
            ),
            (AREAS, AREAS): f"ST_Overlaps({{a}}, {{b}}) AND {_INSIDES_MEET}",
        },
        "equals": same("ST_Equals({a}, {b})", (POINTS, POINTS), (LINES, LINES), (AREAS, AREAS)),
        # MBRWithin is not the converse of MBRContains, and a literal that contains a column is a
        # range that the optimizer takes for the whole table.
        "bbcontains": same("MBRContains({a}, {b})"),
        "contained": same(NEAR + "MBRContains({b}, {a}) = 1"),
        "bboverlaps": same("MBRIntersects({a}, {b})"),
    },
)
