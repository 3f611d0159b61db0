"""Errors as they are told: the same sentence on a page, in problem+json and by a command."""

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
# Seconds after which asking again is worthwhile: most exports have ended by then.
RETRY_AFTER = 10
# By class of error, of which the most special counts: the end of its type, its status, its title.
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
# Of these the text is not for everybody.
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
    """An error as it is told.

    kind         what kind it is, for programs: the end of its type
    title        the same for people, the same for all of this kind
    status       of HTTP
    detail       the sentence: what is wrong, where, and what to do
    errors       sentences by parameter
    error_id     under which the log has what is not told
    retry_after  seconds after which asking again is worthwhile
    """

    kind: str
    title: str
    status: int
    detail: str
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    error_id: str = ""
    retry_after: int | None = None

    def members(self, instance: str) -> dict[str, Any]:
        """The members of its object (RFC 9457); `instance` is the address that was asked for."""
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
    """What is told of an error, wherever it is told; of a wrong declaration more `for_author`."""
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
    """Whether it is nobody's wish and belongs in the log, with an id for those who ask."""
    kind, _status, _title = _of_class(error, KINDS)
    return kind in ("broken-report", "database-failed", "internal-error")


def _of_class(error: BaseException, values: Mapping[type[BaseException], Any]) -> Any:
    return next(values[each] for each in type(error).__mro__ if each in values)
