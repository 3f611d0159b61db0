"""The rules that make databases agree, each as the tree would be without it.

Those of a vendor in an expression, and the settings of the sessions, tests/normalisers.py finds by
itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.servers import ROOT

EVERY = ("spatialite", "postgis", "mysql", "mariadb")
MYSQLS = ("mysql", "mariadb")
SPATIALITE, POSTGIS = ("spatialite",), ("postgis",)

CONFORMANCE = "tests/conformance/test_{}.py"
# Tests that notice.
SHOWN = (CONFORMANCE.format("numbers_shown"),)
PROOF = (
    *("tests/reports/test_proof.py", CONFORMANCE.format("numbers_shown")),
    *("-k", "not proof or hostile or choice or filter"),
)
KEYSET = ("tests/reports/test_keyset.py", "-k", "hostile")
QUERIES = ("tests/conformance/test_queries.py", "tests/conformance/test_lookups.py")
REFUSALS = ("tests/conformance/test_refusals.py", *QUERIES)
GROUPS = tuple(map(CONFORMANCE.format, ("aggregates", "comparison", "string_agg", "picks")))
WINDOWS = (CONFORMANCE.format("windows"),)
VALUES = ("tests/reports/test_canonical.py",)
SESSIONS = ("tests/geo/backends/test_session.py",)
CURSOR = (*SESSIONS, CONFORMANCE.format("cast"))
COLLATIONS = ("tests/geo/backends/test_collation.py", "-k", "not new_tables")
DRIVER = ("tests/geo/backends/test_driver.py",)
SNAPSHOTS = ("tests/reports/test_streaming.py",)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One file of the tree, with the text that it is to have; for any of `databases`.

    `first` are the arguments of the run of tests that is likely to notice.
    """

    name: str
    path: str
    text: str
    databases: tuple[str, ...]
    first: tuple[str, ...] = ()


# What is to be taken away, by name: the text that stands in the file once, and another for it.
type Rules = dict[str, tuple[str, str]]


def rules() -> Iterator[Mutant]:
    """The rules that hold for every vendor, or that an engine has, each taken back."""
    yield from _of_engine()
    yield from _of_portability()
    yield from _of_values()
    yield from _of_backends()


def of(
    path: str, first: tuple[str, ...], rules: Rules, databases: tuple[str, ...] = EVERY
) -> Iterator[Mutant]:
    """A mutant for each of the rules of a file; `first` as Mutant has it."""
    text = (ROOT / path).read_text()
    what = path.removesuffix(".py").removeprefix("reports/").removeprefix("geo/backends/")
    for name, (old, new) in rules.items():
        # Not from the middle of a word: what is left would be the name of nothing.
        found = re.findall(rf"(?:(?<!\w)|(?!\w)){re.escape(old)}", text)
        assert len(found) == text.count(old) == 1, f"{path} has changed: {name}"
        yield Mutant(f"{what}: {name}", path, text.replace(old, new), databases, first)


def _of_engine() -> Iterator[Mutant]:
    composition = "reports/queries/composition.py"
    statement, keyset = "reports/queries/statement.py", "reports/queries/keyset.py"
    yield from of(
        "reports/expressions/column_expression.py",
        PROOF,
        {
            "texts by code point": ("return CodePoint(found)", "return found"),
            "floats by 12 digits": ("return Significant(found, self.places)", "pass"),
        },
    )
    rule: Rules = {"the key ends the order": ("yield from map(Term, self._telling(used))", "pass")}
    yield from of(composition, PROOF, rule)
    rule = {
        "NULLs last by alias": (
            "super().__init__(F(alias), descending=descending, nulls_last=True)",
            "super().__init__(F(alias), descending=descending)",
        ),
        "NULLs last by value": (
            "super().__init__(expression, descending=descending, nulls_last=True)",
            "super().__init__(expression, descending=descending)",
        ),
    }
    yield from of("reports/expressions/order.py", PROOF, rule)
    yield from of(
        keyset,
        KEYSET,
        {
            "groups as rows of a table": (
                "return as_table(queryset, selected)",
                "return queryset",
            ),
            "cursors in the form that compares": (
                "comparable_value(self._composition.annotation(term.alias), value)",
                "value",
            ),
            "NULLs after every cursor": (
                'value_in_sql)) | Q((f"{name}__isnull", True))\n            later',
                "value_in_sql))\n            later",
            ),
        },
    )
    yield from of(
        statement,
        SHOWN,
        {
            "sort keys": (
                "if self.composition.needs_sort_key(term):\n            key",
                "if False:\n            key",
            ),
        },
        ("mariadb", "spatialite"),
    )
    rule = {
        "sort keys by value": (
            "if self.composition.needs_sort_key(term):\n            value",
            "if False:\n            value",
        )
    }
    yield from of(statement, ("tests/reports/test_fastcsv.py",), rule, ("mariadb",))
    rule = {"sort keys of cursors": ("for t in terms if needs_sort_key(t)", "for t in ()")}
    yield from of(keyset, SHOWN, rule, ("mariadb", "spatialite"))
    rule = {"decimals that are kept": ("self._refuse_inexact(field, name)", "pass")}
    yield from of(composition, ("tests/reports/test_report.py",), rule, SPATIALITE)


def _of_portability() -> Iterator[Mutant]:
    path = "reports/portability/rewrite.py"
    yield from of(
        path,
        QUERIES,
        {
            "lookups of text": ("portable_lookup(lookup)\n", "lookup\n"),
            "lookups of floats": ("    lhs = form(lookup.lhs)\n", "    lhs = lookup.lhs\n"),
            "the other side of lookups": ("[form(value) for value in values]", "values"),
            "keys of relations": ("    lookup = _of_key(lookup)\n", ""),
            "the order of sub-queries": (
                '    query.add_ordering(*terms, OrderBy(models.F("pk")))\n',
                "",
            ),
            "ties of sub-queries": ('*terms, OrderBy(models.F("pk"))', "*terms"),
            "keys of sub-queries": ("OrderBy(Comparable(declared)", "OrderBy(declared"),
            "NULLs last in sub-queries": (", nulls_last=True", ""),
            "filters": ('_of("filter()", query.where)', "query.where"),
            "texts of groups": (
                "if expression.contains_aggregate or not isinstance",
                "if True or not isinstance",
            ),
            "groups": ("else _told_apart(portable(key))", "else key"),
            "values of sub-queries": ("return _selecting(comparable, value)", "return value"),
        },
    )
    yield from of(
        path,
        SHOWN,
        {
            "places of literals": (
                "found: Expression = settled(value)",
                "found: Expression = value",
            ),
            "places of branches": (
                "case: expressions.Case = settled(expression)",
                "case = expression",
            ),
        },
    )
    rule: Rules = {"sort keys of lookups": ("SortKey(value) if by_key else ", "")}
    yield from of(path, QUERIES, rule, SPATIALITE)
    rule = {"typed dates": ("Literal(value.value, output_field=value.output_field)", "value")}
    yield from of(path, QUERIES, rule, MYSQLS)
    yield from of(
        path,
        REFUSALS,
        {
            "annotations": ('_of(f"annotation {alias!r}", annotation)', "annotation"),
            "what is not proven": ("if not _may_stand(expression)", "if False"),
            "branches of one kind": ("if len(found) > 1", "if False"),
            "lookups of one kind": ("    _demand_same_family(lookup, field)\n", ""),
            "slices in lookups": ("_refuse(lookup.rhs.is_sliced", "_refuse(False"),
            "one row for a value": ('query.group_by is None, "a sub-query', 'False, "a sub-query'),
            "random order": ('"?" in declared', "False"),
            "unions": ("query.combinator,", "None,"),
            "extra SQL": ("or query.extra_order_by or _has_extra(query.where)", ""),
        },
    )
    rule = {"distinct texts": ("    models.Count: _count,\n", "")}
    path = "reports/portability/substitutes.py"
    yield from of(path, ("tests/conformance/test_substitutes.py",), rule)


def _of_values() -> Iterator[Mutant]:
    yield from of(
        "reports/values/numbers.py",
        VALUES,
        {
            "zero has no sign": ("abs(rounded) if rounded == 0 else rounded", "rounded"),
            "half up": (
                "ROUND_HALF_UP, Context(prec=1000)",
                '"ROUND_HALF_EVEN", Context(prec=1000)',
            ),
            "12 digits": ("FLOAT_DIGITS.create_decimal_from_float(given)", "Exact(given)"),
        },
    )
    yield from of(
        "reports/values/temporal.py",
        VALUES,
        {
            "instants in UTC": ("else given.astimezone(UTC)", "else given"),
            "instants of the database": ("given.replace(tzinfo=UTC) if", "given if"),
            "dates": ("dt.date.fromisoformat(given) if isinstance(given, str) else given", "given"),
        },
    )
    rule: Rules = {"UUIDs": ("else uuid.UUID(given)", "else given")}
    yield from of("reports/values/texts.py", VALUES, rule)


def _of_backends() -> Iterator[Mutant]:
    folder = "geo/backends"
    yield from of(
        f"{folder}/mysql/cursor.py",
        CURSOR,
        {
            "cut values are errors": ("if code in REFUSED", "if False"),
            "1260": ("    1260: LARGER_PACKET,  # GROUP_CONCAT was truncated\n", ""),
            "1301": ("    1301: LARGER_PACKET,", "    0: LARGER_PACKET,"),
            "1264": ("    1264: ", "    0: "),
            "4202": ("    4202: ", "    0: "),
            "one row": ("        if row is None:\n            self._refuse_cut_texts()\n", ""),
            "many rows": ("        if not rows:\n            self._refuse_cut_texts()\n", ""),
            "all rows": (
                "self.cursor.fetchall()\n        self._refuse_cut_texts()\n",
                "self.cursor.fetchall()\n",
            ),
        },
        MYSQLS,
    )
    rule: Rules = {
        "warnings before the first row": (
            "result = base.CursorWrapper.execute(self, query, args)",
            "result = super().execute(query, args)",
        )
    }
    yield from of(f"{folder}/mysql/cursor.py", ("tests/authoring/test_found.py",), rule, ("mysql",))
    rule = {
        "groups of long values": (
            "    if group_by and is_mariadb",
            "    if False and is_mariadb",
        )
    }
    long = (CONFORMANCE.format("long_values"),)
    yield from of(f"{folder}/mysql/compiler.py", long, rule, ("mariadb",))
    rule = {"MariaDB's conditions": ("/*M! , {', '.join(MARIADB)} */", "")}
    yield from of(f"{folder}/mysql/base.py", SESSIONS, rule, ("mariadb",))
    yield from of(
        f"{folder}/mysql/operations.py",
        COLLATIONS,
        {
            "collation": ("COLLATE {self.code_point_collation}", ""),
            "character set": ("CONVERT({sql} USING utf8mb4)", "{sql}"),
        },
        MYSQLS,
    )
    rule = {"new tables": (" COLLATE {collation}", "")}
    yield from of(f"{folder}/mysql/schema.py", COLLATIONS, rule, MYSQLS)
    rule = {"exclusive or": ("supports_logical_xor = False", "supports_logical_xor = True")}
    yield from of(
        f"{folder}/mysql/features.py", ("tests/geo/backends/test_conditions.py",), rule, MYSQLS
    )
    yield from of(
        f"{folder}/mysql/base.py",
        SNAPSHOTS,
        {
            "repeatable read": (
                "ISOLATION LEVEL REPEATABLE READ",
                "ISOLATION LEVEL READ COMMITTED",
            ),
            "consistent snapshot": ("WITH CONSISTENT SNAPSHOT, READ", "READ"),
            "read only": ("CONSISTENT SNAPSHOT, READ ONLY", "CONSISTENT SNAPSHOT"),
        },
        MYSQLS,
    )
    yield from of(
        f"{folder}/postgis/operations.py",
        COLLATIONS,
        {"collation": (' COLLATE "C"', ""), "text": ("({sql})::text", "({sql})")},
        POSTGIS,
    )
    rule = {"new tables": ('field_db_params | {"collation": "C"}', "field_db_params")}
    yield from of(f"{folder}/postgis/schema.py", COLLATIONS, rule, POSTGIS)
    yield from of(
        f"{folder}/postgis/base.py",
        SNAPSHOTS,
        {
            "repeatable read": ("REPEATABLE READ READ ONLY", "READ COMMITTED READ ONLY"),
            "read only": ("REPEATABLE READ READ ONLY", "REPEATABLE READ"),
            "the first query": ('cursor.execute("SELECT 1")', "pass"),
        },
        POSTGIS,
    )
    rule = {"collation": (" COLLATE BINARY", "")}
    yield from of(f"{folder}/spatialite/operations.py", COLLATIONS, rule, SPATIALITE)
    yield from of(
        f"{folder}/spatialite/base.py",
        (*DRIVER, *SNAPSHOTS),
        {
            "mathematics": ("        register_functions(connection)\n", ""),
            "read only": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
            "one transaction": ('self.connection.execute("BEGIN DEFERRED")', "pass"),
            "the first query": ("SELECT count(*) FROM sqlite_schema", "SELECT 1"),
            "writers wait": ('self.transaction_mode = "IMMEDIATE"', "pass"),
            "waiting": ("{int(conn_params['timeout'] * 1000)}", "5000"),
            "renaming": ("legacy_alter_table = ON", "legacy_alter_table = OFF"),
        },
        SPATIALITE,
    )
