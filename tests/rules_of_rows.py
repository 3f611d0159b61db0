"""What the rows of a report are and what bounds them, each rule taken back: for normalisers.py."""

from collections.abc import Iterator

from tests.rules import CONFORMANCE, Mutant, Rules, of

AUTHORING = ("tests/authoring",)


def rules_of_rows() -> Iterator[Mutant]:
    """Of rows and groups, of what aggregates are over, of periods, totals and exports."""
    yield from _of_rows()
    yield from _of_totals()
    yield from _of_exports()


def _of_rows() -> Iterator[Mutant]:
    yield from of(
        "reports/queries/composition.py",
        AUTHORING,
        {
            "columns that groups have one value of": (
                "self._demand_one_value(queryset, name, alias)",
                "pass",
            ),
            "labels that depend on their key": (
                "self._demand_label(queryset, name, key, label)",
                "pass",
            ),
            "one row for the whole": (
                "is_aggregate(self.queryset.query, self.shown)",
                "False",
            ),
            "aggregates apart": (
                "units_that_multiply(queryset.query, self.own_joins):\n            self",
                "():\n            self",
            ),
            "keys of joined tables": ("joined_keys(self.queryset.query, self.own_joins)", "()"),
            "views may repeat a key": ("if not self.has_reliable_key:", "if False:"),
        },
    )
    yield from of(
        "reports/queries/rows.py",
        AUTHORING,
        {
            "groups in a table": ("query.group_by is not None\n        or", "False\n        or"),
            "distinct rows in a table": ("or query.distinct\n", "or False\n"),
            "filters on windows": ("query.where.contains_over_clause", "False"),
            "windows in a table": (
                "any(each.contains_over_clause for each in query.annotations.values())",
                "False",
            ),
            "no order by a reversed queryset": ("query.standard_ordering = True", "pass"),
            "joined rows in a table": ("yield from joined_keys(query, many_tables(query))", "pass"),
            "orders that tell rows apart": ("    if ordered or many_tables", "    if many_tables"),
            "orders that repeat rows": (
                "if ordered or many_tables(with_order) != many_tables(query)",
                "if ordered",
            ),
            "what aggregates are compared with": (
                "if having is not None else ()",
                "if False else ()",
            ),
        },
    )
    yield from of(
        "reports/queries/derived.py",
        (*AUTHORING, CONFORMANCE.format("measures")),
        {
            "tables of no rows": (
                "connection=connection, elide_empty=False).as_sql()",
                "connection=connection).as_sql()",
            ),
            "the whole of no rows": (
                "super().get_compiler(using, connection, elide_empty=False)",
                "super().get_compiler(using, connection)",
            ),
            "fields that values() leaves": ("if opts is self.get_meta():", "if False:"),
            "no key of a derived table": (
                "compat.keep_group_by(compiler)",
                "pass",
            ),
            "values of a derived table": (
                "DerivedValue(column, source) if isinstance(source, ClientSideExpression) else",
                "",
            ),
            "joins that rows have": (
                'if columns := self.joined.get(within or ""):',
                "if columns := ():",
            ),
            "a group by constants": ("query.group_by += (OneGroup(),)", "pass"),
            "names of ours": ("while name.casefold() in taken:", "while False:"),
            "names without case": ("while name.casefold() in taken:", "while name in taken:"),
        },
    )
    yield from of(
        "reports/queries/separate.py",
        AUTHORING,
        {
            "what duplicates change": (
                "unit.is_plain and unit.joins != every",
                "unit.joins != every and False",
            ),
            "joins of others": ("query.alias_refcount[alias] = 0", "pass"),
            "constants among keys": ("if not is_constant(key)]", "]"),
        },
    )
    yield from of(
        "reports/expressions/base.py",
        AUTHORING,
        {
            "what an expression is equal by": (
                "return (*above.identity, *self.get_source_expressions())",
                "return tuple(above.identity)",
            ),
            "groups by what windows are made of": ("if not self.contains_over_clause:", "if True:"),
        },
    )
    yield from of(
        "reports/expressions/joins.py",
        AUTHORING,
        {
            "rows in order behind joins": (
                "[*keys, *joined_keys(query, many_tables(query))]",
                "keys",
            ),
        },
    )
    yield from of(
        "reports/queries/fill.py",
        ("tests/authoring/test_fill.py",),
        {
            "zeros": ("return _OrZero(moved, output_field=moved.output_field)", "return moved"),
            "rows without a period": (
                "self.outer.where.add(_IsThere(self._alias, len(fills)), AND)",
                "pass",
            ),
            "periods between bounds": (
                "self.first or least, self.last or greatest",
                "least, greatest",
            ),
            "rows without a period stay": ("*([None] if known < groups else [])", ""),
            "a limit": ("if rows - groups > MOST_FILLED:", "if False:"),
        },
    )


def _of_totals() -> Iterator[Mutant]:
    totals = ("tests/authoring/test_totals.py",)
    yield from of(
        "reports/queries/totals.py",
        totals,
        {
            "totals that have a meaning": (" and has_total(found.query, alias)", ""),
            "totals apart": ("units_that_multiply(queryset.query, own):", "():"),
        },
    )
    yield from of(
        "reports/queries/composition.py",
        ("tests/authoring/test_fill.py",),
        {
            "the bounds of filters": (
                "isinstance(filter_, DateRange) and source",
                "False and source",
            )
        },
    )


def _of_exports() -> Iterator[Mutant]:
    """The loops of an export, none of which runs without its limits."""
    yield from of(
        "reports/exports/pipeline.py",
        ("tests/reports/test_export_loops.py",),
        {
            "rows that are limited": (
                'self._refuse("rows", self.rows + 1, self._limits.rows)',
                "pass",
            ),
            "rows of lines that are limited": (
                'self._refuse("rows", self.rows, self._limits.rows)',
                "pass",
            ),
            "bytes that are limited": (
                'self._refuse("bytes", self.size, self._limits.bytes)',
                "pass",
            ),
        },
    )
    # Of its tests, the one that reads no row.
    waiting = ("tests/reports/test_limits.py", "-k", "waits_for_no_database")
    rule: Rules = {"time in a loop": ("        watch.raise_reason()\n", "")}
    yield from of("reports/exports/pipeline.py", waiting, rule)
