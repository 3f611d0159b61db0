"""Text to typed values, or one clear error naming the parameter.

The query string, the command line and whatever else asks for a report all come through here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from reports.errors import ParameterError
from reports.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Typed values by field name, None where not given, and the texts that they came from."""

    values: Mapping[str, Any]
    given: Mapping[str, str]


def form_class(report: Report, database: str) -> type[forms.Form]:
    """The form that reads a report's parameters; its choices come from that database."""
    fields: dict[str, forms.Field] = {}
    for filter_ in report.filters.values():
        fields |= filter_.fields(report.queryset.model, database)
    return type("ParametersForm", (forms.Form,), fields)


def read(report: Report, given: Mapping[str, Sequence[str]], database: str) -> Parameters:
    """The values of the texts given for each name.

    Raises ParameterError, with every sentence that a person needs, for a name that the report
    does not have, a name given twice, and a value that cannot be read.
    """
    form, errors = bind(report, given, database)
    if errors:
        raise ParameterError(errors)
    return Parameters(
        values=form.cleaned_data, given={name: texts[-1] for name, texts in given.items()}
    )


def bind(
    report: Report, given: Mapping[str, Sequence[str]], database: str
) -> tuple[forms.Form, dict[str, list[str]]]:
    """The report's form holding these texts, and what is wrong with them, by name."""
    form = form_class(report, database)({name: texts[-1] for name, texts in given.items() if texts})
    form.label_suffix = ""
    errors = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    for name, texts in given.items():
        if name not in form.fields:
            known = ", ".join(form.fields) or _("none")
            errors[name] = [_("There is no such parameter; there are: %s.") % known]
        elif len(texts) > 1:
            errors[name] = [_("Given %s times; once is enough.") % len(texts)]
        elif _is_unwritable(texts[0]):
            errors[name] = [_("The text holds characters that stand for nothing.")]
    for name in errors.keys() & form.fields.keys():
        form.errors.setdefault(name, form.error_class(errors[name]))
    return form, errors


def _is_unwritable(text: str) -> bool:
    """Whether the text holds a NUL or half a surrogate pair, which no database stores."""
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
