"""The report page as a sync view: the same but for how it waits."""

from contextlib import ExitStack
from typing import Any

from django.core.paginator import EmptyPage, Paginator
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.generic import View

from reports.web import problems
from reports.web.base import private
from reports.web.paging import PageReader
from reports.web.report_page import ReportPageView, negotiated


class SyncPageReader(PageReader):
    """Reads a page by its number with Django's Paginator."""

    def read(self) -> None:  # type: ignore[override]
        """Reads the count and the rows."""
        paginator = Paginator(self.queryset, self.per_page)
        self.count, self.last = paginator.count, paginator.num_pages
        try:
            self.rows = list(paginator.page(self.number))
        except EmptyPage as error:
            raise self.missing() from error
        self.links = list(paginator.get_elided_page_range(self.number, on_each_side=2, on_ends=1))


@method_decorator([private, negotiated, problems.refusals(is_page=True)], name="dispatch")
class SyncReportPageView(ReportPageView):
    """The page in one thread, without hops."""

    reader_class = SyncPageReader

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        """The method that Django chooses, as it is."""
        return View.dispatch(self, request, *args, **kwargs)

    def get(self, request: HttpRequest, slug: str) -> HttpResponseBase:  # type: ignore[override]
        """The steps of the async view."""
        self.limit = ExitStack()
        failure: Exception | None = None
        try:
            if response := self.prepare():
                return response
            self.reader.read()  # type: ignore[unused-coroutine]
        except Exception as error:  # noqa: BLE001 -- `finish` raises it again
            failure = error
        return self.finish(failure)
