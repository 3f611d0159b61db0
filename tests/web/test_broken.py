"""The pages for a broken report."""

import html

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

import reports
from geo.models import Airport
from reports import Column
from reports.models import Export
from tests.web.conftest import Register

pytestmark = pytest.mark.django_db
ADDRESSES = [
    f"/reports/{slug}{suffix}"
    for slug in ("misdeclared", "unanswerable")
    for suffix in ("/", ".csv", ".csv.manifest.json")
]


@pytest.fixture(autouse=True)
def broken(register: Register) -> None:
    """A report with a wrong class, and one with a wrong statement, both for staff."""

    class Misdeclared(reports.Report):
        queryset = Airport.objects.all()

    class Unanswerable(reports.Report):
        queryset = Airport.objects.all()
        name = Column("nothing")

    register(Misdeclared)
    register(Unanswerable)


def _as(client, **rights):
    client.force_login(User.objects.create(username="somebody", **rights))
    return client


@pytest.mark.parametrize("address", ADDRESSES)
def test_staff_is_told_what_is_wrong_and_where(client, address):
    response = _as(client, is_staff=True).get(address)
    assert response.status_code == 500
    is_page = address.endswith("/")
    text = html.unescape(response.text) if is_page else response.json()["detail"]
    assert "is broken: " in text
    assert f'(File "{__file__}", line ' in text
    assert ("Misdeclared has no columns" in text) or ("Cannot resolve keyword 'nothing'" in text)


@pytest.mark.parametrize("who", ["anonymous", "user"])
def test_others_are_told_an_id_and_no_detail(client, caplog, who):
    if who == "user":
        _as(client)
    response = client.get("/reports/misdeclared/")
    assert response.status_code == 500
    assert "This report is currently unavailable. Ask an administrator." in response.text
    assert "columns" not in response.text
    assert ".py" not in response.text
    assert "Misdeclared has no columns" in caplog.text


def test_whoever_may_not_read_it_is_told_that_first(client):
    assert client.get("/reports/unanswerable/").status_code == 302
    assert client.get("/reports/unanswerable.csv").status_code == 403
    assert _as(client).get("/reports/unanswerable/").status_code == 403


def test_the_catalogue_leaves_it_out(client):
    text = _as(client, is_staff=True).get("/").text
    assert "/reports/airports-by-country/" in text
    assert "misdeclared" not in text
    assert "unanswerable" not in text


def test_with_debug_it_is_a_page_too(client, settings):
    settings.DEBUG = True
    assert "is broken: " in _as(client, is_staff=True).get("/reports/misdeclared/").text


def test_an_export_of_it_is_still_told(client):
    user = User.objects.create(username="maker")
    client.force_login(user)
    now = timezone.now()
    record = Export.objects.create(
        user=user,
        report="misdeclared",
        title="Once it was well",
        state=Export.State.COMPLETE,
        parameters={},
        columns=[],
        started=now,
        ended=now,
        seen=now,
    )
    response = client.get(f"/exports/{record.pk}/", headers={"accept": "text/html"})
    assert response.status_code == 200
    assert "Once it was well" in response.text


def test_a_rule_that_fails_takes_its_own_report_alone_out_of_the_catalogue(
    client, register, caplog
):
    class Ruled(reports.Report):
        queryset = Airport.objects.all()
        name = Column("name")

        def allows(self, user):
            return user.department == "sales"

    register(Ruled)
    response = client.get("/")
    assert response.status_code == 200
    assert "/reports/airports-by-country/" in response.text
    assert "/reports/ruled/" not in response.text
    assert "has no attribute 'department'" in caplog.text
