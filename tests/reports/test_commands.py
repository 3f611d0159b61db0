"""`exportreport` and `comparereport`: their output and exit codes."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reports import registry
from reports.formats import FORMATS, OPTIONS
from tests.fixtures.hostile import ROOT

HOSTILE = [report.slug for report in registry.every() if report.slug.startswith("hostile-")]


def _run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Runs a command in a separate process, as people do."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        check=False,
    )


def _url(path: Path) -> str:
    return f"spatialite:///{path}"


@pytest.mark.once
def test_list_names_every_report() -> None:
    found = _run("exportreport", "--list")
    slugs = [line.split()[0] for line in found.stdout.decode().splitlines()]
    assert slugs == [report.slug for report in registry.every()]
    assert found.returncode == 0


def test_a_report_goes_to_standard_output(hostile: None, expected: dict[str, str]) -> None:
    found = _run("exportreport", "hostile-values", "--dialect", "raw")
    assert found.returncode == 0
    assert hashlib.sha256(found.stdout).hexdigest() == expected["hostile-values"]
    assert found.stderr == b""


def test_a_report_goes_to_a_file(hostile: None, expected: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "texts.csv"
    found = _run("exportreport", "hostile-texts", "--dialect", "raw", "-o", str(path))
    assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == expected["hostile-texts"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.once
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002, 0o000])
def test_a_file_has_the_permissions_of_any_new_file(tmp_path: Path, mask: int) -> None:
    # As long a name as there may be.
    path = tmp_path / f"{'n' * 251}.csv"
    done = subprocess.run(
        [sys.executable, "manage.py", "exportreport", "planes-by-model", "-o", str(path)],
        cwd=ROOT, umask=mask, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask
    assert list(tmp_path.iterdir()) == [path]


def test_a_parameter_narrows_the_report(hostile: None) -> None:
    found = _run("exportreport", "hostile-values", "--param", "ranked=3", "--dialect", "raw")
    ranks = {
        line.split(b",")[-10] for line in found.stdout.split(b"\r\n")[1:-1] if b'"' not in line
    }
    assert found.returncode == 0
    assert ranks == {b"3"}


@pytest.mark.once
def test_separator_and_line_end_can_be_chosen(hostile: None) -> None:
    options = ["--dialect", "raw", "--separator", ";", "--line-end", "lf"]
    found = _run("exportreport", "hostile-calendars", *options)
    plain = _run("exportreport", "hostile-calendars", "--dialect", "raw")
    assert found.stdout == plain.stdout.replace(b",", b";").replace(b"\r\n", b"\n")
    assert (found.returncode, found.stderr) == (0, b"")


@pytest.mark.once
def test_help_names_every_format_with_its_dialects_and_choices() -> None:
    text = _run("exportreport", "--help").stdout.decode()
    for each in FORMATS.values():
        assert f"  {each.name} " in text
        assert ", ".join(each.dialects) in text
    for option in OPTIONS:
        assert f"--{option.replace('_', '-')}" in text


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ([], 2, "Name a report"),
        (["nothing"], 2, "no report “nothing”"),
        (["hostile-values", "--format", "doc"], 2, "invalid choice"),
        (["hostile-values", "--dialect", "odd"], 2, "csv has no dialect 'odd'; it has safe, raw"),
        (
            ["hostile-values", "--database", "nowhere"],
            2,
            "Unknown database 'nowhere'. Databases: default",
        ),
        (["hostile-values", "--param", "ranked"], 2, "--param takes NAME=VALUE, not 'ranked'"),
        (["hostile-values", "--param", "ranked=x"], 2, "ranked: Enter a whole number"),
        (["hostile-values", "--param", "odd=1"], 2, "odd: Unknown parameter"),
        (["hostile-values", "--user", "nobody"], 2, "There is no user 'nobody'"),
        (["hostile-values", "--user", ""], 1, "Sign in to view “Hostile values”"),
        (["hostile-values", "--format", "geojson"], 1, "it has no column with a geometry"),
        (["large-cities", "--format", "geojson", "--dialect", "raw"], 2, "it has rfc7946"),
        (["hostile-values", "--separator", ":"], 2, "separator: “:” is not one of the choices"),
        (
            ["hostile-values", "--format", "json", "--line-end", "lf"],
            2,
            "line_end: json does not have",
        ),
        (["hostile-long-texts", "--format", "xlsx"], 1, "and a cell takes 32,767"),
        (["hostile-values", "-o", "/nowhere/file.csv"], 1, "/nowhere/file.csv cannot be written"),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_code(
    arguments: list[str], code: int, sentence: str, hostile: None
) -> None:
    found = _run("exportreport", *arguments)
    assert found.returncode == code
    assert sentence in found.stderr.decode()
    assert "Traceback" not in found.stderr.decode()
    assert found.stdout == b""


def test_a_reader_who_leaves_is_no_success(hostile: None) -> None:
    command = [sys.executable, "manage.py", "exportreport", "hostile-long-texts"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe) as export:
        assert export.stdout
        assert export.stderr
        export.stdout.read(10)
        export.stdout.close()
        assert "The client disconnected before the end" in export.stderr.read().decode()
    assert export.returncode == 1


def test_databases_that_agree_exit_0(
    hostile: None, embedded: Path, expected: dict[str, str]
) -> None:
    found = _run("comparereport", *HOSTILE, DATABASE_EMBEDDED_URL=_url(embedded))
    lines = found.stdout.decode().splitlines()
    assert found.returncode == 0, found.stdout
    assert [line.split()[:2] for line in lines[2:]] == [["same", slug] for slug in HOSTILE]
    assert [line.split()[-1] for line in lines[2:]] == [expected[slug] for slug in HOSTILE]


def test_databases_that_differ_exit_1_and_show_where(
    hostile: None, embedded: Path, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.sqlite3"
    shutil.copyfile(embedded, changed)
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", CHANGE],
        cwd=ROOT,
        env=os.environ | {"DATABASE_CHANGED_URL": _url(changed)},
        check=True,
    )
    found = _run("comparereport", "hostile-long-texts", DATABASE_CHANGED_URL=_url(changed))
    output = found.stdout.decode()
    assert found.returncode == 1
    assert "DIFFERS hostile-long-texts" in output
    assert "first at row 2:" in output
    first, other = output.splitlines()[-2:]
    assert "1999" in first
    assert "changed" in other


CHANGE = """
from tests.hostile.models import Long
row = Long.objects.using("changed").filter(kind=2).latest("pk")
row.text = row.text[:-8] + "changed"
row.save()
"""


@pytest.mark.parametrize(
    ("arguments", "variables", "sentence"),
    [
        ([], {}, "A comparison needs two databases"),
        (["nothing"], {"DATABASE_EMBEDDED_URL": "x"}, "no report “nothing”"),
        (["--databases", "default", "nowhere"], {}, "Unknown database 'nowhere'"),
        (["--databases", "default", "default"], {}, "A comparison needs two databases"),
        (["hostile-values", "--param", "ranked=x"], {"DATABASE_EMBEDDED_URL": "x"}, "ranked:"),
        (
            ["hostile-values"],
            {"DATABASE_LOST_URL": "postgis://nobody:secret@127.0.0.1:1/nothing"},
            "did not answer",
        ),
        (
            ["airports-by-country"],
            {"DATABASE_EMBEDDED_URL": "x"},
            "'embedded' failed to answer 'airports-by-country'",
        ),
    ],
    ids=["one", "report", "unknown", "twice", "parameter", "no server", "no table"],
)
def test_what_cannot_be_compared_exits_2(
    arguments: list[str], variables: dict[str, str], sentence: str, hostile: None, embedded: Path
) -> None:
    if "DATABASE_EMBEDDED_URL" in variables:
        variables = {"DATABASE_EMBEDDED_URL": _url(embedded)}
    found = _run("comparereport", *arguments, **variables)
    errors = found.stderr.decode()
    assert found.returncode == 2, found
    assert sentence in errors
    assert "secret" not in errors
    assert "Traceback" not in errors
