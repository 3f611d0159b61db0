"""Filters by choice: one of several values, or several at once."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from django import forms
from django.db.models import BooleanField, Exists, F, Model, OuterRef, Q, QuerySet
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from geo.backends.compat import RowSet
from reports.errors import DeclarationError
from reports.expressions.aggregates.general import Count
from reports.expressions.text.code_point import CodePoint
from reports.filters.base import Filter, Source, free_name
from reports.values.base import AnyKind
from reports.values.kinds import kind_of
from reports.values.texts import JSON

# Distinct values of a plain field that are listed.
MOST_VALUES = 1000
# Values that may be chosen at once.
MOST_CHOSEN = 100
TRUTH = {"true": True, "false": False}
type Pairs = Iterable[tuple[Any, Any]]
type Choices = Pairs | Callable[[str], Pairs]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The choices, as (text, label) or (group, list of those); or why there are none."""

    choices: list[tuple[Any, Any]]
    refusal: str = ""


class Choice(Filter):
    """One of a few values.

    The choices are `choices`, if given: a list of (value, label), or a function that returns one
    for a database alias. Otherwise they are the field's own `choices`, or else the related objects,
    or the values of a plain field, that occur in the rows that the user may see.

    With `several` more than one can be chosen. That finds rows with any of them. If a row has
    several values, because the path crosses a to-many relation, it finds rows with all of them,
    unless `several="any"`.
    """

    def __init__(
        self,
        path: str,
        *,
        choices: Choices | None = None,
        several: bool | Literal["any"] = False,
        **options: Any,
    ) -> None:
        super().__init__(path, **options)
        self.choices = choices
        self.several = several

    def defaults(self) -> dict[str, list[str]]:
        if self.several and self.default is not None:
            return {self.name: [self.text(value) for value in self.default]}
        return super().defaults()

    def text(self, value: Any) -> str:
        return text_of(value)

    def fields(self, rows: QuerySet[Model]) -> dict[str, forms.Field]:
        # Read when they are first needed: a download without a choice never needs them.
        listed = cache(lambda: self._listed(rows))
        kind = SeveralField if self.several else OneField
        help_text = self.help_text
        if self.several and self._takes_all(self.source(rows)):
            help_text = help_text or _("Rows that have all chosen values.")
        return {self.name: kind(listed, label=self.label, help_text=help_text)}

    def _takes_all(self, source: Source) -> bool:
        return source.is_spread and self.several != "any"

    def apply(self, rows: QuerySet[Model], values: dict[str, Any]) -> QuerySet[Model]:
        source = self.source(rows)
        given = values.get(self.name)
        if given in (None, "", []):
            return rows
        texts = given if isinstance(given, list | tuple) else [given]
        chosen = list(dict.fromkeys(value_of(source.field, each) for each in texts))

        def is_chosen(name: str) -> list[Q]:
            return [Q((f"{name}__in", chosen)) if len(chosen) > 1 else Q((name, chosen[0]))]

        if len(chosen) == 1 or not self._takes_all(source):
            return self.narrowed(rows, is_chosen, CodePoint)
        # One sub-query that counts: PostgreSQL cannot plan one for each of a hundred values.
        one = self.one(rows)
        name, found = free_name(one), self.where(one, is_chosen, CodePoint).values("pk")
        count = free_name(found)
        counted: RowSet = found.alias(**{count: Count(name, distinct=True)})
        return rows.filter(Exists(counted.filter((count, len(chosen)))))

    def _listed(self, rows: QuerySet[Model]) -> Listed:
        source = self.source(rows)
        if self.choices is not None:
            given = self.choices(rows.db) if callable(self.choices) else self.choices
            return self._with_defaults(_texts(given))
        if source.field.choices and source.related is None:
            return self._with_defaults(_texts(source.field.choices))
        if source.related is None and isinstance(source.field, BooleanField):
            return Listed(choices=[("true", _("Yes")), ("false", _("No"))])
        if rows.query.is_sliced or rows.query.combinator:
            return Listed(choices=[])  # the statement refuses these with its own sentence
        if source.related is not None:
            return self._with_defaults(self._objects(source, rows))
        return self._values(source, self._occurring(rows, source))

    def _with_defaults(self, choices: list[tuple[Any, Any]]) -> Listed:
        """Returns the choices and the default, which applies even if it does not occur."""
        known = set(labels(choices))
        missing = [text for text in self.defaults().get(self.name, ()) if text not in known]
        return Listed(choices=[*choices, *((text, text) for text in missing)])

    def _objects(self, source: Source, rows: QuerySet[Model]) -> list[tuple[Any, Any]]:
        """Returns the related objects that occur in the rows, by label."""
        objects = source.related._default_manager.using(rows.db)
        if _is_plain(rows.query):
            # If few objects have many rows, an index finds the first row of each.
            name = free_name(rows)
            theirs = rows.alias(**{name: F(self.path)}).filter((name, OuterRef(source.key)))
            found = objects.filter(Exists(theirs))
        else:
            found = objects.filter(**{f"{source.key}__in": self._occurring(rows, source)})
        return sorted(
            ((text_of(getattr(each, source.key)), str(each)) for each in found),
            key=lambda choice: (choice[1], choice[0]),
        )

    def _values(self, source: Source, occurring: RowSet) -> Listed:
        kind = self._kind(source.field)
        values = [
            each for each in occurring.distinct()[: MOST_VALUES + 2] if each not in (None, "")
        ]
        if len(values) > MOST_VALUES:
            return Listed(
                choices=[],
                refusal=_(
                    "There are more than %s values to choose from. The report's author can declare"
                    " choices=, or another filter such as Contains or Range."
                )
                % MOST_VALUES,
            )
        texts = [kind.text(kind.value(value)) for value in sorted(values)]
        return self._with_defaults([(text, text) for text in texts])

    def _kind(self, field: Any) -> AnyKind:
        """Returns the kind of the values. Raises DeclarationError if they cannot be listed."""
        with suppress(DeclarationError):  # floats are hardly ever equal
            kind = kind_of(field)
            if not isinstance(kind, JSON):  # JSON documents have no order, and are not compared
                return kind
        raise DeclarationError(
            f"{self} cannot list the values of a {type(field).__name__}. Declare choices=, or take"
            " a filter such as Range."
        )

    def _occurring(self, rows: QuerySet[Model], source: Source) -> RowSet:
        """Returns the values of the path that occur in the rows."""
        rows = rows.order_by()
        if source.is_spread:  # joined here, it would multiply the rows
            rows = rows.model._base_manager.using(rows.db).filter(pk__in=rows.values("pk"))
        name = free_name(rows)
        named: QuerySet[Model] = rows.annotate(**{name: CodePoint(F(self.path))})
        return named.order_by().values_list(name, flat=True)


class _ListField(forms.ChoiceField):
    """Base class of fields whose choices are listed when they are needed.

    The text of a choice is not stripped: blanks belong to the value.
    """

    default_error_messages = {
        "invalid_choice": _("“%(value)s” is not one of the choices."),
    }
    blank: tuple[tuple[str, Any], ...] = ()

    def __init__(self, listed: Callable[[], Listed], *, help_text: Any, **options: Any) -> None:
        self.listed = listed
        super().__init__(
            choices=lambda: [*self.blank, *listed().choices],
            help_text=help_text or lazy(lambda: listed().refusal, str)(),
            required=False,
            **options,
        )

    def validate(self, value: Any) -> None:
        if value and (refusal := self.listed().refusal):
            raise forms.ValidationError(refusal)
        super().validate(value)

    def shown(self, text: str) -> str:
        """Returns the label of a choice."""
        return str(labels(self.listed().choices).get(text, text))


class OneField(_ListField):
    """A field for one of the choices."""

    blank = (("", _("All")),)


class SeveralField(_ListField, forms.MultipleChoiceField):
    """A field for at most MOST_CHOSEN of the choices."""

    widget = forms.CheckboxSelectMultiple

    def validate(self, value: Any) -> None:
        if len(value) > MOST_CHOSEN:
            raise forms.ValidationError(
                _("%(count)s are chosen. Choose %(most)s at most.")
                % {"count": len(value), "most": MOST_CHOSEN}
            )
        super().validate(value)


def labels(choices: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    """Returns the labels by text, including those within groups."""
    found: dict[str, Any] = {}
    for text, label in choices:
        found |= labels(label) if isinstance(label, list | tuple) else {text: label}
    return found


def text_of(value: Any) -> str:
    """Returns the text of a Python value in an address."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def value_of(field: Any, value: Any) -> Any:
    """Returns the Python value of a choice's text."""
    if isinstance(field, BooleanField) and value in TRUTH:
        return TRUTH[value]
    return field.to_python(value)


def _is_plain(query: Any) -> bool:
    """Whether a further condition leaves other rows unchanged: no groups, no windows."""
    return query.group_by is None and not any(
        annotation.contains_over_clause for annotation in query.annotations.values()
    )


def _texts(choices: Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return [
        (key, _texts(label)) if isinstance(label, list | tuple) else (text_of(key), label)
        for key, label in choices
        if key not in (None, "")
    ]
