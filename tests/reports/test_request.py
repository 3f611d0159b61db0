"""Requests are values that survive JSON, another process, another locale and another day."""

import dataclasses
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone, translation

from aviation.models import Flight
from reports import Column, Report, filters
from reports.errors import NotPortable, ParameterError, PermissionRefused, RequestRefused
from reports.exports.pipeline import ExportPipeline
from reports.expressions import Count
from reports.formats import FORMATS
from reports.queries import available
from reports.queries.request import ReportRequest, bound, run
from tests.reports.test_sql_snapshot import BUNDLED

ROOT = Path(__file__).resolve().parents[2]
LONG_AGO = datetime(2013, 11, 5, 12, tzinfo=UTC)


def a_request(**given: Any) -> ReportRequest:
    return ReportRequest(**{"slug": "airports-by-country", "sees_all": True} | given)


def rows(**given: Any) -> list[tuple[Any, ...]]:
    return list(run(a_request(**given)).rows())


def test_a_request_survives_json() -> None:
    asked = a_request(
        parameters={"continent": ["EU", "AS"]},
        user="7",
        language="de",
        time_zone="Europe/Berlin",
        now=LONG_AGO,
        sort=("-airports", "country"),
        columns=("airports",),
        totals=True,
        page=3,
        format="csv",
        dialect="raw",
        options={"separator": ";"},
        compression="gz",
    )
    again = ReportRequest.from_json(asked.as_json())
    assert again == asked
    assert again.as_json() == asked.as_json()


def test_a_request_knows_where_and_when_it_was_made() -> None:
    with translation.override("de"), timezone.override("Asia/Tokyo"):
        asked = a_request()
    assert (asked.language, asked.time_zone) == ("de", "Asia/Tokyo")
    assert abs((timezone.now() - asked.now).total_seconds()) < 60
    with pytest.raises(dataclasses.FrozenInstanceError):
        asked.slug = "another"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"version": 0}, "has version 0, and this Isoline reads version 1"),
        ({"version": 2}, "of report 'airports-by-country' has version 2"),
        ({"colour": "red"}, "has missing or unknown fields: 'colour'"),
        ({"now": "yesterday"}, "cannot be read: Invalid isoformat string: 'yesterday'"),
        ({"sort": 3}, "cannot be read"),
    ],
)
def test_a_request_of_another_version_is_refused_by_name(change: Any, sentence: str) -> None:
    with pytest.raises(RequestRefused) as caught:
        ReportRequest.from_dict(a_request().as_dict() | change)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"slug": "x"}'])
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(RequestRefused):
        ReportRequest.from_json(text)


def files() -> list[ReportRequest]:
    """Returns a request for a file of each report, with the formats in turn."""
    found = []
    for number, report in enumerate(BUNDLED):
        names = [name for name, each in FORMATS.items() if name != "parquet"]
        format_ = FORMATS[names[number % len(names)]]
        asked = a_request(slug=report.slug, language="de", time_zone="Asia/Tokyo", now=LONG_AGO)
        try:
            format_.demand(run(asked).columns)
        except Exception:  # noqa: BLE001 -- a format without a geometry to hold, say
            format_ = FORMATS["csv"]
        found.append(dataclasses.replace(asked, format=format_.name))
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    "count",
    # A process's language and zone reach a server in its session; a few reports show it.
    [3, pytest.param(None, marks=pytest.mark.once)],
    ids=["three reports", "every report"],
)
def test_reports_are_the_same_for_another_process_elsewhere_and_later(count: int | None) -> None:
    asked = files()[:count]
    wanted = []
    for request in asked:
        export = ExportPipeline.of(run(request))
        assert sum(map(len, export.pieces())) == export.size > 0
        wanted.append(export.sha256)
    done = subprocess.run(
        [sys.executable, "-m", "tests.reports.replay"],
        input="\n".join(each.as_json() for each in asked),
        cwd=ROOT,
        env=os.environ | {"REPLAY_LANGUAGE": "fr", "REPLAY_TIME_ZONE": "America/New_York"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert dict(zip([r.slug for r in asked], done.stdout.split(), strict=True)) == dict(
        zip([r.slug for r in asked], wanted, strict=True)
    )


class Recent(Report):
    queryset = Flight.objects.all()
    flights = Column(Count("pk"))
    day = filters.DateRange("scheduled_departure")


@pytest.mark.django_db
def test_relative_periods_refer_to_the_request_s_instant() -> None:
    asked = a_request(slug="recent", parameters={"day": ["last-90-days"]}, now=LONG_AGO)
    again = ReportRequest.from_json(asked.as_json())
    for request in (asked, again):
        result = bound(request, report=Recent()).result()
        assert (result.given["day_from"], result.given["day_to"]) == ("2013-08-08", "2013-11-05")
        ((flights,),) = result.rows()
        assert 70_000 < flights < 90_000


@pytest.mark.django_db
def test_a_sort_stands_for_the_declared_order() -> None:
    found = rows(sort=("airports", "-country"))
    assert found != rows()
    assert sorted(map(str, found)) == sorted(map(str, rows()))
    counts = [row[1] for row in found]
    assert counts == sorted(counts)


@pytest.mark.django_db
def test_columns_are_chosen_in_the_order_asked_for() -> None:
    whole = rows()
    ids = [each.id for each in run(a_request()).columns]
    chosen = ("airports", ids[0])
    result = run(a_request(columns=chosen))
    assert tuple(each.id for each in result.columns) == chosen
    assert list(result.rows()) == [(row[ids.index("airports")], row[0]) for row in whole]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"sort": ("aeroports",)}, "sort"),
        ({"sort": ("airports", "-airports")}, "sort"),
        ({"columns": ("airports", "airports")}, "columns"),
        ({"columns": ("nothing",)}, "columns"),
        ({"parameters": {"nothing": ["1"]}}, "nothing"),
    ],
)
def test_what_the_report_does_not_have_is_refused_by_name(given: Any, name: str) -> None:
    with pytest.raises(ParameterError) as caught:
        run(a_request(**given))
    assert list(caught.value.errors) == [name]


@pytest.mark.django_db
def test_permission_is_asked_again_of_the_user_of_a_request() -> None:
    slug = next(each.slug for each in available.every() if each.options.permission is not None)
    with pytest.raises(PermissionRefused):
        run(ReportRequest(slug=slug))
    users = get_user_model().objects
    clerk = users.create_user("clerk")
    with pytest.raises(PermissionRefused):
        run(ReportRequest(slug=slug, user=str(clerk.pk)))
    boss = users.create_superuser("boss")
    assert run(ReportRequest(slug=slug, user=str(boss.pk))).columns
    boss.delete()
    with pytest.raises(RequestRefused, match="no longer exists"):
        run(ReportRequest(slug=slug, user="0"))


@pytest.mark.django_db
def test_a_result_has_facts() -> None:
    facts = run(a_request()).facts
    assert facts["report"] == "airports-by-country"
    assert facts["database"] == "default"
    assert facts["server"] == connection.server_version
    with pytest.raises((NotPortable, ParameterError)):
        run(a_request(totals=True))
