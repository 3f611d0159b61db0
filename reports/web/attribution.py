"""The sources of bundled data: the `attribution` module of every app that has one."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule


def attributions() -> Iterator[Any]:
    """Returns the apps' `attribution.ATTRIBUTIONS`, in the order of INSTALLED_APPS."""
    for app in apps.get_app_configs():
        if app.module is not None and module_has_submodule(app.module, "attribution"):
            yield from import_module(f"{app.name}.attribution").ATTRIBUTIONS
