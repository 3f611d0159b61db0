"""The base of filters: their parameters, and where their paths lead."""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.core.exceptions import FieldError
from django.db.models import Exists, F, ForeignKey, OuterRef, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import Col
from django.utils.text import capfirst

from reports.errors import DeclarationError

# From the name of a value to what filter() takes.
type Condition = Callable[[str], Iterable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a filter's path leads from the rows of a report.

    field      of the values that are compared
    related    the model whose objects the values name, None for plain values
    key        the attribute of such an object that holds the value
    is_spread  whether a row may have several values: the path crosses a relation to many
    is_joined  whether the rows are joined with such a relation already: each row has one value
    """

    field: Any
    related: Any = None
    key: str = ""
    is_spread: bool = False
    is_joined: bool = False


class Filter:
    """Base of filters. `path` names a field, across relations with `__`, or an annotation.

    `default` is in force where none of the filter's parameters is given: a value, or for a filter
    of several parameters one for each, None for those without. An empty parameter switches it off.
    """

    # Does it ask about the rows that the other filters leave?
    is_last = False
    # What follows the filter's name in the names of its parameters.
    suffixes: tuple[str, ...] = ("",)

    def __init__(
        self, path: str, *, label: Any = None, help_text: Any = "", default: Any = None
    ) -> None:
        self.path = path
        self.label = label
        self.help_text = help_text
        self.default = default
        self.name = ""

    def named(self, name: str) -> Self:
        """A copy with this name, and with a label made from it unless the author gave one."""
        filter_ = copy(self)
        filter_.name = name
        if filter_.label is None:
            filter_.label = capfirst(name.replace("_", " "))
        return filter_

    def __str__(self) -> str:
        return f"{type(self).__name__}({self.path!r})"

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters: those of `fields`, known without a database."""
        return tuple(f"{self.name}{suffix}" for suffix in self.suffixes)

    def defaults(self) -> dict[str, list[str]]:
        """The texts in force, by parameter name, where none of its parameters is given."""
        if self.default is None:
            return {}
        values = (self.default,) if len(self.parameters) == 1 else self.default
        return {
            name: [self.text(value)]
            for name, value in zip(self.parameters, values, strict=True)
            if value is not None
        }

    def text(self, value: Any) -> str:
        """A value as the address has it."""
        return str(value)

    def fields(self, rows: QuerySet[Any]) -> dict[str, forms.Field]:
        """The form fields, by parameter name, that read its values.

        `rows` are those of the report that the user may see, before any filter, on the database
        that will be asked.
        """
        raise NotImplementedError

    def clean(self, form: Any) -> None:
        """Look at the values of its fields together: `form.cleaned_data`, `form.add_error`."""

    def apply(self, rows: QuerySet[Any], values: dict[str, Any]) -> QuerySet[Any]:
        """The rows narrowed by the values of its fields; None means not given."""
        raise NotImplementedError

    def source(self, rows: QuerySet[Any]) -> Source:
        """Where its path leads; raises DeclarationError where it leads nowhere."""
        query = rows.query.chain()
        annotation = query.annotations.get(self.path)
        if annotation is not None:
            target = annotation.target if isinstance(annotation, Col) else None
            if isinstance(target, ForeignKey):
                key = target.target_field
                return Source(field=_plain(key), related=target.related_model, key=key.attname)
            return Source(field=annotation.output_field)
        names = self.path.split(LOOKUP_SEP)
        try:
            hops, final, targets, _ = query.names_to_path(
                names, query.get_meta(), fail_on_missing=True
            )
        except FieldError as error:
            raise DeclarationError(f"Filter {self.name!r}, {self}: {error}") from error
        is_selected = self.path in query.values_select
        if _is_grouped_otherwise(query) and not is_selected:
            raise DeclarationError(
                f"Filter {self.name!r}, {self}: the rows are the groups of values(). Name one of"
                f" {', '.join([*query.values_select, *query.annotation_select])}."
            )
        is_relation = bool(hops) and final is hops[-1].join_field
        is_many = any(hop.m2m for hop in hops)
        # What an aggregate is joined with is no longer told apart in the rows.
        is_joined = is_many and (
            is_selected or (query.group_by is None and _joins(rows.query, names, hops))
        )
        return Source(
            field=_plain(targets[0]),
            related=hops[-1].to_opts.model if is_relation else None,
            key=targets[0].attname if is_relation else "",
            is_spread=is_many and not is_joined,
            is_joined=is_joined,
        )

    def demand(self, rows: QuerySet[Any], *kinds: type) -> Any:
        """The field that its path leads to; raises DeclarationError if it is of none of `kinds`."""
        field = self.source(rows).field
        if not isinstance(field, kinds):
            raise DeclarationError(
                f"{self} needs a {' or '.join(kind.__name__ for kind in kinds)}, and that is a"
                f" {type(field).__name__}."
            )
        return field

    def narrowed(
        self, rows: QuerySet[Any], condition: Condition, form: Callable[[Any], Any] | None = None
    ) -> QuerySet[Any]:
        """The rows with a value that meets a condition; never a row more often than it was.

        The condition is given the name of the value, or of the expression that `form` makes of it.
        """
        source = self.source(rows)
        if source.is_spread:
            return rows.filter(self.has(rows, condition, form))
        # By an alias the join is the rows' own; filter() would make another.
        return self._where(rows, condition, form or (_same if source.is_joined else None))

    def has(
        self, rows: QuerySet[Any], condition: Condition, form: Callable[[Any], Any] | None = None
    ) -> Exists:
        """Whether one of the several values of a row meets a condition, as `narrowed` has it."""
        one = rows.model._base_manager.using(rows.db).filter(pk=OuterRef("pk"))
        return Exists(self._where(one, condition, form))

    def _where(
        self, rows: QuerySet[Any], condition: Condition, form: Callable[[Any], Any] | None
    ) -> QuerySet[Any]:
        if form is None:
            return rows.filter(*condition(self.path))
        name = free_name(rows)
        named: QuerySet[Any] = rows.alias(**{name: form(F(self.path))})
        return named.filter(*condition(name))


def free_name(rows: QuerySet[Any]) -> str:
    """A name that neither an annotation nor a field of the rows has."""
    query = rows.query
    taken = {*query.annotations, *(field.name for field in query.get_meta().get_fields())}
    name = "_filtered"
    while name in taken:
        name = f"_{name}"
    return name


def between(name: str, **bounds: Any) -> list[Q]:
    """Conditions by lookup (`gte=1`), without those whose value is None."""
    return [
        Q((f"{name}__{lookup}", value)) for lookup, value in bounds.items() if value is not None
    ]


def _same(expression: Any) -> Any:
    return expression


def _plain(field: Any) -> Any:
    """The field of the value that a relation's column holds."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    return field


def _joins(query: Any, names: list[str], hops: Any) -> bool:
    """Whether the query has every join of a path that may multiply its rows."""
    probe = query.chain()
    joins = probe.setup_joins(names, probe.get_meta(), probe.get_initial_alias()).joins[1:]
    return all(
        query.alias_refcount.get(alias, 0) > 0
        for alias, hop in zip(joins, hops, strict=True)
        if hop.m2m
    )


def _is_grouped_otherwise(query: Any) -> bool:
    """Whether values() made groups of more than one object each."""
    if not isinstance(query.group_by, tuple):
        return False
    return not any(isinstance(key, Col) and key.target.primary_key for key in query.group_by)
