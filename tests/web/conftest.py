"""Reports for some eyes only, and servers of the site."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

import reports
from geo.models import Airport, City
from reports import Column, registry

ROOT = Path(__file__).resolve().parents[2]
GUNICORN = [sys.executable, "-m", "gunicorn", "settings.wsgi", "--no-control-socket"]
ANSWERS_WITHIN = 60.0

type Register = Callable[[type[reports.Report]], type[reports.Report]]


@pytest.fixture
def register() -> Iterator[Register]:
    """`reports.register`, undone after the test."""
    registered = []

    def register(report: type[reports.Report]) -> type[reports.Report]:
        registered.append(report.slug)
        return reports.register(report)

    yield register
    for slug in registered:
        del registry._reports[slug]


@pytest.fixture
def for_staff(register: Register) -> type[reports.Report]:
    """A report that says nothing of permission."""

    class ForStaff(reports.Report):
        queryset = Airport.objects.all()
        name = Column("name")

    return register(ForStaff)


@pytest.fixture
def for_the_permitted(register: Register) -> type[reports.Report]:
    """A report with a permission."""

    class ForThePermitted(reports.Report):
        queryset = Airport.objects.all()
        name = Column("name")

        class Meta:
            permission = "geo.view_airport"

    return register(ForThePermitted)


@pytest.fixture
def many_pages(register: Register) -> type[reports.Report]:
    """A public report of 134 rows, 20 on a page, many of them level in what it orders by."""

    class ManyPages(reports.Report):
        queryset = City.objects.filter(country="FI")
        timezone = Column("timezone")
        division = Column("admin1_code")
        name = Column("name")

        class Meta:
            ordering = ["-timezone", "division"]
            permission = None
            page_size = 20

    return register(ManyPages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The site against the database under test, its static files collected."""

    environment: dict[str, str]

    @contextmanager
    def served(self, *command: str) -> Iterator[str]:
        """The address of a server started by the command, in which `{port}` is a free one."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        arguments = [argument.format(port=port) for argument in command]
        process = subprocess.Popen(
            arguments,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + ANSWERS_WITHIN
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{process.args!r} does not answer") from None
            time.sleep(0.1)
        else:
            return


@pytest.fixture(scope="session")
def site(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site, ready to be served."""
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "tests.web.site.settings",
        "ISOLINE_VAR": str(tmp_path_factory.mktemp("var")),
        "PYTHONPATH": str(ROOT),
        "SECRET_KEY": "of-a-test-" * 6,
    }
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    return Site(environment=environment)


@pytest.fixture(scope="module")
def gunicorn(site: Site) -> Iterator[str]:
    """The address of the site under gunicorn's threads, as it is meant to be served."""
    arguments = ["-k", "gthread", "--threads", "4", "-b", "127.0.0.1:{port}"]
    with site.served(*GUNICORN, *arguments) as address:
        yield address
