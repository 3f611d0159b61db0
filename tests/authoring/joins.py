"""Joined rows in Python: which objects a row of a queryset is made of.

A row maps the number of a join to an object of it, or to None: 0 is the queryset's own model.
Every step of a path to many objects is a join; to-one relations are followed on the objects.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Model

type Joined = dict[Any, Any]


@dataclass(slots=True)
class Group:
    """Rows that are one row of a result, among all those that windows see."""

    members: list[Joined]
    context: "list[Group]" = field(default_factory=list)
    tie: tuple[Any, ...] = ()

    @property
    def first(self) -> Joined:
        """Any member: for what all have alike."""
        return self.members[0]


@dataclass(frozen=True, slots=True)
class Join:
    """A step to many: from which join, and by which names from its objects."""

    number: int
    parent: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A field of a joined object: the names that lead to it; or, without a join, a named value."""

    join: Any
    names: tuple[str, ...] = ()

    def value(self, group: Group) -> Any:
        """The value for a row."""
        if isinstance(self.join, str):
            return group.first[self.join]
        return walked(group.first[self.join], self.names)


class Joins:
    """The joins of a query, and what paths mean in it.

    Names of annotations and selected values come before fields. `reuse` are the joins that paths
    to many may share; None allows all, as everywhere but in filter().
    """

    def __init__(
        self,
        model: type[Model] | None,
        aliases: Sequence[Join] = (),
        names: dict[str, Any] | None = None,
        *,
        is_report: bool = False,
    ) -> None:
        self.model: Any = model
        self.aliases = list(aliases)
        self.names = {} if names is None else names
        self.reuse: set[int] | None = None
        self.is_report = is_report

    def is_name(self, path: str) -> bool:
        """Whether it names an annotation."""
        return path in self.names

    def is_many(self, path: str) -> bool:
        """Whether the path leads to many objects."""
        return bool(_steps(self.model, path)[0])

    def is_nullable(self, path: str) -> bool:
        """Whether the path leads to a field that is declared null=True."""
        return not self.is_name(path) and _is_nullable(self.model, path)

    def bound(self, path: str) -> Any:
        """What a path means, joined if need be."""
        if path in self.names:
            return self.names[path]
        if self.model is None:
            raise LookupError(f"{path} is none of {', '.join(self.names)}")
        many, names = _steps(self.model, path)
        number = 0
        for step in many:
            number = self._join(number, step)
        return Bound(number, names)

    def _join(self, parent: int, names: tuple[str, ...]) -> int:
        for join in reversed(self.aliases):
            is_free = self.reuse is None or join.number in self.reuse
            if is_free and (join.parent, join.names) == (parent, names):
                return join.number
        number = 1 + max((join.number for join in self.aliases), default=0)
        self.aliases.append(Join(number, parent, names))
        if self.reuse is not None:
            self.reuse.add(number)
        return number

    def of_aggregate(self) -> "Joins":
        """The joins within an aggregate: a report's has its own, a query's shares them."""
        if not self.is_report:
            return self
        return Joins(self.model, self.aliases, self.names, is_report=True)

    def added(self, inner: "Joins") -> tuple[Join, ...]:
        """What `of_aggregate` has more."""
        return () if inner is self else tuple(inner.aliases[len(self.aliases) :])


def extended(rows: Iterable[Joined], joins: Sequence[Join]) -> list[Joined]:
    """The rows, each as often as there are objects to join; one without any has None."""
    found = list(rows)
    for join in joins:
        found = [
            {**row, join.number: each}
            for row in found
            for each in reached(row[join.parent], join.names) or (None,)
        ]
    return found


@cache
def everything(model: type[Model]) -> tuple[Any, ...]:
    """Every object there is, by key."""
    return tuple(model._base_manager.order_by("pk"))


@cache
def reached(instance: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    """The objects that the last of the names, a relation to many, leads to."""
    *way, last = names
    for name in way:
        instance = instance and _followed(instance, name)
    return tuple(getattr(instance, last).order_by("pk")) if instance is not None else ()


@cache
def _followed(instance: Any, name: str) -> Any:
    # A reverse one-to-one raises where there is none.
    return getattr(instance, name, None)


@cache
def walked(instance: Any, names: tuple[str, ...]) -> Any:
    """A field's value; a relation's is its key."""
    *way, last = names
    for name in way:
        instance = instance and _followed(instance, name)
    if instance is None:
        return None
    if last == "pk":
        return instance.pk
    found = type(instance)._meta.get_field(last)
    if hasattr(found, "attname"):
        return getattr(instance, found.attname)
    return getattr(_followed(instance, last), "pk", None)  # a reverse one-to-one


@cache
def _steps(model: Any, path: str) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """The steps to many of a path, and the names from the last of them to the field."""
    many: list[tuple[str, ...]] = []
    names: list[str] = []
    for part in path.split("__"):
        names.append(part)
        if part == "pk":
            continue
        found = model._meta.get_field(part)
        if found.is_relation:
            model = found.related_model
            if found.one_to_many or found.many_to_many:
                many.append(tuple(names))
                names = []
    return tuple(many), tuple(names) or ("pk",)


def _is_nullable(model: Any, path: str) -> bool:
    found = None
    for name in path.split("__"):
        if name == "pk":
            break  # Django takes the foreign key that leads there
        found = model._meta.get_field(name)
        model = found.related_model
    return found is not None and bool(found.null)
