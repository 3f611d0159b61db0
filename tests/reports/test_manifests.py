"""`exportreport --manifest`, and its progress on a terminal."""

import hashlib
import json
import os
import pty
import re
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path
from typing import IO, Any

from django.contrib.auth import get_user_model

from geo.backends.wrapper import database_wrapper
from reports import registry
from reports.exports.pipeline import ExportPipeline
from reports.models import Export
from reports.queries.request import ReportRequest, run
from reports.queries.statement import Statement
from reports.version import VERSION
from tests.fixtures.served import ROOT, Site

State = Export.State


def export(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "exportreport", *arguments],
        cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_manifest_says_what_is_in_the_file_beside_it(alone: Any, tmp_path: Path) -> None:
    file, manifest = tmp_path / "cities.csv", tmp_path / "cities.csv.manifest.json"
    manifest.write_text("of an older file")
    done = export(
        "cities-and-their-names", "--param", "continent=OC", "--dialect", "raw",
        "--manifest", "-o", str(file),
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {*tmp_path.iterdir()} == {file, manifest}
    found = json.loads(manifest.read_text())
    body = file.read_bytes()
    (record,) = Export.objects.all()
    report = registry.get("cities-and-their-names")
    columns = Statement(report, dict.fromkeys(report.filters), "default").columns
    assert found == {
        "id": str(record.pk),
        "state": "complete",
        "report": {"slug": report.slug, "title": report.title, "version": "1"},
        "format": "csv",
        "dialect": "raw",
        "parameters": {"continent": "OC"},
        "request": record.request,
        "database": {"alias": "default", "server": database_wrapper("default").server_version},
        "columns": [
            {"id": each.id, "label": each.label, "unit": each.unit, "kind": each.kind.name}
            for each in columns
        ],
        "rows": body.count(b"\r\n") - 1,
        "bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "started": record.started.isoformat("T", "milliseconds")[:-6] + "Z",
        "ended": record.ended.isoformat("T", "milliseconds")[:-6] + "Z",
        "isoline": VERSION,
        "error": None,
        "limit": None,
    }
    again = ExportPipeline.of(run(ReportRequest.from_dict(record.request)))
    assert b"".join(again.pieces()) == body
    assert (record.state, record.user, record.slot) == (State.COMPLETE, None, None)


def test_a_manifest_needs_a_file_to_stand_beside(alone: Any) -> None:
    done = export("planes-by-model", "--manifest")
    assert done.returncode == 2
    assert "--manifest needs the name of the file: add -o." in done.stderr
    assert not Export.objects.exists()


def test_without_it_nothing_is_recorded(alone: Any, tmp_path: Path) -> None:
    assert export("planes-by-model", "-o", str(tmp_path / "planes.csv")).returncode == 0
    assert not Export.objects.exists()


def test_an_export_that_fails_has_a_record_and_no_manifest(
    alone: Any, site: Site, tmp_path: Path
) -> None:
    done = export("breaks-late", "--manifest", "-o", str(tmp_path / "b.csv"), **site.environment)
    assert done.returncode == 1
    assert [*tmp_path.iterdir()] == []
    (record,) = Export.objects.all()
    assert record.state == State.FAILED
    assert f"Error {record.error}: export {record.pk} of report breaks-late" in done.stderr


def test_a_file_that_cannot_be_written_cancels_the_export(alone: Any, tmp_path: Path) -> None:
    done = export("planes-by-model", "--manifest", "-o", str(tmp_path / "nowhere" / "planes.csv"))
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert not Export.objects.filter(state__in=[State.RUNNING, State.COMPLETE]).exists()


def test_a_record_is_that_of_the_user_who_is_named(alone: Any, tmp_path: Path) -> None:
    user = get_user_model()._default_manager.create_user("exporter")
    try:
        done = export(
            "planes-by-model", "--manifest", "--user", "exporter", "-o", str(tmp_path / "p.csv")
        )
        assert done.returncode == 0
        assert Export.objects.get().user == user
    finally:
        user.delete()


def on_a_terminal(*arguments: str, **variables: str) -> str:
    """Returns the command's terminal output, read slowly until it shows a percentage.

    An export that nobody holds back may end before its rows are counted.
    """
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(ours, (24, 120))
    with subprocess.Popen(
        [sys.executable, "manage.py", "exportreport", *arguments],
        cwd=ROOT, env=os.environ | variables, stdout=subprocess.PIPE, stderr=theirs,
    ) as process:  # fmt: skip
        os.close(theirs)
        seen = bytearray()
        reader = threading.Thread(target=read_slowly, args=(process.stdout, seen))
        reader.start()
        while piece := read(ours):
            seen += piece
        reader.join()
    os.close(ours)
    assert process.returncode == 0
    return seen.decode()


def read_slowly(output: IO[bytes], seen: bytearray) -> None:
    while os.read(output.fileno(), 1 << 16):
        if b"%" not in seen:
            time.sleep(0.01)


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # nobody writes there any more
        return b""


def test_a_terminal_is_shown_how_much_is_left_where_objects_are_rows(site: Site) -> None:
    seen = on_a_terminal("names", **site.environment)
    assert re.search(r"names: +\d+%.*\d/349192 \[\d\d:\d\d<\d\d:\d\d, +[\d.]+k? rows/s\]", seen)


def test_a_terminal_is_shown_rows_and_pace_alone_where_groups_are(site: Site) -> None:
    seen = on_a_terminal("planes-by-model", **site.environment)
    assert re.search(r"planes-by-model: \d+ rows \[\d\d:\d\d, +\S+ ?rows/s\]", seen)
    assert "%" not in seen
