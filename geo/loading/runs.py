"""A run of a loader: one transaction, and a record by which the next run can do nothing."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from django.db import connections, models, transaction

from geo.errors import LoadError
from geo.loading import sources
from geo.loading.tables import Table
from geo.models import DataLoad


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """The result of a run: rows by table, remarks on the data, and whether it had to load."""

    counts: Mapping[str, int]
    remarks: tuple[str, ...]
    unchanged: bool


class Loader(ABC):
    """Loads the files of a folder into the tables of a database.

    `primary` names each file, and the table that has one row for each of its rows, if there is one;
    `tables` are all tables, those that others refer to first; `limited` is the file of which only
    the first `limit` rows are loaded. A subclass reads the files in `fill`.
    """

    # Incremented when the same file should give other rows.
    rules: ClassVar[int]
    primary: ClassVar[Mapping[str, type[models.Model] | None]]
    tables: ClassVar[tuple[type[models.Model], ...]]
    limited: ClassVar[str | None] = None

    def __init__(self, *, using: str, folder: Path, limit: int | None = None) -> None:
        self.using = using
        self.folder = folder
        self.limit = limit
        self._tables: dict[type[models.Model], Table] = {}
        self._rows: dict[str, int] = {}

    @abstractmethod
    def fill(self) -> list[str]:
        """Adds every row of the files to its table. Yields remarks."""

    @abstractmethod
    def observe(self) -> list[str]:
        """Yields remarks on the data in the tables."""

    def run(self, *, force: bool = False) -> LoadReport:
        """Updates the tables to match the files.

        Without `force`, files that were loaded before are skipped. Raises LoadError, and leaves the
        tables unchanged, if a file is damaged or cannot be read.
        """
        self._require_tables()
        digests = {name: sources.digest(self.folder / name) for name in self.primary}
        with transaction.atomic(using=self.using):
            unchanged = not force and self._is_loaded(digests)
            remarks = [] if unchanged else self._load(digests)
            remarks += self.observe()
            counts = {
                model._meta.label: model._base_manager.using(self.using).count()
                for model in self.tables
            }
        return LoadReport(counts=counts, remarks=tuple(remarks), unchanged=unchanged)

    def table(self, model: type[models.Model], *parents: Table) -> Table:
        """Returns a table to fill. Its rows refer to `parents`, which are written first."""
        table = self._tables[model] = Table(model, using=self.using, parents=parents)
        return table

    def rows(self, name: str, columns: tuple[str, ...]) -> Iterator[sources.Row]:
        """Yields the rows of a CSV file, counted for the record."""
        limit = self.limit if name == self.limited else None
        for number, row in enumerate(sources.rows(self.folder / name, columns, limit), 1):
            yield row
            self._rows[name] = number

    def features(self, name: str) -> Iterator[sources.Feature]:
        """Yields the features of a GeoJSON file, counted for the record."""
        for number, feature in enumerate(sources.features(self.folder / name), 1):
            yield feature
            self._rows[name] = number

    def _load(self, digests: Mapping[str, str]) -> list[str]:
        remarks = self.fill()
        for table in self._tables.values():
            table.flush()
        for model in reversed(self.tables):
            self._tables[model].prune()
        for name, sha256 in digests.items():
            DataLoad.objects.using(self.using).update_or_create(
                source=name,
                defaults={
                    "sha256": sha256,
                    "rules": self.rules,
                    "rows": self._rows.get(name, 0),
                    "limit": self.limit if name == self.limited else None,
                },
            )
        return remarks

    def _is_loaded(self, digests: Mapping[str, str]) -> bool:
        """Whether these very files were loaded and their tables still have as many rows."""
        loads = DataLoad.objects.using(self.using).in_bulk(list(digests))
        for name, sha256 in digests.items():
            limit = self.limit if name == self.limited else None
            match loads.get(name):
                case DataLoad(sha256=known, rules=self.rules, limit=past) as load if (
                    known == sha256 and past == limit
                ):
                    model = self.primary[name]
                    if model and model._base_manager.using(self.using).count() != load.rows:
                        return False
                case _:
                    return False
        return True

    def _require_tables(self) -> None:
        """Raises LoadError for a database that was not migrated."""
        present = set(connections[self.using].introspection.table_names())
        needed: tuple[type[models.Model], ...] = (DataLoad, *self.tables)
        missing = [model._meta.label for model in needed if model._meta.db_table not in present]
        if missing:
            raise LoadError(
                f"The database {self.using!r} has no table for {', '.join(missing)};"
                f" run `manage.py migrate --database {self.using}` first."
            )
