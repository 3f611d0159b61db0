"""A small language of expressions and querysets, each of which Django runs and Python evaluates.

`orm()` gives what an author writes. `bind(joins)` says which joined row each path means, by the
rules of Django's joins; what is bound has `value(group)`, in plain Python over model instances.
Conditions are True, False or None (unknown), as in SQL.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
    lookups,
)

from reports import expressions as ours
from tests.authoring.joins import Bound, Group, Joins, everything, extended


class Node:
    """An expression; its children are the fields of the dataclass that are nodes."""

    def orm(self) -> Any:
        """The expression, made anew."""
        raise NotImplementedError

    def value(self, group: Group) -> Any:
        """What it is for a row, or a group of rows, once it is bound."""
        raise NotImplementedError

    def bind(self, joins: Joins, *, negated: bool = False) -> Any:
        """The same with every path bound to a joined row."""
        return self.mapped(lambda child: child.bind(joins, negated=negated))

    def mapped(self, change: Callable[["Node"], Any]) -> Any:
        """The same over changed children."""
        changes: dict[str, Any] = {}
        for field in fields(self):  # type: ignore[arg-type]
            child = getattr(self, field.name)
            if isinstance(child, Node | Bound):
                changes[field.name] = change(child)  # type: ignore[arg-type]
            elif isinstance(child, tuple) and child and isinstance(child[0], Node | Bound):
                changes[field.name] = tuple(change(each) for each in child)
        return replace(self, **changes)  # type: ignore[type-var]

    def leaves(self) -> Iterator[Any]:
        """Itself and what is within, but not within aggregates."""
        yield self
        for field in fields(self):  # type: ignore[arg-type]
            child = getattr(self, field.name)
            for each in child if isinstance(child, tuple) else (child,):
                if isinstance(each, Node):
                    yield from each.leaves()
                elif isinstance(each, Bound):
                    yield each

    def has(self, kind: type) -> bool:
        """Whether such a node is in it."""
        return any(isinstance(leaf, kind) for leaf in self.leaves())


@dataclass(frozen=True, slots=True)
class Field(Node):
    """A field by its path, or an annotation by its name."""

    path: str

    def orm(self) -> Any:
        return F(self.path)

    def bind(self, joins: Joins, *, negated: bool = False) -> Any:
        return joins.bound(self.path)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    constant: Any

    def orm(self) -> Any:
        return Value(self.constant)

    def value(self, group: Group) -> Any:
        return self.constant


@dataclass(frozen=True, slots=True)
class Sum2(Node):
    """`left + right`, `-` or `*` of two integers."""

    left: Node
    sign: str
    right: Node

    def orm(self) -> Any:
        left, right = self.left.orm(), self.right.orm()
        return {"+": left + right, "-": left - right, "*": left * right}[self.sign]

    def value(self, group: Group) -> Any:
        left, right = self.left.value(group), self.right.value(group)
        if left is None or right is None:
            return None
        return {"+": left + right, "-": left - right, "*": left * right}[self.sign]


@dataclass(frozen=True, slots=True)
class First(Node):
    """Coalesce: the first that is not NULL."""

    parts: tuple[Node, ...]

    def orm(self) -> Any:
        return ours.Coalesce(*(part.orm() for part in self.parts))

    def value(self, group: Group) -> Any:
        return next((v for part in self.parts if (v := part.value(group)) is not None), None)


@dataclass(frozen=True, slots=True)
class Choose(Node):
    """Case with one When."""

    condition: Node
    then: Node
    otherwise: Node

    def orm(self) -> Any:
        return Case(When(self.condition.orm(), then=self.then.orm()), default=self.otherwise.orm())

    def value(self, group: Group) -> Any:
        chosen = self.then if self.condition.value(group) is True else self.otherwise
        return chosen.value(group)


# Conditions

COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "exact": lambda a, b: a == b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
    "in": lambda a, b: a in b,
}
CLASSES = {
    "exact": lookups.Exact,
    "gt": lookups.GreaterThan,
    "gte": lookups.GreaterThanOrEqual,
    "lt": lookups.LessThan,
    "lte": lookups.LessThanOrEqual,
}


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`path__lookup=constant` of a field, or a lookup between two expressions."""

    left: Node
    lookup: str
    right: Node

    def orm(self) -> Any:
        right = self.right.constant if isinstance(self.right, Literal) else self.right.orm()
        if isinstance(self.left, Field):
            return Q((f"{self.left.path}__{self.lookup}", right))
        return CLASSES[self.lookup](self.left.orm(), right)

    def bind(self, joins: Joins, *, negated: bool = False) -> Any:
        if negated and isinstance(self.left, Field) and not joins.is_name(self.left.path):
            if joins.is_many(self.left.path):
                return AnyOf(self, joins.model)
            bound = self.mapped(lambda child: child.bind(joins))
            is_nullable = isinstance(self.right, Field) and joins.is_nullable(self.right.path)
            return Known(bound, bound.left, bound.right if is_nullable else None)
        return self.mapped(lambda child: child.bind(joins))

    def value(self, group: Group) -> Any:
        left, right = self.left.value(group), self.right.value(group)
        if left is None or right is None:
            return None
        return COMPARED[self.lookup](left, right)


@dataclass(frozen=True, slots=True)
class Known(Node):
    """A negated condition: Django takes a field that is NULL for one that does not match.

    It looks at the left field and at a right one that is declared null=True.
    """

    condition: Node
    left: Any
    right: Any = None

    def value(self, group: Group) -> Any:
        if any(side is not None and side.value(group) is None for side in (self.left, self.right)):
            return False
        return self.condition.value(group)


@dataclass(frozen=True, slots=True)
class AnyOf(Node):
    """Whether a comparison over a to-many path holds for any of what the path leads to."""

    condition: Compare
    model: type[Model]

    def value(self, group: Group) -> Any:
        joins = Joins(self.model)
        bound = self.condition.bind(joins)
        rows = extended([{0: group.first[0]}], joins.aliases)
        return any(bound.value(Group([row])) is True for row in rows)


@dataclass(frozen=True, slots=True)
class IsNull(Node):
    left: Field
    expected: bool = True

    def orm(self) -> Any:
        return Q((f"{self.left.path}__isnull", self.expected))

    def value(self, group: Group) -> Any:
        return (self.left.value(group) is None) == self.expected


@dataclass(frozen=True, slots=True)
class Both(Node):
    parts: tuple[Node, ...]

    def orm(self) -> Any:
        found = Q(self.parts[0].orm())
        for part in self.parts[1:]:
            found &= Q(part.orm())
        return found

    def value(self, group: Group) -> Any:
        values = [part.value(group) for part in self.parts]
        return False if False in values else None if None in values else True


@dataclass(frozen=True, slots=True)
class Either(Node):
    parts: tuple[Node, ...]

    def orm(self) -> Any:
        found = Q(self.parts[0].orm())
        for part in self.parts[1:]:
            found |= Q(part.orm())
        return found

    def value(self, group: Group) -> Any:
        values = [part.value(group) for part in self.parts]
        return True if True in values else None if None in values else False


@dataclass(frozen=True, slots=True)
class Not(Node):
    condition: Node

    def orm(self) -> Any:
        return ~Q(self.condition.orm())

    def bind(self, joins: Joins, *, negated: bool = False) -> Any:
        return self.mapped(lambda child: child.bind(joins, negated=True))

    def value(self, group: Group) -> Any:
        value = self.condition.value(group)
        return None if value is None else not value


# Sub-queries over what points to a row: `link` is the other model's foreign key to it.


def pointing(model: type[Model], link: str, key: Any) -> list[Any]:
    """The objects of the model whose foreign key has this value."""
    if key is None:
        return []
    attname = model._meta.get_field(link).attname  # type: ignore[union-attr]
    return [each for each in everything(model) if getattr(each, attname) == key]


@dataclass(frozen=True, slots=True)
class IsThere(Node):
    """Exists. The condition is bound by itself: it speaks of the other model."""

    model: type[Model]
    link: str
    key: Field
    condition: Any = None

    def _objects(self) -> Any:
        objects = self.model._default_manager.filter((self.link, OuterRef(self.key.path)))
        return objects.filter(self.condition.orm()) if self.condition else objects

    def orm(self) -> Any:
        return Exists(self._objects())

    def bind(self, joins: Joins, *, negated: bool = False) -> Any:
        return replace(self, key=self.key.bind(joins))

    def value(self, group: Group) -> Any:
        found = pointing(self.model, self.link, self.key.value(group))
        return any(self.condition is None or holds(self.condition, each) for each in found)


@dataclass(frozen=True, slots=True)
class FirstOf(Node):
    """A sub-query's first value, by that value and then by key."""

    model: type[Model]
    link: str
    key: Field
    of: str
    descending: bool = False

    def orm(self) -> Any:
        order = f"{'-' * self.descending}{self.of}"
        objects = self.model._default_manager.filter((self.link, OuterRef(self.key.path)))
        return Subquery(objects.order_by(order, "pk").values(self.of)[:1])

    def value(self, group: Group) -> Any:
        found = pointing(self.model, self.link, self.key.value(group))
        values = [getattr(each, self.of) for each in found]
        return (max if self.descending else min)(values, default=None)


@dataclass(frozen=True, slots=True)
class CountOf(Node):
    """A grouped sub-query's count: NULL for none."""

    model: type[Model]
    link: str
    key: Field

    def orm(self) -> Any:
        objects = self.model._default_manager.filter((self.link, OuterRef(self.key.path)))
        counted = objects.order_by().values(self.link).annotate(counted=ours.Count("pk"))
        return Subquery(counted.values("counted"), output_field=IntegerField())

    def value(self, group: Group) -> Any:
        return len(pointing(self.model, self.link, self.key.value(group))) or None


@dataclass(frozen=True, slots=True)
class IsAmong(Node):
    """`path__in=Model.objects.filter(condition)`, of a foreign key's path."""

    left: Field
    model: type[Model]
    condition: Any

    def orm(self) -> Any:
        return Q(
            (f"{self.left.path}__in", self.model._default_manager.filter(self.condition.orm()))
        )

    def bind(self, joins: Joins, *, negated: bool = False) -> Any:
        bound = replace(self, left=self.left.bind(joins))
        return Known(bound, bound.left) if negated else bound

    def value(self, group: Group) -> Any:
        key = self.left.value(group)
        found = [each.pk for each in everything(self.model) if holds(self.condition, each)]
        return None if key is None else key in found


@cache
def holds(condition: Node, instance: Model) -> bool:
    """Whether a condition is true of an object by itself, its to-many paths joined."""
    joins = Joins(type(instance))
    bound = condition.bind(joins)
    rows = extended([{0: instance}], joins.aliases)
    return any(bound.value(Group([row])) is True for row in rows)


# Aggregates and windows


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
    """An aggregate over the members of a group, of Isoline's or, as `Count`, of Django's meaning.

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


class _Descending:
    """What sorts the other way round."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: "_Descending") -> bool:
        return bool(other.value < self.value)

    def __le__(self, other: "_Descending") -> bool:
        return not self.value < other.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and bool(other.value == self.value)

    def __hash__(self) -> int:
        return hash(self.value)


def place(value: Any, descending: bool = False) -> tuple[Any, ...]:
    """Where a value is in an order: NULLs last, either way."""
    if value is None:
        return (1,)
    return (0, _Descending(value) if descending else value)


def text(value: Any, places: int | None = None) -> str:
    """A value as canonical text; a mean is rounded half up to its places."""
    if value is None:
        return "NULL"
    if isinstance(value, Fraction):
        scaled = abs(value) * 10 ** (places or 0)
        value = Decimal(int(scaled + Fraction(1, 2))).scaleb(-(places or 0)) * (
            1 if value >= 0 else -1
        )
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal):
        return f"{Decimal(value).normalize() + 0:f}"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
