"""Error responses: one error, as a page or as problem+json (RFC 9457)."""

import logging
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestAborted, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.defaults import page_not_found
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from geo.errors import IsolineError
from reports import installation
from reports.errors import Misconfigured, PermissionRefused, ReaderGone, logged
from reports.installation import Lack
from reports.problems import MEDIA_TYPE, Problem, is_failure, problem
from reports.report import is_staff
from reports.web import project

logger = logging.getLogger("isoline.web")

type View = Callable[..., Any]
# Django handles these itself.
DJANGOS_OWN = (Http404, PermissionDenied, SuspiciousOperation)
HTML, JSON = "text/html", "application/json"


def refusals(*, is_page: bool) -> Callable[[View], View]:
    """Decorator of a report's view, sync or async, that turns its errors into responses.

    At a page's address an anonymous user is redirected to the login page, if there is one, instead
    of getting a 403.
    """

    def decorator(view: View) -> View:
        def refusing(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
            try:
                response: HttpResponseBase = view(request, slug, **kwargs)
            except Exception as error:  # noqa: BLE001 -- raised again if it is not ours
                return _answer(request, error, slug, is_page=is_page)
            return response

        async def arefusing(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
            try:
                response: HttpResponseBase = await view(request, slug, **kwargs)
            except Exception as error:  # noqa: BLE001 -- raised again if it is not ours
                return await sync_to_async(_answer)(request, error, slug, is_page=is_page)
            return response

        return wraps(view)(arefusing if iscoroutinefunction(view) else refusing)

    return decorator


def _answer(
    request: HttpRequest, error: Exception, slug: str, *, is_page: bool
) -> HttpResponseBase:
    """Returns the response to an error of a view. Raises it if Django shall respond."""
    if isinstance(error, RequestAborted):
        raise error
    # What an error means where something is missing is best said by what that is.
    if not isinstance(error, (IsolineError, *DJANGOS_OWN)) and (lacks := installation.lacks()):
        return missing(request, lacks, cause=error)
    takes_html = accepts_page(request, is_page=is_page)
    if takes_html and isinstance(error, DJANGOS_OWN):
        raise error
    if settings.DEBUG and problem(error).kind == "internal-error":
        raise error
    is_closed = takes_html and is_page and isinstance(error, PermissionRefused)
    if is_closed and not request.user.is_authenticated and project.login_url():
        return _to_login(request)
    return refused(request, error, slug, is_page=is_page)


def missing(
    request: HttpRequest, lacks: Sequence[Lack], cause: Exception | None = None
) -> HttpResponse:
    """Returns the response of a project that lacks something, without user or template."""
    error = Misconfigured(" ".join(lack.sentence for lack in lacks))
    error.__cause__ = cause
    logged(logger, error, "%s cannot be answered", request.path)
    found = problem(error, for_author=settings.DEBUG)
    return HttpResponse(found.detail, content_type="text/plain; charset=utf-8", status=found.status)


def refused(
    request: HttpRequest, error: Exception, slug: str = "", *, is_page: bool
) -> HttpResponse:
    """Returns the response to an error, at the address of a page or of data."""
    if isinstance(error, ReaderGone):
        return HttpResponse(status=problem(error).status)  # nobody is there to see it
    if is_failure(error):
        logged(logger, error, "report %s could not be answered", slug)
    found = problem(error, for_author=is_staff(request.user))
    if accepts_page(request, is_page=is_page):
        response: HttpResponse = _page(request, found)
    else:
        members = found.members(request.get_full_path())
        response = JsonResponse(
            members,
            status=found.status,
            content_type=MEDIA_TYPE,
            json_dumps_params={"ensure_ascii": False},
        )
    if found.retry_after is not None:
        response.headers["Retry-After"] = str(found.retry_after)
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Returns the response for an unknown address; for `handler404`."""
    if accepts_page(request, is_page=True):
        response: HttpResponseBase = page_not_found(request, exception)
    else:
        response = refused(request, Http404(), is_page=True)
    patch_vary_headers(response, ["Accept"])
    return response


def accepts_page(request: Any, *, is_page: bool) -> bool:
    """Whether an error is shown as a page: at a page's address unless JSON is preferred.

    At the address of data `Accept` must name text/html, as browsers do, and prefer it.
    """
    if is_page:
        return request.get_preferred_type([HTML, MEDIA_TYPE, JSON]) not in (MEDIA_TYPE, JSON)
    named = any(str(each).partition(";")[0] == HTML for each in request.accepted_types)
    return named and request.get_preferred_type([MEDIA_TYPE, JSON, HTML]) == HTML


def _page(request: HttpRequest, found: Problem) -> HttpResponse:
    """Returns an error's page, or for htmx only its sentence, which replaces the table."""
    template = "reports/error.html#message" if wants_part(request) else "reports/error.html"
    context = {
        "problem": found,
        "offers_login": found.status == 403,
        "base_template": project.base_template(),
    }
    return render(request, template, context, status=found.status)


def _to_login(request: HttpRequest) -> HttpResponseBase:
    # Here, because without django.contrib.auth a check (reports.E011) is to say so.
    from django.contrib.auth.views import redirect_to_login

    redirect = redirect_to_login(request.get_full_path())
    # A script would follow a plain redirect and put the login page into the table.
    return HttpResponseClientRedirect(redirect.url) if wants_part(request) else redirect


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page."""
    return bool(HtmxDetails(request)) and request.headers.get("HX-Request-Type") != "full"
