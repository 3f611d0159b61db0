"""A broken report breaks nothing else: commands, servers and workers keep running."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from reports.report import slug
from tests.fixtures.served import ASGI, GTHREAD, ROOT, UVICORN, free_port, wait_for_port

pytestmark = pytest.mark.once

HEAD = """\
from django.db import models

import reports
from geo.models import City
from reports import Column, Key, filters


@reports.register
class Towns(reports.Report):
    queryset = City.objects.filter(population__gte=10_000_000)
    name = Column("name")

    class Meta:
        permission = None


@reports.register
class Broken(reports.Report):
    queryset = City.objects.all()
    name = Column("name")
"""
TAIL = """

@reports.register
class Behind(reports.Report):
    queryset = City.objects.filter(population__gte=10_000_000)
    name = Column("name")

    class Meta:
        permission = None
"""
SETTINGS = """\
from settings.local import *
from settings.local import INSTALLED_APPS
from settings.test import STORAGES

INSTALLED_APPS = ["early", *INSTALLED_APPS, *{apps}]
"""
WORKER = """\
import logging

from django.core.management.base import BaseCommand

from reports.queries import available
from reports.queries.statement import Statement


class Command(BaseCommand):
    def handle(self, *args, **options):
        for report in available.every():
            if report.slug == "towns":
                self.stdout.write(f"{len(list(Statement(report, {}, 'default').stream()))} rows")
"""
SCRIPT = """\
import django

django.setup()
from reports.queries import available
from reports.queries.statement import Statement

for _ in range(2):
    print(len(list(Statement(available.get("towns"), {}, "default").stream())), "rows")
"""


@dataclass(frozen=True, slots=True)
class Project:
    """A project with its own apps and Isoline's."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Runs a command of its manage.py, or a script with `-c`."""
        command = arguments if arguments[0] == "-c" else ("manage.py", *arguments)
        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    @contextmanager
    def served(self, *command: str) -> Iterator[tuple[str, Path]]:
        """Yields the address of a server, and the file with its output."""
        port, log = free_port(), self.folder / "server.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [argument.format(port=port) for argument in command],
                cwd=ROOT,
                env=self.environment,
                stdout=file,
                stderr=file,
            )
            try:
                wait_for_port(process, port)
                yield f"http://127.0.0.1:{port}", log
            finally:
                process.terminate()
                process.wait(30)


def _project(folder: Path, url: str, **sources: str) -> Project:
    """Makes a project with an app for each text, its `reports.py`."""
    apps = list(dict.fromkeys(["shop", "torn", *sources]))
    for app in ("early", *apps):
        (folder / app / "management" / "commands").mkdir(parents=True)
        for package in (app, f"{app}/management", f"{app}/management/commands"):
            (folder / package / "__init__.py").touch()
        if app in sources:
            (folder / app / "reports.py").write_text(sources[app])
    (folder / "shop" / "management" / "commands" / "work.py").write_text(WORKER)
    (folder / "shop_settings.py").write_text(SETTINGS.format(apps=apps))
    environment = os.environ | {
        "DATABASE_URL": url,
        "DATABASE_OTHER_URL": url,
        "DJANGO_SETTINGS_MODULE": "shop_settings",
        "ISOLINE_VAR": str(folder / "var"),
        "PYTHONPATH": f"{folder}:{ROOT}",
        "SECRET_KEY": "of-a-test-" * 6,
    }
    return Project(folder, environment)


# How a report is broken: what stands in its body, what check says, and whether the module is lost.
KINDS = {
    "AttributeError": ("    x = Column(City.nothing)", "AttributeError: type object 'City'", True),
    "KeyError": ("    x = Column({}['x'])", "KeyError: 'x'", True),
    "ValueError": ("    x = Column('pk', places=int('x'))", "ValueError: invalid literal", True),
    "TypeError": ("    x = Column('pk', nothing=1)", "TypeError: Column.__init__()", True),
    "SyntaxError": ("    x = Column('pk'", "SyntaxError: '(' was never closed", True),
    "ImportError": ("    from geo import nothing", "ImportError: cannot import name", True),
    "filter": (
        "    x = filters.Area('location', predicate='x')",
        "takes no predicate 'x'; it takes",
        True,
    ),
    "order": ("    class Meta:\n        ordering = ['x']", "ordering names 'x'", False),
    "twice": ("    name = filters.Choice('name')", "declares 'name' twice, as a Column", False),
    "reserved": ("    page = filters.Choice('name')", "the parameter 'page'", False),
    "key": ("    group_by = {'country': Key('country'), 'x': Column('pk')}", "'x'] is a", False),
    "field": ("    x = Column('nothing')", "Cannot resolve keyword 'nothing'", False),
    "float": ("    x = Column(models.Value(1.5))", "A float has no natural number", False),
    "code": (
        "    def get_queryset(self, parameters):\n        return self.nothing",
        "AttributeError: 'codeBroken' object has no attribute 'nothing'",
        False,
    ),
}


# Prints exit code and message of an export of each report that is named, and nothing else.
EXPORTS = """
import json
import sys

import django
from django.core.management import CommandError, call_command

django.setup()
for slug in sys.argv[1:]:
    try:
        call_command("exportreport", slug)
    except CommandError as error:
        print(json.dumps([slug, error.returncode, str(error)]))
"""


@dataclass(frozen=True, slots=True)
class Kinds:
    """What a project says that has an app with each kind of broken report."""

    project: Project
    check: "subprocess.CompletedProcess[str]"
    listed: set[str]
    exports: dict[str, tuple[int, str]]


def _source(kind: str) -> str:
    text = f"{HEAD}{KINDS[kind][0]}\n{TAIL}"
    return re.sub(r"class (Towns|Broken|Behind)\(", rf"class {kind}\1(", text)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Kinds:
    """A project with an app of each kind, checked, listed and exported."""
    sources = {f"{kind.lower()}_app": _source(kind) for kind in KINDS}
    project = _project(tmp_path_factory.mktemp("kinds"), database_url, **sources)
    slugs = [slug(f"{kind}Broken") for kind in KINDS]
    slugs += [slug(f"{kind}Behind") for kind, (_, _, is_lost) in KINDS.items() if is_lost]
    exported = project.run("-c", EXPORTS, *slugs)
    assert exported.returncode == 0, exported.stderr
    return Kinds(
        project,
        project.run("check"),
        {line.split()[0] for line in project.run("exportreport", "--list").stdout.splitlines()},
        {name: (code, said) for name, code, said in map(json.loads, exported.stdout.splitlines())},
    )


def test_check_exits_1(kinds: Kinds) -> None:
    assert (kinds.check.returncode, kinds.check.stdout) == (1, "")
    assert "Traceback" not in kinds.check.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_check_says_what_is_wrong_and_where(kind: str, kinds: Kinds) -> None:
    _, cause, is_lost = KINDS[kind]
    app = f"{kind.lower()}_app"
    (line,) = re.findall(rf"^({app}\..*\(reports\.E\d+\).*)$", kinds.check.stderr, re.MULTILINE)
    assert line.startswith(f"{app}.reports")
    assert "(reports.E001)" in line
    assert cause in line
    place = re.search(r'\(File "(.*)", line (\d+)\)$', line)
    assert place is not None, line
    assert place[1] == str(kinds.project.folder / app / "reports.py")
    source = _source(kind).removesuffix(TAIL.replace("Behind", f"{kind}Behind")).splitlines()
    declared = source.index(f"class {kind}Broken(reports.Report):") + 1
    assert int(place[2]) == (len(source) if is_lost else declared)
    towns, broken, behind = (slug(f"{kind}{name}") for name in ("Towns", "Broken", "Behind"))
    # A module that cannot be read at all is lost whole, else its reports as far as it came.
    assert (towns in kinds.listed, broken in kinds.listed, behind in kinds.listed) == (
        kind != "SyntaxError", False, not is_lost,
    )  # fmt: skip
    for name in (broken, *([behind] if is_lost else [])):
        returncode, message = kinds.exports[name]
        assert returncode == 1
        assert cause in message


def test_what_is_not_portable_is_broken_too(tmp_path: Path, database_url: str) -> None:
    body = "    x = Column(models.functions.MD5('name'))"
    project = _project(tmp_path, database_url, shop=f"{HEAD}{body}\n{TAIL}")
    found = project.run("check", "--deploy")
    assert found.returncode == 1
    assert "shop.reports.Broken: (reports.E002) broken.x: " in found.stderr
    assert project.run("exportreport", "behind").returncode == 0
    asked = project.run("exportreport", "broken")
    assert (asked.returncode, "Django's MD5 is refused" in asked.stderr) == (1, True)


# A report whose class is wrong, one whose statement is, and a module that cannot be imported.
MISNAMED = """

@reports.register
class Misnamed(reports.Report):
    queryset = City.objects.all()
    name = Column("name")

    class Meta:
        ordering = ["nobody"]
"""
SHOP = f"{HEAD}    x = Column('nothing')\n{TAIL}{MISNAMED}"
TORN = "import reports\n\n\n@reports.register\nclass Torn(reports.Report):\n    x = {}['secret']\n"
BROKEN = {
    "broken": "shop.reports.Broken",
    "misnamed": "shop.reports.Misnamed",
    "torn": "torn.reports.Torn",
}
CAUSES = {
    "broken": "Cannot resolve keyword 'nothing'",
    "misnamed": "ordering names 'nobody'",
    "torn": "KeyError: 'secret'",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Project:
    """A project with three kinds of broken reports, and others that work."""
    folder = tmp_path_factory.mktemp("project")
    made = _project(folder, database_url, shop=SHOP, torn=TORN)
    # Its `ready` comes before that of Isoline's app.
    (folder / "early" / "apps.py").write_text(
        "from django.apps import AppConfig\n\n\nclass EarlyConfig(AppConfig):\n"
        '    name = "early"\n\n    def ready(self):\n        import shop.reports\n'
    )
    return made


def _is_told_once(text: str) -> bool:
    return all(
        len(re.findall(rf"{re.escape(of)}: \(reports.E001\) ", text)) == text.count(of) == 1
        for of in BROKEN.values()
    )


@pytest.mark.parametrize(
    "arguments", [("check",), ("check", "--deploy"), ("check", "-t", "reports")]
)
def test_check_has_an_error_for_each(project: Project, arguments: tuple[str, ...]) -> None:
    found = project.run(*arguments)
    assert found.returncode == 1
    assert _is_told_once(found.stderr)
    assert found.stderr.startswith("SystemCheckError: ")


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (("migrate",), "No migrations to apply"),
        (("makemigrations", "--check", "--dry-run"), "No changes detected"),
        (("work",), "20 rows"),
        (("exportreport", "towns", "--dialect", "raw"), "name"),
        (("exportreport", "behind", "--dialect", "raw"), "name"),
        (("exportreport", "--list"), "towns"),
        (("comparereport", "towns", "behind"), "same    towns"),
    ],
)
def test_every_other_command_warns_once_and_goes_on(
    project: Project, arguments: tuple[str, ...], output: str
) -> None:
    found = project.run(*arguments)
    assert found.returncode == 0, found.stderr
    assert output in found.stdout
    assert _is_told_once(found.stderr)
    assert "ERRORS:" not in found.stderr
    if "--list" in arguments:
        slugs = {line.split()[0] for line in found.stdout.splitlines()}
        assert slugs >= {"towns", "behind", "airports-by-country"}
        assert not slugs & BROKEN.keys()


def test_a_worker_without_system_checks_is_told_by_the_log(project: Project) -> None:
    found = project.run("-c", SCRIPT)
    assert found.returncode == 0, found.stderr
    assert found.stdout.splitlines() == ["20 rows"] * 2
    assert _is_told_once(found.stderr)


@pytest.mark.parametrize("slug", BROKEN)
@pytest.mark.parametrize("command", ["exportreport", "comparereport"])
def test_a_command_that_asks_for_it_says_why_and_exits_1(
    project: Project, command: str, slug: str
) -> None:
    found = project.run(command, slug)
    assert (found.returncode, found.stdout) == (1, "")
    sentence = found.stderr.splitlines()[-1]
    assert f"{BROKEN[slug]} is broken: " in sentence
    assert CAUSES[slug] in sentence
    assert 'reports.py", line ' in sentence


RUNSERVER = [sys.executable, "manage.py", "runserver", "--noreload", "127.0.0.1:{port}"]


@pytest.mark.parametrize("command", [RUNSERVER, GTHREAD, ASGI, UVICORN], ids=lambda c: c[2][:12])
def test_a_server_goes_on_and_answers_for_it_without_details(
    project: Project, command: list[str]
) -> None:
    with project.served(*command) as (address, log):
        for _ in range(2):
            status, catalogue = _got(f"{address}/")
            assert status == 200
            listed = set(re.findall(r"/reports/([\w-]+)/", catalogue))
            assert {"towns", "behind"} <= listed
            assert not BROKEN.keys() & listed
        assert _got(f"{address}/reports/towns/")[0] == 200
        assert _got(f"{address}/reports/towns.csv")[1].count("\n") == 21
        for slug in ("misnamed", "torn"):
            for suffix in ("/", ".csv"):
                status, page = _got(f"{address}/reports/{slug}{suffix}")
                assert status == 500
                assert "This report is currently unavailable" in page
                assert not re.search(r"reports\.py|nobody|secret", page)
        deadline = time.monotonic() + 10
        while not _is_warned_once(log.read_text()):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)


def _got(address: str) -> tuple[int, str]:
    """Returns the status and text of a response."""
    try:
        with urlopen(address, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def _is_warned_once(text: str) -> bool:
    """Returns whether it warns once; each request for a broken report also logs an error."""
    return all(text.count(f"{of}: (reports.E001) ") == 1 for of in BROKEN.values())
