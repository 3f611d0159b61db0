"""Querysets as steps, which Django takes one after another and Python evaluates as a whole.

`Query.queryset()` is what an author writes, `Query.relation()` the rows that iterating it yields.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, QuerySet

from tests.authoring.joins import Bound, Group, Join, Joined, Joins, everything, extended
from tests.authoring.language import Both, Node, Not
from tests.authoring.summaries import Aggregate, Among


@dataclass(frozen=True, slots=True)
class Filter:
    """`filter(condition)`, or `exclude(condition)`."""

    condition: Node
    exclude: bool = False


@dataclass(frozen=True, slots=True)
class Annotate:
    """`annotate(name=node)`, or `alias(name=node)`."""

    name: str
    node: Node
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Values:
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Distinct:
    pass


@dataclass(frozen=True, slots=True)
class Quiet:
    """A method that changes no object: only, defer, select_related, prefetch_related, order_by.

    Django groups by what it orders by, and tells distinct rows apart by it.
    """

    method: str
    names: tuple[str, ...]


Step = Filter | Annotate | Values | Distinct | Quiet


@dataclass(frozen=True, slots=True)
class Query:
    """A model's objects, and what is asked of them, step by step."""

    model: type[Model]
    steps: tuple[Step, ...] = ()

    def queryset(self) -> QuerySet[Any, Any]:
        """Returns a new queryset."""
        found: QuerySet[Any, Any] = self.model._default_manager.all()
        for step in self.steps:
            match step:
                case Filter(condition, exclude):
                    found = (found.exclude if exclude else found.filter)(condition.orm())
                case Annotate(name, node, hidden):
                    found = (found.alias if hidden else found.annotate)(**{name: node.orm()})
                case Values(names):
                    found = found.values(*names)
                case Distinct():
                    found = found.distinct()
                case Quiet(method, names):
                    found = getattr(found, method)(*names)
        return found

    def relation(self) -> "Relation":
        """The rows, in no order."""
        reading = _Reading(self.model)
        for step in self.steps:
            reading.take(step)
        return reading.relation()


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows: joined objects by the number of their join, and values by name.

    model     what join 0 is; None where only the names are left
    joins     what a row has besides; a path over one of them means its object
    names     annotations and selected values
    selected  what Django yields of a row, by name
    is_keyed  whether it yields objects, not dictionaries
    """

    model: type[Model] | None
    joins: tuple[Join, ...]
    names: tuple[str, ...]
    selected: tuple[str, ...]
    rows: Sequence[Joined]
    is_keyed: bool

    def yielded(self) -> list[tuple[Any, ...]]:
        """The rows as Django yields them: the object's key, if it does, and the selected values."""
        return [
            (*((row[0].pk,) if self.is_keyed else ()), *(row[name] for name in self.selected))
            for row in self.rows
        ]


@dataclass(slots=True)
class _Reading:
    """A queryset being read, step by step, as Django's Query is built."""

    model: type[Model]
    where: list[Node] = field(default_factory=list)
    having: list[Node] = field(default_factory=list)
    qualify: list[Node] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    order: tuple[str, ...] | None = None
    ordered: list[Any] = field(default_factory=list)
    values: tuple[str, ...] | None = None
    keys: tuple[str, ...] | None = None  # the values that stood before the first aggregate
    is_grouped: bool = False
    is_distinct: bool = False
    joins: Any = None

    def __post_init__(self) -> None:
        self.joins = Joins(self.model, names=self.names)

    def take(self, step: Step) -> None:
        match step:
            case Filter(condition, exclude):
                self._filter(Not(condition) if exclude else condition)
            case Annotate(name, node, hidden):
                self._annotate(name, node, hidden)
            case Values(names):
                self.values = names
            case Distinct():
                self.is_distinct = True
            case Quiet("order_by", names):
                self.order = names

    def _filter(self, condition: Node) -> None:
        self.joins.reuse = set()
        bound = condition.bind(self.joins)
        self.joins.reuse = None
        for part in bound.parts if isinstance(bound, Both) else (bound,):
            if part.has(Among):
                self.qualify.append(part)
            elif part.has(Aggregate):
                self.having.append(part)
            else:
                self.where.append(part)

    def _annotate(self, name: str, node: Node, hidden: bool) -> None:
        bound = node.bind(self.joins)
        self.names[name] = bound
        if hidden:
            self.hidden.add(name)
        elif self.values is not None:
            self.values = (*self.values, name)
        if isinstance(bound, Node) and bound.has(Aggregate) and not self.is_grouped:
            self.is_grouped = True
            if self.values is not None:
                self.keys = tuple(each for each in self.values if each != name)

    def _ordered(self) -> Iterator[Any]:
        """What the order tells rows apart by, and joins."""
        declared = self.order
        if declared is None:  # a Meta's is left out where rows are grouped
            is_left_out = self.is_grouped and not self.is_distinct
            declared = () if is_left_out else self.model._meta.ordering
        for name in declared:
            found = self._named(name.removeprefix("-"))
            if not isinstance(found, Node) or not (found.has(Aggregate) or found.has(Among)):
                yield found

    def relation(self) -> Relation:
        self.ordered = list(self._ordered())
        groups = self._groups()
        for condition in self.having:
            groups = [each for each in groups if condition.value(each) is True]
        for each in groups:
            each.context = groups
        groups = [g for g in groups if all(c.value(g) is True for c in self.qualify)]
        names = dict.fromkeys((*(self.names if self.keys is None else ()), *self._selected()))
        rows = [
            self._objects(group) | {name: self._named(name).value(group) for name in names}
            for group in groups
        ]
        order = [tuple(each.value(group) for each in self.ordered) for group in groups]
        return self._distinct(rows, order, tuple(names))

    def _groups(self) -> list[Group]:
        rows = extended([{0: each} for each in everything(self.model)], self.joins.aliases)
        rows = [r for r in rows if all(c.value(Group([r])) is True for c in self.where)]
        if not self.is_grouped:
            return [Group([row], tie=(row[0].pk,)) for row in rows]
        found: dict[Any, list[Joined]] = {}
        by = list(self._grouped_by())
        for row in rows:
            key = tuple(each.value(Group([row])) for each in by)
            found.setdefault(key, []).append(row)
        return [
            Group(members, tie=tuple((v is None, v) for v in key) if self.keys else key[:1])
            for key, members in found.items()
        ]

    def _grouped_by(self) -> Any:
        """What GROUP BY has: the keys, or the object, and every other thing that is not summed."""
        if self.keys is None:
            yield Bound(0, ("pk",))
        for name in self._selected() if self.keys is not None else set(self.names) - self.hidden:
            node = self._named(name)
            if not isinstance(node, Node) or (not node.has(Aggregate) and not node.has(Among)):
                yield node
            else:
                yield from (leaf for leaf in node.leaves() if isinstance(leaf, Bound))
        for condition in (*self.having, *self.qualify):
            yield from (leaf for leaf in condition.leaves() if isinstance(leaf, Bound))
        yield from self.ordered

    def _named(self, name: str) -> Any:
        return self.joins.bound(name)

    def _selected(self) -> tuple[str, ...]:
        if self.values is not None:
            return self.values
        return tuple(name for name in self.names if name not in self.hidden)

    def _objects(self, group: Group) -> Joined:
        if self.keys is not None:
            return {}
        if self.is_grouped:
            return {0: group.first[0]}
        return dict(group.first)

    def _distinct(self, rows: list[Joined], order: list[Any], names: tuple[str, ...]) -> Relation:
        model = None if self.keys is not None else self.model
        joins = () if self.is_grouped else tuple(self.joins.aliases)
        selected = self._selected()
        is_keyed = self.values is None
        if self.is_distinct:
            if not is_keyed:
                model, names = None, selected
                rows = [{name: row[name] for name in names} for row in rows]
            joins = ()
            kept = {
                (row.get(0), *(row[name] for name in selected), level): row
                for row, level in zip(rows, order, strict=True)
            }
            rows = list(kept.values())
        return Relation(model, joins, names, selected, rows, is_keyed)
