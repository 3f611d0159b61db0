"""What pages show and refuse."""

import asyncio
import re
from html import unescape

import pytest
from asgiref.sync import SyncToAsync, async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import CharField, Func
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

import reports
from geo.attribution import ATTRIBUTIONS
from geo.models import Airport, City
from reports import Column, Report, registry
from reports.queries.statement import Statement
from reports.web import query
from reports.web.report_page import ReportPageView
from tests.authoring.data import load
from tests.authoring.models import PaymentLine
from tests.catalogue import is_of_catalogue

pytestmark = pytest.mark.django_db

CITIES = "/reports/cities-and-their-names/"
PUBLIC = [report for report in registry.every() if report.options.permission is None]
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def found(pattern, text):
    """Returns the match of the pattern's one group, or the whole match; fails without one."""
    match = re.search(pattern, text)
    assert match
    return match[match.re.groups]


def names(response, column=2):
    """Returns the texts of a column of the page's table."""
    rows = re.findall(r"<tr>(.*?)</tr>", response.text.split("<tbody>")[1], re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    return [row[column] for row in cells]


def test_the_catalogue_lists_every_public_report(client):
    response = client.get("/")
    for report in PUBLIC:
        assert f'href="/reports/{report.slug}/"' in response.text
        assert escape(str(report.title)) in response.text
        assert escape(str(report.description)) in response.text


@pytest.mark.parametrize("report", PUBLIC, ids=lambda report: report.slug)
def test_a_report_page_shows_its_table(client, report):
    response = client.get(f"/reports/{report.slug}/")
    statement = Statement(report, _nothing(report), "default")
    assert response.status_code == 200
    assert escape(str(report.title)) in response.text
    assert f'href="/reports/{report.slug}.csv"' in response.text
    count = statement.queryset.count()
    assert f"{count:,} row" in response.text
    rows = min(count, report.options.page_size) + report.options.totals
    assert response.text.count("<tr>") == 1 + rows
    assert "aria-sort" in response.text


@pytest.mark.django_db
def test_a_page_is_sorted_and_shows_the_columns_that_its_address_says(client):
    address = "/reports/airports-by-country/?sort=airports&columns=airports,country"
    text = client.get(address).text
    headings = re.findall(r"<th scope=\"col\"[^>]*>\s*(\w+)", text)
    assert headings[:2] == ["Airports", "Country"]
    assert len(headings) == 2
    assert re.findall(r'aria-sort="(\w+)"', text) == ["ascending"]
    assert "sort=airports&amp;columns=airports%2Ccountry" in text  # in the links to other pages
    counts = re.findall(r'<td class="number">([\d,]+)', text)
    assert [int(each.replace(",", "")) for each in counts] == sorted(
        int(each.replace(",", "")) for each in counts
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["sort=nothing", "columns=airports,airports", "sort=airports&sort=x"]
)
def test_a_sort_or_columns_that_there_are_not_are_told(client, query):
    response = client.get(f"/reports/airports-by-country/?{query}")
    assert response.status_code == 400
    assert "sort" in response.text or "columns" in response.text


def _nothing(report):
    return dict.fromkeys(name for each in report.filters.values() for name in each.parameters)


def test_a_page_asks_for_its_count_and_its_rows_alone(client):
    with CaptureQueriesContext(connection) as queries:
        client.get("/reports/planes-by-model/")
    assert sum(not is_of_catalogue(query["sql"]) for query in queries) == 2


@pytest.fixture
def hops(monkeypatch):
    """The names of the functions that the event loop runs in a thread, in order."""
    called = []

    async def noting(hop, *args, **kwargs):
        called.append(hop.func.__name__)
        return await call(hop, *args, **kwargs)

    call = SyncToAsync.__call__
    monkeypatch.setattr(SyncToAsync, "__call__", noting)
    return called


@pytest.fixture
def served(async_rf):
    """A coroutine function that serves the page of cities for a query string."""

    async def served(asked):
        request = async_rf.get(f"{CITIES}{asked}")
        request.user = AnonymousUser()
        return await ReportPageView.as_view()(request, slug="cities-and-their-names")

    return served


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        ("", 200, ["prepare", "count", "_fetch_all", "finish"]),
        ("?page=342", 404, ["prepare", "count", "finish"]),
        ("?people=many", 400, ["prepare", "finish"]),
    ],
)
def test_a_page_hops_once_for_each_wait(hops, served, asked, status, expected):
    assert async_to_sync(served)(asked).status_code == status
    assert hops == expected


def test_a_page_whose_reader_leaves_is_finished_all_the_same(hops, served):
    """The limit on its statements is lifted in the thread of the connection."""

    async def leave():
        page = asyncio.create_task(served(""))
        while not hops:
            await asyncio.sleep(0)
        page.cancel()
        await page

    with pytest.raises(asyncio.CancelledError):
        async_to_sync(leave)()
    assert hops == ["prepare", "finish"]


def test_attribution_names_every_source(client):
    response = client.get("/data/")
    for attribution in ATTRIBUTIONS:
        assert escape(attribution.source) in response.text
        assert escape(attribution.notice) in response.text
        assert escape(attribution.licence_url) in response.text


@pytest.mark.parametrize("address", ["/reports/no-such/", "/reports/no-such.csv", "/nowhere/"])
def test_what_is_not_there_is_a_404_in_the_look_of_the_site(client, address):
    response = client.get(address, headers={"Accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 404
    assert "reports/isoline.css" in response.text


def test_report_output_is_never_cached_nor_framed_nor_inline(client):
    response = client.get(CITIES)
    assert response["Cache-Control"] == "private, no-store"
    assert "HX-Request" in response["Vary"]
    assert response["X-Content-Type-Options"] == "nosniff"
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|style=|<script(?! src=)| on\w+=", response.text)


@pytest.mark.parametrize(
    ("name", "value"), [("people", "many"), ("continent", "XX"), ("nonsense", "1")]
)
def test_a_bad_parameter_is_a_400_with_the_sentence_of_the_command(client, name, value):
    with pytest.raises(CommandError) as refused:
        call_command("exportreport", "cities-and-their-names", param=[f"{name}={value}"])
    sentence = str(refused.value).removeprefix(f"{name}: ")
    response = client.get(CITIES, {name: value})
    assert response.status_code == 400
    assert escape(sentence) in response.text
    assert "<table>" not in response.text


def test_the_error_stands_beside_its_field_with_what_was_given(client):
    response = client.get(CITIES, {"people": "many"})
    assert re.search(r'<p class="error" id="id_people_error">[^<]+</p>', response.text)
    field = found(r"<input[^>]*id_people[^>]*>", response.text)
    assert 'value="many"' in field
    assert 'type="text"' in field
    assert 'aria-describedby="id_people_error"' in field
    assert 'aria-invalid="true"' in field


def test_empty_fields_of_the_form_narrow_nothing(client):
    response = client.get(CITIES, {"continent": "", "people": "", "database": "default"})
    assert response.status_code == 200
    assert 'class="active"' not in response.text


def test_filters_narrow_and_are_shown(client):
    response = client.get(CITIES, {"continent": "OC", "people": "1000000"})
    assert f"<strong>{_oceanic_millions()} rows</strong>" in response.text
    assert 'href="?people=1000000" aria-label="Remove Continent"' in response.text
    assert "/reports/cities-and-their-names.csv?continent=OC&amp;people=1000000" in response.text


def _oceanic_millions():
    return City.objects.filter(country__continent="OC", population__gte=1_000_000).count()


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        ("page=0", 400, "The first page is number 1."),
        ("page=-1", 400, "is not the number of a page"),
        ("page=x", 400, "is not the number of a page"),
        ("page=", 400, "is not the number of a page"),
        ("page=١", 400, "is not the number of a page"),
        ("page=1&page=2", 400, "Given 2 times"),
        ("page=342", 404, "There is no page 342: the report has 341 pages."),
        ("page=1000", 404, "There is no page 1,000"),
        ("page=1001", 400, "Page numbers end at 1,000"),
        (f"page={'9' * 5000}", 400, "is not the number of a page"),
        ("page=2&after=x", 400, "not both"),
        ("after=", 400, "not valid for this report"),
        ("after=é%00", 400, "not valid for this report"),
        ("database=nowhere", 400, "Unknown database &#x27;nowhere&#x27;. Databases: default"),
        ("people=1%00", 400, ""),
    ],
)
def test_pages_that_are_not_there_are_refused_with_a_sentence(client, asked, status, sentence):
    response = client.get(f"{CITIES}?{asked}")
    assert response.status_code == status
    assert sentence in response.text
    assert "<table>" not in response.text


def test_the_last_page_has_the_rest_and_no_next(client):
    response = client.get(f"{CITIES}?page=341")
    assert len(names(response)) == 6
    assert "34,001 to 34,006" in response.text
    assert 'rel="next"' not in response.text
    assert 'rel="prev"' in response.text


def test_an_empty_report_says_so(client):
    response = client.get(CITIES, {"people": "999999999"})
    assert response.status_code == 200
    assert "<strong>0 rows</strong>" in response.text
    assert "No rows match these filters." in response.text


def test_beyond_the_numbered_pages_places_lead_through_every_row_once(
    client, many_pages, monkeypatch
):
    monkeypatch.setattr(query, "LAST_NUMBERED_PAGE", 2)
    address: str | None = "/reports/many-pages/"
    pages, seen = 0, []
    while address:
        response = client.get(address)
        assert response.status_code == 200
        seen += names(response)
        pages += 1
        following = re.search(r'rel="next"\s+href="([^"]+)"', response.text)
        address = following and "/reports/many-pages/" + following[1].replace("&amp;", "&")
        if address:
            assert ("after=" in address) == (pages >= 2)
    statement = Statement(registry.get("many-pages"), {}, "default")
    assert seen == [escape(row[2]) for row in statement.stream()]
    assert pages == -(-len(seen) // 20)


def test_a_report_with_windows_goes_on_behind_its_numbered_pages(client, monkeypatch):
    monkeypatch.setattr(query, "LAST_NUMBERED_PAGE", 2)
    page = client.get("/reports/busiest-days/", {"page": 2}).text
    seen = 200
    while found := re.search(r'rel="next" href="([^"]*after=[^"]*)"', page):
        response = client.get("/reports/busiest-days/" + unescape(found[1]))
        page = response.text
        seen += len(names(response, 0))
    assert seen == 365


def test_where_pages_end_before_the_rows_the_page_says_so(client, monkeypatch):
    """A database view may repeat its key, and equal rows have no cursor."""

    class Lines(Report):
        queryset = PaymentLine.objects.all()
        place = Column("place")

        class Meta:
            page_size = 2
            permission = None

    load("default")
    monkeypatch.setitem(registry.default._reports, "lines", Lines())
    monkeypatch.setattr(query, "LAST_NUMBERED_PAGE", 2)
    said = "Download the report for all rows"
    assert said not in client.get("/reports/lines/", {"page": 1}).text
    last = client.get("/reports/lines/", {"page": 2}).text
    assert said in last
    assert 'rel="next"' not in last


def test_a_place_keeps_the_filters(client):
    report = registry.get("cities-and-their-names")
    values = {"continent": "OC", "people": None}
    statement = Statement(report, values, "default")
    token = statement.cursor(statement.queryset[99])
    response = client.get(CITIES, {"continent": "OC", "after": token})
    assert names(response, 0) == [escape(row[0]) for row in statement.queryset[100:200]]
    assert "continent=OC&amp;after=" in response.text


@pytest.mark.parametrize("tampered", [0, 5, -1])
def test_a_tampered_place_is_a_400(client, tampered):
    report = registry.get("cities-and-their-names")
    statement = Statement(report, {"continent": None, "people": None}, "default")
    letters = list(statement.cursor(statement.queryset[0]))
    letters[tampered] = "A" if letters[tampered] != "A" else "B"
    assert client.get(CITIES, {"after": "".join(letters)}).status_code == 400


def test_a_place_of_another_report_is_a_400(client, many_pages):
    statement = Statement(registry.get("many-pages"), {}, "default")
    token = statement.cursor(statement.queryset[0])
    assert client.get(CITIES, {"after": token}).status_code == 400


def test_htmx_gets_the_table_alone(client):
    response = client.get(f"{CITIES}?page=2", headers=HTMX)
    assert response.status_code == 200
    assert "<table>" in response.text
    assert "<html" not in response.text
    assert "<form" not in response.text


def test_htmx_gets_the_form_too_where_an_error_stands_in_it(client):
    response = client.get(CITIES, {"people": "many"}, headers=HTMX)
    assert response.status_code == 400
    assert response["HX-Retarget"] == "#report"
    assert 'id="id_people_error"' in response.text
    assert "<html" not in response.text


def test_a_report_for_other_engines_says_so(client, register):
    class Elsewhere(reports.Report):
        queryset = Airport.objects.all()
        name = Column("name")

        class Meta:
            databases = ("nowhere",)
            permission = None

    register(Elsewhere)
    assert "Only on nowhere" in client.get("/").text
    response = client.get("/reports/elsewhere/")
    assert response.status_code == 409
    assert "runs only on nowhere" in response.text
    assert client.get("/reports/elsewhere.csv").status_code == 409


@pytest.mark.parametrize("address", ["/reports/unanswerable/", "/reports/unanswerable.csv"])
def test_a_database_that_fails_gives_an_id_and_no_detail(client, register, caplog, address):
    class Unanswerable(reports.Report):
        queryset = Airport.objects.all()
        name = Column(Func("name", function="no_such_function", output_field=CharField()))

        class Meta:
            permission = None
            databases = [connection.engine_name]  # what one engine may have is not refused

    register(Unanswerable)
    response = client.get(address, headers={"Accept": "text/html"})
    assert response.status_code == 503
    error_id = found(r"<code>([0-9a-f]{12})</code>", response.text)
    assert error_id in caplog.text
    assert "no_such_function" in caplog.text
    assert "no_such_function" not in response.text
    assert "SELECT" not in response.text


def test_only_reading_is_allowed(client):
    assert client.post(CITIES).status_code == 405
    assert client.post("/reports/planes-by-model.csv").status_code == 405


def test_only_a_report_with_a_geometry_is_offered_as_a_map(client):
    link = "/reports/{}.geojson?continent=OC"
    for slug, has_map in (("large-cities", True), ("airports-by-country", False)):
        response = client.get(f"/reports/{slug}/", {"continent": "OC"})
        assert (link.format(slug) in response.text) == has_map
        assert f"/reports/{slug}.csv?continent=OC" in response.text


def test_a_page_shows_no_long_geometry(client):
    response = client.get("/reports/country-shapes/")
    assert "MULTIPOLYGON" not in response.text
    assert re.search(r"<td>MultiPolygon, \d+ parts, \d+ vertices</td>", response.text)
    assert len(response.text) < 60_000
