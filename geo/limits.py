"""Limits that an operator may change: a dataclass of defaults, and a dict in the settings."""

from dataclasses import fields
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def in_force[Limits](defaults: type[Limits], setting: str) -> Limits:
    """Returns the limits with the setting's changes.

    Raises ImproperlyConfigured for an unknown name.
    """
    given: dict[str, Any] = getattr(settings, setting, {})
    names = [field.name for field in fields(defaults)]  # type: ignore[arg-type]  # a dataclass
    if unknown := sorted(given.keys() - names):
        raise ImproperlyConfigured(
            f"{setting} has no {', '.join(unknown)}; it takes {', '.join(names)}."
        )
    return defaults(**given)
