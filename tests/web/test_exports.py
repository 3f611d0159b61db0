"""Records of downloads, their manifests, and limits on simultaneous exports."""

import hashlib
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.signing import Signer
from django.db import connection, connections
from django.db.models import Case, F, IntegerField, Value, When
from django.utils import timezone

import reports
from geo.backends.wrapper import database_wrapper
from geo.models import City
from reports import Column, registry
from reports.errors import ReportError, TooManyAtOnce
from reports.exports import tracking
from reports.exports.slots import acquire
from reports.exports.tracking import TrackedExport
from reports.formats import FORMATS
from reports.models import Export
from reports.queries.statement import Statement
from reports.version import VERSION
from tests.web.conftest import Register, wait_until

PLANES = "/reports/planes-by-model.csv"
CITIES = "/reports/cities-and-their-names.csv"
GTHREAD = {"SERVER_SOFTWARE": "gunicorn/27.0.1", "SERVER_PROTOCOL": "HTTP/1.1"}
State = Export.State
# What a text is, where a number is declared, in the words of each driver.
BREAKS = (ValueError, ReportError)


def recorded(slug: str = "cities-and-their-names", user: Any = None, **given: str) -> TrackedExport:
    """Returns an export of a report as CSV."""
    report = registry.get(slug)
    statement = Statement(report, dict.fromkeys(report.filters) | given, "default")
    return TrackedExport(statement, FORMATS["csv"], given=given, user=user)


def record(**fields: Any) -> Export:
    """Creates the record of a download of planes, with these fields changed."""
    made = recorded("planes-by-model", fields.pop("user", None)).record
    for name, value in fields.items():
        setattr(made, name, value)
    made.save(force_insert=True)
    return made


def user(name: str) -> Any:
    return get_user_model()._default_manager.create_user(name)


def signed(made: Export) -> str:
    return Signer(sep=".", salt="reports.exports").sign(str(made.pk))


def downloaded(client: Any, address: str = PLANES, **asked: str) -> str:
    """Reads a download to its end; returns the token of its record."""
    response = client.get(address, asked)
    assert response.status_code == 200
    assert response.getvalue()
    token: str = response["X-Export-Id"]
    return token


def leave(response: Any, pieces: int) -> None:
    """Reads part of a streamed download and disconnects."""
    sent = iter(response)
    for _ in range(pieces):
        next(sent)
    # As the test's client ends it: by itself it would close the connection of the test as well.
    response._iterator.close()


@pytest.fixture
def breaking(register: Register) -> str:
    """The address of a report whose last rows cannot be read."""

    class Breaking(reports.Report):
        queryset = City.objects.all()
        name = Column("name")
        timezone = Column("timezone")
        number = Column(
            Case(
                When(pk__gt=13_000_000, then=F("name")),
                default=Value("1"),
                output_field=IntegerField(),
            )
        )
        at_least = reports.filters.Minimum("population")

        class Meta:
            permission = None
            databases = [connection.engine_name]

    register(Breaking)
    return "/reports/breaking.csv"


@pytest.mark.usefixtures("unrecorded")
class TestRecord:
    """The record of a download."""

    @pytest.mark.parametrize("server", [{}, GTHREAD], ids=["spooled", "streamed"])
    def test_says_what_was_asked_and_what_was_sent(self, client, server):
        before = timezone.now()
        response = client.get(CITIES, {"continent": "OC", "dialect": "excel"}, **server)
        body = response.getvalue()
        manifest = client.get(f"/exports/{response['X-Export-Id']}/").json()
        made = Export.objects.get(pk=manifest["id"])
        assert before <= made.started <= made.ended <= timezone.now()
        assert manifest["started"] == made.started.isoformat("T", "milliseconds")[:-6] + "Z"
        assert manifest["ended"] == made.ended.isoformat("T", "milliseconds")[:-6] + "Z"
        assert (manifest["rows"], manifest["bytes"]) == (
            body.count(b"\r\n") - 1,
            len(body),
        )
        assert manifest["sha256"] == hashlib.sha256(body).hexdigest()
        assert (manifest["state"], manifest["error"], manifest["limit"]) == (
            "complete",
            None,
            None,
        )
        assert (manifest["format"], manifest["dialect"]) == ("csv", "excel")
        assert manifest["parameters"] == {"continent": "OC"}
        assert manifest["isoline"] == VERSION
        assert manifest["database"] == {
            "alias": "default",
            "server": database_wrapper("default").server_version,
        }
        report = registry.get("cities-and-their-names")
        assert manifest["report"] == {
            "slug": report.slug, "title": report.title, "version": report.options.version,
        }  # fmt: skip
        columns = Statement(report, {"continent": None, "people": None}, "default").columns
        assert manifest["columns"] == [
            {"id": each.id, "label": each.label, "unit": each.unit, "kind": each.kind.name}
            for each in columns
        ]

    def test_there_is_none_of_a_head_request(self, client):
        assert "X-Export-Id" not in client.head(PLANES)
        assert not Export.objects.exists()

    def test_is_failed_when_a_row_cannot_be_read_and_the_log_has_its_id(
        self, client, breaking, caplog
    ):
        response = client.get(breaking, {"at_least": "0"}, **GTHREAD)
        with pytest.raises(BREAKS):
            response.getvalue()
        manifest = client.get(f"/exports/{response['X-Export-Id']}/").json()
        assert (manifest["state"], manifest["sha256"]) == ("failed", None)
        assert manifest["rows"] > 1000
        assert manifest["bytes"] > 64 * 1024
        assert re.fullmatch("[0-9a-f]{12}", manifest["error"])
        (line,) = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
        assert line.startswith(
            f"Error {manifest['error']}: export {manifest['id']} of report breaking"
        )
        assert line.endswith('parameters {"at_least": "0"}')

    def test_is_failed_under_the_id_that_the_error_s_page_shows(self, client, breaking):
        response = client.get(breaking, headers={"Accept": "text/html"})
        assert response.status_code == 500
        assert "X-Export-Id" not in response
        made = Export.objects.get(report="breaking")
        assert made.state == State.FAILED
        assert f"<code>{made.error}</code>" in response.text

    def test_a_parameter_forges_no_line_of_the_log(self, breaking, caplog):
        statement = Statement(registry.get("breaking"), {"at_least": None}, "default")
        forged = {"at_least": "1\r\nError 0: all is well\x1b[2J"}
        with pytest.raises(BREAKS):
            b"".join(TrackedExport(statement, FORMATS["csv"], given=forged).pieces())
        (line,) = [each.getMessage() for each in caplog.records]
        assert r"1\r\nError 0: all is well\u001b[2J" in line

    @pytest.mark.parametrize("pieces", [1, 2])
    def test_is_cancelled_when_the_reader_goes(self, client, pieces):
        response = client.get(CITIES, **GTHREAD)
        leave(response, pieces)
        manifest = client.get(f"/exports/{response['X-Export-Id']}/").json()
        assert (manifest["state"], manifest["sha256"], manifest["error"]) == (
            "cancelled",
            None,
            None,
        )
        assert manifest["rows"] > 0
        assert manifest["ended"]

    def test_is_lost_when_its_process_is_silent(self, client):
        made = record()
        assert client.get(f"/exports/{signed(made)}/").json()["state"] == "running"
        Export.objects.update(seen=timezone.now() - timedelta(seconds=61))
        assert client.get(f"/exports/{signed(made)}/").json()["state"] == "lost"
        assert [*Export.objects.lost()] == [made]
        assert not Export.objects.running().exists()

    def test_goes_with_its_user(self):
        owner = user("owner")
        record(user=owner)
        owner.delete()
        assert not Export.objects.exists()


@pytest.mark.usefixtures("unrecorded")
class TestMaker:
    """Only its user can learn that an export exists."""

    def test_a_user_s_record_is_told_to_that_user_alone(self, client):
        owner = user("owner")
        client.force_login(owner)
        token = downloaded(client)
        made = Export.objects.get(user=owner)
        assert token == str(made.pk)
        assert client.get(f"/exports/{token}/").json()["id"] == token
        client.force_login(user("another"))
        for each in (token, signed(made)):
            assert client.get(f"/exports/{each}/").status_code == 404
        client.logout()
        for each in (token, signed(made)):
            assert client.get(f"/exports/{each}/").status_code == 404

    def test_others_have_it_by_a_signed_id(self, client):
        token = downloaded(client)
        key, _, signature = token.partition(".")
        assert len(signature) == 43
        assert client.get(f"/exports/{token}/").json()["id"] == key
        forged = [
            *(key, f"{key}.", f"{key}.{'A' * 43}", f"{uuid4()}.{signature}", token[:-1], "nothing"),
            Signer(sep=".", salt="another").sign(key),
            Signer(sep=".", salt="reports.exports").sign("no-uuid"),
        ]
        for each in forged:
            assert client.get(f"/exports/{each}/").status_code == 404, each
        client.force_login(user("somebody"))
        assert client.get(f"/exports/{key}/").status_code == 404
        assert client.get(f"/exports/{token}/").status_code == 200

    def test_a_refusal_has_the_shape_that_was_asked_for(self, client):
        answer = client.get(f"/exports/{uuid4()}/")
        assert answer.status_code == 404
        assert answer.json()["detail"].startswith("You have no export with this id")
        page = client.get(f"/exports/{uuid4()}/", headers={"Accept": "text/html"})
        assert page.status_code == 404
        assert "<h1>You have no export with this id" in page.text

    def test_a_browser_gets_a_page(self, client):
        response = client.get(CITIES, {"continent": "OC", "people": "<b>"})
        assert response.status_code == 400
        address = f"/exports/{downloaded(client, CITIES, continent='OC')}/"
        page = client.get(address, headers={"Accept": "text/html,*/*;q=0.8"})
        made = Export.objects.get()
        assert f"<code>{made.sha256}</code>" in page.text
        assert "<strong>complete</strong>" in page.text
        assert page["Cache-Control"] == "private, no-store"
        assert page["Vary"].startswith("Accept")
        assert client.post(address).status_code == 405

    def test_its_page_escapes_what_was_given(self, client):
        made = record(parameters={"<i>": "<script>"}, title="<b>", report="gone")
        text = client.get(f"/exports/{signed(made)}/", headers={"Accept": "text/html"}).text
        assert "&lt;script&gt;" in text
        for each in ("<script>", "<i>", "<b>"):
            assert each not in text


@pytest.mark.usefixtures("unrecorded")
class TestManifest:
    """The manifest, at the address of the download."""

    def test_is_the_record_of_the_export_that_is_named(self, client):
        token = downloaded(client)
        manifest = client.get(f"{PLANES}.manifest.json", {"export": token})
        assert manifest.status_code == 200
        assert manifest.json() == client.get(f"/exports/{token}/").json()
        assert manifest["Cache-Control"] == "private, no-store"
        assert Export.objects.count() == 1

    def test_of_a_user_is_the_latest_of_this_question(self, client):
        client.force_login(user("owner"))
        questions: list[dict[str, str]] = [
            {"continent": "OC"}, {"people": "999999"}, {"dialect": "raw", "people": "999999"},
            {"continent": "OC"}, {"people": "999999"},
        ]  # fmt: skip
        tokens = [downloaded(client, CITIES, **asked) for asked in questions]
        manifests = f"{CITIES}.manifest.json"
        for asked, token in (
            ({"continent": "OC"}, tokens[3]),
            ({"people": "999999"}, tokens[4]),
            ({"dialect": "safe", "people": "999999"}, tokens[4]),
            ({"dialect": "raw", "people": "999999"}, tokens[2]),
        ):
            assert client.get(manifests, asked).json()["id"] == token
        for asked in ({"continent": "AS"}, {}, {"continent": "OC", "people": "999999"}):
            assert client.get(manifests, asked).status_code == 404
        assert client.get(manifests, {"nonsense": "1"}).status_code == 400
        assert client.get(manifests, {"dialect": "latin"}).status_code == 400
        client.force_login(user("another"))
        assert client.get(manifests, {"continent": "OC"}).status_code == 404

    @pytest.mark.parametrize("asked", [{}, {"export": "nothing"}, {"export": str(uuid4())}])
    def test_where_there_is_none_it_says_how_to_get_one(self, client, asked):
        downloaded(client)
        response = client.get(f"{PLANES}.manifest.json", asked)
        assert response.status_code == 404
        assert "Download the report first" in response.text

    def test_is_of_this_report_and_format(self, client):
        token = downloaded(client)
        for address in ("/reports/planes-by-model.html", "/reports/delays-by-month.csv"):
            response = client.get(f"{address}.manifest.json", {"export": token})
            assert response.status_code == 404
        assert client.get("/reports/nothing.csv.manifest.json").status_code == 404

    def test_takes_nothing_beside_the_export(self, client):
        token = downloaded(client, CITIES)
        response = client.get(f"{CITIES}.manifest.json", {"export": token, "continent": "OC"})
        assert response.status_code == 400
        assert "Leave it out: “export” alone names the export." in response.text

    @pytest.mark.parametrize(
        ("fields", "status", "state"),
        [
            ({}, 202, "running"),
            ({"seen": timezone.now() - timedelta(hours=1)}, 409, "lost"),
            ({"state": State.FAILED, "error": "0123456789ab"}, 409, "failed"),
            ({"state": State.CANCELLED}, 409, "cancelled"),
        ],
    )
    def test_is_no_success_unless_the_export_is_whole(self, client, fields, status, state):
        made = record(**fields)
        response = client.get(f"{PLANES}.manifest.json", {"export": signed(made)})
        assert (response.status_code, response.json()["state"]) == (status, state)

    def test_asks_for_the_same_permission_as_the_report(self, client, for_staff):
        assert client.get("/reports/for-staff.csv.manifest.json").status_code == 403


@pytest.mark.usefixtures("unrecorded")
class TestAtOnce:
    """The number of simultaneous exports is limited."""

    def hold(self, owner: Any = None, number: int = 1) -> list[Export]:
        made = [recorded("planes-by-model", owner).record for _ in range(number)]
        for each in made:
            acquire(each)
        return made

    def test_a_user_has_so_many_places(self, client):
        owner = user("owner")
        first, _ = self.hold(owner, 2)
        client.force_login(owner)
        response = client.get(PLANES)
        assert response.status_code == 429
        assert response["Retry-After"] == "10"
        assert "The limit of your concurrent exports is reached" in response.text
        assert "The limit is 2 (EXPORT_LIMITS['max_concurrent_per_user'])" in response.text
        assert "X-Export-Id" not in response
        assert Export.objects.count() == 2
        client.force_login(user("another"))
        downloaded(client)
        client.force_login(owner)
        Export.objects.filter(pk=first.pk).update(seen=timezone.now() - timedelta(hours=1))
        downloaded(client)

    def test_there_are_so_many_in_all(self, client):
        self.hold(number=8)
        response = client.get(PLANES)
        assert response.status_code == 429
        assert "The limit is 8 (EXPORT_LIMITS['max_concurrent'])" in response.text
        # The dead have none, nor who has ended.
        Export.objects.update(seen=timezone.now() - timedelta(hours=1))
        for _ in range(10):
            downloaded(client)
        assert not Export.objects.running().exists()

    @pytest.mark.parametrize("close", [True, False], ids=["cancelled", "complete"])
    def test_whoever_ends_gives_the_place_back(self, client, settings, close):
        settings.EXPORT_LIMITS = {"max_concurrent": 1}
        response = client.get(CITIES, **GTHREAD)
        assert client.get(PLANES).status_code == 429
        if close:
            leave(response, 1)
        else:
            response.getvalue()
        downloaded(client)

    def test_an_operator_changes_it(self, client, settings):
        owner = user("owner")
        client.force_login(owner)
        settings.EXPORT_LIMITS = {"max_concurrent": None, "max_concurrent_per_user": 9}
        self.hold(owner, 9)
        with pytest.raises(
            TooManyAtOnce, match=r"The limit is 9 \(EXPORT_LIMITS\['max_concurrent_per"
        ):
            self.hold(owner)
        settings.EXPORT_LIMITS = {"max_concurrent": None, "max_concurrent_per_user": None}
        self.hold(owner, 3)
        settings.EXPORT_LIMITS = {"max_concurrent": 0}
        assert client.get(PLANES).status_code == 429
        settings.EXPORT_LIMITS = {"at_one": 1}
        with pytest.raises(ImproperlyConfigured, match=r"EXPORT_LIMITS has no at_one; it takes"):
            self.hold(owner)


@pytest.mark.usefixtures("unrecorded")
class TestKeeping:
    """Old records are deleted."""

    def days_ago(self, days: int, **fields: Any) -> Export:
        made = record(**fields)
        then = timezone.now() - timedelta(days=days)
        Export.objects.filter(pk=made.pk).update(seen=then)
        return made

    def test_a_command_deletes_what_is_older_than_a_week(self, monkeypatch):
        monkeypatch.setattr(tracking, "CLEARED_AT_ONCE", 2)
        kept = [self.days_ago(6), record()]
        for state in (State.COMPLETE, State.RUNNING, State.FAILED):
            self.days_ago(8, state=state)
        out = StringIO()
        call_command("pruneexports", stdout=out)
        assert out.getvalue() == "Deleted 3 records of exports older than 7 days.\n"
        assert {*Export.objects.all()} == {*kept}

    def test_an_operator_changes_the_week(self, settings):
        self.days_ago(6)
        settings.EXPORT_RECORDS = {"days": 5}
        assert tracking.clear() == 1
        settings.EXPORT_RECORDS = {"weeks": 1}
        with pytest.raises(ImproperlyConfigured, match=r"EXPORT_RECORDS has no weeks; it takes d"):
            tracking.clear()

    def test_downloads_delete_some_once_an_hour(self, client, monkeypatch):
        monkeypatch.setattr(tracking, "CLEARED_AT_ONCE", 2)
        monkeypatch.setattr(tracking, "_cleared_at", None)
        old = Export.objects.expired()
        for _ in range(3):
            self.days_ago(8)
        downloaded(client)
        assert old.count() == 1
        downloaded(client)
        assert old.count() == 1
        monkeypatch.setattr(tracking, "CLEARING_SECONDS", 0)
        downloaded(client)
        assert old.count() == 0


def test_of_many_who_come_at_one_moment_so_many_are_let_in(alone: Any) -> None:
    together = threading.Barrier(20)

    def come(_: int) -> bool:
        together.wait()
        try:
            acquire(recorded("planes-by-model").record)
        except TooManyAtOnce:
            return False
        finally:
            connections["default"].close()
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(come, range(20))) == 8
    assert Export.objects.running().count() == 8


def test_an_export_that_waits_for_its_reader_tells_that_it_lives(
    alone: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.exports.heartbeat.SECONDS", 0.05)
    export = recorded()
    pieces = export.pieces()
    sizes = [len(next(pieces))]
    long_ago = timezone.now() - timedelta(minutes=5)
    for _ in range(2):
        Export.objects.update(seen=long_ago)
        manifest = {"rows": export.rows, "bytes": sum(sizes)}
        wait_until(Export.objects.running().filter(**manifest).first)
        sizes.append(len(next(pieces)))
    pieces.close()
    assert Export.objects.get().state == State.CANCELLED


def test_a_default_that_others_write_to_fails_no_export(
    alone: Any, sessions: Any, client: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(tracking, "PATIENCE", 0.2)
    whole = client.get(PLANES).getvalue()
    Export.objects.all().delete()
    with sessions.holding("isoline_export"):
        response = client.get(PLANES, **GTHREAD)
        assert response.getvalue() == whole
    assert "X-Export-Id" not in response
    assert "The record of an export cannot be written." in caplog.text
    assert not Export.objects.exists()


def test_an_end_that_cannot_be_written_is_written_later(
    alone: Any, sessions: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "PATIENCE", 0.2)
    monkeypatch.setattr("reports.exports.heartbeat.SECONDS", 0.05)
    response = client.get(PLANES, **GTHREAD)
    with sessions.holding("isoline_export"):
        body = response.getvalue()
        key = response["X-Export-Id"].partition(".")[0]
        assert Export.objects.get(pk=key).state == State.RUNNING
    complete = Export.objects.filter(state=State.COMPLETE)
    made = wait_until(complete.first)
    assert (made.sha256, made.slot) == (hashlib.sha256(body).hexdigest(), None)


def test_a_connection_that_was_lost_meanwhile_is_made_anew(
    alone: Any, sessions: Any, client: Any
) -> None:
    response = client.get(PLANES, **GTHREAD)
    sessions.end_own()
    body = response.getvalue()
    assert Export.objects.get().sha256 == hashlib.sha256(body).hexdigest()
