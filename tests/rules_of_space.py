"""The rules of space that keep databases alike, each taken back: for tests/normalisers.py."""

from collections.abc import Iterator

from tests.rules import CONFORMANCE, POSTGIS, SPATIALITE, Mutant, Rules, of

PREDICATES = ("tests/geo/backends/test_predicates.py",)
GEOMETRIES = (
    *("tests/geo/test_wkt.py", "tests/geo/test_geojson.py", "tests/reports/test_geometries.py"),
    "tests/reports/test_geojson_format.py",
)


def rules_of_space() -> Iterator[Mutant]:
    """Of predicates, geometries that are shown, client-side expressions, and spatial joins."""
    yield from _of_predicates()
    yield from _of_geometries()
    yield from _of_client_side_expressions()
    yield from _of_joins()


def _of_geometries() -> Iterator[Mutant]:
    for path, rules in _RULES_OF_GEOMETRIES.items():
        yield from of(path, GEOMETRIES, rules)


_RULES_OF_GEOMETRIES: dict[str, Rules] = {
    "geo/formats/coordinates.py": {
        "zero has no sign": (
            "(round(x, places) + 0.0, round(y, places) + 0.0)",
            "(round(x, places), round(y, places))",
        ),
        "no trailing zeros": ('text.rstrip("0").rstrip(".") if places else text', "text"),
        "collections by dimension": (
            "sorted(singles, key=lambda single: SINGLES.index(single.kind))",
            "singles",
        ),
    },
    "geo/formats/geojson.py": {
        "winding": ("ring if _is_clockwise(ring) == (place > 0) else ring[::-1]", "ring"),
        "cut at the antimeridian": ("shape(within_the_map(geometry, places)", "shape(geometry"),
    },
    "reports/values/numbers.py": {
        "decimals that a float keeps": ("<= EXACT_DIGITS", "<= 99"),
    },
    "reports/expressions/spatial/placement.py": {
        "one geometry a group": (
            "if is_grouped and not expression.contains_aggregate:",
            "if False:",
        ),
        "one geometry a row": ("and not _is_of_row(query, expression)", "and False"),
        "made geometries": ("if is_portable and not isinstance(expression, Col)", "if False"),
        "no order of geometries": ("    if is_geometry(expression):", "    if False:"),
    },
}


def _of_client_side_expressions() -> Iterator[Mutant]:
    measures, gathered, shown = map(CONFORMANCE.format, ("measures", "gather", "shown"))
    rule: Rules = {"client side": ("if isinstance(found, ClientSideExpression):", "if False:")}
    yield from of("reports/expressions/column_expression.py", (measures,), rule)
    rule = {"client-side values are read once": ('"is_client_side", False', '"is_nothing", False')}
    yield from of("geo/backends/converters.py", (measures,), rule)
    yield from of(
        "reports/expressions/spatial/aggregates.py",
        (gathered,),
        {
            "the order of what is gathered": ("digits = sorted(", "digits = list("),
            "ties of points": (", OrderBy(CodePoint(packed))]", "]"),
        },
    )
    yield from of(
        "reports/portability/client_side.py",
        (shown,),
        {
            "what is filtered": ('refuse(child, "filtered by")', "pass"),
            "what is within": ('refuse(source, "part of an aggregate or of another', 'str("'),
            "what a sub-query selects": ("if not is_report:", "if False:"),
        },
    )


def _of_predicates() -> Iterator[Mutant]:
    folder = "geo/backends"
    yield from of(
        f"{folder}/refine.py",
        ("tests/geo/backends/test_refine.py", *PREDICATES),
        {
            "converse": (
                "return _holds(CONVERSES[predicate], b, a)",
                "return _holds(CONVERSES[predicate], a, b)",
            ),
            "inside is not touching": (
                "                if is_of_inside:",
                "                if True:",
            ),
            "what is undecided": ("if side is None:", "if False:"),
            "boxes that meet": ("other.box[2] >= west", "other.box[2] > west"),
            "unknown": ('return f"({sql} OR {never})", params', "return sql, params"),
            "too many candidates": ("if self._candidates > self._limits.candidates:", "if False:"),
            "too many keys": ("if len(keys) > self._limits.keys:", "if False:"),
        },
    )
    yield from of(
        f"{folder}/compat.py",
        ("tests/geo/backends/test_refine.py",),
        {
            "the same connection": (
                "queryset.query.get_compiler(connection=connection)",
                'queryset.query.get_compiler("default")',
            )
        },
    )
    yield from of(
        f"{folder}/keys.py",
        ("tests/geo/backends/test_refine.py",),
        {"pairs": ("CONCAT({self.length_function}({first}), ' ', ", "CONCAT(")},
    )
    yield from of(
        f"{folder}/predicates.py",
        PREDICATES,
        {"lines and areas": ("if POINTS in pair)", "if True)")},
        POSTGIS,
    )
    yield from of(
        f"{folder}/postgis/predicates.py",
        PREDICATES,
        {
            "boxes in 32 bits": ("COARSE, GREATEST = 2**-20, 1e37", "COARSE, GREATEST = 0, 1e37"),
            "points at an edge": ('decided = f"{nobody} OR', 'decided = f"TRUE OR'),
        },
        POSTGIS,
    )
    yield from of(
        "geo/spherical/bbox.py",
        ("tests/geo/test_bbox.py",),
        {
            "the widest gap": ("if west - reach > gap:", "if True:"),
            "a gap that is worth it": ("if gap < GAP", "if False"),
            "how far parts reach": ("reach = max(reach, east)", "reach = east"),
        },
    )
    yield from of(
        "geo/spherical/point_in_polygon.py",
        ("tests/geo/test_point_in_polygon.py",),
        {
            "rounding": ("HIGHER, WIDER = 0.01, 1e-12", "HIGHER, WIDER = 0, 0"),
            "numbers that are too large": ("if greatest > GREATEST or", "if"),
        },
    )


def _of_joins() -> Iterator[Mutant]:
    neighbours = (CONFORMANCE.format("neighbours"),)
    folder = "geo/backends"
    yield from of(
        "reports/expressions/spatial/joins.py",
        neighbours,
        {
            "the nearest to the millimetre": (
                "round(distance(a.position, b.position) * 1000)",
                "0",
            ),
            "no own neighbour": ("besides=own.get(place.key)", "besides=None"),
            "the least key of areas": (
                ", key=lambda row: row[0])",
                ", key=lambda row: -row[1].area)",
            ),
        },
    )
    yield from of(
        "reports/expressions/keyed_lookup.py",
        (*neighbours, "tests/geo/backends/test_reads.py"),
        {
            "a limit for all of a statement": (
                "reads.sent += found.size",
                "reads.sent = found.size",
            ),
            "rows that are explained": ("rows.query.explain_info = None", "pass"),
            "rows of a condition": ("or where.contains_aggregate", ""),
        },
    )
    yield from of(
        f"{folder}/reads.py",
        ("tests/geo/backends/test_reads.py",),
        {
            "read before, not while": (
                "UNREAD if self.reads is None else",
                "read(None) if self.reads is None else",
            ),
            "answers once": ("if question in self._known:", "if False:"),
            "whom nested reads ask": (
                "self.connection.reads = outer",
                "self.connection.reads = None",
            ),
        },
    )
    yield from of(
        f"{folder}/spatialite/base.py",
        ("tests/geo/backends/test_reads.py",),
        {"answers of what runs": ("self._params = params", "pass")},
        SPATIALITE,
    )
    yield from of(
        "geo/spherical/antimeridian.py",
        ("tests/reports/test_filters_antimeridian.py",),
        {
            "no edge where it was cut": ("if not cut:", "if True:"),
            "the edge on the other side": ("if not any(least <= south", "if any(least <= south"),
        },
    )
    yield from of(
        "reports/expressions/spatial/distance.py",
        ("tests/reports/test_filters_space.py",),
        {
            "the very distance": ("WHEN 0 THEN {3}", "WHEN 0 THEN TRUE"),
            "what a cosine cannot tell": (
                "MARGIN, SLACK = 1e-9, 2e-14",
                "MARGIN, SLACK = 0, 1e-17",
            ),
            "a circle that is too small": (
                "if inside == self.count or",
                "if len(near) == self.count or",
            ),
        },
    )
    yield from of(
        "reports/expressions/spatial/distance.py",
        ("tests/reports/test_filters_space.py",),
        {"the very distance, by comparisons": ("{0} > {1} AND {3})", "{0} > {1})")},
        SPATIALITE,
    )
