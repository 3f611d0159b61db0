"""Every normaliser, each as the tree would be without it: what tests/mutate.py walks through.

A normaliser is a method or a template for one vendor in an expression, a setting of the sessions,
or one of tests/rules*.py: whatever makes databases agree.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.rules import CONFORMANCE, MYSQLS, POSTGIS, SESSIONS, SPATIALITE, Mutant, rules
from tests.rules_of_expressions import rules_of_expressions
from tests.rules_of_reports import rules_of_reports
from tests.rules_of_rows import rules_of_rows
from tests.rules_of_space import rules_of_space
from tests.servers import ROOT

EXPRESSIONS = ROOT / "reports/expressions"
LINES = ("tests/reports/test_fastcsv.py",)
VENDORS = {"postgresql": POSTGIS, "mysql": MYSQLS, "sqlite": SPATIALITE}
FOR_A_VENDOR = re.compile(r"(?:as|sql)_(postgresql|mysql|sqlite)")
# The tests that notice first, by the module of expressions; others by its own name.
FIRST = {
    "aggregates/general": ("string_agg", "comparison", "windows"),
    "aggregates/bitwise": ("picks",),
    "aggregates/boolean": ("picks",),
    "aggregates/ordered": ("picks",),
    "base": ("numbers_shown", "trees"),
    "client_side": ("measures", "gather"),
    "conversion/between_types": ("cast",),
    "conversion/cast": ("cast", "cast_text"),
    "conversion/from_text": ("cast_text",),
    "conversion/literals": ("comparison", "windows", "intervals"),
    "conversion/to_text": ("astext",),
    "functional_dependency": ("tests/authoring", "tests/reports/test_proof.py"),
    "json/paths": ("json",),
    "keyed_lookup": ("neighbours",),
    "numbers/floats": ("numbers", "numbers_shown"),
    "numbers/functions": ("numbers", "picks"),
    "order": ("queries",),
    "rounding": ("numbers_shown", "queries", "trees"),
    "spatial/aggregates": ("gather",),
    "spatial/joins": ("neighbours",),
    "spatial/points": ("space", "tests/geo/test_lookups_in_reports.py"),
    "temporal/days": ("tests/authoring/test_fill.py",),
    "temporal/intervals": ("intervals", "durations", "substitutes"),
    "temporal/local": ("months", "dates", "intervals"),
    "temporal/zones": ("dates",),
    "text/code_point": ("strings", "queries", "lookups", "tests/reports/test_kinds.py"),
    "text/functions": ("strings", "numbers_shown"),
    "windows/functions": ("windows",),
    "windows/window": ("windows",),
}

# Not normalisers: other SQL for the same answer, because the database is faster with it.
FASTER = frozenset(
    {
        *("ByAlias.as_mysql", "StartsWith.as_postgresql"),
        *("_CaseBlind.as_sqlite", "_Exceeds.as_sqlite"),
        "min_parallel_table_scan_size",
    }
)


def mutants() -> Iterator[Mutant]:
    """Every mutant there is."""
    yield from rules()
    yield from rules_of_expressions()
    yield from rules_of_reports()
    yield from rules_of_rows()
    yield from rules_of_space()
    for path in sorted(EXPRESSIONS.rglob("*.py")):
        module = str(path.relative_to(EXPRESSIONS).with_suffix(""))
        yield from _for_a_vendor(path, FIRST.get(module, (path.stem,)))
    yield from _for_a_vendor(ROOT / "reports/exports/fastcsv/encoding.py", LINES)
    yield from _settings("geo/backends/mysql/session.py", MYSQLS)
    yield from _settings("geo/backends/postgis/session.py", POSTGIS)


def _for_a_vendor(path: Path, stems: tuple[str, ...]) -> Iterator[Mutant]:
    """The module without one of its methods or templates for a vendor."""
    relative = str(path.relative_to(ROOT))
    files = (stem if "/" in stem else CONFORMANCE.format(stem) for stem in stems)
    first = tuple(file for file in files if (ROOT / file).exists())
    for cls in ast.walk(ast.parse(path.read_text())):
        for node in cls.body if isinstance(cls, ast.ClassDef) else ():
            for name in _given(node):
                match = FOR_A_VENDOR.fullmatch(name)
                if match and f"{cls.name}.{name}" not in FASTER:
                    text = _renamed(path, slice(node.lineno - 1, cls.end_lineno), name)
                    what = f"{relative} {cls.name}.{name}"
                    yield Mutant(what, relative, text, VENDORS[match[1]], first)


def _given(node: ast.stmt) -> list[str]:
    """The names that a statement gives to something."""
    match node:
        case ast.FunctionDef(name=name):
            return [name]
        case ast.Assign(targets=targets, value=value):
            is_nothing = isinstance(value, ast.Constant) and not value.value
            return [] if is_nothing else [t.id for t in targets if isinstance(t, ast.Name)]
    return []


def _renamed(path: Path, where: slice, name: str) -> str:
    """The module's text in which nobody finds what the first of these lines calls `name`.

    The others are the rest of the class, which may give the same thing another name as well.
    """
    lines = path.read_text().splitlines(keepends=True)
    first, *rest = lines[where]
    lines[where] = [
        re.sub(rf"\b{name}\b", f"{name}_gone", first, count=1),
        *(re.sub(rf"= {name}$", f"= {name}_gone", line) for line in rest),
    ]
    return "".join(lines)


def _settings(path: str, databases: tuple[str, ...]) -> Iterator[Mutant]:
    """The session without one of its settings."""
    lines = (ROOT / path).read_text().splitlines(keepends=True)
    assigned = [node for node in ast.parse("".join(lines)).body if isinstance(node, ast.Assign)]
    value: Any = assigned[-1].value
    ends = value.elts if isinstance(value, ast.Tuple) else value.values
    begins = value.elts if isinstance(value, ast.Tuple) else value.keys
    for begin, end in zip(begins, ends, strict=True):
        name = ast.literal_eval(begin).split("=")[0]
        text = "".join([*lines[: begin.lineno - 1], *lines[end.end_lineno :]])
        if name in FASTER:
            continue
        yield Mutant(f"session: {databases[0]} {name}", path, text, databases, SESSIONS)
