"""The check whether a user may read a report."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from reports.errors import PermissionRefused
from reports.report import Report

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def demand(report: Report, user: Any) -> None:
    """Raises PermissionRefused if the user, who may be anonymous, may not read the report."""
    if report.allows(user):
        return
    raise PermissionRefused(
        _("You do not have permission to view “%(title)s”. Ask an administrator for access.")
        % {"title": report.title}
        if user.is_authenticated
        else _("Sign in to view “%(title)s”.") % {"title": report.title}
    )


def anonymous() -> "AnonymousUser":
    """Returns the user of those who have not signed in."""
    # Here, because without django.contrib.auth a check (reports.E011) is to say so.
    from django.contrib.auth.models import AnonymousUser

    return AnonymousUser()
