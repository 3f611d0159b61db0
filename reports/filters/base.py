"""The base of filters."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import capfirst


class Filter:
    """Base of filters. `path` names a field, across relations with `__`, as `filter()` does."""

    # Does it ask about the rows that the other filters leave?
    is_last = False

    def __init__(self, path: str, *, label: Any = None, help_text: Any = "") -> None:
        self.path = path
        self.label = label
        self.help_text = help_text
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        if self.label is None:
            self.label = capfirst(name.replace("_", " "))

    def fields(self, model: Any, database: str) -> dict[str, forms.Field]:
        """The form fields, by parameter name, that read this filter's values."""
        raise NotImplementedError

    def apply(self, queryset: QuerySet[Any], values: dict[str, Any]) -> QuerySet[Any]:
        """The queryset narrowed by the values of this filter's fields; None means not given."""
        raise NotImplementedError

    def model_field(self, model: Any) -> Any:
        """The field that `path` leads to from the model."""
        field = None
        for part in self.path.split("__"):
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)
            model = field.related_model or model
        return field
