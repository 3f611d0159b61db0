"""Row-level access: every path gives a user only the rows of the report's scope."""

import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.management import CommandError, call_command
from django.db import connections
from pyarrow import parquet

import reports
from geo.models import Airport
from reports import Column, filters, registry
from reports.formats import FORMATS
from reports.models import Export
from reports.queries.parameters import read
from reports.queries.statement import Statement
from reports.web import urls

# Whom each user may see.
COUNTRY = {"ann": "FI", "bob": "NZ"}
PAGE = "/reports/scoped-airports/"


class ScopedAirports(reports.Report):
    """Airports of the user's country; none for anonymous users."""

    queryset = Airport.objects.filter(country__in=["FI", "NZ", "PT"], iata__isnull=False)
    code = Column("iata")
    where = Column("location")
    of = filters.Choice("country")
    timezone = filters.Choice("timezone")

    class Meta:
        permission = None
        page_size = 1000

    def scope(self, queryset: Any, user: Any) -> Any:
        return queryset.filter(country=COUNTRY.get(user.get_username()))


@pytest.fixture
def scoped(register: Any) -> type[reports.Report]:
    report: type[reports.Report] = register(ScopedAirports)
    return report


@pytest.fixture
def users(db: None) -> dict[str, Any]:
    made = {name: User.objects.create(username=name, is_staff=True) for name in COUNTRY}
    return made | {"": AnonymousUser()}


def codes(country: str | None) -> set[str]:
    return set(ScopedAirports.queryset.filter(country=country).values_list("iata", flat=True))


def every() -> set[str]:
    """Returns the codes of the report's queryset."""
    return codes("FI") | codes("NZ") | codes("PT")


def named(content: str) -> set[str]:
    """Returns the codes in a content."""
    return every() & set(re.findall(r"\b[A-Z]{3}\b", content))


def words(name: str, data: bytes) -> str:
    """Returns the text of a file. A format with packed text needs a case here."""
    match name:
        case "xlsx":
            archive = zipfile.ZipFile(io.BytesIO(data))
            return " ".join(archive.read(member).decode() for member in archive.namelist())
        case "parquet":
            return str(parquet.read_table(io.BytesIO(data)).to_pylist())
    return data.decode()


def sign_in(client: Any, user: Any) -> None:
    client.logout()
    if user.is_authenticated:
        client.force_login(user)


def test_the_test_knows_every_address() -> None:
    """Add a new address here, with a test of its rows if it returns any."""
    assert {each.name for each in urls.urlpatterns} == {
        "catalogue", "report", "manifest", "download", "compressed-download", "share", "export",
        "area", "data",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["ann", "bob", ""])
def test_pages_parts_and_files_have_the_rows_of_who_asks(
    client: Any, scoped: Any, users: Any, name: str
) -> None:
    country = COUNTRY.get(name)
    for other in users.values():  # nothing is kept from one user to the next
        sign_in(client, other)
        assert client.get(PAGE).status_code == 200
    sign_in(client, users[name])
    for headers in ({}, {"HX-Request": "true", "HX-Request-Type": "partial"}):
        response = client.get(PAGE, headers=headers)
        assert named(response.text) == codes(country)
        assert response["Cache-Control"] == "private, no-store"
        assert f"<strong>{len(codes(country))} row" in response.text
    for format_ in FORMATS:
        response = client.get(f"/reports/scoped-airports.{format_}")
        assert response.status_code == 200, format_
        assert named(words(format_, response.getvalue())) == codes(country)
        if name:
            manifest = client.get(f"/reports/scoped-airports.{format_}.manifest.json")
            assert manifest.json()["rows"] == len(codes(country))
        if not FORMATS[format_].is_compressed:
            packed = client.get(f"/reports/scoped-airports.{format_}.gz").getvalue()
            content = words(format_, gzip.decompress(packed))
            assert named(content) == codes(country)


@pytest.mark.parametrize("name", ["ann", "bob"])
def test_choices_are_of_the_rows_of_who_asks(
    client: Any, scoped: Any, users: Any, name: str
) -> None:
    sign_in(client, users[name])
    own, other = COUNTRY[name], COUNTRY["bob" if name == "ann" else "ann"]
    text = client.get(PAGE).text
    form = text.split('<form class="filters"')[1].split("</form>")[0]
    assert f'value="{own}"' in form
    assert f'value="{other}"' not in form
    zone = {"FI": "Europe/Helsinki", "NZ": "Pacific/Auckland"}
    assert zone[own] in form
    assert zone[other] not in form
    for address in (PAGE, "/reports/scoped-airports.csv"):
        for value in (other, "PT", "XX"):
            response = client.get(address, {"of": value})
            assert response.status_code == 400
            assert f"“{value}” is not one of the choices." in response.text
    posted = client.post(f"{PAGE}share/", {"of": other})
    assert posted.status_code == 400
    assert named(posted.text) == set()


def test_a_record_is_of_the_rows_of_who_asked(client: Any, scoped: Any, users: Any) -> None:
    sign_in(client, users["ann"])
    response = client.get("/reports/scoped-airports.csv")
    response.getvalue()
    assert Export.objects.latest("started").rows == len(codes("FI"))
    token = response["X-Export-Id"]
    assert client.get(f"/exports/{token}/").json()["rows"] == len(codes("FI"))
    sign_in(client, users["bob"])
    assert client.get(f"/exports/{token}/").status_code == 404
    address = f"/reports/scoped-airports.csv.manifest.json?export={token}"
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("name", ["ann", "bob", "", None])
def test_commands_have_the_rows_of_the_user_who_is_named(
    scoped: Any, users: Any, tmp_path: Any, name: str | None
) -> None:
    expected = every() if name is None else codes(COUNTRY.get(name))
    for format_ in FORMATS:
        file = tmp_path / f"airports.{format_}"
        call_command("exportreport", "scoped-airports", user=name, output=str(file))
        assert named(words(format_, file.read_bytes())) == expected, format_


def test_a_keyset_page_of_another_user_gives_the_rows_of_who_asks(
    client: Any, scoped: Any, users: Any
) -> None:
    report = registry.get("scoped-airports")
    values = dict(read(report, {}, "default", users["ann"]).values)
    statement = Statement(report, values, "default", users["ann"])
    token = statement.cursor(statement.queryset[0])
    sign_in(client, users["bob"])
    text = client.get(PAGE, {"after": token}).text
    assert named(text) <= codes("NZ")


@pytest.fixture
def twin(committed: Any, monkeypatch: Any) -> Iterator[None]:
    """The database under test attached a second time, and a user of each name, committed."""
    monkeypatch.setitem(connections.settings, "twin", dict(connections.settings["default"]))
    for name in COUNTRY:
        User.objects.create(username=name, is_staff=True)
    yield
    User.objects.filter(username__in=COUNTRY).delete()
    connections["twin"].close()


@pytest.mark.parametrize("name", ["ann", "bob", "", None])
def test_comparisons_are_of_the_rows_of_the_user_who_is_named(
    scoped: Any, twin: None, capsys: Any, name: str | None
) -> None:
    call_command("comparereport", "scoped-airports", user=name)
    count = len(every() if name is None else codes(COUNTRY.get(name)))
    assert f"same    scoped-airports  {count} rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("ann", "You do not have permission to view"),
        ("", "Sign in to view"),
        ("nobody", "There is no user 'nobody'"),
    ],
)
def test_comparing_asks_for_permission(
    for_the_permitted: Any, twin: None, name: str, sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("comparereport", "for-the-permitted", user=name)
