"""A report's page: its form, a page of its rows, and short links to both."""

from asyncio import CancelledError
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import ValidationError
from django.forms.widgets import Input
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.text import Truncator
from django.views.decorators.vary import vary_on_headers
from django.views.generic import View
from django.views.generic.base import ContextMixin
from django_htmx.http import reswap, retarget

from reports import installation
from reports.errors import NotPortable, ParameterError
from reports.filters.choices import labels
from reports.filters.space import AreaField
from reports.formats import FORMATS
from reports.problems import problem
from reports.queries.parameters import ParametersForm
from reports.queries.request import BoundRequest, bound
from reports.queries.result import ResultColumn, Row
from reports.queries.statement import Statement
from reports.web import negotiation, problems, project, query
from reports.web.base import SAFE_METHODS, ReportMixin, private
from reports.web.cells import cells, headings
from reports.web.paging import MissingPageError, Page, PageReader, in_time, row_count
from reports.web.query import Query

negotiated = vary_on_headers("Accept", "HX-Request")
# Errors that the page shows itself, beside the form that led to them.
SHOWN = (ParameterError, MissingPageError, NotPortable)


class ReportPageMixin(ReportMixin, ContextMixin):
    """A report's page, from its query string to the response.

    errors   what is wrong with the parameters, sentences by name
    problem  what else is wrong, in a sentence
    """

    template_name = "reports/report.html"
    query: Query
    bound: BoundRequest | None = None
    statement: Statement | None = None
    page: Page | None = None
    totals: Row | None = None
    errors: Mapping[str, Sequence[str]] = {}
    problem = ""
    status = 200

    @property
    def form(self) -> ParametersForm:
        """Returns the form with the texts that were given."""
        assert self.bound is not None, "bind comes first"
        return self.bound.form

    @property
    def ordering(self) -> Sequence[str]:
        """Returns the ids of the columns that the rows are sorted by."""
        assert self.bound is not None, "bind comes first"
        return self.bound.request.sort or self.report.options.ordering

    def get_query(self, given: QueryDict) -> Query:
        """Returns what a query string or a posted form says, with its errors."""
        return query.of_page(given)

    def bind(self) -> None:
        """Reads the parameters of `query` into `bound`, and their errors into `errors`."""
        request = self.get_request(self.query)
        self.bound = bound(request, user=self.request.user, report=self.report)
        self.errors = {**self.query.errors, **self.bound.errors}
        self.query = replace(self.query, given=self.form.given)
        for name in self.bound.errors.keys() & self.form.fields.keys():
            # A number or date input would hide the invalid text.
            widget = self.form.fields[name].widget
            if isinstance(widget, Input):
                widget.input_type = "text"
                widget.attrs.pop("type", None)

    def render_error(self, error: BaseException) -> HttpResponse:
        """Returns the page with an error of SHOWN. Raises every other, and all before `bind`."""
        is_page = problems.accepts_page(self.request, is_page=True)
        if not isinstance(error, SHOWN) or self.bound is None or not is_page:
            raise error
        found = problem(error)
        self.errors, self.status = found.errors, found.status
        self.problem = "" if found.errors else found.detail
        return self.render()

    def render(self) -> HttpResponse:
        """Returns the page, or for htmx its table. Errors of the form need the form as well."""
        if not problems.wants_part(self.request):
            return self._rendered(self.template_name)
        if not self.errors:
            return self._rendered(f"{self.template_name}#table", is_part=True)
        response = self._rendered(f"{self.template_name}#report", is_part=True)
        return reswap(retarget(response, "#report"), "outerHTML")

    def _rendered(self, template: str, **kwargs: Any) -> HttpResponse:
        return render(self.request, template, self.get_context_data(**kwargs), status=self.status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Returns the context of the template, with the rows if there are any."""
        form = self.form
        areas = [each for each in form.fields.values() if isinstance(each, AreaField)]
        for field in areas:
            field.widget.shared_url = project.link(self.request, "area", "TOKEN")
        context: dict[str, Any] = {
            "base_template": project.base_template(),
            "report": self.report,
            "form": form,
            "query": self.query,
            "databases": _databases(self.query.database),
            "general_errors": {n: t for n, t in self.errors.items() if n not in form.fields},
            "has_errors": bool(self.errors),
            "has_areas": bool(areas),
            "problem": self.problem,
            "row_count": "",
            "active": _active(self.query, form, self.errors),
        }
        if self.page is not None and self.statement is not None:
            context |= self._context_of_rows(self.page, self.statement.columns)
        return super().get_context_data(**context, **kwargs)

    def _context_of_rows(self, page: Page, columns: Sequence[ResultColumn]) -> dict[str, Any]:
        query, slug = self.query, self.report.slug
        return {
            "page": page,
            "row_count": row_count(page.count),
            "headings": headings(columns, self.ordering),
            "rows": [cells(columns, row) for row in page.rows],
            "totals": cells(columns, self.totals) if self.totals else [],
            "links": [(n, query.to(page=n) if n else "") for n in page.links],
            "first_url": query.to(page=1),
            "previous_url": query.to(page=page.previous) if page.previous else "",
            "next_url": _next_url(query, page),
            "csv_url": project.link(self.request, "download", slug, "csv") + query.to(),
            "downloads": self._downloads(columns),
        }

    def _downloads(self, columns: Sequence[ResultColumn]) -> dict[str, list[dict[str, str]]]:
        """Returns links to the downloads of this result, labelled by their use."""
        groups: dict[str, list[dict[str, str]]] = {}
        for format_ in FORMATS.values():
            address = project.link(self.request, "download", self.report.slug, format_.name)
            for offer in () if format_.missing(columns) else format_.offers:
                own = {"dialect": offer.dialect} if offer.dialect else {}
                groups.setdefault(str(offer.group), []).append(
                    {
                        "url": address + self.query.to(**own),
                        "label": offer.label,
                        "hint": offer.hint,
                    }
                )
        return groups


@method_decorator([private, negotiated, problems.refusals(is_page=True)], name="dispatch")
class ReportPageView(ReportPageMixin, View):
    """Shows a report: its parameters, and a page of its rows. The one async view.

    `get` hops four times to the request's thread, which has the database connections: `prepare`,
    the count, the rows, `finish`. The event loop is free during each of them. Everything else of a
    page is sync and belongs to the first hop or the last.
    """

    http_method_names = SAFE_METHODS
    reader_class = PageReader
    reader: PageReader
    limit: ExitStack

    # The decorators await a coroutine function alone, and the stubs know no async views.
    async def dispatch(  # type: ignore[override]
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        above: Any = super()
        response: HttpResponseBase = await above.dispatch(request, *args, **kwargs)
        return response

    async def get(self, request: HttpRequest, slug: str) -> HttpResponseBase:
        self.limit = ExitStack()
        failure: BaseException | None = None
        try:
            if response := await sync_to_async(self.prepare)():
                return response
            await self.reader.read()  # two hops: the count, the rows
        except (Exception, CancelledError) as error:  # noqa: BLE001 -- `finish` raises it again
            failure = error
        return await sync_to_async(self.finish)(failure)

    def prepare(self) -> HttpResponseBase | None:
        """Checks the permission, reads the parameters, and writes the SQL for `reader`.

        From here to `finish` the connection is limited to PAGE_LIMITS. Returns a redirect if
        `Accept` prefers a download.
        """
        self.report = self.get_report()
        self.query = self.get_query(self.request.GET)
        if response := negotiation.elsewhere(self.request, self.report, self.query):
            return response
        self.bind()
        if self.bound is None or self.errors:
            raise ParameterError(self.errors)
        self.statement = self.bound.result().statement
        self.limit.enter_context(in_time(self.statement))
        self.reader = self.reader_class(
            self.statement, number=self.query.page, after=self.query.after
        )
        return None

    def finish(self, failure: BaseException | None) -> HttpResponse:
        """Returns the page of what `reader` has read, or of an error that it shows."""
        try:
            with self.limit:
                if failure is not None:
                    raise failure
                self.page = self.reader.page()
                if self.report.options.totals:
                    self.totals = self.reader.totals()
        except SHOWN as error:
            return self.render_error(error)
        return self.render()


@method_decorator([private, negotiated, problems.refusals(is_page=True)], name="dispatch")
class ShareView(ReportPageMixin, View):
    """Redirects to the report that a form asks for, with short links in place of outlines."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        self.report = self.get_report()
        posted = request.POST.copy()
        posted.pop("csrfmiddlewaretoken", None)
        self.query = self.get_query(posted)
        self.bind()
        if not self.errors:
            self.shorten()
        if self.errors:
            return self.render_error(ParameterError(self.errors))
        return redirect(project.link(request, "report", slug) + self.query.to())

    def shorten(self) -> None:
        """Replaces the query's outlines by links."""
        given = dict(self.query.given)
        for name, form_field in self.form.fields.items():
            area = self.form.cleaned_data[name]
            if isinstance(form_field, AreaField) and area is not None:
                try:
                    given[name] = [form_field.link(given[name][-1].strip(), area)]
                except ValidationError as error:
                    self.form.add_error(name, error)
                    self.errors = {**self.errors, name: error.messages}
        self.query = replace(self.query, given=given)

    def http_method_not_allowed(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Redirects to the report: its form alone posts here."""
        self.report = self.get_report()
        return redirect(project.link(request, "report", self.report.slug))


def _next_url(query: Query, page: Page) -> str:
    if page.next:
        return query.to(page=page.next)
    return query.to(after=page.cursor) if page.cursor else ""


def _databases(chosen: str) -> list[tuple[str, bool]]:
    """Returns the databases and whether each is chosen, if there is more than one."""
    aliases = installation.databases()
    return [(alias, alias == chosen) for alias in aliases] if len(aliases) > 1 else []


def _active(
    query: Query, form: ParametersForm, errors: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """Returns the active parameters, with the address of the report without each."""
    return [
        {
            "label": form[name].label,
            "value": _shown(form, name, text),
            "url": replace(query, given=form.without(name, text)).to() or ".",
        }
        for name, texts in form.in_force.items()
        if name not in errors
        for text in texts
    ]


def _shown(form: ParametersForm, name: str, text: str) -> str:
    """Returns a parameter's text as people know it, and what it stands for now."""
    field: Any = form.fields[name]
    if hasattr(field, "shown"):
        text = field.shown(text)
    else:
        text = str(labels(getattr(field, "choices", ())).get(text, text))
    words = Truncator(text).chars(60)
    return f"{words} ({form.explained[name]})" if name in form.explained else words
