"""Compilers for MySQL and MariaDB that first read what the SQL depends on (../reads.py)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db.backends.mysql import compiler

from geo.backends.reads import ReadsFirst, UpdateReadsFirst


class SQLCompiler(ReadsFirst, compiler.SQLCompiler):
    """Django's compiler, with additions for servers of both kinds.

    sorts   the partitions and orders of a statement's windows, by number (_Over of the reports)
    """

    query: Any
    having: Any
    sorts: Mapping[Any, int] = MappingProxyType({})

    def pre_sql_setup(self, *args: Any, **kwargs: Any) -> Any:
        self.sorts = {}
        selected, order_by, group_by = super().pre_sql_setup(*args, **kwargs)
        # Groups without an order get ORDER BY NULL. MariaDB 11.8 then ignores HAVING if there is
        # also a window. Any other order avoids that.
        if self.having is not None and not order_by and self._has_window():
            first: Any = (None, ("1", (), False))
            order_by = [first]
        return selected, order_by, group_by

    def _has_window(self) -> bool:
        annotations = self.query.annotation_select.values()
        return any(annotation.contains_over_clause for annotation in annotations)


class SQLInsertCompiler(ReadsFirst, compiler.SQLInsertCompiler):
    pass


class SQLDeleteCompiler(ReadsFirst, compiler.SQLDeleteCompiler):
    pass


class SQLUpdateCompiler(UpdateReadsFirst, compiler.SQLUpdateCompiler):
    pass


class SQLAggregateCompiler(ReadsFirst, compiler.SQLAggregateCompiler):
    pass
