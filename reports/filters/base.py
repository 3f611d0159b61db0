"""The base class of filters: their parameters and paths."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import FieldError
from django.db.models import Exists, F, ForeignKey, Model, OuterRef, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import Col

from geo.backends.compat import RowSet
from reports.errors import DeclarationError
from reports.naming import Named

# Takes the name of a value and yields arguments of filter().
type Condition = Callable[[str], Iterable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The end of a filter's path, seen from the rows of a report.

    field      of the values that are compared
    related    the model of the related objects, None for plain values
    key        the attribute of a related object that holds the value
    is_spread  whether a row may have several values, because the path crosses a to-many relation
    is_joined  whether the rows are already joined with that relation: each row has one value
    """

    field: Any
    related: Any = None
    key: str = ""
    is_spread: bool = False
    is_joined: bool = False


class Filter(Named):
    """Base class of filters. `path` names a field, across relations with `__`, or an annotation.

    `default` applies if none of the filter's parameters is given: a value, or for a filter of
    several parameters one value for each, None for those without. An empty parameter switches it
    off.
    """

    # Whether it selects among the rows that the other filters leave.
    is_last = False
    # Follows the filter's name in the names of its parameters.
    suffixes: tuple[str, ...] = ("",)

    def __init__(
        self, path: str, *, label: Any = None, help_text: Any = "", default: Any = None
    ) -> None:
        self.path = path
        self.label = label
        self.help_text = help_text
        self.default = default

    def __str__(self) -> str:
        return f"{type(self).__name__}({self.path!r})"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Returns the names of its parameters, those of `fields`, without a database."""
        return tuple(f"{self.name}{suffix}" for suffix in self.suffixes)

    def defaults(self) -> dict[str, list[str]]:
        """Returns the texts that apply by default, by parameter name."""
        if self.default is None:
            return {}
        values = (self.default,) if len(self.parameters) == 1 else self.default
        return {
            name: [self.text(value)]
            for name, value in zip(self.parameters, values, strict=True)
            if value is not None
        }

    def text(self, value: Any) -> str:
        """Returns the text of a value in an address."""
        return str(value)

    def fields(self, rows: QuerySet[Model]) -> dict[str, forms.Field]:
        """Returns the form fields of its values, by parameter name.

        `rows` are those of the report that the user may see, before any filter, on the database
        that will be queried.
        """
        raise NotImplementedError

    def clean(self, form: Any) -> None:
        """Validates the values of its fields together: `form.cleaned_data`, `form.add_error`."""

    def apply(self, rows: QuerySet[Model], values: dict[str, Any]) -> QuerySet[Model]:
        """Returns the rows that match the values of its fields. None means not given."""
        raise NotImplementedError

    def source(self, rows: QuerySet[Model]) -> Source:
        """Returns the end of its path. Raises DeclarationError if the path leads nowhere."""
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
        # Groups do not keep apart the values that are joined for an aggregate.
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

    def demand(self, rows: QuerySet[Model], *kinds: type) -> Any:
        """Returns the field at its path's end. Raises DeclarationError unless it is of `kinds`."""
        field = self.source(rows).field
        if not isinstance(field, kinds):
            raise DeclarationError(
                f"{self} needs a {' or '.join(kind.__name__ for kind in kinds)}, not a"
                f" {type(field).__name__}."
            )
        return field

    def narrowed(
        self, rows: QuerySet[Model], condition: Condition, form: Callable[[Any], Any] | None = None
    ) -> QuerySet[Model]:
        """Returns the rows with a value that meets a condition, each as often as before.

        The condition gets the name of the value, or of the expression that `form` makes of it.
        """
        source = self.source(rows)
        if source.is_spread:
            return rows.filter(self.has(rows, condition, form))
        # By an alias the rows' own join is used; filter() would add another.
        return self.where(rows, condition, form or (_same if source.is_joined else None))

    def has(
        self, rows: QuerySet[Model], condition: Condition, form: Callable[[Any], Any] | None = None
    ) -> Exists:
        """Whether one of a row's several values meets a condition, as in `narrowed`."""
        return Exists(self.where(self.one(rows), condition, form))

    def one(self, rows: QuerySet[Model]) -> QuerySet[Model]:
        """Returns the row of an outer query, for a sub-query about its several values."""
        found: QuerySet[Model] = rows.model._base_manager.using(rows.db)
        return found.filter(pk=OuterRef("pk"))

    def where(
        self, rows: QuerySet[Model], condition: Condition, form: Callable[[Any], Any] | None
    ) -> QuerySet[Model]:
        """Returns the rows with a value that meets a condition, as in `narrowed`, once for each."""
        if form is None:
            return rows.filter(*condition(self.path))
        name = free_name(rows)
        named: QuerySet[Model] = rows.alias(**{name: form(F(self.path))})
        return named.filter(*condition(name))


def free_name(rows: RowSet) -> str:
    """Returns a name that no annotation and no field of the rows has."""
    query = rows.query
    taken = {*query.annotations, *(field.name for field in query.get_meta().get_fields())}
    name = "_filtered"
    while name in taken:
        name = f"_{name}"
    return name


def between(name: str, **bounds: Any) -> list[Q]:
    """Yields conditions by lookup (`gte=1`), without those whose value is None."""
    return [
        Q((f"{name}__{lookup}", value)) for lookup, value in bounds.items() if value is not None
    ]


def _same(expression: Any) -> Any:
    return expression


def _plain(field: Any) -> Any:
    """Returns the field of the value that a relation's column holds."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    return field


def _joins(query: Any, names: list[str], hops: Any) -> bool:
    """Whether the query has every to-many join of a path."""
    probe = query.chain()
    joins = probe.setup_joins(names, probe.get_meta(), probe.get_initial_alias()).joins[1:]
    return all(
        query.alias_refcount.get(alias, 0) > 0
        for alias, hop in zip(joins, hops, strict=True)
        if hop.m2m
    )


def _is_grouped_otherwise(query: Any) -> bool:
    """Whether values() made groups that may have several objects."""
    if not isinstance(query.group_by, tuple):
        return False
    return not any(isinstance(key, Col) and key.target.primary_key for key in query.group_by)
