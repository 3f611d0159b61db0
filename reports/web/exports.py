"""The records and manifests of exports. Only the maker of an export can read them."""

from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers
from django.views.generic import View

from reports import registry
from reports.errors import BrokenReport, NotFound, ParameterError, UnknownReport
from reports.exports.compression import BY_SUFFIX
from reports.exports.manifest import manifest as as_manifest
from reports.formats import FORMATS
from reports.models import Export
from reports.queries.parameters import read
from reports.report import Report
from reports.values.page_texts import grouped
from reports.web import problems, query
from reports.web.base import SAFE_METHODS, Page, ReportMixin, private

HEADER = "X-Export-Id"
JSON, HTML = "application/json", "text/html"
# How many of the user's latest exports of a report are searched for matching parameters.
SEARCHED = 100


def token(record: Export) -> str:
    """Returns the token by which the maker of an export reads its record.

    For a signed-in maker it is the id, which only they can use. For others it is the id with a
    signature, which proves that the maker sent or passed on the token.
    """
    return str(record.pk) if record.user_id is not None else _signer().sign(str(record.pk))


def found(asked: str, user: Any) -> Export | None:
    """Returns the record of a token if this user may read it, else None."""
    try:
        key, maker = _signer().unsign(asked), None
    except BadSignature:
        if not user.is_authenticated:
            return None
        key, maker = asked, user.pk
    try:
        number = UUID(key)
    except ValueError:
        return None
    return Export.objects.using(DEFAULT_DB_ALIAS).filter(pk=number, user=maker).first()


def _signer() -> Signer:
    return Signer(sep=".", salt="reports.exports")


@method_decorator([private, vary_on_headers("Accept")], name="dispatch")
class ExportView(Page):
    """Shows an export's record: a page for browsers, JSON for others."""

    template_name = "reports/export.html"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        record = found(token, request.user)
        is_page = request.get_preferred_type([JSON, HTML]) == HTML
        if record is None:
            sentence = _("You have no export with this id, or its record has been deleted.")
            return problems.refused(request, NotFound(sentence), is_page=False)
        if not is_page:
            return JsonResponse(as_manifest(record))
        return self.render_to_response(self.get_context_data(**_context(record)))


def _context(record: Export) -> dict[str, Any]:
    try:
        report = registry.get(record.report)
    except (UnknownReport, BrokenReport):  # the report was removed since
        report = None
    return {
        "export": record,
        "report": report,
        "state": record.effective_state,
        "rows": grouped(str(record.rows)),
        "bytes": grouped(str(record.bytes)),
        "parameters": [
            (name, [texts] if isinstance(texts, str) else texts)
            for name, texts in record.parameters.items()
        ],
    }


@method_decorator(
    [private, vary_on_headers("Accept"), problems.refusals(is_page=False)], name="dispatch"
)
class ManifestView(ReportMixin, View):
    """Returns the manifest of an earlier download: its record, never a second run."""

    http_method_names = SAFE_METHODS

    def get(self, request: HttpRequest, slug: str, suffix: str) -> HttpResponse:
        self.report = self.get_report()
        stem, _point, last = suffix.rpartition(".")
        if last in BY_SUFFIX:  # the record is of the uncompressed bytes
            suffix = stem
        record = self.get_record(suffix)
        if record is None:
            sentence = _(
                "You have no such export. Download the report first, then request its manifest with"
                " “export=” and the X-Export-Id of the download."
            )
            raise NotFound(sentence)
        # 200 only if the export is complete, so that scripts do not take a partial record for a
        # manifest.
        status = {Export.State.COMPLETE: 200, Export.State.RUNNING: 202}
        return JsonResponse(as_manifest(record), status=status.get(record.effective_state, 409))

    def get_record(self, format_: str) -> Export | None:
        """Returns the export that `export=` names, or else the user's latest, None if none."""
        if self.request.GET.get("export") is None:
            return _latest(self.request, self.report, format_)
        return _named(self.request, self.report, format_)


def _named(request: HttpRequest, report: Report, format_: str) -> Export | None:
    if others := sorted(request.GET.keys() - {"export"}):
        sentence = _("Leave it out: “export” alone names the export.")
        raise ParameterError({name: [sentence] for name in others})
    record = found(request.GET["export"], request.user)
    is_it = record is not None and (record.report, record.format) == (report.slug, format_)
    return record if is_it else None


def _latest(request: HttpRequest, report: Report, format_: str) -> Export | None:
    """Returns the user's latest matching complete export. Anonymous exports have no known owner."""
    user: Any = request.user
    if format_ not in FORMATS or not user.is_authenticated:
        return None
    asked = query.of_download(request.GET, FORMATS[format_])
    if asked.errors:
        raise ParameterError(asked.errors)
    given = dict(read(report, asked.given, asked.database, user).given)
    records = Export.objects.using(DEFAULT_DB_ALIAS).filter(
        user=user.pk,
        report=report.slug,
        format=format_,
        dialect=asked.dialect or next(iter(FORMATS[format_].dialects)),
        database=asked.database,
        state=Export.State.COMPLETE,
    )
    latest = records.order_by("-ended")[:SEARCHED]
    return next((each for each in latest if each.parameters == given), None)
