"""The totals of a report: a statement without keys over the same rows."""

from geo.backends.compat import Connection
from reports.expressions.of_report import in_report
from reports.queries.composition import Composition, as_whole
from reports.queries.result import Row
from reports.queries.separate import (
    has_total,
    is_aggregate,
    own_joins,
    separated,
    units_that_multiply,
)


class TotalsQuery:
    """The aggregates of a composition over all its rows.

    aliases  of each column, that of its total; None for one whose total has no meaning
    """

    def __init__(self, composition: Composition) -> None:
        report, rows = composition.report, composition.rows.queryset
        queryset = rows
        for number, key in enumerate(report.keys.values()):
            # Its joins are part of the rows that are grouped.
            queryset, _alias = composition.add(queryset, f"k{number}", key.expression, key)
        of_columns: dict[str, str] = {}
        for number, (name, column) in enumerate(report.columns.items()):
            expression = in_report(column.expression, report)
            found, alias = composition.add(queryset, f"c{number}", expression, column)
            if is_aggregate(found.query, [alias]) and has_total(found.query, alias):
                queryset = found
                of_columns[name] = alias
        self.aliases = [of_columns.get(column.id) for column in composition.columns]
        own = own_joins(rows.query, queryset.query)
        shown = [alias for alias in self.aliases if alias]
        queryset = as_whole(queryset).values_list(*shown)
        if parts := units_that_multiply(queryset.query, own):
            queryset = separated(queryset, parts, shown=shown, keys=()).values_list(*shown)
        self.queryset = queryset

    @property
    def has_any(self) -> bool:
        """Whether a column has a total."""
        return any(self.aliases)

    def row(self, connection: Connection) -> Row:
        """Ask the database; return a value for each column, None where it has no total."""
        if not self.has_any:
            return (None,) * len(self.aliases)
        compiler = self.queryset.query.get_compiler(connection=connection)
        (found,) = compiler.results_iter(tuple_expected=True)
        values = iter(found)
        return tuple(next(values) if alias else None for alias in self.aliases)
