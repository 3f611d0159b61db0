"""Pages by keyset: the rows after a given one, found by its values in the order.

A cursor is the values of a row in the terms of the order, signed, so that nobody can ask for rows
after values that no page has shown.
"""

import json
from typing import Any, Protocol

from django.core import signing
from django.db.models import F, OrderBy, Q

from geo.backends.compat import RowSet
from reports.errors import ParameterError
from reports.expressions.rounding import SortKey, comparable_value
from reports.queries.composition import Composition, Term
from reports.queries.derived import as_table
from reports.queries.result import Row


class Ordered(Protocol):
    """A statement whose rows have a total order."""

    composition: Composition

    @property
    def selected(self) -> list[str]: ...

    def order_by(self, term: Term) -> OrderBy: ...


class Keyset:
    """The cursors of a statement's rows, and the rows after one."""

    def __init__(self, statement: Ordered) -> None:
        self._statement = statement
        self._composition = statement.composition

    @property
    def is_possible(self) -> bool:
        """Whether the order tells all rows apart that are not alike."""
        composition = self._composition
        return bool(composition.report.keys) or composition.is_whole or composition.has_reliable_key

    def cursor(self, row: Row) -> str:
        """Return a signed text for a row of the statement; "" where there are no cursors."""
        if not self.is_possible:
            return ""
        values = dict(zip(self._statement.selected, row, strict=True))
        return signing.dumps(
            [values[term.alias] for term in self._composition.terms],
            salt=self._salt,
            serializer=_ExactSerializer,
            compress=True,
        )

    def after(self, cursor: str) -> RowSet:
        """Return the rows after a cursor; raises ParameterError for one that is not ours."""
        try:
            if not self.is_possible:
                raise signing.BadSignature
            values = signing.loads(cursor, salt=self._salt, serializer=_ExactSerializer)
        except signing.BadSignature:
            raise ParameterError(
                {
                    "after": [
                        "This link to a later page is not valid for this report: start at the"
                        " first page."
                    ]
                }
            ) from None
        terms, needs_sort_key = self._composition.terms, self._composition.needs_sort_key
        keys = {t.compared: SortKey(F(t.alias)) for t in terms if needs_sort_key(t)}
        later, level = Q(), Q()
        for term, value in zip(terms, values, strict=True):
            name = term.compared if term.compared in keys else term.alias
            if value is None:  # NULLs are last: nothing comes after them
                level &= Q((f"{name}__isnull", True))
                continue
            value_in_sql = comparable_value(self._composition.annotation(term.alias), value)
            comparison = "lt" if term.descending else "gt"
            further = Q((f"{name}__{comparison}", value_in_sql)) | Q((f"{name}__isnull", True))
            later |= level & further
            level &= Q((name, value_in_sql))
        order = [self._statement.order_by(term) for term in terms]
        rows = self._rows.alias(**keys).filter(later) if later else self._rows.none()
        found: RowSet = rows.order_by(*order).values_list(*self._statement.selected)
        return found

    @property
    def _rows(self) -> RowSet:
        """The rows of the statement, of which a filter leaves some out and changes none."""
        queryset, selected = self._composition.queryset, self._statement.selected
        annotations = queryset.query.annotations
        if not any(
            annotations[alias].contains_aggregate or annotations[alias].contains_over_clause
            for alias in selected
        ):
            return queryset
        return as_table(queryset, selected)

    @property
    def _salt(self) -> str:
        # A report whose order was changed reads none of its old cursors.
        terms = self._composition.terms
        order = ",".join(f"{'-' * term.descending}{term.alias}" for term in terms)
        return f"isoline.after.{self._composition.report.slug}.{order}"


class _ExactSerializer:
    """The values of a cursor, exactly: decimals and dates as text, which SQL compares typed."""

    def dumps(self, values: list[Any]) -> bytes:
        return json.dumps(values, default=str, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)
