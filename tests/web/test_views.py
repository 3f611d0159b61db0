"""Subclassed views: overrides apply to pages and downloads."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import path

from reports.errors import PermissionRefused
from reports.queries.request import ReportRequest
from reports.report import Report
from reports.web.base import ReportMixin
from reports.web.query import Query
from reports.web.report_page import ReportPageView
from reports.web.views import DownloadView
from settings.urls import handler404 as handler404
from settings.urls import urlpatterns as site

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class CountriesByName(ReportMixin):
    """Changes the order, and allows only one report."""

    def get_report(self) -> Report:
        report = super().get_report()
        if report.slug != "airports-by-country":
            raise PermissionRefused(f"{report.slug} is not shown here")
        return report

    def get_request(self, query: Query, **file: str) -> ReportRequest:
        return replace(super().get_request(query, **file), sort=("country",))


class CountriesByNamePage(CountriesByName, ReportPageView):
    """A page with another text for the number of rows."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"row_count": "every row there is"}


class CountriesByNameDownload(CountriesByName, DownloadView):
    """The same rows as a file."""


urlpatterns = [
    path("by-name/<slug:slug>/", CountriesByNamePage.as_view()),
    path("by-name/<slug:slug>.<slug:suffix>", CountriesByNameDownload.as_view()),
    *site,
]


def test_an_overridden_request_is_that_of_page_and_file(client: Client) -> None:
    page = client.get("/by-name/airports-by-country/").text
    asked = client.get("/reports/airports-by-country/", {"sort": "country"}).text
    assert rows(page) == rows(asked) != rows(client.get("/reports/airports-by-country/").text)
    file: Any = client.get("/by-name/airports-by-country.csv")
    sorted_: Any = client.get("/reports/airports-by-country.csv", {"sort": "country"})
    assert file.getvalue() == sorted_.getvalue()


def rows(page: str) -> str:
    return page.split("<tbody>")[1].split("</tbody>")[0]


def test_an_overridden_context_is_that_of_page_and_part(client: Client) -> None:
    for headers in ({}, {"HX-Request": "true", "HX-Request-Type": "partial"}):
        page = client.get("/by-name/airports-by-country/", headers=headers).text
        assert "<strong>every row there is</strong>" in page


def test_an_overridden_permission_is_that_of_page_and_file(client: Client) -> None:
    page = client.get("/by-name/large-cities/?nonsense=1")
    assert page.status_code == 302
    assert page.headers["Location"].startswith("/login/")
    assert client.get("/by-name/large-cities.csv?nonsense=1").status_code == 403
