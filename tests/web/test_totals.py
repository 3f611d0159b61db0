"""The row of totals on pages, in downloads and from the command."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from aviation.models import Flight

pytestmark = pytest.mark.django_db


def test_a_page_shows_them_below_its_rows(client: Client) -> None:
    text = client.get("/reports/punctuality-by-carrier/").content.decode()
    foot = text.split("<tfoot>")[1].split("</tfoot>")[0]
    assert '<th scope="row">Total</th>' in foot
    assert f"{Flight.objects.count():,}".replace(",", "\u202f") in foot


def test_a_download_has_them_where_they_are_asked_for(client: Client) -> None:
    def lines(query: str) -> list[str]:
        response = client.get(f"/reports/punctuality-by-carrier.csv{query}")
        return b"".join(response).decode().splitlines()  # type: ignore[arg-type]

    plain, told = lines(""), lines("?totals=1")
    assert told[:-1] == plain
    late = Flight.objects.filter(departure_time__isnull=True).count()
    assert told[-1].startswith(f"Total,{Flight.objects.count()},{late},")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/reports/busiest-days.csv?totals=1", "This report has no totals"),
        ("/reports/busiest-days/?totals=1", "This report has no totals"),
        ("/reports/punctuality-by-carrier.csv?totals=yes", "Write totals=1"),
        ("/reports/punctuality-by-carrier/?totals=0", "Write totals=1"),
    ],
)
def test_what_has_none_is_refused(client: Client, address: str, sentence: str) -> None:
    response = client.get(address)
    assert response.status_code == 400
    assert sentence in response.content.decode()


def test_the_command_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "punctuality.csv"
    call_command("exportreport", "punctuality-by-carrier", totals=True, output=str(path))
    assert path.read_text().splitlines()[-1].startswith("Total,")
    with pytest.raises(CommandError, match="totals: This report has no totals"):
        call_command("exportreport", "busiest-days", totals=True, output=str(path))
