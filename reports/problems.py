"""Errors as people and programs see them: one text for pages, problem+json and commands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import Error
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from geo.backends.refine import TooManyToRecheck
from reports.errors import (
    DeclarationError,
    FormatOverflow,
    FormatRefused,
    LimitReached,
    NotAcceptable,
    NotFound,
    NotPortable,
    ParameterError,
    PermissionRefused,
    ReaderGone,
    ReportError,
    RequestRefused,
    RowFailed,
    StatementFailed,
    TooManyAtOnce,
    UnknownReport,
)

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:isoline:problem:"
# Seconds after which to try again: most exports have ended by then.
RETRY_AFTER = 10
# End of the type, status and title by error class. The most derived class in the table counts.
KINDS: dict[type[BaseException], tuple[str, int, Any]] = {
    UnknownReport: ("unknown-report", 404, _("Unknown report")),
    FormatRefused: ("format-refused", 404, _("Not available in this format")),
    NotFound: ("not-found", 404, _("Not found")),
    Http404: ("not-found", 404, _("Not found")),
    PermissionRefused: ("permission-refused", 403, _("Permission refused")),
    PermissionDenied: ("permission-refused", 403, _("Permission refused")),
    SuspiciousOperation: ("invalid-request", 400, _("Invalid request")),
    ParameterError: ("invalid-parameters", 400, _("Check the parameters")),
    RequestRefused: ("request-refused", 410, _("Request refused")),
    NotAcceptable: ("not-acceptable", 406, _("Not acceptable")),
    NotPortable: ("not-portable", 409, _("This database cannot answer the report")),
    TooManyToRecheck: ("not-portable", 409, _("This database cannot answer the report")),
    FormatOverflow: ("format-overflow", 409, _("Too much for this format")),
    TooManyAtOnce: ("too-many-exports", 429, _("Too many exports at once")),
    LimitReached: ("limit-reached", 503, _("Limit reached")),
    ReaderGone: ("reader-gone", 499, _("The reader left")),  # as nginx logs it
    DeclarationError: ("broken-report", 500, _("Broken report")),
    StatementFailed: ("database-failed", 503, _("The database did not answer")),
    Error: ("database-failed", 503, _("The database did not answer")),
    BaseException: ("internal-error", 500, _("Internal error")),
}
# Replacements for texts that only the log may show.
UNTOLD: dict[type[BaseException], Any] = {
    DeclarationError: _("This report does not work at present. Ask an administrator."),
    StatementFailed: _("The database did not answer this report."),
    Error: _("The database did not answer this report."),
    Http404: _("There is nothing at this address."),
    PermissionDenied: _(
        "You do not have permission to view this. Ask an administrator for access."
    ),
    SuspiciousOperation: _("This request cannot be understood."),
    BaseException: _("Something went wrong on our side. The error has been logged."),
}
TOLD = (ReportError, TooManyToRecheck)
FAILURES = (StatementFailed, RowFailed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error as it is shown.

    kind         the kind for programs: the end of the problem's type
    title        the kind for people, the same for all errors of the kind
    status       of HTTP
    detail       a sentence: what is wrong, where, and what to do
    errors       sentences by parameter
    error_id     the id of the error in the log, if it was logged
    retry_after  seconds after which to try again
    """

    kind: str
    title: str
    status: int
    detail: str
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    error_id: str = ""
    retry_after: int | None = None

    def members(self, instance: str) -> dict[str, Any]:
        """Returns the members of the problem object (RFC 9457). `instance` is its address."""
        members: dict[str, Any] = {
            "type": f"{TYPE}{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
        }
        if self.errors:
            members["errors"] = {name: list(texts) for name, texts in self.errors.items()}
        if self.error_id:
            members["error_id"] = self.error_id
        return members


def problem(error: BaseException, *, for_author: bool = True) -> Problem:
    """Returns an error as it is shown. Only authors see what is wrong with a declaration."""
    kind, status, title = _of_class(error, KINDS)
    if isinstance(error, LimitReached) and error.limit in ("rows", "bytes"):
        status = 413
    is_hidden = isinstance(error, DeclarationError) and not for_author
    untold = is_hidden or isinstance(error, FAILURES) or not isinstance(error, TOLD)
    return Problem(
        kind=kind,
        title=str(title),
        status=status,
        detail=str(_of_class(error, UNTOLD)) if untold else str(error),
        errors=error.errors if isinstance(error, ParameterError) else {},
        error_id=getattr(error, "error_id", ""),
        retry_after=RETRY_AFTER if isinstance(error, TooManyAtOnce) else None,
    )


def is_failure(error: BaseException) -> bool:
    """Whether the error is a fault of Isoline, a report or a database, and belongs in the log."""
    kind, _status, _title = _of_class(error, KINDS)
    return kind in ("broken-report", "database-failed", "internal-error")


def _of_class(error: BaseException, values: Mapping[type[BaseException], Any]) -> Any:
    return next(values[each] for each in type(error).__mro__ if each in values)
