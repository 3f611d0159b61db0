"""The guarantee: every registered report gives the expected bytes on the database under test."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from pyarrow import parquet

from reports import registry
from reports.exports.pipeline import ExportPipeline
from reports.formats import FORMATS
from reports.queries.parameters import read
from reports.queries.statement import Statement
from reports.report import Report
from tests.fixtures.hostile import ROOT
from tests.hostile import bundled, oracle
from tests.hostile.bundled.areas import country_shapes, flown_over
from tests.hostile.bundled.files import Keeps, countries
from tests.hostile.texts import TEXTS

REPORTS = list(registry.every())
# Files beside CSV, by their names: every format over the hostile values, and shapes on the map.
FILES = [
    *(f"hostile-values.{name}" for name in FORMATS if name not in ("csv", "geojson")),
    *(
        f"{slug}.{name}"
        for slug in ("country-shapes", "large-cities")
        for name in ("geojson", "json")
    ),
    *(f"{slug}.parquet" for slug in ("country-shapes", "large-cities")),
]
ORACLES: dict[str, Callable[..., oracle.Table]] = {
    name.replace("_", "-"): table
    for module in (oracle, bundled)
    for name, table in vars(module).items()
    if name.replace("_", "-") in {report.slug for report in REPORTS}
}
# Bundled reports with filters, and which rows of the oracle the filters keep.
NARROWED: list[tuple[str, dict[str, str], Keeps]] = [
    (
        "carriers-by-destination",
        # The days on which New York's clocks are changed.
        {"flown_from": "2013-03-10", "flown_to": "2013-11-03"},
        lambda flight: date(2013, 3, 10) <= flight.day <= date(2013, 11, 3),
    ),
    ("carriers-by-destination", {"origin": "JFK"}, lambda flight: flight.origin == "JFK"),
    ("busiest-days", {"carrier": "HA"}, lambda flight: flight.carrier == "HA"),
    (
        "routes-and-their-delays",
        {"far": "3983.126"},  # the distance of a route
        lambda flight: flight.distance >= Decimal("3983.126"),
    ),
    (
        "flights-over-an-area",
        {"area": "country:CA"},
        flown_over("CA"),
    ),
    (
        "fleet-age",
        {"engine": "Turbo-jet", "seats": "150"},
        lambda plane: plane["engine"] == "Turbo-jet" and plane["seats"] >= 150,
    ),
    (
        "airports-by-country",
        {"continent": "OC"},
        lambda airport: countries()[airport["code"]]["continent"] == "OC",
    ),
    (
        "highest-airports",
        {"area": "bbox=5,45,11,48"},
        lambda airport: 5 < airport["place"][0] < 11 and 45 < airport["place"][1] < 48,
    ),
    ("cities-named-alike", {"people": "200000"}, lambda city: city["population"] >= 200_000),
    (
        "cities-far-from-airports",
        {"far": "199.6", "continent": "AS"},
        lambda city: (
            city["away"] >= Decimal("199.6") and countries()[city["code"]]["continent"] == "AS"
        ),
    ),
    ("neighbours-on-the-map", {"continent": "EU"}, lambda country: country["continent"] == "EU"),
    ("states-by-airport-density", {"country_is": "US"}, lambda s: s["country_code"] == "US"),
    (
        "routes-and-what-they-cross",
        {"area": "country:CA"},
        lambda route: country_shapes()["CA"].meets(route["line"]),
    ),
]


NAMES = [f"{slug}?{urlencode(given)}" for slug, given, _ in NARROWED]


def _statement(report: Report, **given: str) -> Statement:
    texts = {name: [text] for name, text in given.items()}
    return Statement(report, dict(read(report, texts, "default").values), "default")


def _raw(report: Report, **given: str) -> bytes:
    return b"".join(ExportPipeline(_statement(report, **given), FORMATS["csv"], "raw").pieces())


@pytest.mark.django_db
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.slug)
def test_every_report_has_the_bytes_that_are_expected_of_it(
    report: Report, hostile: None, expected: dict[str, str], request: pytest.FixtureRequest
) -> None:
    _assert_expected(report.slug, _raw(report), expected, request)


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_every_narrowed_report_has_the_bytes_that_are_expected_of_it(
    name: str, hostile: None, expected: dict[str, str], request: pytest.FixtureRequest
) -> None:
    slug, _, query = name.partition("?")
    _assert_expected(name, _raw(registry.get(slug), **dict(parse_qsl(query))), expected, request)


def _assert_expected(
    name: str, content: bytes, expected: dict[str, str], request: pytest.FixtureRequest
) -> None:
    found = hashlib.sha256(content).hexdigest()
    if request.config.getoption("--renew-expected"):
        expected[name] = found
    assert expected.get(name) == found, (
        "Run `manage.py comparereport` to see where databases differ; if the report was changed"
        " on purpose, `pytest --renew-expected tests/reports/test_proof.py`."
    )


def _content(name: str, data: bytes) -> bytes:
    """Returns the content of a file, independent of the library release that packed it."""
    match name:
        case "xlsx":
            archive = zipfile.ZipFile(BytesIO(data))
            return b"".join(archive.read(member) for member in sorted(archive.namelist()))
        case "parquet":
            table = parquet.read_table(BytesIO(data))
            geo = (table.schema.metadata or {}).get(b"geo", b"")
            return repr((str(table.schema.remove_metadata()), table.to_pylist(), geo)).encode()
    return data


@pytest.mark.django_db
@pytest.mark.parametrize("file", FILES)
def test_every_file_says_what_is_expected_of_it(
    file: str, hostile: None, expected: dict[str, str], request: pytest.FixtureRequest
) -> None:
    slug, _, name = file.partition(".")
    pieces = ExportPipeline(_statement(registry.get(slug)), FORMATS[name]).pieces()
    _assert_expected(file, _content(name, b"".join(pieces)), expected, request)


def test_every_format_has_the_bytes_that_another_database_gives(
    hostile: None, embedded: Path
) -> None:
    found = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", HASHES],
        cwd=ROOT,
        env=os.environ | {"DATABASE_EMBEDDED_URL": f"spatialite:///{embedded}"},
        capture_output=True,
        text=True,
        check=True,
    )
    here, there = (json.loads(line) for line in found.stdout.splitlines())
    assert here.keys() == FORMATS.keys() - {"geojson"}
    assert here == there


HASHES = """
import json
from reports import registry
from reports.queries.statement import Statement
from reports.exports.pipeline import ExportPipeline
from reports.formats import FORMATS
from reports.queries.parameters import read

report = registry.get("hostile-values")
for alias in ("default", "embedded"):
    hashes = {}
    for name in FORMATS.keys() - {"geojson"}:
        values = dict(read(report, {}, alias).values)
        export = ExportPipeline(Statement(report, values, alias), FORMATS[name])
        assert sum(map(len, export.pieces())) == export.size > 1000
        hashes[name] = export.sha256
    print(json.dumps(hashes))
"""


def test_nothing_is_expected_of_a_report_that_is_not_there(expected: dict[str, str]) -> None:
    assert expected.keys() <= {*FILES, *NAMES} | {report.slug for report in REPORTS}


def test_every_report_has_an_oracle() -> None:
    assert ORACLES.keys() == {report.slug for report in REPORTS}


# Other databases have the same bytes (test_every_report_has_the_bytes_that_are_expected_of_it, and
# every narrowed one).
@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize("slug", sorted(ORACLES))
def test_a_report_answers_what_plain_python_does(slug: str, hostile: None) -> None:
    _assert_same(_raw(registry.get(slug)), ORACLES[slug]())


@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize(("slug", "given", "keeps"), NARROWED, ids=NAMES)
def test_a_narrowed_report_answers_what_plain_python_does(
    slug: str, given: dict[str, str], keeps: Keeps, hostile: None
) -> None:
    header, records = ORACLES[slug](keeps)
    assert records
    _assert_same(_raw(registry.get(slug), **given), (header, records))


def _assert_same(csv: bytes, table: oracle.Table) -> None:
    found = csv.decode().splitlines(keepends=True)
    wanted = "".join(oracle.csv(table)).splitlines(keepends=True)
    # Line by line, so that a failure shows one line and not a megabyte.
    for number, (line, other) in enumerate(zip(found, wanted, strict=False)):
        assert line == other, f"line {number}"
    assert len(found) == len(wanted)


@pytest.mark.django_db
@pytest.mark.parametrize("text", [text for text in TEXTS if text])
def test_a_choice_finds_its_own_text_alone(text: str, hostile: None) -> None:
    found = _raw(registry.get("hostile-values"), is_text=text).decode()
    header, records = oracle.hostile_values()
    wanted = oracle.csv((header, [record for record in records if record[0] == text]))
    assert found == "".join(wanted)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "column", "keeps"),
    [
        ({"ranked": "0"}, "rank", lambda rank: rank >= 0),
        ({"worth": "-0.000001"}, "amount", lambda amount: amount >= Decimal("-0.000001")),
        (
            {"when_from": "2011-12-29", "when_to": "2031-12-31"},
            "at",
            lambda at: date(2011, 12, 29) <= oracle.local(at, "Pacific/Apia") <= date(2031, 12, 31),
        ),
    ],
    ids=["least integer", "least decimal", "days of a zone that lost one"],
)
def test_a_filter_keeps_what_plain_python_does(
    given: dict[str, str], column: str, keeps: Callable[[object], bool], hostile: None
) -> None:
    header, records = oracle.hostile_values()
    place = header.index(column)
    kept = [record for record in records if record[place] is not None and keeps(record[place])]
    assert kept
    assert _raw(registry.get("hostile-values"), **given).decode() == "".join(
        oracle.csv((header, kept))
    )


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["2026-02-15", "2026-03-22", "2026-07-01", "2011-12-31"])
def test_a_filter_of_a_local_day_keeps_all_of_it(day: str, hostile: None) -> None:
    """Casablanca's clocks change on the first two days."""
    header, records = oracle.hostile_calendars()
    place = header.index("casablanca_day")
    kept = [record for record in records if record[place] == date.fromisoformat(day)]
    assert len(kept) > 2
    assert _raw(registry.get("hostile-calendars"), when_from=day, when_to=day).decode() == "".join(
        oracle.csv((header, kept))
    )
