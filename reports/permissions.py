"""The check whether a user may read a report."""

from typing import Any

from django.utils.translation import gettext as _

from reports.errors import PermissionRefused
from reports.report import Report


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
