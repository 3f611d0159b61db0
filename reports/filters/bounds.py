"""Filters by bounds: at least, at most, between."""

from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import DecimalField, IntegerField, Model, QuerySet
from django.utils.translation import gettext_lazy as _

from reports.errors import DeclarationError
from reports.filters.base import Filter, between

RANGES = BaseDatabaseOperations.integer_field_ranges
# Bounds that every database can compare with a number of any type.
WIDEST = RANGES["BigIntegerField"]


class Bounded(Filter):
    """Base class of filters that compare a number with bounds.

    `number` is the class of the form field that reads a bound, if it differs from the path's own
    type: forms.IntegerField or forms.DecimalField.
    """

    # The lookup of each parameter, by suffix.
    lookups: ClassVar[dict[str, str]]

    def __init__(
        self, path: str, *, number: type[forms.IntegerField] | None = None, **options: Any
    ) -> None:
        super().__init__(path, **options)
        self.number = number

    def fields(self, rows: QuerySet[Model]) -> dict[str, forms.Field]:
        return {
            name: self._field(rows, label)
            for name, label in zip(self.parameters, self.labels(), strict=True)
        }

    def labels(self) -> tuple[Any, ...]:
        """Returns the label of each parameter."""
        return (self.label,)

    def _field(self, rows: QuerySet[Model], label: Any) -> forms.Field:
        options = {"required": False, "label": label, "help_text": self.help_text}
        least, most = WIDEST
        if self.number is not None:
            return self.number(min_value=least, max_value=most, **options)
        column = self.source(rows).field
        # On some databases a bound out of range would match the rows without a number.
        if isinstance(column, IntegerField):
            least, most = RANGES.get(column.get_internal_type(), WIDEST)
            validators = [MinValueValidator(least), MaxValueValidator(most)]
            return forms.IntegerField(validators=validators, **options)
        if isinstance(column, DecimalField) and column.max_digits is None:
            return forms.DecimalField(min_value=least, max_value=most, **options)
        field = column.formfield(localize=False, **options)
        if field is None:
            raise DeclarationError(f"{self} compares numbers, not a {type(column).__name__}.")
        found: forms.Field = field
        return found

    def apply(self, rows: QuerySet[Model], values: dict[str, Any]) -> QuerySet[Model]:
        self.source(rows)
        bounds = {
            lookup: values.get(f"{self.name}{suffix}") for suffix, lookup in self.lookups.items()
        }
        if all(value is None for value in bounds.values()):
            return rows
        return self.narrowed(rows, lambda name: between(name, **bounds))


class Minimum(Bounded):
    """Numbers of at least this value."""

    lookups = {"": "gte"}


class Maximum(Bounded):
    """Numbers of at most this value."""

    lookups = {"": "lte"}


class Range(Bounded):
    """Numbers between two values, both included: `<name>_min`, `<name>_max`."""

    suffixes = ("_min", "_max")
    lookups = {"_min": "gte", "_max": "lte"}

    def labels(self) -> tuple[Any, ...]:
        return (
            _("%(label)s, at least") % {"label": self.label},
            _("%(label)s, at most") % {"label": self.label},
        )
