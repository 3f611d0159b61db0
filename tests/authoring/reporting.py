"""Reports over querysets: as an author declares them, and as Python answers them.

The rules are those of docs/reports.md: the queryset's rows are filtered, extended by the to-many
paths of keys, grouped; each aggregate extends a group's rows by its own to-many paths alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms

from reports import Column, Key, Report, filters
from tests.authoring.joins import Bound, Group, Joined, Joins, extended
from tests.authoring.language import Node
from tests.authoring.relation import Query, Relation
from tests.authoring.summaries import Aggregate
from tests.authoring.values import place, text


@dataclass(frozen=True, slots=True)
class Named(Node):
    """A foreign key, shown as a name and ordered and grouped by name and key."""

    path: str
    name: Any = None
    key: Any = None

    def orm(self) -> Any:
        return self.path

    def bind(self, joins: Joins, *, negated: bool = False) -> Any:
        return replace(self, name=joins.bound(f"{self.path}__name"), key=joins.bound(self.path))

    def value(self, group: Group) -> Any:
        return self.name.value(group)


@dataclass(frozen=True, slots=True)
class Declared:
    """A report: over which rows, grouped by what, and which columns.

    filters   a name of an annotation or a field, and the least value that is asked for
    ordering  ids, "-" before one for descending
    """

    query: Query
    columns: dict[str, Any]
    group_by: dict[str, Any] | None = None
    ordering: tuple[str, ...] = ()
    filters: dict[str, int] = field(default_factory=dict)
    places: int = 3

    def report(self) -> Report:
        """The report, as its author's module would make it."""
        names: dict[str, Any] = {
            "queryset": self.query.queryset(),
            "Meta": type("Meta", (), {"ordering": self.ordering, "permission": None}),
        }
        if self.group_by is not None:
            names["group_by"] = {
                name: node.orm() if isinstance(node, Named) else Key(node.orm())
                for name, node in self.group_by.items()
            }
        for name, node in self.columns.items():
            is_mean = getattr(node, "kind", "") == "Avg"
            names[name] = Column(node.orm(), places=self.places if is_mean else None)
        for number, path in enumerate(self.filters):
            names[f"least{number}"] = filters.Minimum(path, number=forms.IntegerField)
        return type("Probe", (Report,), names)()

    def values(self) -> dict[str, Any]:
        """The parameters that the report is asked with."""
        return {f"least{number}": least for number, least in enumerate(self.filters.values())}

    def answer(self) -> "Answer":
        """What the report has to answer, in plain Python."""
        relation = self.query.relation()
        names = {name: Bound(name) for name in relation.names}
        joins = Joins(relation.model, relation.joins, names, is_report=True)
        rows = self._filtered(relation, joins)
        keys = {name: node.bind(joins) for name, node in (self.group_by or {}).items()}
        columns = {name: node.bind(joins) for name, node in self.columns.items()}
        rows = extended(rows, joins.aliases[len(relation.joins) :])
        groups = self._groups(rows, keys)
        for group in groups:
            group.context = groups
        shown = keys | columns
        found = [
            (
                tuple(text(node.value(group), self.places) for node in shown.values()),
                tuple(self._order(shown, list(keys), group)),
            )
            for group in groups
        ]
        found.sort(key=lambda row: row[1])
        return Answer([row for row, _ in found], [order for _, order in found])

    def _filtered(self, relation: Relation, joins: Joins) -> list[Joined]:
        found = list(relation.rows)
        for path, least in self.filters.items():
            bound = joins.bound(path)
            values = [(row, bound.value(Group([row]))) for row in found]
            found = [row for row, value in values if value is not None and value >= least]
        return found

    def _groups(self, rows: Sequence[Joined], keys: dict[str, Any]) -> list[Group]:
        if self.group_by is None:
            if all(_is_summed(node) for node in self.columns.values()):
                return [Group(list(rows))]
            return [Group([row], tie=(row[0].pk,) if 0 in row else ()) for row in rows]
        found: dict[Any, list[Joined]] = {}
        for row in rows:
            key = tuple(_compared(node, Group([row])) for node in keys.values())
            found.setdefault(key, []).append(row)
        return [
            Group(members, tie=tuple(place(part) for part in _flat(key)))
            for key, members in found.items()
        ]

    def _order(self, shown: dict[str, Any], keys: list[str], group: Group) -> Any:
        declared = [(each.removeprefix("-"), each.startswith("-")) for each in self.ordering]
        names = [name for name, _ in declared]
        for name, descending in (*declared, *((key, False) for key in keys if key not in names)):
            for value in _flat((_compared(shown[name], group),)):
                yield place(value, descending)


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as canonical texts, and where each is in the declared order; level rows in any order."""

    rows: list[tuple[str, ...]]
    places: list[tuple[Any, ...]]

    def demand(self, found: Sequence[tuple[str, ...]]) -> None:
        """Demand the same rows, in an order that is this one."""
        assert sorted(found) == sorted(self.rows), f"{found!r}\nnot\n{self.rows!r}"
        first = 0
        while first < len(found):
            last = first
            while last < len(found) and self.places[last] == self.places[first]:
                last += 1
            wanted = self.rows[first:last]
            assert sorted(found[first:last]) == sorted(wanted), f"order: {found!r}\nnot {self.rows}"
            first = last


def _compared(node: Any, group: Group) -> Any:
    if isinstance(node, Named):
        return node.name.value(group), node.key.value(group)
    return node.value(group)


def _flat(values: tuple[Any, ...]) -> Any:
    for value in values:
        yield from value if isinstance(value, tuple) else (value,)


def _is_summed(node: Any) -> bool:
    return isinstance(node, Node) and node.has(Aggregate)
