"""What goes wrong on the way to a page, as a page: one shape for all of it."""

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import wraps
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, RequestAborted, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from geo.backends.recheck import TooManyToRecheck
from reports.errors import (
    FormatOverflow,
    FormatRefused,
    LimitReached,
    NotPortable,
    ParameterError,
    PermissionRefused,
    ReaderGone,
    StatementFailed,
    TooManyAtOnce,
    UnknownReport,
    logged,
)

logger = logging.getLogger("isoline.web")

type View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]
# Django makes answers of these itself.
DJANGOS_OWN = (Http404, PermissionDenied, SuspiciousOperation, RequestAborted)
# Seconds after which it is worth while to ask again: most exports have ended by then.
RETRY_AFTER = 10


def refusals(*, offers_login: bool) -> Callable[[View], View]:
    """Decorator of an async view of one report: its errors become pages with their status.

    With `offers_login` someone who has not signed in is led to do so, instead of a 403.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        async def refusing(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
            try:
                return await view(request, slug, **kwargs)
            except PermissionRefused as error:
                if offers_login and not (await request.auser()).is_authenticated:
                    return _to_login(request)
                return await sync_to_async(_refused)(request, slug, error)
            except DJANGOS_OWN:
                raise
            except Exception as error:  # any other is a page too, and in the log
                if settings.DEBUG and not isinstance(error, EXPECTED):
                    raise
                return await sync_to_async(_refused)(request, slug, error)

        return refusing

    return decorator


def _refused(request: HttpRequest, slug: str, error: Exception) -> HttpResponse:
    match error:
        case UnknownReport():
            return page(request, 404, _("There is no report “%s”.") % slug)
        case PermissionRefused():
            return page(request, 403, str(error))
        case FormatRefused():
            return page(request, 404, str(error))
        case NotPortable() | TooManyToRecheck() | FormatOverflow():
            return page(request, 409, str(error))
        case TooManyAtOnce():
            response = page(request, 429, str(error))
            response.headers["Retry-After"] = str(RETRY_AFTER)
            return response
        case LimitReached():
            status = 413 if error.limit in ("rows", "bytes") else 503
            return page(request, status, str(error))
        case ReaderGone():
            # As nginx logs it; nobody is there to see it.
            return HttpResponse(status=499)
        case ParameterError():
            return page(request, 400, _("The address asks for something else."), error.errors)
        case StatementFailed() | DatabaseError():
            sentence = _("The database did not answer this report.")
            return _failed(request, slug, error, 503, sentence)
    sentence = _("Something went wrong here, and it is written down.")
    return _failed(request, slug, error, 500, sentence)


EXPECTED = (
    *(UnknownReport, NotPortable, FormatRefused, FormatOverflow, ParameterError),
    *(LimitReached, ReaderGone),
    *(StatementFailed, DatabaseError),
)


def _failed(
    request: HttpRequest, slug: str, error: Exception, status: int, sentence: str
) -> HttpResponse:
    """A page that says no more than an id; the log has the rest under it."""
    error_id = logged(logger, error, "report %s could not be answered", slug)
    return page(request, status, sentence, error_id=error_id)


def page(
    request: HttpRequest,
    status: int,
    sentence: str,
    errors: Mapping[str, Sequence[str]] | None = None,
    error_id: str = "",
) -> HttpResponse:
    """The page of an error, or its sentence alone where htmx puts it in a table's place."""
    template = "reports/error.html#message" if wants_part(request) else "reports/error.html"
    context = {
        "status": status,
        "sentence": sentence,
        "errors": errors or {},
        "error_id": error_id,
        "offers_login": status == 403,
    }
    return render(request, template, context, status=status)


def _to_login(request: HttpRequest) -> HttpResponseBase:
    redirect = redirect_to_login(request.get_full_path())
    # A script would follow a plain redirect and put the login page into the table.
    return HttpResponseClientRedirect(redirect.url) if wants_part(request) else redirect


def wants_part(request: Any) -> bool:
    """Whether htmx asks for a part of a page."""
    return bool(request.htmx) and request.headers.get("HX-Request-Type") != "full"
