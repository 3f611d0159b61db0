"""A small language of expressions, each of which Django runs and Python evaluates.

`orm()` gives what an author writes. `bind(joins)` says which joined row each path means, by the
rules of Django's joins; what is bound has `value(group)`, in plain Python over model instances.
Conditions are True, False or None (unknown), as in SQL.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from django.db.models import Case, F, Model, Q, Value, When, lookups

from reports import expressions as ours
from tests.authoring.joins import Bound, Group, Joins, extended


class Node:
    """An expression; its children are the fields of the dataclass that are nodes."""

    def orm(self) -> Any:
        """Returns a new copy of the expression."""
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
class Arithmetic(Node):
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
class Coalesced(Node):
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
