"""A report's page in another format, for who asks for that by `Accept` (RFC 9110, 12.5.1)."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from reports.errors import NotAcceptable
from reports.formats import FORMATS, Format
from reports.report import Report
from reports.web.query import Query

PAGE = "text/html"
# The page first: where all are equally welcome it is what is sent.
FORMAT_OF: dict[str, Format | None] = {
    PAGE: None,
    **{each.media_type: each for each in FORMATS.values() if each.media_type != PAGE},
}


def elsewhere(request: Any, report: Report, query: Query) -> HttpResponse | None:
    """Where a request that likes another format better finds it; None if it takes the page.

    A 303 to the download, which has an address of its own. Raises NotAcceptable.
    """
    media_type = request.get_preferred_type(FORMAT_OF)
    if media_type is None:
        sentence = _("A report can be had as %(there_are)s; “Accept” takes none of these.")
        raise NotAcceptable(sentence % {"there_are": ", ".join(FORMAT_OF)})
    format_ = FORMAT_OF[media_type]
    if format_ is None:
        return None
    address = reverse("reports:download", args=[report.slug, format_.name])
    return HttpResponseRedirect(address + query.to(), status=303)
