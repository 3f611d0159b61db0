"""The views: catalogue, report, download, attribution."""

from collections.abc import Mapping, Sequence
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from geo.backends.wrapper import may_be
from geo.sharing import SharingRefused, shared
from reports.errors import NotFound, ParameterError
from reports.exports.compression import BY_SUFFIX
from reports.exports.tracking import TrackedExport
from reports.formats import FORMATS
from reports.limits import export_limits
from reports.queries.request import ReportRequest, bound
from reports.report import Report
from reports.web import access, attribution, exports, problems, query
from reports.web.delivery.content_encoding import packing
from reports.web.delivery.stream import attachment

private = cache_control(private=True, no_store=True)


@private
@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Lists the reports that the user may read."""
    entries = [_entry(report) for report in access.all_readable(request.user)]
    return render(request, "reports/catalogue.html", {"entries": entries})


@private
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Lists the sources and licenses of bundled data."""
    return render(request, "reports/data.html", {"attributions": list(attribution.attributions())})


@cache_control(private=True, max_age=60 * 60)
@vary_on_headers("Accept")
@require_safe
def area(request: HttpRequest, token: str) -> HttpResponse:
    """Returns the area of a link as GeoJSON, for the map."""
    try:
        found: Any = shared(token)  # the stubs have no coords
    except SharingRefused as error:
        return problems.refused(request, error, is_page=False)
    return JsonResponse(
        {"type": found.geom_type, "coordinates": found.coords}, content_type="application/geo+json"
    )


def _entry(report: Report) -> dict[str, Any]:
    """Returns the catalogue's entry of a report."""
    return {
        "report": report,
        "columns": [column.label for column in (*report.keys.values(), *report.columns.values())],
        "databases": report.options.databases,
        "query": _query_of_able(report),
    }


def _query_of_able(report: Report) -> str:
    """Returns the query string of a database that can answer, if `default` cannot."""
    if not report.options.databases:
        return ""
    for alias in (DEFAULT_DB_ALIAS, *connections.settings):
        # Settings decide: only its own page should wait for a server that is down.
        if may_be(alias, report.options.databases):
            return "" if alias == DEFAULT_DB_ALIAS else f"?database={alias}"
    return ""


@private
@vary_on_headers("Accept")
@require_safe
@problems.refusals(is_page=False)
async def download(
    request: HttpRequest, slug: str, suffix: str, compression: str = ""
) -> HttpResponseBase:
    """Sends a report's whole result."""
    user = await request.auser()
    report = await sync_to_async(access.readable)(slug, user)
    if sentence := _unknown_file(suffix, compression):
        raise NotFound(sentence)
    format_ = FORMATS[suffix]
    asked = query.of_download(request.GET, format_)
    wanted = asked.request(slug, user, format_.name, compression)
    export = await sync_to_async(_export)(report, asked.errors, wanted, user)
    response = await attachment(request, export, packing(request, format_, compression))
    if export.is_kept:
        response.headers[exports.HEADER] = exports.token(export.record)
    return response


def _unknown_file(suffix: str, compression: str) -> str:
    """Returns what is wrong with the end of a download's name, "" if nothing."""
    if suffix not in FORMATS:
        sentence = _("There is no format “%(suffix)s”; there are %(there_are)s.")
        return sentence % {"suffix": suffix, "there_are": ", ".join(FORMATS)}
    if compression and compression not in BY_SUFFIX:
        sentence = _("There is no compression “%(suffix)s”; there are %(there_are)s.")
        return sentence % {"suffix": compression, "there_are": ", ".join(BY_SUFFIX)}
    if compression and FORMATS[suffix].is_compressed:
        return _("“%(suffix)s” is compressed already: ask for it without “.%(compression)s”.") % {
            "suffix": suffix,
            "compression": compression,
        }
    return ""


def _export(
    report: Report, errors: Mapping[str, Sequence[str]], request: ReportRequest, user: Any
) -> TrackedExport:
    asked = bound(request, user=user, report=report)
    if errors := {**errors, **asked.errors}:
        raise ParameterError(errors)
    return TrackedExport.of(asked.result(), limits=export_limits(), user=user)
