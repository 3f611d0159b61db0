"""Downloads are complete or visibly broken, on every server."""

import csv
import json
import re
import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Value
from django.http import FileResponse
from django.test import AsyncClient

import reports
from geo.models import City
from reports import Column, registry
from reports.exports.compression import BY_SUFFIX
from reports.exports.pipeline import ExportPipeline
from reports.expressions import Repeat
from reports.formats import FORMATS
from reports.limits import delivery
from reports.queries.parameters import read as read_parameters
from reports.queries.statement import Statement
from reports.web.delivery.stream import Begun
from tests.fixtures.served import ASGI, UVICORN, each_server
from tests.fixtures.served import GTHREAD as GTHREAD_SERVER
from tests.reports.test_compression import UNPACKERS

CSV = "/reports/cities-and-their-names.csv"
GTHREAD = {"SERVER_SOFTWARE": "gunicorn/27.0.1", "SERVER_PROTOCOL": "HTTP/1.1"}
CURL_PARTIAL_FILE = 18

SERVERS = {
    "gthread": GTHREAD_SERVER,
    "asgi": ASGI,
    "uvicorn": UVICORN,
    "runserver": [sys.executable, "manage.py", "runserver", "--noreload", "{port}"],
}
# Those that let a reader of HTTP/1.1 see that a stream failed.
STREAMING = {"gthread", "uvicorn"}


def whole(report_slug, dialect=None, **given):
    """Returns the export as the command writes it."""
    report = registry.get(report_slug)
    values = dict.fromkeys(["continent", "people"]) | given
    return b"".join(
        ExportPipeline(Statement(report, values, "default"), FORMATS["csv"], dialect).pieces()
    )


@pytest.mark.django_db
class TestResponse:
    """The headers and content of the response, on every server."""

    @pytest.mark.parametrize("server", [{}, GTHREAD], ids=["any", "gthread"])
    def test_is_an_attachment_that_nobody_keeps_or_guesses_about(self, client, server):
        response = client.get("/reports/planes-by-model.csv", **server)
        assert response["Content-Disposition"] == 'attachment; filename="planes-by-model.csv"'
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert response.getvalue() == whole("planes-by-model")

    @pytest.mark.parametrize("dialect", [*FORMATS["csv"].dialects])
    def test_dialects_and_parameters_are_those_of_the_command(self, client, dialect):
        response = client.get(CSV, {"dialect": dialect, "continent": "OC"})
        assert response.getvalue() == whole("cities-and-their-names", dialect, continent="OC")

    @pytest.mark.parametrize(
        ("mode", "is_whole"), [("auto", {True, False}), ("stream", {False}), ("spool", {True})]
    )
    def test_the_setting_decides_whether_a_download_is_streamed(
        self, client, settings, mode, is_whole
    ):
        settings.EXPORT_DELIVERY = {"mode": mode}
        responses = [client.get("/reports/planes-by-model.csv", **each) for each in ({}, GTHREAD)]
        assert {response.has_header("Content-Length") for response in responses} == is_whole
        assert {response.getvalue() for response in responses} == {whole("planes-by-model")}

    @pytest.mark.parametrize("given", [{"mode": "both"}, {"modes": "auto"}])
    def test_a_delivery_that_there_is_not_is_refused(self, given, settings):
        settings.EXPORT_DELIVERY = given
        with pytest.raises(ImproperlyConfigured, match="EXPORT_DELIVERY"):
            delivery()

    def test_other_formats(self, client):
        response = client.get("/reports/planes-by-model.html")
        assert response["Content-Disposition"] == 'attachment; filename="planes-by-model.html"'
        assert b"<table>" in response.getvalue()

    @pytest.mark.parametrize("method", ["get", "head"])
    def test_a_map_has_its_own_media_type(self, client, method):
        response = getattr(client, method)("/reports/large-cities.geojson?continent=OC")
        assert response["Content-Type"] == "application/geo+json"
        assert response["Content-Disposition"] == 'attachment; filename="large-cities.geojson"'
        if method == "get":
            found = json.loads(response.getvalue())
            assert {f["properties"]["country"] for f in found["features"]} == {
                "Australia",
                "New Zealand",
            }

    @pytest.mark.parametrize("method", ["get", "head"])
    def test_a_format_that_a_report_cannot_have_is_not_there(self, client, method):
        response = getattr(client, method)("/reports/planes-by-model.geojson")
        assert response.status_code == 404
        assert "Content-Disposition" not in response
        if method == "get":
            assert "not available as geojson: it has no column with a geometry" in response.text

    @pytest.mark.parametrize(
        ("asked", "status", "sentence"),
        [
            (".csv?separator=x", 400, "“x” is not one of the choices: “,”, “;”, “tab”."),
            (".csv?separator=;&separator=,", 400, "Given 2 times"),
            (".tsv?separator=;", 400, "tsv does not have this option."),
            (".json?line_end=lf&people=many", 400, "json does not have this option."),
            (".csv.bz2", 404, "There is no compression “bz2”; there are zst, gz"),
            (".xyz.gz", 404, "There is no format “xyz”"),
            (".xlsx.gz", 404, "“xlsx” is compressed already: ask for it without “.gz”."),
            (".csv?people=many", 400, "Enter a whole number."),
            (".csv?nonsense=1", 400, "Unknown parameter"),
            (".csv?page=2", 400, "Unknown parameter"),
            (".csv?dialect=latin", 400, "csv has no dialect 'latin'; it has safe"),
            (".geojson?dialect=raw", 400, "geojson has no dialect 'raw'; it has rfc7946"),
            (".csv?database=nowhere", 400, "Unknown database"),
            (".xyz", 404, "There is no format “xyz”; there are csv"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, client, asked, status, sentence):
        response = client.get(f"/reports/cities-and-their-names{asked}")
        assert response.status_code == status
        assert sentence in response.text
        assert "Content-Disposition" not in response

    def test_separator_and_line_end_can_be_chosen(self, client):
        plain = client.get("/reports/planes-by-model.csv?dialect=raw").getvalue().decode()
        found = client.get(
            "/reports/planes-by-model.csv",
            {"dialect": "raw", "separator": "tab", "line_end": "lf"},
        ).getvalue()
        rows = [*csv.reader(StringIO(plain, newline=""))]
        text = StringIO(found.decode(), newline="")
        assert [*csv.reader(text, delimiter="\t", lineterminator="\n")] == rows
        assert b"\r" not in found
        assert found.count(b"\t") >= len(rows)

    @pytest.mark.parametrize("name", sorted(FORMATS))
    def test_every_format_is_the_command_s_with_its_own_media_type(self, client, name):
        slug = "large-cities" if name == "geojson" else "planes-by-model"
        response = client.get(f"/reports/{slug}.{name}")
        assert response["Content-Type"] == FORMATS[name].content_type
        assert response["Content-Disposition"] == f'attachment; filename="{slug}.{name}"'
        report = registry.get(slug)
        values = dict(read_parameters(report, {}, "default").values)
        export = ExportPipeline(Statement(report, values, "default"), FORMATS[name])
        assert response.getvalue() == b"".join(export.pieces())

    @pytest.mark.parametrize("server", [{}, GTHREAD], ids=["any", "gthread"])
    @pytest.mark.parametrize("suffix", sorted(BY_SUFFIX))
    def test_a_name_asks_for_a_compressed_file(self, client, suffix, server):
        response = client.get(f"/reports/planes-by-model.csv.{suffix}", **server)
        assert response["Content-Type"] == BY_SUFFIX[suffix].content_type
        name = f"planes-by-model.csv.{suffix}"
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        assert response.get("Content-Encoding") == (None if server else "identity")
        unpack = UNPACKERS[BY_SUFFIX[suffix].coding]
        assert unpack(response.getvalue()) == whole("planes-by-model")

    @pytest.mark.parametrize("method", ["get", "head"])
    @pytest.mark.parametrize(
        ("accepted", "coding"),
        [
            ("gzip, deflate, br, zstd", "zstd"),
            ("gzip, deflate", "gzip"),
            ("zstd;q=0.1, gzip;q=0.5", "gzip"),
            ("gzip;q=0, *", "zstd"),
            ("*;q=0.5, identity;q=0.9", None),
            ("gzip;q=0.5, identity", None),
            ("gzip;q=0", None),
            ("identity", None),
            ("br", None),
            ("", None),
            ("gzip;q=nonsense, zstd;q=2", None),
            ("GZIP ; q=1.000", "gzip"),
        ],
    )
    def test_what_the_reader_accepts_compresses_the_way(self, client, accepted, coding, method):
        response = getattr(client, method)(
            "/reports/planes-by-model.csv", headers={"Accept-Encoding": accepted}
        )
        assert response.get("Content-Encoding") == (
            coding or ("identity" if method == "get" else None)
        )
        assert "Accept-Encoding" in response["Vary"]
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"] == 'attachment; filename="planes-by-model.csv"'
        if method == "get":
            unpack = UNPACKERS[coding] if coding else bytes
            assert unpack(response.getvalue()) == whole("planes-by-model")

    @pytest.mark.parametrize("name", ["csv.gz", "xlsx", "parquet"])
    def test_what_is_compressed_goes_as_it_is(self, client, name):
        response = client.get(
            f"/reports/planes-by-model.{name}", headers={"Accept-Encoding": "gzip, zstd"}
        )
        assert response["Content-Encoding"] == "identity"
        assert "Accept-Encoding" not in response.get("Vary", "")
        assert response.getvalue()

    def test_more_than_a_format_holds_is_a_409_that_says_so(self, client, register):
        class Overlong(reports.Report):
            queryset = City.objects.filter(country="FI")
            text = Column(Repeat(Value("a"), 32_768))

            class Meta:
                permission = None

        register(Overlong)
        for server in ({}, GTHREAD):
            response = client.get("/reports/overlong.xlsx", **server)
            assert response.status_code == 409
            assert "a text of 32,768 characters, and a cell takes 32,767" in response.text
            assert "Content-Disposition" not in response

    def test_head_asks_the_database_for_no_row(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            response = client.head("/reports/planes-by-model.csv")
        assert response["Content-Disposition"] == 'attachment; filename="planes-by-model.csv"'
        assert response.content == b""

    def test_where_a_broken_stream_would_be_seen_it_is_streamed(self, client):
        response = client.get(CSV, **GTHREAD)
        assert response.streaming
        assert "Content-Length" not in response
        assert response.getvalue() == whole("cities-and-their-names")

    @pytest.mark.parametrize(
        "server",
        [
            GTHREAD | {"SERVER_PROTOCOL": "HTTP/1.0"},
            {"SERVER_SOFTWARE": "WSGIServer/0.2 CPython/3.13.0", "SERVER_PROTOCOL": "HTTP/1.1"},
            {"SERVER_SOFTWARE": "unheard-of/1.0", "SERVER_PROTOCOL": "HTTP/1.1"},
        ],
        ids=["http10", "wsgiref", "unknown"],
    )
    def test_elsewhere_it_has_its_length(self, client, server):
        response = client.get(CSV, {"continent": "OC"}, **server)
        assert isinstance(response, FileResponse)
        assert int(response["Content-Length"]) == len(response.getvalue())

    def test_the_statement_is_left_when_the_reader_goes(self):
        report = registry.get("cities-and-their-names")
        statement = Statement(report, {"continent": None, "people": None}, "default")
        for read in (0, 1, 2):
            pieces: Any = ExportPipeline(statement, FORMATS["csv"]).pieces()
            begun = Begun(pieces)
            for _ in range(read):
                next(begun)
            assert pieces.gi_frame is not None
            begun.close()
            assert pieces.gi_frame is None

    def test_under_asgi_it_has_its_length_and_is_read_asynchronously(self):
        async def read():
            response: Any = await AsyncClient().get(CSV, {"continent": "OC"})
            assert response.is_async
            return response, b"".join([piece async for piece in response])

        response, body = async_to_sync(read)()
        assert int(response["Content-Length"]) == len(body)
        assert body == whole("cities-and-their-names", continent="OC")


@pytest.fixture(scope="module", params=each_server(SERVERS))
def server(request, site):
    """Each server in turn, on SpatiaLite."""
    with site.served(*SERVERS[request.param]) as address:
        yield request.param, address


def curl(*arguments):
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", "120", *arguments],
        capture_output=True,
        check=False,
    )


@pytest.mark.django_db
def test_every_server_sends_the_whole(server, tmp_path):
    _, address = server
    for version in ("--http1.1", "--http1.0"):
        got = curl(version, "--output", str(tmp_path / "got.csv"), address + CSV)
        assert got.returncode == 0, got.stderr
        assert (tmp_path / "got.csv").read_bytes() == whole("cities-and-their-names")


def test_an_export_that_breaks_late_is_never_a_success(server, tmp_path):
    """A stream over HTTP/1.1 is aborted; a reader who could not see that gets an error page."""
    name, address = server
    for version in ("--http1.1", "--http1.0"):
        file = tmp_path / "got"
        got = curl(
            version, "--output", str(file), "--write-out", "%{http_code}",
            "--header", "Accept: text/html", f"{address}/reports/breaks-late.csv",
        )  # fmt: skip
        if name in STREAMING and version == "--http1.1":
            assert got.returncode == CURL_PARTIAL_FILE
            assert file.stat().st_size > 100_000
            continue
        assert (got.returncode, got.stdout) == (0, b"500")
        text = file.read_text()
        assert re.search(r"<code>[0-9a-f]{12}</code>", text)
        assert "invalid literal" not in text


def test_a_compressed_export_that_breaks_late_is_never_a_success(server, tmp_path):
    name, address = server
    for options in (["--compressed"], []):
        suffix = "csv" if options else "csv.gz"
        file = tmp_path / "got"
        got = curl(
            *options, "--output", str(file), "--write-out", "%{http_code}",
            f"{address}/reports/breaks-late.{suffix}",
        )  # fmt: skip
        if name in STREAMING:
            assert got.returncode == CURL_PARTIAL_FILE
            assert file.stat().st_size > 10_000
        else:
            assert (got.returncode, got.stdout) == (0, b"500")


@pytest.mark.once
def test_http_1_0_and_django_s_own_server_tell_the_length(server):
    name, address = server
    versions = ["--http1.0"] if name in STREAMING else ["--http1.0", "--http1.1"]
    for version in versions:
        got = curl(version, "--include", f"{address}/reports/planes-by-model.csv")
        head, _, body = got.stdout.partition(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length: (\d+)", head)
        assert length, head
        assert int(length[1]) == len(body)


@pytest.mark.once
def test_servers_that_break_off_visibly_stream_in_chunks(server):
    name, address = server
    got = curl("--include", f"{address}/reports/planes-by-model.csv")
    assert (b"transfer-encoding: chunked" in got.stdout.lower()) == (name in STREAMING)
