"""A report's page: its parameters, a page of its rows, and short links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import ValidationError
from django.db import connections
from django.forms.widgets import Input
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import reswap, retarget

from reports.errors import NotPortable, ParameterError, ReportError
from reports.filters.choices import labels
from reports.filters.space import AreaField
from reports.formats import FORMATS
from reports.problems import problem
from reports.queries.parameters import ParametersForm
from reports.queries.request import BoundRequest, bound
from reports.queries.result import ResultColumn, Row
from reports.queries.statement import Statement
from reports.report import Report
from reports.web import access, negotiation, problems, query
from reports.web.base import private
from reports.web.cells import cells, headings
from reports.web.paging import MissingPageError, Page, behind, in_time, numbered, row_count
from reports.web.query import Query

negotiated = vary_on_headers("Accept", "HX-Request")


@dataclass(slots=True, kw_only=True)
class _Asked:
    """The state of a request for a report's page."""

    report: Report
    query: Query
    user: Any
    bound: BoundRequest | None = None
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    problem: str = ""
    page: Page | None = None
    statement: Statement | None = None
    totals: Row | None = None
    status: int = 200

    @property
    def ordering(self) -> Sequence[str]:
        """The ids of the columns that the rows are sorted by."""
        assert self.bound is not None, "bind comes first"
        return self.bound.request.sort or self.report.options.ordering

    @property
    def form(self) -> ParametersForm:
        """Returns the form with the texts that were given."""
        assert self.bound is not None, "bind comes first"
        return self.bound.form


@private
@negotiated
@require_safe
@problems.refusals(is_page=True)
async def report_page(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Shows a report: its parameters, and a page of its rows."""
    user = await request.auser()
    report = await sync_to_async(access.readable)(slug, user)
    asked = _Asked(report=report, query=query.of_page(request.GET), user=user)
    if response := await sync_to_async(negotiation.elsewhere)(request, report, asked.query):
        return response
    await sync_to_async(_bind)(asked)
    try:
        if asked.errors:
            raise ParameterError(asked.errors)
        await _answer(asked)
    except (ParameterError, MissingPageError, NotPortable) as error:
        if not problems.accepts_page(request, is_page=True):
            raise
        _tell(asked, error)
    return await sync_to_async(_render)(request, asked)


def _tell(asked: _Asked, error: ReportError) -> None:
    """Lets the page itself show what is wrong, next to the form."""
    found = problem(error)
    asked.errors, asked.status = found.errors, found.status
    asked.problem = "" if found.errors else found.detail


@private
@negotiated
@problems.refusals(is_page=True)
async def share(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Redirects to the report that a form asks for, with short links in place of outlines."""
    user = await request.auser()
    report = await sync_to_async(access.readable)(slug, user)
    if request.method != "POST":
        return redirect("reports:report", slug)
    return await sync_to_async(_share)(request, report, user)


def _share(request: HttpRequest, report: Report, user: Any) -> HttpResponse:
    posted = request.POST.copy()
    posted.pop("csrfmiddlewaretoken", None)
    asked = _Asked(report=report, query=query.of_page(posted), user=user)
    _bind(asked)
    if not asked.errors:
        _shorten(asked)
    if asked.errors:
        error = ParameterError(asked.errors)
        if not problems.accepts_page(request, is_page=True):
            raise error
        _tell(asked, error)
        return _render(request, asked)
    return redirect(reverse("reports:report", args=[report.slug]) + asked.query.to())


def _shorten(asked: _Asked) -> None:
    """Replaces the query's outlines by links."""
    given = dict(asked.query.given)
    for name, form_field in asked.form.fields.items():
        area = asked.form.cleaned_data[name]
        if isinstance(form_field, AreaField) and area is not None:
            try:
                given[name] = [form_field.link(given[name][-1].strip(), area)]
            except ValidationError as error:
                asked.form.add_error(name, error)
                asked.errors = {**asked.errors, name: error.messages}
    asked.query = replace(asked.query, given=given)


def _bind(asked: _Asked) -> None:
    request = asked.query.request(asked.report.slug, asked.user)
    asked.bound = bound(request, user=asked.user, report=asked.report)
    errors = asked.bound.errors
    asked.errors = {**asked.query.errors, **errors}
    asked.query = replace(asked.query, given=asked.form.given)
    for name in errors.keys() & asked.form.fields.keys():
        # A number or date input would hide the invalid text.
        widget = asked.form.fields[name].widget
        if isinstance(widget, Input):
            widget.input_type = "text"
            widget.attrs.pop("type", None)


async def _answer(asked: _Asked) -> None:
    assert asked.bound is not None
    result = await sync_to_async(asked.bound.result)()
    asked.statement = result.statement
    async with in_time(asked.statement):
        if asked.query.after is not None:
            asked.page = await behind(asked.statement, asked.query.after)
        else:
            asked.page = await numbered(asked.statement, asked.query.page)
        if asked.report.options.totals:
            asked.totals = await sync_to_async(_totals)(asked.statement)


def _totals(statement: Statement) -> Row:
    return statement.totals(connections[statement.database])


def _render(request: HttpRequest, asked: _Asked) -> HttpResponse:
    """Returns the page, or for htmx its table. Errors of the form need the form as well."""
    template, context = "reports/report.html", _context(asked)
    if not problems.wants_part(request):
        return render(request, template, context, status=asked.status)
    context["is_part"] = True
    if not asked.errors:
        return render(request, f"{template}#table", context, status=asked.status)
    response = render(request, f"{template}#report", context, status=asked.status)
    return reswap(retarget(response, "#report"), "outerHTML")


def _context(asked: _Asked) -> dict[str, Any]:
    report, form, page = asked.report, asked.form, asked.page
    context: dict[str, Any] = {
        "report": report,
        "form": form,
        "query": asked.query,
        "databases": _databases(asked.query.database),
        "general_errors": {n: t for n, t in asked.errors.items() if n not in form.fields},
        "has_errors": bool(asked.errors),
        "has_areas": any(isinstance(each, AreaField) for each in form.fields.values()),
        "problem": asked.problem,
        "row_count": "",
        "active": _active(asked),
    }
    if page is not None and asked.statement is not None:
        columns = asked.statement.columns
        context |= {
            "page": page,
            "row_count": row_count(page.count),
            "headings": headings(columns, asked.ordering),
            "rows": [cells(columns, row) for row in page.rows],
            "totals": cells(columns, asked.totals) if asked.totals else [],
            "links": [(n, asked.query.to(page=n) if n else "") for n in page.links],
            "first_url": asked.query.to(page=1),
            "previous_url": asked.query.to(page=page.previous) if page.previous else "",
            "next_url": _next_url(asked.query, page),
            "csv_url": reverse("reports:download", args=[report.slug, "csv"]) + asked.query.to(),
            "downloads": _downloads(asked, columns),
        }
    return context


def _next_url(asked: Query, page: Page) -> str:
    if page.next:
        return asked.to(page=page.next)
    return asked.to(after=page.cursor) if page.cursor else ""


def _databases(chosen: str) -> list[tuple[str, bool]]:
    """Returns the databases and whether each is chosen, if there is more than one."""
    aliases = list(connections.settings)
    return [(alias, alias == chosen) for alias in aliases] if len(aliases) > 1 else []


def _active(asked: _Asked) -> list[dict[str, Any]]:
    """Returns the active parameters, with the address of the report without each."""
    form = asked.form
    return [
        {
            "label": form[name].label,
            "value": _shown(form, name, text),
            "url": replace(asked.query, given=form.without(name, text)).to() or ".",
        }
        for name, texts in form.in_force.items()
        if name not in asked.errors
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


def _downloads(asked: _Asked, columns: Sequence[ResultColumn]) -> dict[str, list[dict[str, str]]]:
    """Returns links to the downloads of this result, labelled by their use."""
    groups: dict[str, list[dict[str, str]]] = {}
    for format_ in FORMATS.values():
        address = reverse("reports:download", args=[asked.report.slug, format_.name])
        for offer in () if format_.missing(columns) else format_.offers:
            own = {"dialect": offer.dialect} if offer.dialect else {}
            groups.setdefault(str(offer.group), []).append(
                {"url": address + asked.query.to(**own), "label": offer.label, "hint": offer.hint}
            )
    return groups
