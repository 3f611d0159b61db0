"""`Meta.fill`: rows for periods in which nothing happened.

Each combination of the other keys that occurs gets every period between the first and the last.
FROM has the combinations and the periods, the groups are joined to them, and orders and windows
apply to the result.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Aggregate,
    BooleanField,
    Count,
    DateField,
    Expression,
    Func,
    Model,
    QuerySet,
)
from django.db.models.expressions import BaseExpression
from django.db.models.functions import Coalesce
from django.db.models.sql import Query
from django.db.models.sql.where import AND

from geo.backends.compat import Compiler, Connection, Sql
from geo.backends.reads import UNREAD, Reads, unread_sql
from geo.backends.wrapper import wrapper_of
from reports.errors import DeclarationError, TooManyPeriods
from reports.expressions.aggregates.statistics import FromGroup, Sum
from reports.expressions.base import OfGivenType
from reports.expressions.functional_dependency import Label
from reports.expressions.temporal.dates import CALENDAR, TruncBase
from reports.expressions.temporal.days import Days
from reports.queries.derived import DerivedColumn, derived, select, sql_of
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
from reports.values.temporal import Date

MOST_FILLED = 10_000
# The column that joins groups to their combination of other keys.
COMBINATION = "m"
MONTHS = {"year": 12, "quarter": 3, "month": 1}
DAYS = {"week": 7, "day": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """A key whose missing periods are added.

    alias        of the key in the statement
    kind         year, quarter, month, week or day
    first, last  the first and last day that filters allow, None if they set no limit
    """

    alias: str
    kind: str
    first: date | None = None
    last: date | None = None

    def periods(self, least: date | None, greatest: date | None) -> list[date]:
        """Returns the first days of all periods between the filters' bounds or the rows' own."""
        first, last = self.first or least, self.last or greatest
        return list(periods(first, last, self.kind)) if first and last else []


def kind_of_period(key: BaseExpression) -> str:
    """Returns the kind of period of a resolved key. Raises DeclarationError if it has none."""
    kind: str = getattr(key, "kind", "") if isinstance(key, TruncBase) else "day"
    if kind not in CALENDAR or type(key.output_field) is not DateField:
        raise DeclarationError(
            "Meta.fill takes keys that are days, weeks, months, quarters or years: a DateField, or"
            " TruncMonth and the like. Fill no shorter periods, and no other values."
        )
    return kind


def periods(first: date, last: date, kind: str) -> Iterator[date]:
    """Yields the first days of the periods from that of day `first` to that of day `last`."""
    at = beginning(first, kind)
    while at <= last:
        yield at
        try:
            at = _next(at, kind)
        except (ValueError, OverflowError):  # the calendar ends
            return


def beginning(day: date, kind: str) -> date:
    """Returns the first day of the period that contains a day."""
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
    queryset: QuerySet[Model],
    own: Joins,
    *,
    shown: Sequence[str],
    keys: Sequence[str],
    fills: Sequence[Fill],
) -> QuerySet[Model]:
    """Returns a grouped queryset with the annotations `shown` and a row for each missing period.

    In added rows counts and sums are 0, and other aggregates NULL. Executing the query raises
    TooManyPeriods if more than MOST_FILLED rows would be added.
    """
    query = _FilledQuery(queryset.query, own, shown=shown, keys=keys, fills=fills).outer
    return QuerySet(model=queryset.model, query=query, using=queryset.db)


def _leaves(expression: BaseExpression) -> Iterator[BaseExpression]:
    """Yields the outermost aggregates within an expression."""
    if isinstance(expression, Label):
        return
    if isinstance(expression, Aggregate | FromGroup) and not expression.contains_over_clause:
        yield expression
        return
    for source in sources_of(expression):
        yield from _leaves(source)


class _FilledQuery(SeparatedQuery):
    """A query over combinations of keys and periods, joined to the existing groups."""

    def __init__(
        self,
        query: Query,
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
                return derived(periods_alias(self._alias, number), "p", key)
        if isinstance(expression, Label) or self._is_of_combination(expression):
            return self._of_combination(expression)
        if isinstance(expression, Coalesce):  # the default of an aggregate without rows
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

    def _is_of_combination(self, expression: BaseExpression) -> bool:
        """Whether an expression is one of the other keys, or depends on them."""
        return not (
            is_constant(expression)
            or any(aggregates(expression))
            or expression.contains_over_clause
            or isinstance(expression, ORDERS)
            or any(_holds(expression, key) for key in self._periods)
        )

    def _of_combination(self, expression: BaseExpression) -> BaseExpression:
        name = next((n for n, known in self._combined.items() if known == expression), None)
        if name is None:
            name = f"v{len(self._combined)}"
            self._combined[name] = expression
        return derived(combinations_alias(self._alias), name, expression)

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


def _holds(expression: BaseExpression, part: BaseExpression) -> bool:
    return expression == part or any(_holds(source, part) for source in sources_of(expression))


def periods_alias(alias: str, number: int) -> str:
    """Returns the alias of the table of one key's periods."""
    return f"{alias}_p{number}"


def combinations_alias(alias: str) -> str:
    """Returns the alias of the table of the other keys' combinations."""
    return f"{alias}_m"


class _FilledTables(SeparateTables):
    """Combinations and periods in FROM, joined to the existing groups.

    groups        the query of all groups' keys, for their bounds and their number
    combinations  the query of the other keys, None if there are none
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

    def as_sql(self, compiler: Compiler, connection: Connection) -> Sql:
        quote = connection.ops.quote_name
        tables, params, joined = list[str](), list[object](), list[str]()
        group = quote(self.table_alias)
        if self.combinations is not None:
            alias = quote(combinations_alias(self.table_alias))
            sql, some = sql_of(self.combinations, connection)
            tables.append(f"({sql}) {alias}")
            params += some
            joined.append(f"{group}.{quote(COMBINATION)} = {alias}.{quote(COMBINATION)}")
        found = wrapper_of(connection).known(("periods", self), self._read)
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
        """Returns the periods of each key, with NULL if there are rows without a period."""
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
        day = Date().value
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
    """Whether a row is an existing group or a complete set of periods."""

    conditional = True
    contains_aggregate = False
    contains_over_clause = False

    def __init__(self, alias: str, keys: int) -> None:
        super().__init__(output_field=BooleanField())
        self.alias = alias
        self.keys = keys

    def as_sql(self, compiler: Compiler, connection: Connection) -> Sql:
        quote = connection.ops.quote_name
        present = [
            f"{quote(periods_alias(self.alias, number))}.{quote('p')} IS NOT NULL"
            for number in range(self.keys)
        ]
        group = f"{quote(self.alias)}.{quote(NUMBER)} IS NOT NULL"
        return f"({group} OR ({' AND '.join(present)}))", ()


class _OrZero(OfGivenType, Func):
    """A count or a sum, 0 in added rows."""

    arity = 1
    template = "COALESCE(%(expressions)s, 0)"
