"""Filters by values: one of several, a least number, a span of days."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from reports.expressions.text import CodePoint
from reports.filters.base import Filter

# What every database keeps as an instant, in any time zone, the end of the day included.
FIRST_DAY, LAST_DAY = date(1000, 1, 2), date(9999, 12, 29)
Choices = Iterable[tuple[str, Any]] | Callable[[str], Iterable[tuple[str, Any]]]


class Choice(Filter):
    """One of a few values: a field's own `choices`, the objects of a relation, or those given.

    `choices` is a list of (value, label), or a function from a database alias to one.
    """

    def __init__(self, path: str, *, choices: Choices | None = None, **options: Any) -> None:
        super().__init__(path, **options)
        self.choices = choices

    def fields(self, model: Any, database: str) -> dict[str, forms.Field]:
        choices = [("", _("All")), *self._choices(self.model_field(model), database)]
        return {
            self.name: ExactChoiceField(
                choices=choices, label=self.label, help_text=self.help_text, required=False
            )
        }

    def _choices(self, field: Any, database: str) -> Iterable[tuple[str, Any]]:
        if callable(self.choices):
            return self.choices(database)
        if self.choices is not None:
            return self.choices
        if field.related_model is not None:
            objects = field.related_model._default_manager.using(database).all()
            return sorted(((str(o.pk), str(o)) for o in objects), key=lambda choice: choice[1])
        return field.choices or ()

    def apply(self, queryset: QuerySet[Any], values: dict[str, Any]) -> QuerySet[Any]:
        value = values[self.name]
        if value in (None, ""):
            return queryset
        alias = f"_{self.name}"
        compared: QuerySet[Any] = queryset.alias(**{alias: CodePoint(F(self.path))})
        return compared.filter((alias, value))


class ExactChoiceField(forms.ChoiceField):
    """A choice whose text is taken as it is: blanks belong to the value."""

    default_error_messages = {
        "invalid_choice": _("“%(value)s” is not one of the choices."),
    }


class Minimum(Filter):
    """At least so much of a number.

    `number` is the class of form field that reads it, where `path` names an annotation rather than
    a field of the model: forms.IntegerField or forms.DecimalField.
    """

    def __init__(
        self, path: str, *, number: type[forms.IntegerField] | None = None, **options: Any
    ) -> None:
        super().__init__(path, **options)
        self.number = number

    def fields(self, model: Any, database: str) -> dict[str, forms.Field]:
        options = {"required": False, "label": self.label, "help_text": self.help_text}
        if self.number is not None:
            least, most = BaseDatabaseOperations.integer_field_ranges["BigIntegerField"]
            return {self.name: self.number(min_value=least, max_value=most, **options)}
        column = self.model_field(model)
        field = column.formfield(localize=False, **options)
        # What is out of range would find the rows without a number, on some databases.
        if ranged := BaseDatabaseOperations.integer_field_ranges.get(column.get_internal_type()):
            field.validators += [MinValueValidator(ranged[0]), MaxValueValidator(ranged[1])]
        return {self.name: field}

    def apply(self, queryset: QuerySet[Any], values: dict[str, Any]) -> QuerySet[Any]:
        value = values[self.name]
        return queryset if value is None else queryset.filter(**{f"{self.path}__gte": value})


class DateRange(Filter):
    """From one local day to another, both included, of an instant: `<name>_from`, `<name>_to`.

    `zone` is whose days are meant.
    """

    def __init__(self, path: str, *, zone: tzinfo, **options: Any) -> None:
        super().__init__(path, **options)
        self.zone = zone

    def fields(self, model: Any, database: str) -> dict[str, forms.Field]:
        def field(label: Any) -> forms.DateField:
            return forms.DateField(
                required=False,
                label=label,
                help_text=self.help_text,
                input_formats=["%Y-%m-%d"],
                widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
                validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
                error_messages={"invalid": _("Enter a date as YYYY-MM-DD, such as 2013-07-04.")},
            )

        return {
            f"{self.name}_from": field(_("%(label)s from") % {"label": self.label}),
            f"{self.name}_to": field(_("%(label)s to") % {"label": self.label}),
        }

    def apply(self, queryset: QuerySet[Any], values: dict[str, Any]) -> QuerySet[Any]:
        first, last = values[f"{self.name}_from"], values[f"{self.name}_to"]
        if first is not None:
            start = datetime.combine(first, time(), self.zone)
            queryset = queryset.filter(**{f"{self.path}__gte": start})
        if last is not None:
            end = datetime.combine(last + timedelta(days=1), time(), self.zone)
            queryset = queryset.filter(**{f"{self.path}__lt": end})
        return queryset
