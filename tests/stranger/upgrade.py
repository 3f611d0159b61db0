"""The project of docs/upgrading.md, on each series of Django that the page names."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from tests.stranger.distribution import ROOT
from tests.stranger.project import Environment, Project, started, variables

PAGE = (ROOT / "docs/upgrading.md").read_text()
SERIES = ("5.2", "6.0", "6.1")
COMMANDS = "Commands"
BLOCKS = re.compile(rf"^(?:`(\S+)`|{COMMANDS}) on (\d\.\d):\n\n```\w+\n(.*?)^```$", re.M | re.S)


def blocks(series: str) -> list[tuple[str, str]]:
    """Returns the files, or COMMANDS, and their code for a series, in the page's order.

    In each section what is the same on 6.1 as on 6.0 has one block, for 6.0.
    """
    found: list[tuple[str, str]] = []
    for section in re.split(r"^##+ ", PAGE, flags=re.M):
        newest = {
            file or COMMANDS: code
            for file, of, code in BLOCKS.findall(section)
            if of == series or (of, series) == ("6.0", "6.1")
        }
        found += newest.items()
    return found


def requirements(series: str) -> dict[str, Any]:
    """Returns the [project] of the page's pyproject.toml."""
    project: dict[str, Any] = tomllib.loads(dict(blocks(series))["pyproject.toml"])["project"]
    return project


def environment(folder: Path, series: str, wheel: Path) -> Environment:
    """A virtual environment with the page's packages: as locked, and `isoline` as this wheel."""
    wanted = [
        re.sub(r"^isoline.*", rf"\g<0> @ {wheel.as_uri()}", each)
        for each in requirements(series)["dependencies"]
    ]
    lock = ROOT / f"requirements/django{series.replace('.', '')}-servers.txt"
    locked = ["--constraint", str(lock)] if lock.exists() else []
    uv = [sys.executable, "-m", "uv"]
    for command in (
        [*uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
        [*uv, "pip", "install", "--quiet", "--python", str(folder), *locked, *wanted],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return Environment(folder, variables(folder))


def project(
    made: Environment, folder: Path, series: str, before: Project | None, database: dict[str, str]
) -> Project:
    """The project on a series; its migrations and data are those of `before`.

    `database` is the database's settings, without ENGINE; a file unless given.
    """
    shop = started(made, folder)
    if before is None:
        _predate_auto_fields(shop)
    else:
        for kept in ("shop/migrations", "db.sqlite3"):
            _copy(before.folder / kept, folder / kept)
        shop.follow("docs/install.md", "python")
    if database:
        engine = "geo.backends.postgis" if before else "django.db.backends.postgresql"
        shop.add(
            "mysite/settings.py", f"DATABASES = {{'default': {database | {'ENGINE': engine}}}}\n"
        )
    for file, code in blocks(series):
        if file != COMMANDS:
            shop.add(file, code)
    shop.add("mysite/urls.py", URLS)
    if before is None:
        shop.obey("python manage.py makemigrations\n")
    shop.obey("python manage.py migrate\n")
    if before is None:
        run(shop, ORDERS)
    return shop


def run(shop: Project, code: str, *, warnings: str = "error") -> str:
    """What Python code prints in the project; a warning, as of deprecations, is an error."""
    code = f"import django\ndjango.setup()\n{code}"
    variables = {"DJANGO_SETTINGS_MODULE": "mysite.settings", "PYTHONWARNINGS": warnings}
    done = shop.run("python", "-c", code, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _predate_auto_fields(shop: Project) -> None:
    """Leaves out what projects began with before Django 3.2."""
    for file in ("mysite/settings.py", "shop/apps.py"):
        text = (shop.folder / file).read_text()
        left, count = re.subn(r"(?mi)^ *default_auto_field = .*\n", "", text)
        assert count == 1
        (shop.folder / file).write_text(left)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.exists():
        shutil.copyfile(source, target)


ORDERS = """
from datetime import UTC, datetime
from shop.models import Order
for customer, total in (("Grace", "9.90"), ("Ada", "9.90"), ("Joan", "1.00")):
    Order.objects.create(customer=customer, placed=datetime(2026, 1, 1, tzinfo=UTC), total=total)
"""
URLS = """
from django.shortcuts import render
from shop import policies, views
from shop.models import Order


def shown(template):
    return lambda request: render(request, template, {"orders": Order.objects.order_by("pk")})


urlpatterns += [
    path("start/", shown("shop/start.html")),
    path("orders/", shown("shop/orders.html")),
    path("rows/", shown("shop/orders.html#rows")),
    path("plain/", policies.plain),
    path("customers/", views.customers),
]
"""
