"""Aggregates of groups, and windows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from django.db.models import Q

from reports import expressions as ours
from tests.authoring.joins import Group, Joins, extended
from tests.authoring.language import Node
from tests.authoring.values import place


def _mean(values: list[Any]) -> Any:
    return Fraction(sum(map(Fraction, values))) / len(values) if values else None


AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "Count": len,
    "Sum": lambda values: sum(values) if values else None,
    "Min": lambda values: min(values, default=None),
    "Max": lambda values: max(values, default=None),
    "Avg": _mean,
    "StringAgg": lambda values: "|".join(sorted(values)) if values else None,
}


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """An aggregate over the members of a group.

    `own` are joins of its own, which it extends the members by.
    """

    kind: str
    source: Any  # a node, or None for "*"
    condition: Any = None
    distinct: bool = False
    own: tuple[Any, ...] = ()

    def orm(self) -> Any:
        options: dict[str, Any] = {"distinct": True} if self.distinct else {}
        if self.condition is not None:
            options["filter"] = Q(self.condition.orm())
        source = "*" if self.source is None else self.source.orm()
        more = ("|",) if self.kind == "StringAgg" else ()
        return getattr(ours, self.kind)(source, *more, **options)

    def bind(self, joins: Joins, *, negated: bool = False) -> Any:
        inner = joins.of_aggregate()
        bound = self.mapped(lambda child: child.bind(inner))
        return replace(bound, own=joins.added(inner))

    def leaves(self) -> Iterator[Any]:
        yield self

    def value(self, group: Group) -> Any:
        members = [Group([row]) for row in extended(group.members, self.own)]
        if self.condition is not None:
            members = [each for each in members if self.condition.value(each) is True]
        if self.source is None:
            return len(members)
        values = [v for each in members if (v := self.source.value(each)) is not None]
        return AGGREGATES[self.kind](list(dict.fromkeys(values)) if self.distinct else values)


@dataclass(frozen=True, slots=True)
class Among(Node):
    """Window: a rank, a number or an aggregate of a row among those of its partition."""

    kind: str
    source: Any = None
    partition: tuple[Node, ...] = ()
    order: tuple[Node, ...] = ()
    descending: bool = False

    def orm(self) -> Any:
        function = getattr(ours, self.kind)
        order = [each.orm().desc() if self.descending else each.orm().asc() for each in self.order]
        return ours.Window(
            function() if self.source is None else function(self.source.orm()),
            partition_by=[each.orm() for each in self.partition] or None,
            order_by=order or None,
        )

    def value(self, group: Group) -> Any:
        mine = self._values(self.partition, group)
        peers = [each for each in group.context if self._values(self.partition, each) == mine]
        place = self._place(group)
        if self.kind == "RowNumber":
            peers.sort(key=lambda each: (self._place(each), each.tie))
            return 1 + next(n for n, each in enumerate(peers) if each is group)
        before = [self._place(each) for each in peers if self._place(each) < place]
        if self.kind == "Rank":
            return 1 + len(before)
        if self.kind == "DenseRank":
            return 1 + len(set(before))
        counted = [each for each in peers if not self.order or self._place(each) <= place]
        values = [self.source.value(each) for each in counted]
        return AGGREGATES[self.kind]([value for value in values if value is not None])

    def _place(self, group: Group) -> tuple[Any, ...]:
        return tuple(place(v, self.descending) for v in self._values(self.order, group))

    def _values(self, nodes: Sequence[Node], group: Group) -> tuple[Any, ...]:
        return tuple(node.value(group) for node in nodes)
