"""A new project that does what docs/install.md says. One environment serves every test."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stranger.distribution import ROOT
from tests.stranger.project import REPORTS, Environment, Project, environment, started

pytestmark = pytest.mark.once

ORDER = """
from datetime import UTC, datetime
from shop.models import Order
Order.objects.create(customer="Ada", placed=datetime(2026, 1, 1, tzinfo=UTC), total="9.90")
"""

type Start = Callable[[], Project]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment that the first project fills, as the page says."""
    made = environment(tmp_path_factory.mktemp("environment"), wheel, "django>=6.0.10,<6.1")
    done = made.run("pip", "install", "--quiet", "isoline", cwd=made.folder)
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def project(installed: Environment, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that has done what docs/install.md says, with the table of its own app."""
    made = started(installed, tmp_path_factory.mktemp("project"))
    assert made.manage("makemigrations").returncode == 0
    made.follow("docs/install.md", "python", "sh")
    done = made.manage("shell", "-c", ORDER)
    assert done.returncode == 0, done.stderr
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


@pytest.mark.parametrize("debug", ["1", "0"])
def test_pages_and_files_are_served(project: Project, debug: str) -> None:
    catalogue, report, part, wrong, staff = project.get(
        "/insights/", "/insights/reports/orders/",
        ("/insights/reports/orders/", {"HX-Request": "true", "HX-Request-Type": "partial"}),
        "/insights/reports/orders/?since=x", "/insights/reports/customers/", DEBUG=debug,
    )  # fmt: skip
    assert [each.status for each in (catalogue, report, part, wrong, staff)] == [200] * 3 + [
        400,
        403,
    ]
    assert 'href="/insights/reports/orders/"' in catalogue.text
    assert 'href="/insights/reports/orders.csv"' in report.text
    assert "<html" in report.text
    assert "Ada" in report.text
    assert "<table>" in part.text
    assert "<html" not in part.text
    for page in (catalogue, report, wrong, staff):
        assert "Sign in</a>" not in page.text  # no page is at LOGIN_URL
    (signed_in,) = project.get("/insights/reports/customers/", user=True, DEBUG=debug)
    assert signed_in.status == 200
    assert "root" in signed_in.text
    assert "Sign out" not in signed_in.text


def test_every_format_is_downloaded(project: Project) -> None:
    names = ("csv", "tsv", "json", "jsonl", "xlsx", "html", "md", "csv.gz", "csv.zst")
    for name, file in zip(
        names, project.get(*(f"/insights/reports/orders.{name}" for name in names)), strict=True
    ):
        assert (file.status, bool(file.text)) == (200, True), name
    parquet, geojson = project.get(
        "/insights/reports/orders.parquet", "/insights/reports/orders.geojson"
    )
    assert (parquet.status, geojson.status) == (404, 404)
    assert "pip install" in parquet.text


def test_the_first_report_of_the_readme_runs_as_printed(project: Project) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert project.manage("startapp", "first").returncode == 0
    project.add("first/reports.py", code)
    project.add("mysite/settings.py", 'INSTALLED_APPS += ["first"]\n')
    page, file = project.get(
        "/insights/reports/high-airports/", "/insights/reports/high-airports.csv"
    )
    assert (page.status, file.status) == (200, 200)
    assert "Mean elevation" in file.text
    done = project.manage("exportreport", "high-airports", "-o", "high.csv")
    assert done.returncode == 0, done.stderr
    assert (project.folder / "high.csv").read_bytes() == file.text.encode()


EMBEDDED = """
LOGIN_URL = "admin:login"
REPORTS_BASE_TEMPLATE = "shop/base.html"
STATIC_URL = "https://cdn.example.org/files/"
STORAGES = {"staticfiles": {
    "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
}}
INSTALLED_APPS += ["shop.reports"]
"""
NESTED = """
from django.urls import include
ours = path("inner/", include("reports.web.urls", namespace="numbers"))
urlpatterns += [
    path("own/", include("shop.reports.urls")), path("outer/", include(([ours], "outer")))
]
"""
OWN_URLS = """
from django.http import HttpResponse
from django.urls import path
app_name = "reports"
urlpatterns = [path("", lambda request: HttpResponse("own"), name="catalogue")]
"""


def test_it_is_embedded_in_pages_urls_and_static_files_of_the_project(start: Start) -> None:
    """Beside an app of the project that is called reports too."""
    project = start()
    (project.folder / "shop/reports.py").unlink()
    for file, code in {
        "__init__.py": "", "urls.py": OWN_URLS, "reports.py": REPORTS,
        "../templates/shop/base.html": "<body>Our shop {% block content %}{% endblock %}</body>",
        "../templates/reports/data.html": "Our data {% include 'reports/catalogue.html' %}",
    }.items():  # fmt: skip
        project.add(f"shop/reports/{file}", code)
    add_apps(project, ENGINE + EMBEDDED)
    (project.folder / "mysite/urls.py").write_text(
        "from django.contrib import admin\nfrom django.urls import path\n"
        f"urlpatterns = [path('admin/', admin.site.urls)]\n{NESTED}"
    )
    for command in (["makemigrations"], ["migrate"], ["collectstatic"], ["check"]):
        done = project.manage(*command)
        assert done.returncode == 0, done.stderr
    catalogue, report, wrong, data, staff, own = project.get(
        "/outer/inner/", "/outer/inner/reports/orders/", "/outer/inner/reports/orders/?since=x",
        "/outer/inner/data/", "/outer/inner/reports/customers/", "/own/", DEBUG="0",
    )  # fmt: skip
    assert [each.status for each in (catalogue, report, data, own)] == [200] * 4
    assert wrong.status == 400
    for page in (catalogue, report, wrong):
        assert page.text.count("Our shop") == 1
        assert 'class="isoline"' in page.text
        assert re.search(r'"https://cdn.example.org/files/reports/isoline\.\w+\.css"', page.text)
    assert re.search(r"htmx\.min\.\w+\.js", report.text)
    assert 'href="/outer/inner/reports/orders.csv"' in report.text
    assert data.text.lstrip().startswith("Our data")
    assert own.text == "own"
    assert staff.status == 302
    assert staff.headers["Location"] == "/admin/login/?next=/outer/inner/reports/customers/"


def test_a_base_template_that_there_is_not_is_named(start: Start) -> None:
    project = start()
    add_apps(project, ENGINE + "REPORTS_BASE_TEMPLATE = 'no.html'\n")
    said = project.manage("check").stderr
    assert "(reports.E015) REPORTS_BASE_TEMPLATE is 'no.html', which no engine" in said


@pytest.mark.parametrize("package", ["reports", "geo"])
def test_a_package_that_takes_the_place_of_ours_is_named(start: Start, package: str) -> None:
    project = start()
    (project.folder / "shop/reports.py").unlink()
    add_apps(project, ENGINE)
    project.add(f"{package}/__init__.py", "")
    done = project.manage("check")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"django.core.exceptions.ImproperlyConfigured: The package `{package}` at"
        f" {project.folder / package} takes the place of Isoline's. Rename it, or move it into"
        f" another package, such as shop.{package}."
    )


@pytest.mark.parametrize("package", ["reports", "geo"])
def test_a_distribution_that_overwrites_ours_is_named(
    start: Start, installed: Environment, package: str
) -> None:
    """As pip lets it: files of the same name are those of the last one."""
    project = start()
    (project.folder / "shop/reports.py").unlink()
    add_apps(project, ENGINE)
    (own,) = installed.folder.glob(f"lib/python*/site-packages/{package}/__init__.py")
    before = own.read_text()
    own.write_text("")
    try:
        done = project.manage("check")
    finally:
        own.write_text(before)
    assert done.returncode == 1
    assert (
        f"The package `{package}` at {own.parent} takes the place" in done.stderr.splitlines()[-1]
    )


PLACES = """
import reports
from django.contrib.gis.db import models
from reports import Column, filters


class Shop(models.Model):
    name = models.CharField(max_length=100)
    location = models.PointField()


class Shops(reports.Report):
    queryset = Shop.objects.all()
    name = Column("name")
    near = filters.Near("location")

    class Meta:
        permission = None


class ShopsOfArea(Shops):
    area = filters.Area("location")
"""


def test_without_geo_places_and_maps_alone_are_refused(start: Start) -> None:
    project = start()
    project.add("shop/models.py", PLACES)
    project.add(
        "shop/reports.py",
        "from shop import models\nreports.register(models.Shops)\n"
        "reports.register(models.ShopsOfArea)\n",
    )
    project.add("mysite/settings.py", "INSTALLED_APPS += ['reports']\n" + ENGINE)
    project.add("mysite/urls.py", INCLUDE)
    for command in ("makemigrations", "migrate"):
        done = project.manage(command)
        assert done.returncode == 0, done.stderr
    said = project.manage("check").stderr
    assert "needs the places and the map of `geo`. Add 'geo' to INSTALLED_APPS." in said
    assert said.count("(reports.E") == 1
    pages = project.get(
        "/", "/data/", "/reports/orders/", "/reports/orders.csv",
        "/reports/shops/?near=2.35,48.85,50km", "/reports/shops.csv",
    )  # fmt: skip
    assert [page.status for page in pages] == [200] * 6
    assert "shops-of-area" not in pages[0].text
