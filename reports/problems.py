"""Errors as people and programs see them: one text for pages, problem+json and commands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import Error
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from geo.backends.refine import TooManyCandidates
from geo.errors import IsolineError, LoadError
from geo.input.refusal import GeometryRefused
from geo.sharing import SharingRefused
from reports.errors import (
    DeclarationError,
    FormatOverflow,
    FormatRefused,
    LimitReached,
    Misconfigured,
    NotAcceptable,
    NotFound,
    NotPortable,
    ParameterError,
    PermissionRefused,
    ReaderGone,
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
REFUSED, WRONG_USAGE = 1, 2


@dataclass(frozen=True, slots=True)
class Kind:
    """How errors of a class are told: the end of their type, and their title.

    status and exit_code are those of HTTP and of commands.
    """

    name: str
    status: int
    title: Any
    exit_code: int = REFUSED


# By class of error; the most special of an error's classes counts.
KINDS: dict[type[BaseException], Kind] = {
    UnknownReport: Kind("unknown-report", 404, _("Unknown report"), WRONG_USAGE),
    FormatRefused: Kind("format-refused", 404, _("Not available in this format")),
    NotFound: Kind("not-found", 404, _("Not found")),
    Http404: Kind("not-found", 404, _("Not found")),
    PermissionRefused: Kind("permission-refused", 403, _("Permission refused")),
    PermissionDenied: Kind("permission-refused", 403, _("Permission refused")),
    SuspiciousOperation: Kind("invalid-request", 400, _("Invalid request")),
    ParameterError: Kind("invalid-parameters", 400, _("Check the parameters"), WRONG_USAGE),
    RequestRefused: Kind("request-refused", 410, _("Request refused")),
    NotAcceptable: Kind("not-acceptable", 406, _("Not acceptable")),
    NotPortable: Kind("not-portable", 409, _("This database cannot answer the report")),
    TooManyCandidates: Kind("not-portable", 409, _("This database cannot answer the report")),
    GeometryRefused: Kind("invalid-geometry", 400, _("Invalid geometry"), WRONG_USAGE),
    SharingRefused: Kind("not-found", 404, _("Not found")),
    LoadError: Kind("load-failed", 500, _("The data could not be loaded")),
    FormatOverflow: Kind("format-overflow", 409, _("Too much for this format")),
    TooManyAtOnce: Kind("too-many-exports", 429, _("Too many exports at once")),
    LimitReached: Kind("limit-reached", 503, _("Limit reached")),
    ReaderGone: Kind("reader-gone", 499, _("The reader left")),  # as nginx logs it
    Misconfigured: Kind("not-configured", 503, _("Not configured")),
    DeclarationError: Kind("broken-report", 500, _("Broken report")),
    StatementFailed: Kind("database-failed", 503, _("The database did not answer")),
    Error: Kind("database-failed", 503, _("The database did not answer")),
    BaseException: Kind("internal-error", 500, _("Internal error")),
}
# Replacements for texts that only the log may show.
UNTOLD: dict[type[BaseException], Any] = {
    Misconfigured: _("Reports are currently unavailable. Ask an administrator."),
    DeclarationError: _("This report is currently unavailable. Ask an administrator."),
    StatementFailed: _("The database did not answer this report."),
    Error: _("The database did not answer this report."),
    Http404: _("This page does not exist."),
    PermissionDenied: _(
        "You do not have permission to view this. Ask an administrator for access."
    ),
    SuspiciousOperation: _("The server cannot understand this request."),
    BaseException: _("Something went wrong on our side. The error has been logged."),
}
FAILURES = (StatementFailed, RowFailed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error as it is shown.

    kind         the kind for programs: the end of the problem's type
    title        the kind for people, the same for all errors of the kind
    status       of HTTP
    exit_code    of a command
    detail       the sentence: what is wrong, where, and what to do
    errors       sentences by parameter
    error_id     the id of the error in the log, if it was logged
    retry_after  seconds after which to try again
    """

    kind: str
    title: str
    status: int
    exit_code: int
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
    """What is told of an error, wherever it is told; of a wrong declaration more `for_author`."""
    kind: Kind = _of_class(error, KINDS)
    status = kind.status
    if isinstance(error, LimitReached) and error.limit in ("rows", "bytes"):
        status = 413
    is_hidden = isinstance(error, DeclarationError | Misconfigured) and not for_author
    untold = is_hidden or isinstance(error, FAILURES) or not isinstance(error, IsolineError)
    return Problem(
        kind=kind.name,
        title=str(kind.title),
        status=status,
        exit_code=kind.exit_code,
        detail=str(_of_class(error, UNTOLD)) if untold else str(error),
        errors=error.errors if isinstance(error, ParameterError) else {},
        error_id=getattr(error, "error_id", ""),
        retry_after=RETRY_AFTER if isinstance(error, TooManyAtOnce) else None,
    )


def is_failure(error: BaseException) -> bool:
    """Whether it is nobody's wish and belongs in the log, with an id for those who ask."""
    kind: Kind = _of_class(error, KINDS)
    return kind.name in ("broken-report", "database-failed", "internal-error", "not-configured")


def _of_class(error: BaseException, values: Mapping[type[BaseException], Any]) -> Any:
    return next(values[each] for each in type(error).__mro__ if each in values)
