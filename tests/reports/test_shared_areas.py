"""A drawn area: from the form, through a short link, to a page, a download and a command."""

import html
import json
import math
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.gis.geos import Point
from django.core.management import call_command
from django.forms import Form
from django.test import Client

from geo.input import geometry
from geo.models import Airport, Country, SharedArea
from geo.sharing import share
from reports import registry
from reports.filters.space import AreaField

pytestmark = pytest.mark.django_db
SLUG = "highest-airports"
HIGHEST = f"/reports/{SLUG}/"
SHARE = f"{HIGHEST}share/"
BOW = "POLYGON((0 0,1 1,0 1,1 0,0 0))"
# In the middle of the South Pacific, where there is nothing else.
MIDDLE, RADIUS = (-125.0, -45.0), 1.0
PARIS = (2.35, 48.85)


def outline(vertices: int, of: tuple[float, float] = MIDDLE) -> str:
    """Returns a circle as GeoJSON, with the six decimals that the map writes."""
    turns = [2 * math.pi * n / (vertices - 1) for n in range(vertices - 1)]
    ring = [
        [round(of[0] + RADIUS * math.cos(t), 6), round(of[1] + RADIUS * math.sin(t), 6)]
        for t in turns
    ]
    return json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}, separators=(",", ":"))


@pytest.fixture(autouse=True)
def airports() -> None:
    """Airports in the middle of the circle, near its edge and outside."""
    country = Country.objects.create(
        code="QX", code3="QXX", name="Nowhere", area_km2=1, population=1, geoname_id=10**12
    )
    for name, away in (("Q-MIDDLE", 0.0), ("Q-INSIDE", 0.99), ("Q-OUTSIDE", 1.01)):
        Airport.objects.create(
            icao=name[2:6], name=name, country=country, elevation=1, timezone="UTC",
            location=Point(MIDDLE[0] + away, MIDDLE[1], srid=4326), placed_by="none",
        )  # fmt: skip


def parameters(response: Any) -> dict[str, list[str]]:
    """Returns the query string of a redirect."""
    assert response.status_code == 302
    parts = urlsplit(response["Location"])
    assert parts.path == HIGHEST
    return parse_qs(parts.query)


def field_error(response: Any, name: str) -> str:
    assert response.status_code == 400
    error = re.search(rf'id="id_{name}_error">(.*?)</p>', response.text)
    assert error
    return html.unescape(error[1])


def test_an_outline_of_ten_thousand_vertices_goes_by_a_short_link(client: Client) -> None:
    text = outline(10_000)
    assert len(text) > 200_000
    response = client.post(SHARE, {"area": text, "continent": "", "near": "-125,-45,5000km"})
    given = parameters(response)
    assert set(given) == {"area", "near"}
    assert re.fullmatch(r"shared:[\w.-]{39}", given["area"][0])
    assert len(response["Location"]) < 150

    page = client.get(response["Location"])
    assert page.status_code == 200
    assert "2 rows" in page.text
    assert re.findall("Q-[A-Z]+", page.text.split("<tbody>")[1]) == ["Q-INSIDE", "Q-MIDDLE"]
    assert "a shared outline" in page.text
    assert f'value="{given["area"][0]}"' in page.text


def test_a_download_and_a_command_take_the_link(client: Client, tmp_path: Path) -> None:
    text = outline(60, of=PARIS)
    link = parameters(client.post(SHARE, {"area": text}))["area"][0]
    download = client.get(f"/reports/{SLUG}.csv", {"area": link, "dialect": "raw"})
    assert download.status_code == 200
    exported = []
    for param in (link, text):
        path = tmp_path / "airports.csv"
        call_command("exportreport", SLUG, dialect="raw", param=[f"area={param}"], output=str(path))
        exported.append(path.read_bytes())
    assert exported[0] == exported[1] == download.getvalue()
    assert 10 < exported[0].count(b"\r\n") < 1000


def test_what_is_short_stays_as_it_is(client: Client) -> None:
    box = "bbox=-126,-46,-124,-44"
    link = f"shared:{share(geometry(box))}"
    before = SharedArea.objects.count()
    for text in (box, link):
        assert parameters(client.post(SHARE, {"area": f" {text} "}))["area"] == [text]
    assert parameters(client.post(SHARE, {"continent": "OC"})) == {"continent": ["OC"]}
    assert SharedArea.objects.count() == before


def test_what_the_gate_refuses_is_not_kept(client: Client) -> None:
    before = SharedArea.objects.count()
    long = BOW.replace(",1 0", ", 1.00000000000000000000000000000 0")
    response = client.post(SHARE, {"area": long, "continent": "OC"})
    assert "edges cross or run along one another" in field_error(response, "area")
    assert html.escape(long) in response.text
    assert '<option value="OC" selected>' in response.text
    for more in ({"near": "nowhere"}, {"nonsense": "1"}, {"database": "nowhere"}):
        assert client.post(SHARE, {"area": outline(60)} | more).status_code == 400
    assert SharedArea.objects.count() == before


def test_a_text_too_long_for_the_gate_is_refused_in_its_words(client: Client) -> None:
    response = client.post(SHARE, {"area": outline(60)[:-1] + f',"note":"{"x" * 2**19}"}}'})
    assert "more than 524,288: simplify it" in field_error(response, "area")


def test_a_body_too_long_for_any_outline_is_not_read(client: Client) -> None:
    response = client.post(
        SHARE, urlencode({"area": "1" * 2**21}), "application/x-www-form-urlencoded"
    )
    assert response.status_code == 400
    assert "The server cannot understand this request." in response.text


def test_where_there_is_no_room_the_field_says_so(client: Client, settings: Any) -> None:
    settings.SHARED_AREAS = {"bytes": 0}
    response = client.post(SHARE, {"area": outline(60)})
    assert "The space for shared areas is full" in field_error(response, "area")


@pytest.mark.parametrize("token", ["", "x", "A" * 22 + "." + "A" * 16])
def test_a_link_that_is_none_is_an_error_of_its_parameter(client: Client, token: str) -> None:
    response = client.get(HIGHEST, {"area": f"shared:{token}"})
    assert "This link was not made on this site" in field_error(response, "area")
    assert client.get(f"/reports/{SLUG}.csv", {"area": f"shared:{token}"}).status_code == 400


def test_a_form_of_another_site_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    before = SharedArea.objects.count()
    assert client.post(SHARE, {"area": outline(60)}).status_code == 403
    page = client.get(HIGHEST)
    button = re.search(r"<button[^>]*data-share[^>]*>", page.text)
    assert button
    assert f'formaction="{SHARE}"' in button[0]
    assert 'formmethod="post"' in button[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', button[0])
    assert token
    parameters(client.post(SHARE, {"area": outline(60), "csrfmiddlewaretoken": token[1]}))
    assert SharedArea.objects.count() == before + 1
    # Of the button alone: an address never has it.
    assert page.text.count('name="csrfmiddlewaretoken"') == 1


def test_a_report_that_is_not_open_shares_nothing(client: Client) -> None:
    before = SharedArea.objects.count()
    options = registry.get(SLUG).options
    object.__setattr__(options, "permission", "isoline_geo.view_airport")
    try:
        response = client.post(SHARE, {"area": outline(60)})
    finally:
        object.__setattr__(options, "permission", None)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")
    assert client.post("/reports/none/share/", {"area": outline(60)}).status_code == 404
    assert SharedArea.objects.count() == before


def test_the_address_of_the_form_leads_to_the_report(client: Client) -> None:
    response = client.get(SHARE)
    assert response.status_code == 302
    assert response["Location"] == HIGHEST


def test_the_map_reads_a_shared_area_as_geojson(client: Client) -> None:
    token = share(geometry(outline(60)))
    response = client.get(f"/areas/{token}.geojson")
    assert response["Content-Type"] == "application/geo+json"
    assert geometry(response.text).equals(geometry(outline(60)))
    unknown = client.get("/areas/x.geojson")
    assert unknown.status_code == 404
    assert "link was not made on this site" in unknown.json()["detail"]
    assert client.post(f"/areas/{token}.geojson").status_code == 405


def test_a_link_is_read_from_default_whatever_database_is_asked() -> None:
    token = share(geometry(outline(60)))
    found = AreaField(database="one-that-is-not-there").clean(f"shared:{token}")
    assert found.equals(geometry(outline(60)))


# The widget


class Drawing(Form):
    area = AreaField(database="default")


@pytest.mark.parametrize("text", [BOW, "POLYGON((", '"><script>', "{" * 1000, "country:FR"])
def test_the_field_holds_the_text_as_it_was_written(text: str, caplog: Any) -> None:
    """Django's own widget would pass the text to GDAL, and show nothing if that fails."""
    field = re.search(
        r'<input type="text" name="area" value="([^"]*)"', str(Drawing({"area": text})["area"])
    )
    assert field
    assert html.unescape(field[1]) == text
    assert caplog.records == []


def test_only_a_report_with_an_area_has_the_map(client: Client) -> None:
    with_area = client.get(HIGHEST).text
    assert "reports/area.js" in with_area
    assert "Made with Natural Earth." in with_area
    assert "ol.js" not in re.sub(r'data-script="[^"]*"', "", with_area)
    without = client.get("/reports/planes-by-model/").text
    assert "area.js" not in without
    assert "data-share" not in without
