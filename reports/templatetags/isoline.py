"""Tags of the pages' templates, for projects that override them too."""

from django import template
from django.template import RequestContext

from reports.web.project import link, login_url

register = template.Library()
register.simple_tag(login_url)


@register.simple_tag(takes_context=True)
def report_url(context: RequestContext, name: str, *args: str) -> str:
    """Returns the address of a view of reports, in the namespace of the page."""
    return link(context.request, name, *args)
