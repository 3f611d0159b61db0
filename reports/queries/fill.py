"""Periods in which nothing happened: `Meta.fill`.

Each combination of the other keys that occurs gets every period between the first and the last.
Combinations and periods stand in FROM, the groups are joined to them, and the order and windows are
over all of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Aggregate, BooleanField, Count, DateField, Expression, Func, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.sql.where import AND

from geo.backends.reads import UNREAD, Reads, unread_sql
from reports.errors import DeclarationError, TooManyPeriods
from reports.expressions.aggregates.statistics import FromGroup, Sum
from reports.expressions.base import OfGivenType
from reports.expressions.functional_dependency import Label
from reports.expressions.temporal.dates import CALENDAR, TruncBase
from reports.expressions.temporal.days import Days
from reports.queries.derived import DerivedColumn, select, sql_of
from reports.queries.separate import (
    NUMBER,
    ORDERS,
    GroupNumber,
    Joins,
    SeparatedQuery,
    SeparateTables,
    Unit,
    aggregates,
    is_constant,
    sources_of,
    units,
)
from reports.values.canonical import kind_of

MOST_FILLED = 10_000
# The column by which groups belong to their combination of other keys.
COMBINATION = "m"
MONTHS = {"year": 12, "quarter": 3, "month": 1}
DAYS = {"week": 7, "day": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """A key whose missing periods are added.

    alias        of the key in the statement
    kind         year, quarter, month, week or day
    first, last  days between which a filter keeps the rows, None where it does not
    """

    alias: str
    kind: str
    first: date | None = None
    last: date | None = None

    def periods(self, least: date | None, greatest: date | None) -> list[date]:
        """The first days of all periods from the filter's bounds, or else of the rows' own."""
        first, last = self.first or least, self.last or greatest
        return list(periods(first, last, self.kind)) if first and last else []


def kind_of_period(key: Any) -> str:
    """What period a resolved key is; raises DeclarationError for one that is not of days."""
    kind: str = getattr(key, "kind", "") if isinstance(key, TruncBase) else "day"
    if kind not in CALENDAR or type(key.output_field) is not DateField:
        raise DeclarationError(
            "Meta.fill takes keys that are days, weeks, months, quarters or years: a DateField, or"
            " TruncMonth and the like. Fill no shorter periods, and no other values."
        )
    return kind


def periods(first: date, last: date, kind: str) -> Iterator[date]:
    """The first days of the periods from the one that holds a day to the one that holds another."""
    at = beginning(first, kind)
    while at <= last:
        yield at
        try:
            at = _next(at, kind)
        except (ValueError, OverflowError):  # the calendar ends
            return


def beginning(day: date, kind: str) -> date:
    """The first day of the period that holds a day."""
    if kind in DAYS:
        return day - timedelta(days=day.weekday() if kind == "week" else 0)
    months = MONTHS[kind]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _next(at: date, kind: str) -> date:
    if kind in DAYS:
        return at + timedelta(days=DAYS[kind])
    months = at.year * 12 + at.month - 1 + MONTHS[kind]
    return date(months // 12, months % 12 + 1, 1)


def filled(
    queryset: QuerySet[Any],
    own: Joins,
    *,
    shown: Sequence[str],
    keys: Sequence[str],
    fills: Sequence[Fill],
) -> QuerySet[Any]:
    """A grouped queryset with the annotations `shown`, and a row for each missing period.

    Counts and sums of nothing are 0, other aggregates NULL. Executing it raises TooManyPeriods
    where more than MOST_FILLED rows are missing.
    """
    query = _FilledQuery(queryset.query, own, shown=shown, keys=keys, fills=fills).outer
    return QuerySet(model=queryset.model, query=query, using=queryset.db)


def _leaves(expression: Any) -> Iterator[Any]:
    """The aggregates that an expression is made of, one that has several within it whole."""
    if isinstance(expression, Label):
        return
    if isinstance(expression, Aggregate | FromGroup) and not expression.contains_over_clause:
        yield expression
        return
    for source in sources_of(expression):
        yield from _leaves(source)


class _FilledQuery(SeparatedQuery):
    """One query over combinations of keys, periods, and the groups that there are."""

    def __init__(
        self,
        query: Any,
        own: Joins,
        *,
        shown: Sequence[str],
        keys: Sequence[str],
        fills: Sequence[Fill],
    ) -> None:
        self._fills = fills
        self._periods = [query.annotations[each.alias] for each in fills]
        names = {each.alias for each in fills}
        self._others = [query.annotations[key] for key in keys if key not in names]
        self._combined: dict[str, Any] = {}
        parts = [
            unit
            for annotation in query.annotation_select.values()
            for leaf in _leaves(annotation)
            for unit in units(query, leaf, own)
        ]
        rows = [Unit(Count("*").resolve_expression(query), frozenset(), is_plain=True)]
        super().__init__(query, parts or rows, shown=shown, keys=keys)
        self.outer.where.add(_IsThere(self._alias, len(fills)), AND)

    def _moved(self, expression: Any) -> Any:
        for number, key in enumerate(self._periods):
            if expression == key:
                return DerivedColumn(periods_alias(self._alias, number), "p", key)
        if isinstance(expression, Label) or self._is_of_combination(expression):
            return self._of_combination(expression)
        if isinstance(expression, Coalesce):  # an aggregate's default stands for nothing
            first, *others = sources_of(expression)
            copy = expression.copy()
            copy.contains_aggregate = False
            moved = [super()._moved(first), *map(self._moved, others)]
            copy.set_source_expressions(moved)
            return copy
        moved = super()._moved(expression)
        if isinstance(expression, Count | Sum) and isinstance(moved, DerivedColumn):
            return _OrZero(moved, output_field=moved.output_field)
        return moved

    def _is_of_combination(self, expression: Any) -> bool:
        """Whether it is a value of the other keys, or one that depends on them."""
        return not (
            is_constant(expression)
            or any(aggregates(expression))
            or expression.contains_over_clause
            or isinstance(expression, ORDERS)
            or any(_holds(expression, key) for key in self._periods)
        )

    def _of_combination(self, expression: Any) -> Any:
        name = next((n for n, known in self._combined.items() if known == expression), None)
        if name is None:
            name = f"v{len(self._combined)}"
            self._combined[name] = expression
        return DerivedColumn(combinations_alias(self._alias), name, expression)

    def _from(self) -> SeparateTables:
        (needed, columns), *others = self._tables
        keys = {f"p{number}": key for number, key in enumerate(self._periods)}
        if self._others:
            keys[COMBINATION] = GroupNumber(*self._others, is_dense=True)
        queries = [self._grouped(needed, columns | keys)]
        queries += [self._grouped(needed, columns) for needed, columns in others]
        return _FilledTables(
            self._query.get_meta().db_table,
            self._alias,
            queries,
            groups=self._grouped(frozenset(), keys),
            combinations=self._combinations() if self._others else None,
            fills=self._fills,
        )

    def _combinations(self) -> Any:
        query = self._grouped(frozenset(), {})
        query.group_by = tuple(self._others)
        select(query, self._combined | {COMBINATION: GroupNumber(*self._others)})
        return query


def _holds(expression: Any, part: Any) -> bool:
    return expression == part or any(_holds(source, part) for source in sources_of(expression))


def periods_alias(alias: str, number: int) -> str:
    """The alias of the table of one key's periods."""
    return f"{alias}_p{number}"


def combinations_alias(alias: str) -> str:
    """The alias of the table of the other keys' combinations."""
    return f"{alias}_m"


class _FilledTables(SeparateTables):
    """Combinations and periods in FROM, and the groups that there are joined to them.

    groups        the query of the keys of all groups, for their bounds and their number
    combinations  the query of the other keys, None where there are none
    """

    def __init__(
        self,
        table_name: str,
        table_alias: Any,
        queries: Sequence[Any],
        *,
        groups: Any,
        combinations: Any,
        fills: Sequence[Fill],
    ) -> None:
        super().__init__(table_name, table_alias, queries, is_numbered=True)
        self.groups = groups
        self.combinations = combinations
        self.fills = fills

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        quote = connection.ops.quote_name
        tables, params, joined = [], [], []
        group = quote(self.table_alias)
        if self.combinations is not None:
            alias = quote(combinations_alias(self.table_alias))
            sql, some = sql_of(self.combinations, connection)
            tables.append(f"({sql}) {alias}")
            params += some
            joined.append(f"{group}.{quote(COMBINATION)} = {alias}.{quote(COMBINATION)}")
        found = connection.known(("periods", self), self._read)
        for number in range(len(self.fills)):
            alias = quote(periods_alias(self.table_alias, number))
            own, other = f"{group}.{quote(f'p{number}')}", f"{alias}.{quote('p')}"
            joined.append(f"({own} = {other} OR ({own} IS NULL AND {other} IS NULL))")
            if found is UNREAD:
                tables.append(f"(SELECT {unread_sql('the periods')} AS p) {alias}")
            else:
                listed, some = compiler.compile(Days(found[number]))
                tables.append(f"({listed}) {alias}")
                params += some
        sql, some = sql_of(self.query, connection)
        others, more = self.others_sql(connection, "LEFT JOIN")
        on = " AND ".join(joined)
        return (
            f"{' CROSS JOIN '.join(tables)} LEFT JOIN ({sql}) {group} ON {on}{others}",
            (*params, *some, *more),
        )

    def _read(self, reads: Reads) -> list[list[str | None]]:
        """The periods of each key, NULL among them where rows have none."""
        connection = reads.connection
        quote = connection.ops.quote_name
        asked = ["COUNT(*)", f"MAX({quote(COMBINATION)})" if self.combinations else "1"]
        for number in range(len(self.fills)):
            name = quote(f"p{number}")
            asked += [f"MIN({name})", f"MAX({name})", f"COUNT({name})"]
        compiler = self.groups.get_compiler(connection=connection, elide_empty=False)
        sql, params = compiler.executable_sql()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(asked)} FROM ({sql}) known", params)  # noqa: S608 -- compiled
            groups, combinations, *bounds = cursor.fetchone()
        day = kind_of(DateField()).value
        found: list[list[str | None]] = []
        rows = combinations or 0
        for number, fill in enumerate(self.fills):
            least, greatest, known = bounds[3 * number : 3 * number + 3]
            days = fill.periods(least and day(least), greatest and day(greatest))
            rows *= len(days)
            found.append([*map(date.isoformat, days), *([None] if known < groups else [])])
        if rows - groups > MOST_FILLED:
            raise TooManyPeriods(rows - groups, MOST_FILLED)
        return found


class _IsThere(OfGivenType, Expression):
    """Not a row that is filled in for the rows without a period."""

    conditional = True
    contains_aggregate = False
    contains_over_clause = False

    def __init__(self, alias: str, keys: int) -> None:
        super().__init__(output_field=BooleanField())
        self.alias = alias
        self.keys = keys

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        quote = connection.ops.quote_name
        present = [
            f"{quote(periods_alias(self.alias, number))}.{quote('p')} IS NOT NULL"
            for number in range(self.keys)
        ]
        group = f"{quote(self.alias)}.{quote(NUMBER)} IS NOT NULL"
        return f"({group} OR ({' AND '.join(present)}))", ()


class _OrZero(OfGivenType, Func):
    """A count or a sum, 0 where there is none."""

    arity = 1
    template = "COALESCE(%(expressions)s, 0)"
