"""What a statement gives: its columns, its rows, and the row of totals."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from reports.values.base import AnyKind

type Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    """A column of a result: what it is called and how its values are read and written."""

    id: str
    label: str
    unit: str
    kind: AnyKind


class Totals(tuple[Any, ...]):
    """The row of totals, which follows the others."""


class Snapshots(Protocol):
    """Opens the snapshot of a database wrapper, and may end it from another thread."""

    def snapshot(self, database: Any) -> AbstractContextManager[Any]: ...
