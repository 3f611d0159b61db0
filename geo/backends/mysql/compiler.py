"""Compilers for MySQL and MariaDB that first read what the SQL depends on (../reads.py)."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from django.db.backends.mysql import compiler
from django.db.models import Aggregate, CharField, TextField
from django.db.models.expressions import Col
from django.db.models.sql.where import WhereNode

from geo.backends.compat import is_mariadb
from geo.backends.reads import ReadsFirst, UpdateReadsFirst

# How the types of columns begin whose values MariaDB keeps in their rows.
SHORT = (
    *("bool", "tinyint", "smallint", "int", "bigint", "numeric", "decimal", "double", "float"),
    *("varchar", "char", "uuid", "date", "time"),
)
TEXTS = (CharField, TextField)


class SQLCompiler(ReadsFirst, compiler.SQLCompiler):
    """Django's compiler, with additions for servers of both kinds.

    sorts   the partitions and orders of a statement's windows, by number (_Over of the reports)
    """

    having: WhereNode | None
    sorts: Mapping[Any, int] = MappingProxyType({})

    def pre_sql_setup(self, *args: Any, **kwargs: Any) -> Any:
        self.sorts = {}
        extra, order_by, group_by = super().pre_sql_setup(*args, **kwargs)
        # Groups without an order get ORDER BY NULL. MariaDB 11.8 then ignores HAVING if there is
        # also a window. Any other order avoids that.
        if self.having is not None and not order_by and self._has_window():
            first: Any = (None, ("1", (), False))
            order_by = [first]
        # Where MariaDB 11.8 reads groups from sorted rows, an aggregate in a sub-query gets one
        # row's value of a BLOB or TEXT column for all rows of its group. Groups by a key that may
        # differ between equal rows are not read so.
        if group_by and is_mariadb(self.connection) and self._aggregates_long_values(order_by):
            group_by = [*group_by, ("RAND() IS NULL", ())]
        return extra, order_by, group_by

    def _has_window(self) -> bool:
        annotations = self.query.annotation_select.values()
        return any(annotation.contains_over_clause for annotation in annotations)

    def _aggregates_long_values(self, order_by: Any) -> bool:
        """Whether a sub-query, or HAVING, may have an aggregate of long values."""
        compiled = [(each, sql) for each, (sql, *_), *_ in (*self.select, *order_by)]
        nested = [each for each, sql in compiled if "(SELECT " in sql]
        return any(
            isinstance(part, Aggregate) and any(map(self._is_long, _parts(part)))
            for each in (*nested, self.having)
            for part in _parts(each)
        )

    def _is_long(self, part: Any) -> bool:
        if isinstance(part, Col):
            return not str(part.target.db_type(self.connection)).startswith(SHORT)
        # A text that a derived table computes may have become a long one.
        is_column = getattr(part, "contains_column_references", False) and not _sources(part)
        return is_column and isinstance(part.output_field, TEXTS)


def _parts(expression: Any) -> Iterator[Any]:
    """Yields the expression and all its parts."""
    yield expression
    for source in _sources(expression):
        yield from _parts(source)


def _sources(expression: Any) -> list[Any]:
    return [each for each in getattr(expression, "get_source_expressions", list)() if each]


class SQLInsertCompiler(ReadsFirst, compiler.SQLInsertCompiler):
    pass


class SQLDeleteCompiler(ReadsFirst, compiler.SQLDeleteCompiler):
    pass


class SQLUpdateCompiler(UpdateReadsFirst, compiler.SQLUpdateCompiler):
    pass


class SQLAggregateCompiler(ReadsFirst, compiler.SQLAggregateCompiler):
    pass
