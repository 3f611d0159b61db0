"""Writes rows of a file into a table in bulk, and deletes rows that the file no longer has."""

from collections.abc import Callable, Iterable
from itertools import batched
from typing import Any

from django.db import DatabaseError, connections, models

from geo.errors import LoadError
from geo.loading.insert import BulkInsert
from geo.loading.sources import Place

# Rows of one statement. Even the longest stay far below 16 MB, the smallest default of
# max_allowed_packet.
BATCH = 2000
# The same for rows with lines or polygons, each up to half a megabyte of text.
GEOMETRY_BATCH = 20

type Check = Callable[[Any], str | None]


class Table:
    """Collects a model's rows and writes them in batches.

    Rows are checked against the columns as they come, so that the error names the file's line on
    every database. `prune` deletes the table's rows that no row of the file replaced.
    """

    def __init__(
        self, model: type[models.Model], *, using: str, parents: Iterable["Table"] = ()
    ) -> None:
        self.model = model
        self.count = 0
        self._using = using
        self._parents = tuple(parents)
        self._manager = model._base_manager.using(using)
        fields = model._meta.concrete_fields
        self._checks = [(field.attname, check) for field in fields if (check := _check(field))]
        self._unique = [(field.attname, set[Any]()) for field in fields if field.unique]
        self._rows: list[models.Model] = []
        self._stale: set[Any] = set(self._manager.values_list("pk", flat=True))
        self._replacing = bool(self._stale)
        geometries = {getattr(field, "geom_type", None) for field in fields} - {None}
        self._batch = BATCH if geometries <= {"POINT"} else GEOMETRY_BATCH
        self._insert = (
            None
            if geometries
            else BulkInsert(model, using=using, batch=BATCH, replacing=self._replacing)
        )
        self._first: Place | None = None
        self._last: Place | None = None
        if self._replacing:
            self._free_unique_values()

    def add(self, row: models.Model, place: Place) -> None:
        """Adds a row. Raises LoadError if it does not fit the table or is a duplicate."""
        for name, check in self._checks:
            if (value := row.__dict__[name]) is not None and (fault := check(value)):
                raise place.error(f"{name} is {str(value)[:80]!r}, but {fault}")
        for name, seen in self._unique:
            if (value := row.__dict__[name]) is None:
                continue
            if value in seen:
                raise place.error(f"{name} is {value!r}, which is in the file twice")
            seen.add(value)
        self._stale.discard(row.pk)
        self._rows.append(row)
        self._first = self._first or place
        self._last = place
        if len(self._rows) >= self._batch:
            self.flush()

    def flush(self) -> None:
        """Writes the collected rows, after those that they refer to."""
        for parent in self._parents:
            parent.flush()
        if not self._rows:
            return
        try:
            if self._insert:
                self._insert.write(self._rows)
            else:
                self._manager.bulk_create(self._rows, **self._conflicts())
        except DatabaseError as error:
            raise LoadError(
                f"{self._first} to {self._last}: the database refused these rows of"
                f" {self.model._meta.label} ({error}). Nothing was changed."
            ) from error
        self.count += len(self._rows)
        # With DEBUG on, Django keeps every statement with all its values.
        connections[self._using].queries_log.clear()
        self._rows.clear()
        self._first = None

    def prune(self) -> None:
        """Deletes the rows that the file no longer has."""
        for keys in batched(sorted(self._stale), BATCH):
            try:
                self._manager.filter(pk__in=keys).delete()
            except models.ProtectedError as error:
                raise LoadError(
                    f"{self.model._meta.label}: rows that are no longer in the file are still in"
                    f" use ({error.args[0]}); load the files that refer to them first."
                    " Nothing was changed."
                ) from error

    def _conflicts(self) -> dict[str, Any]:
        """Returns how bulk_create treats existing rows."""
        if not self._replacing:
            return {}
        others = [field.name for field in self.model._meta.concrete_fields if not field.primary_key]
        conflicts: dict[str, Any] = {"update_conflicts": True, "update_fields": others}
        if connections[self._using].features.supports_update_conflicts_with_target:
            conflicts["unique_fields"] = ["pk"]
        return conflicts

    def _free_unique_values(self) -> None:
        """Empties nullable unique columns: a code may have moved to another row."""
        for field in self.model._meta.concrete_fields:
            if field.unique and field.null:
                self._manager.exclude(**{field.attname: None}).update(**{field.attname: None})


def _check(field: "models.Field[Any, Any]") -> Check | None:
    """Returns a function that checks a column's values and returns the fault or None."""
    match field:
        case models.ForeignKey():
            return None
        case models.CharField(max_length=int(longest)):
            return _text_check(longest)
        case models.IntegerField():
            return _range_check(*_RANGES[field.get_internal_type()])
        case models.DecimalField():
            most = 10 ** (field.max_digits - field.decimal_places)
            return _range_check(-most + 1, most - 1)
        case _:
            return None


# The range of each of Django's integer types that all databases support.
_RANGES = {
    "SmallIntegerField": (-(2**15), 2**15 - 1),
    "IntegerField": (-(2**31), 2**31 - 1),
    "BigIntegerField": (-(2**63), 2**63 - 1),
}


def _text_check(longest: int) -> Check:
    def fault(value: str) -> str | None:
        if len(value) > longest:
            return f"at most {longest} characters fit"
        if "\0" in value:
            return "a NUL character cannot be stored"
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            return "half a surrogate pair cannot be stored"
        return None

    return fault


def _range_check(least: int, most: int) -> Check:
    def fault(value: Any) -> str | None:
        return None if least <= value <= most else f"{least} to {most} fit"

    return fault
