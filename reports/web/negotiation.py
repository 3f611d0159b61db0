"""Content negotiation: from a report's page to another format (RFC 9110, 12.5.1)."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from reports.errors import NotAcceptable
from reports.formats import FORMATS, Format
from reports.report import Report
from reports.web import project
from reports.web.query import Query

PAGE = "text/html"
# The page first: it is sent if several types are equally acceptable.
FORMAT_OF: dict[str, Format | None] = {
    PAGE: None,
    **{each.media_type: each for each in FORMATS.values() if each.media_type != PAGE},
}


def elsewhere(request: Any, report: Report, query: Query) -> HttpResponse | None:
    """Returns a redirect (303) to the preferred format's download, None if the page is preferred.

    Raises NotAcceptable.
    """
    media_type = request.get_preferred_type(FORMAT_OF)
    if media_type is None:
        sentence = _("A report is available as %(there_are)s; “Accept” allows none of these.")
        raise NotAcceptable(sentence % {"there_are": ", ".join(FORMAT_OF)})
    format_ = FORMAT_OF[media_type]
    if format_ is None:
        return None
    address = project.link(request, "download", report.slug, format_.name)
    return HttpResponseRedirect(address + query.to(), status=303)
