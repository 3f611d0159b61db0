"""Converts the texts of parameters to typed values, or raises an error that names the parameter.

Query strings, command lines and every other request for a report are read here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from reports.errors import DeclarationError, ParameterError
from reports.filters import Filter
from reports.report import Report

type Given = Mapping[str, Sequence[str]]
# One text, or a list of texts if a parameter takes several.
type Texts = Mapping[str, str | list[str]]
# Typed values by field name, as `get_queryset` gets them.
type Values = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Typed values by field name, None if not given, and the texts that are in force.

    The texts include defaults, and the days that a period such as last-90-days covers.
    """

    values: Mapping[str, Any]
    given: Texts


class NothingGiven(dict[str, Any]):
    """Parameters without any value."""

    def __missing__(self, name: str) -> None:
        return None


class ParametersForm(forms.Form):
    """The form that reads a report's parameters.

    given      the texts given, without empty ones: an address has to repeat these
    in_force   the texts of the fields by name, defaults included
    now        the instant that relative values refer to
    resolved   the texts that relative values stand for, by name
    explained  the same in words, by the name of the relative value
    """

    filters: ClassVar[Mapping[str, Filter]]  # by the name of each field

    def __init__(self, given: Given, *, now: datetime | None = None) -> None:
        self.now = now or timezone.now()
        self.given = {name: list(texts) for name, texts in given.items() if texts}
        self.in_force: dict[str, list[str]] = {}
        self.resolved: dict[str, str] = {}
        self.explained: dict[str, str] = {}
        for filter_ in dict.fromkeys(self.filters.values()):
            self._settle(filter_)
        super().__init__(MultiValueDict(self.in_force))
        self.label_suffix = ""

    def _settle(self, filter_: Filter) -> None:
        """Decides which of a filter's texts count, and whether its default is in force."""
        names = [name for name, each in self.filters.items() if each is filter_]
        found = {name: self.given.pop(name) for name in names if name in self.given}
        filled = {
            name: list(dict.fromkeys(kept))
            for name, texts in found.items()
            if (kept := [text for text in texts if text])
        }
        defaults = filter_.defaults()
        if not found:
            self.in_force |= defaults
        elif defaults and not filled:
            self.given[names[0]] = [""]  # an empty text switches the default off
        self.in_force |= filled
        self.given |= filled

    def clean(self) -> None:
        for filter_ in dict.fromkeys(self.filters.values()):
            filter_.clean(self)

    def takes_several(self, name: str) -> bool:
        """Whether a parameter may be given more than once."""
        return isinstance(self.fields.get(name), forms.MultipleChoiceField)

    def without(self, name: str, text: str) -> dict[str, list[str]]:
        """Returns the texts of the same request's address without one of those in force."""
        filter_ = self.filters[name]
        own = [each for each, of in self.filters.items() if of is filter_]
        others = {each: texts for each, texts in self.given.items() if each not in own}
        left = {
            each: kept
            for each in own
            if (kept := [t for t in self.in_force.get(each, ()) if (each, t) != (name, text)])
        }
        if not left and filter_.defaults():
            left = {own[0]: [""]}
        return others | left

    def texts(self) -> Texts:
        """Returns the texts in force and those that relative values stand for."""
        off = {name: texts for name, texts in self.given.items() if texts == [""]}
        return {
            name: texts if self.takes_several(name) else texts[-1]
            for name, texts in (off | self.in_force).items()
        } | self.resolved


def scoped(report: Report, values: Values, database: str, user: object = None) -> QuerySet[Model]:
    """Returns the rows of a report that a user may see, before its filters. User None sees all."""
    rows = report.get_queryset(values)
    if user is not None:
        rows = report.scope(rows, user)
        if not isinstance(rows, QuerySet):
            raise DeclarationError(
                f"{type(report).__name__}.scope returned {rows!r}. Return a queryset."
            )
    return rows.using(database)


def form_class(report: Report, database: str, user: object = None) -> type[ParametersForm]:
    """Returns the form class of a report's parameters, with choices from `database` for `user`."""
    rows = scoped(report, NothingGiven(), database, user)
    fields: dict[str, forms.Field] = {}
    filters: dict[str, Filter] = {}
    for filter_ in report.filters.values():
        found = filter_.fields(rows)
        if names := found.keys() - set(filter_.parameters):
            raise DeclarationError(
                f"The filter {filter_.name!r} of {report.slug!r} has the fields"
                f" {', '.join(sorted(names))}, which its `parameters` lacks."
            )
        fields |= found
        filters |= dict.fromkeys(found, filter_)
    form: type[ParametersForm] = type("ReportParametersForm", (ParametersForm,), fields)
    form.filters = filters
    return form


def read(
    report: Report, given: Given, database: str, user: object = None, *, now: datetime | None = None
) -> Parameters:
    """Returns the values of the texts given for each name.

    `user` must be allowed to see the choices; `now` is the instant that periods refer to, the
    present by default.

    Raises ParameterError with all sentences that a person needs: for a name that the report does
    not have, a name given twice that takes one text, and a value that cannot be read.
    """
    form, errors = bind(report, given, database, user, now=now)
    if errors:
        raise ParameterError(errors)
    return Parameters(values=form.cleaned_data, given=form.texts())


def bind(
    report: Report, given: Given, database: str, user: object = None, *, now: datetime | None = None
) -> tuple[ParametersForm, dict[str, list[str]]]:
    """Returns the report's form with these texts, and what is wrong with them, by name."""
    form = form_class(report, database, user)(given, now=now)
    errors = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    for name, texts in given.items():
        if name not in form.fields:
            known = ", ".join(form.fields) or _("none")
            errors[name] = [_("Unknown parameter. Parameters: %s.") % known]
        elif len(texts) > 1 and not form.takes_several(name):
            errors[name] = [_("Given %s times: give it once.") % len(texts)]
        elif any(_is_unwritable(text) for text in texts):
            errors[name] = [_("The text contains characters that are not text.")]
    for name in errors.keys() & form.fields.keys():
        form.errors.setdefault(name, form.error_class(errors[name]))
    return form, errors


def _is_unwritable(text: str) -> bool:
    """Whether the text has a NUL or half a surrogate pair, which no database can store."""
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
