"""A report as a value: what the class syntax builds, and what can be built from data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.db.models.manager import BaseManager

from geo.backends.compat import RowSet
from reports.columns import Column, Key
from reports.filters import Filter
from reports.options import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDefinition:
    """All that a report declares. `reports.report.report_of` checks one and makes its report.

    slug      the name in addresses and on the command line
    queryset  whose rows the report filters, groups and counts; None for an abstract report
    columns   by id, in the order in which they are shown
    keys      what is grouped by, by id; none where each row is a row of the report
    filters   by name
    """

    slug: str
    queryset: RowSet | BaseManager[Any] | None
    title: Any = ""
    description: Any = ""
    columns: Mapping[str, Column] = field(default_factory=dict)
    keys: Mapping[str, Key] = field(default_factory=dict)
    filters: Mapping[str, Filter] = field(default_factory=dict)
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        for name in ("columns", "keys", "filters"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
