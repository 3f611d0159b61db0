"""What the views of reports share. A project may subclass any of them and override its methods."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.generic import TemplateView

from reports import installation
from reports.queries.request import ReportRequest
from reports.report import Report
from reports.web import access, problems, project
from reports.web.query import Query

SAFE_METHODS = ["get", "head"]

private = cache_control(private=True, no_store=True)


class ReportMixin:
    """The report of a view whose URL has its slug."""

    request: HttpRequest
    kwargs: dict[str, Any]
    report: Report

    def get_report(self) -> Report:
        """Returns the report if the user may read it. Nothing else of a request is read before.

        Raises UnknownReport, PermissionRefused, BrokenReport.
        """
        user = self.request.user
        # Loads the user even if the report is for everyone: every response is `Vary: Cookie`.
        _ = user.is_authenticated
        return access.readable(self.kwargs["slug"], user)

    def get_request(self, query: Query, **file: str) -> ReportRequest:
        """Returns the request of the page, or of a file's `format_` and `compression`."""
        return query.request(self.report.slug, self.request.user, **file)


class Page(TemplateView):
    """A page that shows no report."""

    http_method_names = SAFE_METHODS

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if lacks := installation.lacks():
            return problems.missing(request, lacks)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(base_template=project.base_template(), **kwargs)
