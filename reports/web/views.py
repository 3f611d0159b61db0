"""The views that show no report: the catalogue, downloads, the areas of links, attribution."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.vary import vary_on_headers
from django.views.generic import View

from geo.backends.wrapper import may_be
from geo.sharing import SharingRefused, shared
from reports.errors import NotFound, ParameterError
from reports.exports.compression import BY_SUFFIX
from reports.exports.tracking import TrackedExport
from reports.formats import FORMATS, Format
from reports.limits import export_limits
from reports.queries.request import bound
from reports.report import Report
from reports.web import access, attribution, exports, problems, query
from reports.web.base import SAFE_METHODS, Page, ReportMixin, private
from reports.web.delivery.content_encoding import packing
from reports.web.delivery.stream import attachment
from reports.web.query import Query


@method_decorator(private, name="dispatch")
class CatalogueView(Page):
    """Lists the reports that the user may read."""

    template_name = "reports/catalogue.html"

    def get_reports(self) -> list[Report]:
        """Returns the reports to list, in order."""
        return access.all_readable(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Returns the context, with an entry for each report."""
        entries = [_entry(report) for report in self.get_reports()]
        return super().get_context_data(entries=entries, **kwargs)


@method_decorator(private, name="dispatch")
class DataView(Page):
    """Lists the sources and licenses of bundled data."""

    template_name = "reports/data.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Returns the context, with the attributions of every app."""
        return super().get_context_data(attributions=list(attribution.attributions()), **kwargs)


@method_decorator(
    [cache_control(private=True, max_age=60 * 60), vary_on_headers("Accept")], name="dispatch"
)
class AreaView(View):
    """Returns the area of a short link as GeoJSON, for the map."""

    http_method_names = SAFE_METHODS

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            found: Any = shared(token)  # the stubs have no coords
        except SharingRefused as error:
            return problems.refused(request, error, is_page=False)
        return JsonResponse(
            {"type": found.geom_type, "coordinates": found.coords},
            content_type="application/geo+json",
        )


@method_decorator(
    [private, vary_on_headers("Accept"), problems.refusals(is_page=False)], name="dispatch"
)
class DownloadView(ReportMixin, View):
    """Sends a report's whole result."""

    http_method_names = SAFE_METHODS

    def get(
        self, request: HttpRequest, slug: str, suffix: str, compression: str = ""
    ) -> HttpResponseBase:
        self.report = self.get_report()
        if sentence := _unknown_file(suffix, compression):
            raise NotFound(sentence)
        format_ = FORMATS[suffix]
        export = self.get_export(format_, compression)
        response = attachment(request, export, packing(request, format_, compression))
        if export.is_kept:
            response.headers[exports.HEADER] = exports.token(export.record)
        return response

    def get_query(self, format_: Format) -> Query:
        """Returns what the query string says, with its errors."""
        return query.of_download(self.request.GET, format_)

    def get_export(self, format_: Format, compression: str) -> TrackedExport:
        """Returns the export, not begun. Raises ParameterError, NotPortable, FormatRefused."""
        asked, user = self.get_query(format_), self.request.user
        request = self.get_request(asked, format_=format_.name, compression=compression)
        found = bound(request, user=user, report=self.report)
        if errors := {**asked.errors, **found.errors}:
            raise ParameterError(errors)
        return TrackedExport.of(found.result(), limits=export_limits(), user=user)


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
