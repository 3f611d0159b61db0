"""A report's page, or the format that `Accept` prefers to a page."""

import json

import pytest

from reports.formats import FORMATS

pytestmark = pytest.mark.django_db

PAGE = "/reports/large-cities/"
CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


def _get(client, accept, address=PAGE):
    return client.get(address, headers={"Accept": accept})


@pytest.mark.parametrize(
    "accept",
    [CHROMIUM, "*/*", "text/*", "text/html, text/csv", "text/csv;q=0.9, text/html", "*/*;q=0.1"],
)
def test_a_browser_and_whoever_takes_anything_get_the_page(client, accept):
    response = _get(client, accept)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/html")
    assert "Accept" in response["Vary"]


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"html"}))
def test_every_media_type_leads_to_its_format(client, name):
    response = _get(client, f"text/html;q=0.5, {FORMATS[name].media_type}")
    assert response.status_code == 303
    assert response["Location"] == f"/reports/large-cities.{name}"
    assert "Accept" in response["Vary"]


def test_parameters_go_along_and_pages_do_not(client):
    response = _get(client, "application/json", f"{PAGE}?continent=OC&database=default&page=2")
    assert response["Location"] == "/reports/large-cities.json?continent=OC&database=default"
    found = json.loads(client.get(response["Location"]).getvalue())
    assert {row["country"] for row in found} == {"Australia", "New Zealand"}


@pytest.mark.parametrize(
    "accept", ["image/png", "application/pdf, application/zip", "text/html;q=0"]
)
def test_what_is_not_there_is_a_406_that_lists_what_is(client, accept):
    response = _get(client, accept)
    assert response.status_code == 406
    assert "text/html, text/csv, " in response.text
    assert "<table>" not in response.text


def test_the_permission_is_asked_first(client, for_staff):
    response = _get(client, "text/csv", "/reports/for-staff/")
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")
