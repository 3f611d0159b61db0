"""The site in a real browser: Chromium against gunicorn.

Playwright runs an event loop in this thread, so nothing here may ask the database.
"""

import json
import math
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = pytest.mark.once

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A page under load takes longer than the five seconds that are usual.
expect.set_options(timeout=30_000)
CITIES = "/reports/cities-and-their-names/"
PAGES = [
    "/",
    "/data/",
    "/login/",
    "/nowhere/",
    "/reports/airports-by-country/",
    "/reports/carriers-by-destination/",
    f"{CITIES}?page=3&continent=AS",
    f"{CITIES}?people=many&nonsense=1",
    f"{CITIES}?page=9999",
    f"{CITIES}?people=999999999",
    "/reports/countries-by-continent/",
    "/reports/large-cities/?continent=OC",
    "/reports/country-shapes/",
    "/reports/delays-by-month/",
    "/reports/planes-by-model/",
    "/reports/cells/",
    "/reports/hours/?time=last-5000-days&temperature_min=36",
    "/reports/hours/?time=today&time_from=2013-01-01&airports=KXXX",
]
# A hundred rows tell axe no more than seven do, and take it seconds.
LONG = {
    "/reports/airports-by-country/",
    "/reports/carriers-by-destination/",
    f"{CITIES}?page=3&continent=AS",
    "/reports/country-shapes/",
    "/reports/delays-by-month/",
    "/reports/planes-by-model/",
}
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def chromium() -> str:
    """The path of the browser."""
    found = shutil.which("chromium", path="/usr/bin") or shutil.which("chromium")
    assert found, "no Chromium: apt-get install chromium"
    return found


# Of this module alone: the event loop would be in the way of every other test.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium with an empty profile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


class Tab:
    """A page of the site, and the browser's errors and warnings."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.complaints: list[str] = []
        self.context = browser.new_context(base_url=address, **options)
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self._hear(message.type, message.text))

    def _hear(self, kind: str, text: str) -> None:
        # The browser notes each 404 and 400, which are what we ask for here.
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
            self.complaints.append(text)


@pytest.fixture
def tab(browser: Browser, gunicorn: str) -> Iterator[Any]:
    """Returns a function that opens tabs; the test fails on any error, such as a CSP violation."""
    tabs: list[Tab] = []

    def tab(**options: Any) -> Page:
        tabs.append(Tab(browser, gunicorn, **options))
        return tabs[-1].page

    yield tab
    for each in tabs:
        each.context.close()
        assert each.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_pages_fit_their_window_and_axe_finds_nothing_serious(tab, viewport, scheme):
    page = tab(viewport=viewport, color_scheme=scheme)
    token = page.request.get("/reports/cells.csv").headers["x-export-id"]
    for address in [*PAGES, f"/exports/{token}/"]:
        page.goto(address)
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, address
        if address in LONG:
            continue
        found = Axe().run(page).response["violations"]
        serious = [each for each in found if each["impact"] in ("serious", "critical")]
        assert serious == [], address


def test_htmx_changes_the_table_alone(tab):
    page = tab(viewport=WIDE)
    page.goto(CITIES)
    page.evaluate("window.isTheSamePage = true")
    with page.expect_response(re.compile("continent=OC")) as answered:
        page.get_by_label("Continent").select_option("OC")
        page.get_by_role("button", name="Apply").click()
    assert "<html" not in answered.value.text()
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("Oceania")
    expect(page).to_have_url(re.compile("continent=OC"))
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^\s*\d+ rows\s*$"))

    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile(r"continent=OC.*page=2"))
    expect(page.locator("[aria-current=page]", has_text="2")).to_be_visible()
    expect(page.get_by_role("link", name="Next")).to_be_focused()
    assert page.evaluate("window.isTheSamePage")


def test_going_back_shows_what_stood_there(tab):
    page = tab(viewport=WIDE)
    page.goto(CITIES)
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile("page=2"))
    page.go_back()
    expect(page.locator("[aria-current=page]", has_text=re.compile("^1$"))).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_an_error_appears_beside_its_field_and_goes_again(tab):
    page = tab(viewport=WIDE)
    page.goto(CITIES)
    # The browser itself would stop this one.
    page.evaluate("document.querySelector('#id_people').type = 'text'")
    page.get_by_label("Population").fill("many")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#id_people_error")).to_have_text("Enter a whole number.")
    expect(page.get_by_label("Population")).to_have_value("many")
    expect(page.locator("table")).to_have_count(0)

    page.get_by_label("Population").fill("5000000")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("tbody tr").first).to_be_visible()
    expect(page.locator("#id_people_error")).to_have_count(0)


def test_everything_works_without_javascript(tab):
    page = tab(viewport=WIDE, java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name="Cities and their names").click()
    page.get_by_label("Continent").select_option("OC")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("Oceania")
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile(r"continent=OC.*page=2"))
    page.get_by_text("Other formats").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Raw CSV").click()
    assert download.value.suggested_filename == "cities-and-their-names.csv"
    first_line = Path(download.value.path()).read_text(encoding="utf-8").splitlines()[0]
    assert first_line == "city,country,population,names,also_called"
    page.get_by_role("link", name="Reset").click()
    expect(page.get_by_role("list", name="Active filters")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_other_formats_stand_in_groups_within_the_window(tab, viewport, scheme):
    page = tab(viewport=viewport, color_scheme=scheme)
    page.goto("/reports/large-cities/?continent=OC")
    page.get_by_text("Other formats").click()
    links = {
        name: page.get_by_role("region", name=name).get_by_role("link").count()
        for name in ("For spreadsheets", "For programs", "For maps", "For reading")
    }
    assert links == {"For spreadsheets": 4, "For programs": 4, "For maps": 1, "For reading": 2}
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0
    box = page.locator(".formats").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= viewport["width"]
    found = Axe().run(page).response["violations"]
    assert [each for each in found if each["impact"] in ("serious", "critical")] == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel workbook").click()
    assert download.value.suggested_filename == "large-cities.xlsx"
    assert Path(download.value.path()).read_bytes().startswith(b"PK")


def test_the_keyboard_reaches_content_and_table(tab):
    page = tab(viewport=NARROW)
    page.goto("/reports/planes-by-model/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    region = page.get_by_role("region", name="Planes by model")
    region.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert region.evaluate("element => element.scrollLeft") > 0


def test_cells_say_what_they_hold(tab):
    page = tab(viewport=WIDE)
    page.goto("/reports/cells/")
    row = page.locator("tbody tr").first
    expect(row.get_by_role("img", name="none")).to_have_text("—")
    expect(row.locator("td").nth(2)).to_have_text("(empty text)")
    hebrew = row.locator("td").nth(3)
    assert hebrew.evaluate("element => getComputedStyle(element).direction") == "rtl"
    expect(row.locator("td").nth(4)).to_contain_text(
        "… 500 characters; the download has all of them"
    )
    expect(row.locator("td").nth(6)).to_have_text("<script>alert(1)</script>")
    head = page.locator("th").last
    expect(head).to_have_text("Population (people)")


def test_the_head_of_the_table_stays_in_sight(tab):
    page = tab(viewport=WIDE)
    page.goto("/reports/planes-by-model/")
    region = page.get_by_role("region", name="Planes by model")
    region.evaluate("element => element.scrollTo(0, 1000)")
    head, box = page.locator("th").first.bounding_box(), region.bounding_box()
    assert abs(head["y"] - box["y"]) < 3


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "no scripts"])
def test_several_choices_are_boxes_and_none_of_them_can_be_chosen(tab, has_scripts):
    page = tab(viewport=NARROW, java_script_enabled=has_scripts)
    page.goto("/reports/hours/")
    boxes = page.get_by_role("group", name="Airports").get_by_role("checkbox")
    expect(boxes).to_have_count(3)
    assert [box.is_checked() for box in boxes.all()] == [True, False, True]
    narrowed = page.get_by_role("list", name="Active filters")
    expect(narrowed).to_contain_text("John F Kennedy")
    everything = count_of(page)

    page.get_by_label("Laguardia").check()
    page.get_by_label("John F Kennedy").uncheck()
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("airports=KLGA&airports=KEWR"))
    expect(narrowed).not_to_contain_text("John F Kennedy")
    expect(narrowed).to_contain_text("Laguardia")

    for box in boxes.all():
        box.uncheck()
    page.get_by_role("button", name="Apply").click()
    expect(narrowed).not_to_contain_text("Airports")
    expect(page.locator(".count strong")).not_to_have_text(everything)
    page.get_by_role("link", name="Remove Dry").click()
    expect(narrowed).to_have_count(0)
    page.get_by_role("link", name="Reset").click()
    expect(page.locator(".count strong")).to_have_text(everything)


AIRPORTS = "/reports/highest-airports/"
TRIANGLE = '{"type":"Polygon","coordinates":[[[%s,0],[%s,5],[0,5],[%s,0]]]}'
CORNERS = [(0.45, 0.2), (0.6, 0.2), (0.6, 0.5), (0.45, 0.5), (0.45, 0.2)]


def opened_map(page):
    """Returns the map of a report, opened and drawn."""
    page.get_by_text("Draw on a map").click()
    area_map = page.get_by_role("application")
    expect(area_map.locator("canvas").first).to_be_visible()
    expect(page.locator(".ol-attribution")).to_contain_text("Made with Natural Earth.")
    page.wait_for_load_state("networkidle")
    return area_map


def click_corners(page, area_map, corners):
    area_map.scroll_into_view_if_needed()
    box = area_map.bounding_box()
    for x, y in corners:
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.wait_for_timeout(350)  # two clicks at once would be a double click


def count_of(page):
    return page.locator(".count strong").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_what_is_drawn_on_the_map_narrows_the_report(tab, viewport, scheme):
    page = tab(viewport=viewport, color_scheme=scheme)
    page.goto(AIRPORTS)
    everything, field = count_of(page), page.get_by_role("textbox", name="Area")
    area_map = opened_map(page)
    click_corners(page, area_map, CORNERS)
    expect(field).to_have_value(re.compile("Polygon"))
    found = Axe().run(page).response["violations"]
    assert [each for each in found if each["impact"] in ("serious", "critical")] == []
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0

    drawn = json.loads(field.input_value())
    assert drawn["type"] == "Polygon"
    (ring,) = drawn["coordinates"]
    assert len(ring) == 5
    assert all(number == round(number, 6) for position in ring for number in position)
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("an outline")
    narrowed = count_of(page)
    assert narrowed != everything

    # The corners are those of a box, which says the same without a map.
    (west, east), (south, north) = ((min(axis), max(axis)) for axis in zip(*ring, strict=True))
    page.goto(f"{AIRPORTS}?area=bbox={west},{south},{east},{north}")
    assert count_of(page) == narrowed


def test_nothing_of_the_map_is_loaded_before_it_is_opened_or_from_elsewhere(tab, gunicorn):
    page = tab(viewport=WIDE)
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.goto(AIRPORTS)
    page.wait_for_load_state("networkidle")
    assert not [each for each in addresses if "openlayers" in each or "outlines" in each]
    opened_map(page)
    for part in ("ol.", "ol.", "outlines."):
        assert any(part in each.rpartition("/")[2] for each in addresses)
    assert [each for each in addresses if not each.startswith(gunicorn)] == []


def test_the_map_shows_what_the_field_holds_and_mends_it(tab):
    page = tab(viewport=WIDE)
    page.goto(f"{AIRPORTS}?area=POLYGON((0 40,20 40,20 50,0 50,0 40))")
    area_map, field = opened_map(page), page.get_by_role("textbox", name="Area")
    area_map.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    # The view is fitted to the outline, so that its middle is the map's: drag its upper edge.
    box = area_map.bounding_box()
    x, edge = box["x"] + box["width"] / 2, box["y"] + 40
    page.mouse.click(x, edge + 60)
    page.mouse.move(x, edge)
    page.mouse.down()
    page.mouse.move(x, edge + 30, steps=5)
    page.mouse.up()
    expect(field).to_have_value(re.compile(r'^\{"type":"Polygon"'))
    (ring,) = json.loads(field.input_value())["coordinates"]
    assert len(ring) == 6
    assert {(0, 40), (20, 40), (20, 50), (0, 50)} < set(map(tuple, ring))

    page.get_by_role("button", name="Draw", exact=True).click()
    click_corners(page, area_map, [(0.1, 0.1), (0.2, 0.1), (0.2, 0.9), (0.1, 0.1)])
    expect(field).to_have_value(re.compile(r'^\{"type":"MultiPolygon"'))
    assert len(json.loads(field.input_value())["coordinates"]) == 2

    features = [
        f'{{"type":"Feature","properties":null,"geometry":{TRIANGLE % (n, n, n)}}}' for n in "12"
    ]
    field.fill(f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}')
    field.press("Tab")
    page.get_by_role("button", name="Draw", exact=True).click()
    click_corners(page, area_map, [(0.1, 0.1), (0.2, 0.1), (0.2, 0.9), (0.1, 0.1)])
    expect(field).to_have_value(re.compile(r'^\{"type":"MultiPolygon"'))
    assert len(json.loads(field.input_value())["coordinates"]) == 3

    field.fill("bbox=170,-20,-170,-10")
    field.press("Tab")
    page.get_by_role("button", name="Draw", exact=True).click()
    click_corners(page, area_map, [(0.1, 0.1), (0.2, 0.1), (0.2, 0.9), (0.1, 0.1)])
    expect(field).to_have_value(re.compile(r'^\{"type":"MultiPolygon"'))
    drawn = json.loads(field.input_value())["coordinates"]
    assert {min(x for x, _ in ring) for (ring,) in drawn[:2]} == {-180, 170}
    assert len(drawn) == 3

    field.fill("country:FR")
    field.press("Tab")
    expect(page.locator(".area-map [role=status]")).to_contain_text("cannot show what the field")
    page.get_by_role("button", name="Clear").click()
    expect(field).to_have_value("")


def test_the_keyboard_alone_makes_an_area(tab):
    page = tab(viewport=WIDE)
    page.goto(AIRPORTS)
    summary = page.locator(".area-map summary")
    summary.focus()
    page.keyboard.press("Enter")
    area_map = page.get_by_role("application")
    expect(area_map.locator("canvas").first).to_be_visible()
    area_map.focus()
    for key in ("+", "+", "ArrowUp"):
        page.keyboard.press(key)
        page.wait_for_timeout(500)
    take = page.get_by_role("button", name="Use the visible area")
    take.focus()
    page.keyboard.press("Enter")
    (ring,) = json.loads(page.get_by_role("textbox", name="Area").input_value())["coordinates"]
    assert len(ring) == 5
    assert max(x for x, _ in ring) - min(x for x, _ in ring) < 180


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_long_outline_goes_by_a_short_link(tab, has_scripts):
    page = tab(viewport=WIDE, java_script_enabled=has_scripts)
    page.goto(AIRPORTS)
    turns = [2 * math.pi * n / 400 for n in range(400)]
    ring = [f"{2 + 5 * math.cos(turn):.6f} {48 + 5 * math.sin(turn):.6f}" for turn in turns]
    text = f"POLYGON(({','.join([*ring, ring[0]])}))"
    page.get_by_role("textbox", name="Area").fill(text)
    # Where scripts run, the usual button knows which way to take.
    name = "Apply" if has_scripts else "Apply with a short link"
    page.get_by_role("button", name=name, exact=True).click()
    expect(page).to_have_url(re.compile(r"\?area=shared%3A[\w.-]{39}$"))
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("a shared outline")
    assert "csrf" not in page.url
    if has_scripts:
        with page.expect_response(re.compile("/areas/")) as answered:
            opened_map(page)
        assert len(answered.value.json()["coordinates"][0]) == 401
    else:
        expect(page.get_by_text("Draw on a map")).to_be_hidden()
