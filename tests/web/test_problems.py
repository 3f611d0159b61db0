"""An error has one sentence: on the page, in problem+json and from the command."""

import json
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import CharField, Func, IntegerField, Value
from django.http import Http404

import reports
from geo.models import Airport, City
from reports import Column
from reports.errors import ReportError
from reports.expressions import Repeat
from reports.formats import FORMATS
from reports.problems import KINDS, MEDIA_TYPE, problem
from tests.web.conftest import Register

pytestmark = pytest.mark.django_db

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
# Of what is preferred to a page nothing but errors exists.
PROBLEMS = f"{MEDIA_TYPE}, text/html;q=0.9"
ENGINES = ["postgis", "mysql", "mariadb", "spatialite"]
SECRET = "what nobody is told"
WRONG = "Something went wrong on our side. The error has been logged."
AWAY = "The database did not answer this report."


class Unreadable(Func):
    """A number that cannot be converted from the database's value."""

    template = "%(expressions)s"
    output_field = IntegerField()

    def convert_value(self, value: Any, expression: Any, connection: Any) -> Any:
        raise ValueError(SECRET)


def declared(raised: Exception | None = None, **columns: Any) -> type[reports.Report]:
    """Returns a public report with these columns, whose queryset raises this error."""

    def get_queryset(self: Any, parameters: dict[str, Any]) -> Any:
        if raised is not None:
            raise raised
        return City.objects.filter(country="FI")

    meta = type("Meta", (), {"permission": None, "databases": [connection.engine_name]})
    members = {"queryset": City.objects.all(), "get_queryset": get_queryset, "Meta": meta}
    shown = {"name": Column("name"), "location": reports.Geometry("location")}
    return type("Wrong", (reports.Report,), members | shown | columns)


# Kind: the report, its query, the type and the status of the error, the exit code of the command.
EVERYWHERE: dict[str, Any] = {
    "unknown report": (None, "", "unknown-report", 404, 2),
    "parameter": (declared, "nonsense=1", "invalid-parameters", 400, 2),
    "parameters": (declared, "nonsense=1&other=%3Cb%3E", "invalid-parameters", 400, 2),
    "other engine": ("elsewhere", "", "not-portable", 409, 1),
    "database": (
        lambda: declared(no=Column(Func("name", function="no_such", output_field=CharField()))),
        *("", "database-failed", 503, 1),
    ),
}
OF_OURS: dict[str, Any] = {
    "row": (lambda: declared(no=Column(Unreadable("population"))), WRONG, 500),
    "code": (lambda: declared(ZeroDivisionError(SECRET)), WRONG, 500),
    "nothing": (lambda: declared(Http404(SECRET)), "This page does not exist.", 404),
    "denied": (lambda: declared(PermissionDenied(SECRET)), "You do not have permission", 403),
    "strange": (
        lambda: declared(SuspiciousOperation(SECRET)),
        "cannot understand this request",
        400,
    ),
}


@pytest.fixture
def made(register: Register) -> Any:
    """Registers the report of a kind and returns its slug."""

    def made(declaration: Any) -> str:
        if declaration is None:
            return "no-such-report"
        if declaration == "elsewhere":

            class Elsewhere(reports.Report):
                queryset = Airport.objects.all()
                name = Column("name")

                class Meta:
                    permission = None
                    databases = [name for name in ENGINES if name != connection.engine_name][:1]

            return register(Elsewhere).slug
        return register(declaration()).slug

    return made


def told(response: Any) -> dict[str, Any]:
    """Returns the members of a problem, and checks its shape."""
    assert response["Content-Type"] == MEDIA_TYPE
    assert "Accept" in response["Vary"]
    assert response["Cache-Control"] == "private, no-store"
    assert "Content-Disposition" not in response
    members: dict[str, Any] = json.loads(response.content)
    assert members["status"] == response.status_code
    assert members["type"].startswith("urn:isoline:problem:")
    assert members["instance"] == response.wsgi_request.get_full_path()
    assert members.keys() <= {
        *("type", "title", "status", "detail", "instance"),
        *("errors", "error_id"),
    }
    return members


def without_id(members: dict[str, Any]) -> dict[str, Any]:
    return {n: value for n, value in members.items() if n not in ("error_id", "instance")}


def sentences(members: dict[str, Any]) -> list[str]:
    """Returns the sentences that every form of a problem must contain."""
    errors = members.get("errors")
    return [t for texts in errors.values() for t in texts] if errors else [members["detail"]]


def get(client: Any, address: str, accept: str, method: str = "get") -> Any:
    return getattr(client, method)(address, headers={"Accept": accept})


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_the_sentence_is_the_same_everywhere(
    client: Any, made: Any, kind: str, tmp_path: Path
) -> None:
    declaration, query, type_, status, code = EVERYWHERE[kind]
    slug = made(declaration)
    page = f"/reports/{slug}/?{query}"
    expected = told(get(client, page, PROBLEMS))
    assert (expected["type"].rpartition(":")[2], expected["status"]) == (type_, status)
    assert bool(expected.get("error_id")) == (status >= 500)
    html = get(client, page, BROWSER)
    assert html.status_code == status
    assert html["Content-Type"].startswith("text/html")
    for sentence in sentences(expected):
        assert sentence in unescape(html.text)

    for name in FORMATS:
        address = f"/reports/{slug}.{name}?{query}"
        for accept in ("*/*", "application/json", FORMATS[name].media_type):
            if accept == "text/html":
                continue
            assert without_id(told(get(client, address, accept))) == without_id(expected)
        of_browser = get(client, address, BROWSER)
        assert of_browser.status_code == status
        for sentence in sentences(expected):
            assert sentence in unescape(of_browser.text)
        params = [f"--param={part}" for part in query.replace("%3Cb%3E", "<b>").split("&") if part]
        with pytest.raises(CommandError) as caught:
            call_command(
                *("exportreport", slug, f"--format={name}", f"-o{tmp_path / 'file'}"),
                *params,
            )
        assert caught.value.returncode == code
        for sentence in sentences(expected):
            assert sentence in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", OF_OURS)
def test_what_is_our_fault_or_django_s_is_told_without_its_text(
    client: Any, made: Any, kind: str, caplog: Any
) -> None:
    declaration, sentence, status = OF_OURS[kind]
    slug = made(declaration)
    addresses = [f"/reports/{slug}{end}" for end in ("/", ".csv", ".json", ".xlsx")]
    for address in addresses:
        response = get(client, address, PROBLEMS)
        members = told(response)
        assert members["status"] == status
        assert sentence in members["detail"]
        assert SECRET not in response.content.decode()
        assert bool(members.get("error_id")) == (status == 500)
        if status == 500:
            assert members["error_id"] in caplog.text
        html = get(client, address, BROWSER)
        assert html.status_code == status
        assert SECRET not in html.text
        assert html["Content-Type"].startswith("text/html")


def test_permission(client: Any, for_staff: Any, tmp_path: Path) -> None:
    """Anonymous users are redirected to sign in by a page, and get an error elsewhere."""
    get_user_model()._default_manager.create_user("amy")
    page, data = "/reports/for-staff/", "/reports/for-staff.json"
    for name, sentence in (
        ("", "Sign in to view “For staff”."),
        ("amy", "You do not have permission to view “For staff”. Ask an administrator for access."),
    ):
        if name:
            client.force_login(get_user_model()._default_manager.get(username=name))
        assert get(client, page, BROWSER).status_code == (403 if name else 302)
        html = get(client, data, BROWSER)
        assert html.status_code == 403
        assert sentence in html.text
        for address, accept in ((page, PROBLEMS), (page, "application/json"), (data, "*/*")):
            members = told(get(client, address, accept))
            assert (members["status"], members["detail"]) == (403, sentence)
        with pytest.raises(CommandError, match=sentence) as caught:
            call_command("exportreport", "for-staff", f"--user={name}", f"-o{tmp_path / 'f.csv'}")
        assert caught.value.returncode == 1


@pytest.mark.parametrize("name", FORMATS)
def test_limits(client: Any, register: Register, settings: Any, name: str, tmp_path: Path) -> None:
    class Places(reports.Report):
        queryset = City.objects.filter(country="FI")
        name = Column("name")
        location = reports.Geometry("location")

        class Meta:
            permission = None

    register(Places)
    address = f"/reports/places.{name}"
    settings.EXPORT_LIMITS = {"rows": 1}
    members = told(get(client, address, "*/*"))
    assert members["status"] == 413
    assert "The limit is 1 (EXPORT_LIMITS['rows'])." in members["detail"]
    with pytest.raises(CommandError) as caught:
        call_command("exportreport", "places", f"--format={name}", f"-o{tmp_path / 'f'}")
    assert str(caught.value) == members["detail"]
    settings.EXPORT_LIMITS = {"max_concurrent": 0}
    for accept in ("*/*", BROWSER):
        response = get(client, address, accept)
        assert (response.status_code, response["Retry-After"]) == (429, "10")
    assert told(get(client, address, "*/*"))["type"].endswith(":too-many-exports")


def test_what_a_format_does_not_hold(client: Any, register: Register, tmp_path: Path) -> None:
    register(declared(long=Column(Repeat(Value("a"), 32_768))))
    for slug, name, status, type_ in (
        ("wrong", "xlsx", 409, "format-overflow"),
        ("planes-by-model", "geojson", 404, "format-refused"),
    ):
        members = told(get(client, f"/reports/{slug}.{name}", "*/*"))
        assert (members["status"], members["type"].rpartition(":")[2]) == (status, type_)
        with pytest.raises(CommandError) as caught:
            call_command("exportreport", slug, f"--format={name}", f"-o{tmp_path / 'f'}")
        assert str(caught.value) == members["detail"]


@pytest.mark.parametrize(
    ("address", "status", "type_"),
    [
        ("/reports/large-cities.xyz", 404, "not-found"),
        ("/reports/large-cities.csv.bz2", 404, "not-found"),
        ("/reports/large-cities.xlsx.gz", 404, "not-found"),
        ("/reports/no-such.xyz", 404, "unknown-report"),
        ("/reports/large-cities.csv?dialect=odd", 400, "invalid-parameters"),
        ("/reports/large-cities.csv?database=nowhere", 400, "invalid-parameters"),
        ("/reports/large-cities.csv?page=2", 400, "invalid-parameters"),
        ("/reports/large-cities.csv.manifest.json", 404, "not-found"),
        ("/reports/large-cities.csv.manifest.json?export=x&y=1", 400, "invalid-parameters"),
        ("/reports/no-such.csv.manifest.json", 404, "unknown-report"),
        ("/exports/unknown/", 404, "not-found"),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "", "application/json", "text/csv", "text/*"])
def test_every_address_of_data_tells_it_as_data(
    client: Any, address: str, status: int, type_: str, accept: str
) -> None:
    members = told(get(client, address, accept))
    assert (members["status"], members["type"].rpartition(":")[2]) == (status, type_)
    head = get(client, address, accept, "head")
    assert (head.status_code, head["Content-Type"]) == (status, MEDIA_TYPE)
    assert head.content == b""
    page = get(client, address, BROWSER)
    assert (page.status_code, page["Content-Type"].partition(";")[0]) == (status, "text/html")


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("text/html, application/json", True),
        ("application/json, text/html", False),
        ("application/json, text/html;q=0.9", False),
        ("text/html;q=0.5, application/problem+json", False),
        ("text/html;q=0.5, */*", False),
        ("text/html;q=0, */*", False),
        ("*/*", False),
        ("text/*", False),
        ("image/png", False),
    ],
)
def test_a_download_s_error_is_a_page_for_those_who_name_html_and_prefer_it(
    client: Any, accept: str, is_page: bool
) -> None:
    response = get(client, "/reports/large-cities.csv?nonsense=1", accept)
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/html" if is_page else MEDIA_TYPE)


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        (BROWSER, True),
        ("*/*", True),
        ("text/html, application/problem+json", True),
        ("application/problem+json, text/html;q=0.5", False),
        ("application/problem+json, */*;q=0.5", False),
    ],
)
@pytest.mark.parametrize("query", ["nonsense=1", "page=99"])
def test_a_page_s_error_is_a_page_unless_json_is_preferred(
    client: Any, accept: str, is_page: bool, query: str
) -> None:
    response = get(client, f"/reports/planes-by-model/?{query}", accept)
    assert response.status_code == (400 if query == "nonsense=1" else 404)
    assert response["Content-Type"].startswith("text/html" if is_page else MEDIA_TYPE)
    assert "Accept" in response["Vary"]


def test_nothing_that_would_be_accepted(client: Any) -> None:
    members = told(get(client, "/reports/large-cities/", "application/problem+json"))
    assert (members["status"], members["type"].rpartition(":")[2]) == (406, "not-acceptable")
    assert "text/html, text/csv, " in members["detail"]


@pytest.mark.parametrize("address", ["/nowhere", "/reports/é.json", "/reports/a.b.c.d"])
def test_an_address_of_nothing(client: Any, address: str) -> None:
    response = get(client, address, "application/json")
    assert (response.status_code, response["Content-Type"]) == (404, MEDIA_TYPE)
    assert response.json()["detail"] == "This page does not exist."
    page = get(client, address, BROWSER)
    assert (page.status_code, page["Vary"].startswith("Accept")) == (404, True)
    assert "This page does not exist." in page.text


def test_a_script_that_posts_a_form_is_told_as_data(client: Any) -> None:
    response = client.post(
        "/reports/large-cities/share/", {"nonsense": "1"}, headers={"Accept": PROBLEMS}
    )
    assert told(response)["errors"].keys() == {"nonsense"}


def test_every_error_has_a_kind_of_its_own_or_its_parent_s() -> None:
    """An error class without a kind would be reported as a server error."""
    todo = [ReportError]
    while todo:
        each = todo.pop()
        todo += each.__subclasses__()
        own = [parent for parent in each.__mro__[:-3] if parent in KINDS]
        # Those never reach a reader by themselves, and are ours.
        is_ours = each.__name__ in ("ReportError", "RowFailed")
        assert bool(own) != is_ours, each


def test_a_problem_without_a_language_says_what_the_error_says() -> None:
    found = problem(ReportError("What it is."))
    assert (found.status, found.detail) == (500, "What it is.")
