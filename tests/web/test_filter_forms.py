"""Filters on the page: the active ones, the links, and the parameters in a record."""

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from aviation.models import Weather
from geo.models import Airport
from reports.models import Export
from tests.web.site.hours import Hours

pytestmark = pytest.mark.django_db
PAGE = "/reports/hours/"


@pytest.fixture(autouse=True)
def hours(register: Any) -> None:
    register(Hours)


def active(text: str) -> dict[str, str]:
    """Returns the active filters, each with the query string of the link that removes it."""
    chips = re.findall(
        r'<span>([^<]*: )<strong dir="auto">([^<]*)</strong></span>\s*<a href="([^"]*)"', text
    )
    return {label + value: unescape(url) for label, value, url in chips}


def count(text: str) -> int:
    found = re.search(r"<strong>([\d,]+) rows?</strong>", text)
    assert found
    return int(found[1].replace(",", ""))


def hours_of(*airports: str, **conditions: Any) -> int:
    return Weather.objects.filter(origin__in=airports, **conditions).count()


def test_a_page_without_parameters_shows_and_applies_the_defaults(client: Any) -> None:
    text = client.get(PAGE).text
    newark, kennedy = (str(Airport.objects.get(pk=key)) for key in ("KEWR", "KJFK"))
    assert active(text) == {
        f"Airports: {newark}": "?airports=KJFK",
        f"Airports: {kennedy}": "?airports=KEWR",
        "Dry: 95": "?dry=",
    }
    assert count(text) == hours_of("KEWR", "KJFK", humidity__lte=95)
    boxes = dict(re.findall(r'name="airports" value="(K\w+)"[^>]*?( checked)?>', text))
    assert boxes == {"KEWR": " checked", "KJFK": " checked", "KLGA": ""}
    assert '/reports/hours.csv"' in text


def test_a_default_that_is_taken_away_stays_away_on_every_link(client: Any) -> None:
    text = client.get(PAGE, {"dry": "", "airports": ["", "KLGA"], "gust": ""}).text
    assert count(text) == hours_of("KLGA")
    assert '"/reports/hours.csv?airports=KLGA&amp;dry="' in text
    assert '"?airports=KLGA&amp;dry=&amp;page=2"' in text
    address = re.search(r'href="([^"]*)" aria-label="Remove Airports"', text)
    assert address
    text = client.get(PAGE + unescape(address[1])).text
    assert count(text) == hours_of("KEWR", "KJFK", "KLGA")
    assert active(text) == {}


def test_several_choices_are_kept_by_pages_downloads_and_the_record(client: Any) -> None:
    texts = {"airports": ["KEWR", "KLGA"], "dry": "90"}
    page = client.get(PAGE, texts).text
    assert count(page) == hours_of("KEWR", "KLGA", humidity__lte=90)
    assert "/reports/hours.csv?airports=KEWR&amp;airports=KLGA&amp;dry=90" in page
    assert "?airports=KEWR&amp;airports=KLGA&amp;dry=90&amp;page=2" in page
    sign_in(client)
    response = client.get("/reports/hours.csv", texts)
    response.getvalue()
    record = Export.objects.latest("started")
    assert record.parameters == {"airports": ["KEWR", "KLGA"], "dry": "90"}
    assert record.rows == hours_of("KEWR", "KLGA", humidity__lte=90)
    manifest = client.get("/reports/hours.csv.manifest.json", texts)
    assert manifest.json()["parameters"] == record.parameters
    shown = client.get(f"/exports/{response['X-Export-Id']}/", headers={"Accept": "text/html"})
    assert '<dd dir="auto">KEWR</dd><dd dir="auto">KLGA</dd>' in shown.text


def test_a_record_tells_the_defaults_and_those_that_are_off(client: Any) -> None:
    client.get("/reports/hours.csv", {"dry": ""}).getvalue()
    assert Export.objects.latest("started").parameters == {
        "airports": ["KEWR", "KJFK"],
        "dry": "",
    }


def test_a_period_is_told_with_its_days(client: Any) -> None:
    today = datetime.now(UTC).date()
    first = today - timedelta(days=4999)
    text = client.get(PAGE, {"time": "last-5000-days", "dry": ""}).text
    words = f"Time: Last 5000 days ({first} to {today})"
    assert words in active(text)
    assert '<option value="last-5000-days" selected>' in text
    assert count(text) == hours_of(
        "KEWR", "KJFK", time__gte=datetime(*first.timetuple()[:3], tzinfo=UTC)
    )
    client.get("/reports/hours.csv", {"time": "last-5000-days"}).getvalue()
    told = Export.objects.latest("started").parameters
    assert (told["time"], told["time_from"], told["time_to"]) == (
        "last-5000-days", str(first), str(today),
    )  # fmt: skip


def test_a_period_and_a_day_together_are_refused_beside_the_field(client: Any) -> None:
    response = client.get(PAGE, {"time": "today", "time_from": "2013-01-01"})
    assert response.status_code == 400
    sentence = "Give either the period “time” or time_from, not both."
    assert f'id="id_time_error">{sentence}' in response.text
    assert response.text.count(sentence) == 1
    assert '<option value="today" selected>' in response.text


def test_a_wrong_choice_of_several_stands_beside_its_boxes(client: Any) -> None:
    response = client.get(PAGE, {"airports": ["KEWR", "KXXX"]})
    assert response.status_code == 400
    error = 'id="id_airports_error">“KXXX” is not one of the choices.'
    assert error in response.text.split("<fieldset")[1].split("</fieldset>")[0]


def test_a_command_takes_a_parameter_several_times(capfdbinary: Any, tmp_path: Any) -> None:
    file = tmp_path / "hours.csv"
    given = ["airports=KEWR", "airports=KLGA", "dry=90", "temperature_min=20"]
    call_command("exportreport", "hours", param=given, output=str(file))
    expected = hours_of("KEWR", "KLGA", humidity__lte=90, temperature__gte=20)
    assert file.read_bytes().count(b"\r\n") == expected + 1
    with pytest.raises(CommandError, match="dry: Given 2 times: give it once"):
        call_command("exportreport", "hours", param=["dry=1", "dry=2"], output=str(file))


def test_a_workbook_tells_several_choices(client: Any) -> None:
    data = client.get("/reports/hours.xlsx", {"temperature_min": "36"}).getvalue()
    archive = zipfile.ZipFile(io.BytesIO(data))
    words = unescape(" ".join(archive.read(each).decode() for each in archive.namelist()))
    assert "parameter airports" in words
    assert '["KEWR", "KJFK"]' in words


def sign_in(client: Any) -> None:
    client.force_login(User.objects.create(username="reader"))
