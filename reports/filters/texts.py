"""Filters by what a text contains, and by whether there is a value."""

from typing import Any

from django import forms
from django.db.models import F, Model, Q, QuerySet, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from reports import expressions
from reports.expressions.text.code_point import CodePoint
from reports.filters.base import Filter
from reports.values.kinds import TEXT_FIELDS

# Characters of a search text.
LONGEST = 1000
YES, NO = "yes", "no"


class Contains(Filter):
    """Texts that contain a text; with `ignore_case` in upper or lower case."""

    def __init__(self, path: str, *, ignore_case: bool = False, **options: Any) -> None:
        super().__init__(path, **options)
        self.ignore_case = ignore_case

    def fields(self, rows: QuerySet[Model]) -> dict[str, forms.Field]:
        field = forms.CharField(
            required=False,
            strip=False,
            max_length=LONGEST,
            label=self.label,
            help_text=self.help_text,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )
        return {self.name: field}

    def apply(self, rows: QuerySet[Model], values: dict[str, Any]) -> QuerySet[Model]:
        self.demand(rows, *TEXT_FIELDS)
        text = values.get(self.name)
        if text in (None, ""):
            return rows
        contains = expressions.IContains if self.ignore_case else expressions.Contains
        return self.narrowed(rows, lambda name: [contains(name, text)])


class IsEmpty(Filter):
    """Rows without a value (`yes`), or with one (`no`). NULL is no value, nor is "" of a text.

    Across a to-many relation, a row is empty if there is no value along the path.
    """

    def fields(self, rows: QuerySet[Model]) -> dict[str, forms.Field]:
        field = forms.ChoiceField(
            choices=[("", _("Any")), (YES, _("Yes")), (NO, _("No"))],
            required=False,
            label=self.label,
            help_text=self.help_text,
        )
        return {self.name: field}

    def text(self, value: Any) -> str:
        return {True: YES, False: NO}.get(value, str(value))

    def apply(self, rows: QuerySet[Model], values: dict[str, Any]) -> QuerySet[Model]:
        source = self.source(rows)
        is_text = isinstance(source.field, TEXT_FIELDS)

        def empty(name: str) -> Q:
            is_null = Q((f"{name}__isnull", True))
            return is_null | Q(Exact(CodePoint(F(name)), Value(""))) if is_text else is_null

        def filled(name: str) -> list[Q]:
            has_value = Q((f"{name}__isnull", False))
            return [has_value & ~Q(Exact(CodePoint(F(name)), Value(""))) if is_text else has_value]

        match values.get(self.name):
            case None | "":
                return rows
            case "no":
                return self.narrowed(rows, filled)
        if source.is_spread:
            return rows.filter(~self.has(rows, filled))
        return self.narrowed(rows, lambda name: [empty(name)])
