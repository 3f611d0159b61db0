"""What the pages take from their project: its base template, its sign-in and its URLs."""

from django.conf import global_settings, settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, resolve, reverse


def base_template() -> str:
    """Returns the template that the pages extend, "" for Isoline's own."""
    return str(getattr(settings, "REPORTS_BASE_TEMPLATE", ""))


def login_url() -> str:
    """Returns the address of LOGIN_URL, "" if the project has no such page."""
    if not settings.LOGIN_URL:
        return ""
    try:
        address = resolve_url(settings.LOGIN_URL)
        # Django's default, which few projects have; another is what the project says.
        if address == global_settings.LOGIN_URL:
            resolve(address)
    except (NoReverseMatch, Resolver404):
        return ""
    return address


def link(request: HttpRequest, name: str, *args: str) -> str:
    """Returns the address of a view of reports, in the namespace of the request if it has one."""
    match = request.resolver_match
    is_ours = match is not None and match.app_names[-1:] == ["reports"]
    return reverse(f"{match.namespace if match and is_ours else 'reports'}:{name}", args=args)
