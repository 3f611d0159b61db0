"""The rules of expressions that keep databases alike, each taken back: for tests/normalisers.py."""

from collections.abc import Iterator

from tests.rules import (
    CONFORMANCE,
    GROUPS,
    MYSQLS,
    POSTGIS,
    QUERIES,
    SPATIALITE,
    WINDOWS,
    Mutant,
    Rules,
    of,
)


def rules_of_expressions() -> Iterator[Mutant]:
    """Of values compared, of the types that authors ask for, of calendars, of other columns."""
    yield from _of_forms()
    yield from _of_types()
    yield from _of_months()
    yield from _of_other_columns()


def _of_forms() -> Iterator[Mutant]:
    """The forms in which values compare, and the order of what is level."""
    folder = "reports/expressions"
    rule: Rules = {"typed decimals": ("Value(Decimal(value)) if", "value if")}
    yield from of(f"{folder}/rounding.py", (CONFORMANCE.format("computed"),), rule, SPATIALITE)
    rule = {
        "integers past their field's": ("        return Value(value)\n", "        return value\n")
    }
    yield from of(f"{folder}/rounding.py", QUERIES, rule)
    yield from of(
        f"{folder}/aggregates/general.py",
        GROUPS,
        {
            "different values": ("Comparable(expression) if distinct and", "expression if"),
            "least and greatest": (
                "super().__init__(CodePoint(expression), **extra)",
                "super().__init__(expression, **extra)",
            ),
            "keys": ("_NullsLast(Comparable(key.expression)", "_NullsLast(key.expression"),
            "NULL keys last": (", nulls_last=True", ""),
            "ties of texts": (
                "[*ordered(keys_of(order_by)), OrderBy(text)]",
                "ordered(keys_of(order_by))",
            ),
        },
    )
    yield from of(
        f"{folder}/aggregates/ordered.py",
        GROUPS,
        {
            "most frequent texts": (
                "super().__init__(CodePoint(expression), **extra)",
                "super().__init__(expression, **extra)",
            ),
            "ties of first": ("OrderBy(Comparable(expression), descending=self.reverse),", ""),
        },
    )
    yield from of(
        f"{folder}/json/lists.py",
        (CONFORMANCE.format("lists"),),
        {
            "values": ("value = Comparable(expression)", "value = expression"),
            "ties": ("[*ordered(keys_of(order_by)), OrderBy(value)]", "ordered(keys_of(order_by))"),
        },
    )
    yield from of(
        f"{folder}/windows/window.py",
        WINDOWS,
        {
            "partitions": (
                "Comparable(key) for key in compat.parsed",
                "key for key in compat.parsed",
            ),
            "keys": ("OrderBy(Comparable(key.expression)", "OrderBy(key.expression"),
            "NULL keys last": ("key.descending, nulls_last=True", "key.descending"),
            "ties": ("if by_rows:\n", "if False:\n"),
            "ties of groups": ("OrderBy(Comparable(F(name))", "OrderBy(F(name)"),
            "NULL ties last": ("F(name)), nulls_last=True", "F(name))"),
        },
    )
    yield from of(
        f"{folder}/windows/functions.py",
        WINDOWS,
        {
            "literals": (
                "super().__init__(CodePoint(expression), *options",
                "super().__init__(expression, *options",
            ),
        },
    )
    yield from of(
        f"{folder}/text/code_point.py",
        (CONFORMANCE.format("strings"), *QUERIES),
        {
            "texts by code point": (
                "wrapper_of(connection).ops.code_point_sql(sql), params",
                "sql, params",
            ),
            "operands by code point": (
                'operand if getattr(operand, "is_code_point", False) else CodePoint(operand)',
                "operand",
            ),
            "bounds of numbers": (
                "if isinstance(operand, _Bounded) else _Bounded(operand, least)",
                "",
            ),
        },
    )
    yield from of(
        f"{folder}/text/lookups.py",
        QUERIES,
        {
            "case of literals": ("needle.translate(LOWER)", "needle"),
            "case of texts": ("text if isinstance(text, Lower) else Lower(text)", "text"),
            "keys by code point": ("CodePoint(lhs, output_field=TextField())", "lhs"),
        },
    )
    yield from of(
        f"{folder}/comparison.py",
        GROUPS,
        {"texts": ("by_code_point(source).resolve_expression(query, **context) for", "source for")},
    )


def _of_types() -> Iterator[Mutant]:
    signatures = (CONFORMANCE.format("signatures"),)
    yield from of(
        "reports/expressions/base.py",
        signatures,
        {
            "the type that is asked for": ("of_type(found, self.wanted_field)", "found"),
            "a type that is asked for once": ("found.wanted_field = None  #", "pass  #"),
            "SQL of the author's": ('getattr(self, "extra", None)', "None"),
        },
    )
    rule: Rules = {
        "types of what is outside": (
            "if any(isinstance(part, OuterRef)",
            "if False and any(isinstance(part, OuterRef)",
        )
    }
    yield from of(
        "reports/expressions/base.py", (*QUERIES, "tests/authoring/test_annotations.py"), rule
    )
    yield from of(
        "reports/expressions/conversion/output_field.py",
        signatures,
        {
            "decimals rounded": ("found = Round(expression, places)", "return expression"),
            "decimals cut": ("found = IntegerDivision(expression, 1)", "found = Round(expression)"),
            "other types": (
                "have is want and (have in CONVERTED or",
                "True or (have in CONVERTED or",
            ),
        },
    )


def _of_months() -> Iterator[Mutant]:
    months = (CONFORMANCE.format("months"),)
    yield from of(
        "reports/expressions/temporal/intervals.py",
        months,
        {
            "months of local calendars": (
                "return instant(later, self.tzinfo)",
                "return MonthsLater(moment, self.months).resolve_expression()",
            ),
            "months first": (
                "super().__init__(_MonthsLater(expression, months, tzinfo) if months else",
                "super().__init__(_MonthsLater(expression, months, None) if months else",
            ),
            "a zone for months alone": ("if tzinfo is not None and not months:", "if False:"),
        },
    )
    yield from of(
        "reports/expressions/temporal/local.py",
        months,
        {
            "instants of what clocks show": ('sign = "-"', 'sign = "+"'),
        },
    )
    rule: Rules = {
        "offsets of what clocks show": (
            "return local_offsets(self.zone)",
            "return offsets(self.zone, None)",
        )
    }
    yield from of("reports/expressions/temporal/local.py", months, rule, (*POSTGIS, *MYSQLS))
    yield from of(
        "geo/backends/spatialite/functions/dates.py",
        months,
        {
            "months without the day": (
                "min(found.day, monthrange(year, month + 1)[1])",
                "min(found.day, 28)",
            ),
            "months beyond the years": (
                "if not MINYEAR <= year <= MAXYEAR:\n        return None",
                "if not MINYEAR <= year <= MAXYEAR:\n        return moment",
            ),
        },
        SPATIALITE,
    )


def _of_other_columns() -> Iterator[Mutant]:
    """What is made of another column of the same report."""
    yield from of(
        "reports/expressions/of_report.py",
        (CONFORMANCE.format("of_report"), "tests/authoring/test_of_report.py"),
        {
            "level rows one by one": ("frame=RowRange(None, 0),", ""),
            "keys end the order": ("yield from map(OrderBy, _terms(report, key))", "pass"),
            "what a key shows first": ("yield AnyValue(F(shows))", "pass"),
            "floats as they are shown": (
                "return Round(source, self.places or 0).resolve_expression()",
                "return source",
            ),
            "order by what is shown": ("return Significant(source, self.places)", "return source"),
            "totals of totals": ("if _has_window(column.expression):", "if False:"),
        },
    )
