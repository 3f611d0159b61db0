"""Permissions: who may read a report, on every path."""

import pytest
from django.contrib.auth.models import Permission, User

pytestmark = pytest.mark.django_db

OPEN, LOGIN, REFUSED = 200, 302, 403
# Who: the page of a staff report, its download, the page of a permitted one, its download.
MATRIX = {
    "anonymous": (LOGIN, REFUSED, LOGIN, REFUSED),
    "user": (REFUSED, REFUSED, REFUSED, REFUSED),
    "staff": (OPEN, OPEN, REFUSED, REFUSED),
    "permitted": (REFUSED, REFUSED, OPEN, OPEN),
    "superuser": (OPEN, OPEN, OPEN, OPEN),
}


@pytest.fixture
def sign_in(client):
    def sign_in(who):
        if who == "anonymous":
            return
        user = User.objects.create(
            username=who, is_staff=who in ("staff", "superuser"), is_superuser=who == "superuser"
        )
        if who == "permitted":
            user.user_permissions.add(Permission.objects.get(codename="view_airport"))
        client.force_login(user)

    return sign_in


@pytest.mark.parametrize("who", MATRIX)
def test_pages_downloads_and_the_catalogue_agree(
    client, sign_in, for_staff, for_the_permitted, who
):
    sign_in(who)
    addresses = [
        f"/reports/{report.slug}{kind}"
        for report in (for_staff, for_the_permitted)
        for kind in ("/", ".csv")
    ]
    statuses = tuple(_status(client, address) for address in addresses)
    assert statuses == MATRIX[who]
    catalogue = client.get("/").text
    for report, status in zip((for_staff, for_the_permitted), statuses[::2], strict=True):
        assert (f"/reports/{report.slug}/" in catalogue) == (status == OPEN)


def _status(client, address):
    response = client.get(address)
    if response.streaming:
        response.getvalue()  # read to its end, it is closed
    return response.status_code


def test_whoever_has_not_signed_in_comes_back_to_the_page_asked_for(client, for_staff):
    response = client.get("/reports/for-staff/?page=1")
    assert response["Location"] == "/login/?next=/reports/for-staff/%3Fpage%3D1"
    User.objects.create_user("clerk", password="a long password", is_staff=True)
    response = client.post(
        "/login/",
        {"username": "clerk", "password": "a long password", "next": "/reports/for-staff/?page=1"},
        follow=True,
    )
    assert response.status_code == 200
    assert "clerk" in response.text
    assert 'action="/logout/"' in response.text


def test_htmx_goes_to_the_login_page_itself(client, for_staff):
    response = client.get("/reports/for-staff/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == "/login/?next=/reports/for-staff/"


def test_a_parameter_of_a_closed_report_is_not_looked_at(client, for_staff):
    assert client.get("/reports/for-staff/?nonsense=1").status_code == LOGIN
    assert client.get("/reports/for-staff.csv?nonsense=1").status_code == REFUSED
