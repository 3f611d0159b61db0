"""A new project that does what docs/install.md says. One environment serves every test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stranger.distribution import build, committed
from tests.stranger.project import Environment, Project, environment, started

pytestmark = pytest.mark.once

type Start = Callable[[], Project]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment that the first project fills, as the page says."""
    tree = committed(tmp_path_factory.mktemp("committed"))
    wheel, _ = build("wheel", tree, tmp_path_factory.mktemp("wheel"))
    made = environment(tmp_path_factory.mktemp("environment"), wheel, "django>=6.0.10,<6.1")
    done = made.run("pip", "install", "--quiet", "isoline", cwd=made.folder)
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def project(installed: Environment, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that has done what docs/install.md says, with the table of its own app."""
    made = started(installed, tmp_path_factory.mktemp("project"))
    assert made.manage("makemigrations").returncode == 0
    made.follow("docs/install.md")
    return made


@pytest.fixture
def start(installed: Environment, tmp_path: Path) -> Start:
    """Makes a project without Isoline."""
    return lambda: started(installed, tmp_path)


def test_nothing_of_this_machine_is_seen(installed: Environment) -> None:
    done = installed.run(
        "python", "-c",
        "import django, sys; from importlib.util import find_spec as of\n"
        "print(django.__version__[:3], *map(of, ('pytest', 'settings', 'aviation', 'environ')))",
        cwd=installed.folder,
    )  # fmt: skip
    assert done.stdout.split() == ["6.0", "None", "None", "None", "None"]


def test_migrations_are_complete_and_can_be_undone(project: Project) -> None:
    for command in (
        ["makemigrations", "--check"], ["check", "--deploy"],
        ["migrate", "isoline", "zero"], ["migrate", "isoline_geo", "zero"], ["migrate"],
    ):  # fmt: skip
        done = project.manage(*command)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr


STOCK = "ENGINE of 'default' is django.db.backends.sqlite3. Use geo.backends.spatialite."
INCLUDE = (
    'from django.urls import include\nurlpatterns += [path("", include("reports.web.urls"))]\n'
)
PAGES = ("/", "/data/", "/exports/1/", "/reports/orders/", "/reports/orders.csv")
ENGINE = 'DATABASES["default"]["ENGINE"] = "geo.backends.spatialite"\n'
AUTH = "django.contrib.auth.middleware.AuthenticationMiddleware"


def add_apps(project: Project, code: str = "") -> None:
    """Adds the apps and the URLs, and code to the settings."""
    project.add("mysite/settings.py", 'INSTALLED_APPS += ["geo", "reports"]\n' + code)
    project.add("mysite/urls.py", INCLUDE)


def test_another_engine_is_named_before_the_first_table(start: Start) -> None:
    project = start()
    add_apps(project)
    made = project.manage("makemigrations")
    assert made.returncode == 0, made.stderr
    assert (project.folder / "shop/migrations/0001_initial.py").exists()
    for command in ("check", "migrate"):
        done = project.manage(command)
        assert done.returncode == 1
        assert f"(reports.E010) {STOCK}" in done.stderr
        assert "Traceback" not in done.stderr
    assert "[X]" not in project.manage("showmigrations").stdout
    for command in (["exportreport", "orders"], ["comparereport", "orders"]):
        done = project.manage(*command)
        assert (done.returncode, done.stderr) == (2, f"CommandError: {STOCK}\n")
    for debug, said in (("1", STOCK), ("0", "Reports are currently unavailable.")):
        for answer in project.get(*PAGES, DEBUG=debug):
            assert answer.status == 503
            assert said in answer.text


@pytest.mark.parametrize(
    ("code", "id_", "sentence"),
    [
        ("MIDDLEWARE.remove('{AUTH}')", "E012", "MIDDLEWARE does not set request.user."),
        ("TEMPLATES[0]['APP_DIRS'] = False", "E013", "TEMPLATES has no engine that finds reports/"),
        ("STATIC_URL = None", "E014", "STATIC_URL is not set. Add STATIC_URL = 'static/'."),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(start: Start, code: str, id_: str, sentence: str) -> None:
    project = start()
    # The admin and staticfiles have requirements of their own.
    others = (
        "for each in ('admin', 'staticfiles'): INSTALLED_APPS.remove(f'django.contrib.{each}')\n"
    )
    (project.folder / "mysite/urls.py").write_text(
        "from django.urls import path\nurlpatterns = []\n"
    )
    add_apps(project, ENGINE + others + code.format(AUTH=AUTH))
    done = project.manage("check")
    assert done.returncode == 1
    assert f"(reports.{id_}) {sentence}" in done.stderr
    assert done.stderr.count("(reports.E") == 1
    assert project.manage("makemigrations").returncode == 0
    assert project.manage("migrate", "--skip-checks").returncode == 0
    for answer in project.get(*PAGES[:4]):
        assert answer.status in (200, 503)
        assert answer.status == 200 or sentence in answer.text


def test_without_users_it_is_named(start: Start) -> None:
    project = start()
    without = "INSTALLED_APPS = ['shop', 'geo', 'reports']\nMIDDLEWARE = []\n"
    (project.folder / "mysite/urls.py").write_text(
        "from django.urls import path\nurlpatterns = []\n"
    )
    add_apps(project, ENGINE + without)
    done = project.manage("check")
    assert (
        "(reports.E011) INSTALLED_APPS lacks django.contrib.auth. Add 'django.contrib"
        in done.stderr
    )
    assert "Traceback" not in done.stderr
