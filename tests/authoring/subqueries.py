"""Sub-queries over what points to a row: `link` is the other model's foreign key to it."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.db.models import Exists, IntegerField, Model, OuterRef, Q, Subquery

from reports import expressions as ours
from tests.authoring.joins import Group, Joins, everything, extended
from tests.authoring.language import Field, Known, Node


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
