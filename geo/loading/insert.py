"""Multi-row INSERT statements for tables of plain columns.

`bulk_create` prepares every value of every row through half a dozen calls, which is most of the
time of loading a million rows. The values here are already typed, so only dates, times and decimals
need the database's own form. The statement is the one that `bulk_create` would send.
"""

from collections.abc import Callable, Iterable
from itertools import batched, chain
from operator import attrgetter
from typing import Any

from django.db import connections, models
from django.db.models.constants import OnConflict

# Columns whose typed values every driver accepts.
PLAIN = (models.CharField, models.IntegerField, models.ForeignKey)


class BulkInsert:
    """Writes instances of a model without geometry. Can replace rows with the same key."""

    def __init__(
        self, model: type[models.Model], *, using: str, batch: int, replacing: bool
    ) -> None:
        self._connection = connections[using]
        fields = model._meta.concrete_fields
        self._values = attrgetter(*(field.attname for field in fields))
        self._prepare: list[tuple[int, Callable[[Any], Any]]] = [
            (position, self._preparation(field))
            for position, field in enumerate(fields)
            if not isinstance(field, PLAIN)
        ]
        self._batch = min(batch, self._connection.ops.bulk_batch_size(fields, range(batch)))
        self._head, self._tail = self._statement(model, replacing)
        self._row = f"({', '.join(['%s'] * len(fields))})"

    def write(self, rows: Iterable[models.Model]) -> None:
        with self._connection.cursor() as cursor:
            for batch in batched(rows, self._batch):
                places = ", ".join([self._row] * len(batch))
                cursor.execute(
                    f"{self._head} VALUES {places} {self._tail}",
                    list(chain.from_iterable(map(self._prepared, batch))),
                )

    def _prepared(self, row: models.Model) -> list[Any]:
        values = list(self._values(row))
        for position, prepare in self._prepare:
            if values[position] is not None:
                values[position] = prepare(values[position])
        return values

    def _preparation(self, field: "models.Field[Any, Any]") -> Callable[[Any], Any]:
        return lambda value: field.get_db_prep_save(value, self._connection)

    def _statement(self, model: type[models.Model], replacing: bool) -> tuple[str, str]:
        """Returns the SQL before and after the rows."""
        operations = self._connection.ops
        fields = model._meta.concrete_fields
        on_conflict = OnConflict.UPDATE if replacing else None
        columns = ", ".join(operations.quote_name(str(field.column)) for field in fields)
        table = operations.quote_name(model._meta.db_table)
        tail = operations.on_conflict_suffix_sql(
            fields,
            on_conflict,
            [field.column for field in fields if not field.primary_key],
            [model._meta.pk.column],
        )
        return f"{operations.insert_statement(on_conflict)} {table} ({columns})", tail
