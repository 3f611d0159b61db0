"""What Isoline needs from a project. Checks, pages and commands report what is missing."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.module_loading import import_string

from geo.backends.replacement import replacement
from geo.backends.wrapper import DatabaseWrapperMixin

AUTH = "django.contrib.auth"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing: the id of its system check, and a sentence with the remedy."""

    id: str
    sentence: str


def lacks() -> list[Lack]:
    """Returns what the project lacks for its pages."""
    return [*engine(), *_for_pages()]


def engine(alias: str = DEFAULT_DB_ALIAS) -> list[Lack]:
    """Returns what is wrong with the ENGINE of a database: another would give other answers."""
    wrapper = connections[alias]
    if isinstance(wrapper, DatabaseWrapperMixin):
        return []
    given = connections.settings[alias]["ENGINE"]
    return [Lack("reports.E010", f"ENGINE of {alias!r} is {given}. Use {replacement(wrapper)}.")]


def databases() -> list[str]:
    """Returns the aliases of the databases that reports can use."""
    return [alias for alias in connections.settings if not engine(alias)]


def _for_pages() -> Iterator[Lack]:
    if not apps.is_installed(AUTH):
        yield Lack("reports.E011", f"INSTALLED_APPS lacks {AUTH}. Add {AUTH!r} to it.")
    elif not any(map(_authenticates, settings.MIDDLEWARE)):
        yield Lack(
            "reports.E012",
            "MIDDLEWARE does not set request.user."
            f" Add {AUTHENTICATION!r} after SessionMiddleware.",
        )
    if (name := getattr(settings, "REPORTS_BASE_TEMPLATE", "")) and not _is_template(name):
        yield Lack(
            "reports.E015",
            f"REPORTS_BASE_TEMPLATE is {name!r}, which no engine of TEMPLATES finds.",
        )
    if not _is_template("reports/base.html"):
        yield Lack(
            "reports.E013",
            "TEMPLATES has no engine that finds reports/base.html. Set APP_DIRS to True in an entry"
            " whose BACKEND is django.template.backends.django.DjangoTemplates.",
        )
    if not settings.STATIC_URL:
        yield Lack("reports.E014", "STATIC_URL is not set. Add STATIC_URL = 'static/'.")


def _is_template(name: str) -> bool:
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return False
    return True


def _authenticates(path: str) -> bool:
    with suppress(ImportError):  # Django reports it itself
        middleware = import_string(path)
        return isinstance(middleware, type) and issubclass(
            middleware, import_string(AUTHENTICATION)
        )
    return False
