"""A new Django project, in a virtual environment in which only pip has installed something."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stranger.distribution import ROOT

# Of a page of the documentation: where code belongs, and the code.
BLOCKS = re.compile(r"(?:`(\w+\.py)`[^\n]*:\n\n)?```(python|sh)\n(.*?)```", re.DOTALL)
# Asks for pages as a browser does, and prints what came.
CLIENT = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.test import Client
from django.contrib.auth import get_user_model
asked = json.loads(sys.stdin.read())
client = Client(headers={"host": "localhost", "accept": "text/html"}, raise_request_exception=False)
if asked["user"]:
    users = get_user_model()._default_manager
    client.force_login(users.get_or_create(username="root", is_staff=True, is_superuser=True)[0])
found = []
for path, headers in asked["paths"]:
    response = client.get(path, headers=headers)
    body = response.getvalue()
    found.append([response.status_code, dict(response.headers), body.decode("utf-8", "replace")])
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came for an address."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment. `variables` are those of its processes."""

    folder: Path
    variables: dict[str, str]

    def run(
        self, *command: str, cwd: Path, text: str = "", **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        """What a command of the environment did."""
        return subprocess.run(
            command, cwd=cwd, env=self.variables | variables, input=text, capture_output=True,
            text=True, check=False,
        )  # fmt: skip


def environment(folder: Path, wheel: Path, django: str) -> Environment:
    """A virtual environment in which `isoline` means this wheel, and Django this series."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
    constraints = folder / "constraints.txt"
    constraints.write_text(f"isoline @ {wheel.as_uri()}\n{django}\n")
    pip = {"PIP_CONSTRAINT": str(constraints), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return Environment(folder, variables(folder) | pip)


def variables(folder: Path) -> dict[str, str]:
    """The variables of a process in a virtual environment: none that are about this suite."""
    own = ("PYTHON", "DJANGO", "DATABASE", "ISOLINE", "COVERAGE", "VIRTUAL_ENV")
    others = {name: text for name, text in os.environ.items() if not name.startswith(own)}
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return others | {"PATH": path, "PYTHONNOUSERSITE": "1"}


@dataclass(frozen=True, slots=True)
class Project:
    """What `startproject` made."""

    environment: Environment
    folder: Path

    def manage(self, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """What a command did."""
        return self.run("python", "manage.py", *arguments, **variables)

    def run(
        self, *command: str, text: str = "", **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        """What a command did in the project's folder."""
        return self.environment.run(*command, cwd=self.folder, text=text, **variables)

    def add(self, file: str, code: str) -> None:
        """Appends code to a file."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as end:
            end.write(f"\n{code}")

    def follow(self, page: str, *languages: str) -> None:
        """Does what a page of the documentation says, in its order."""
        for file, language, code in BLOCKS.findall((ROOT / page).read_text()):
            if language not in languages:
                continue
            if language == "python":
                self.add(f"mysite/{file}", code)
            else:
                self.obey(code)

    def obey(self, commands: str) -> str:
        """Runs lines of commands, each of which succeeds; what they said."""
        said = ""
        for line in commands.splitlines():
            done = self.run("sh", "-ec", line)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            said += done.stdout + done.stderr
        return said

    def get(
        self, *paths: str | tuple[str, dict[str, str]], user: bool = False, **variables: str
    ) -> list[Answer]:
        """What comes for addresses, with a superuser signed in if `user`."""
        pairs = [each if isinstance(each, tuple) else (each, {}) for each in paths]
        asked: dict[str, Any] = {"paths": pairs, "user": user}
        done = self.run(
            "python", "-c", CLIENT, text=json.dumps(asked),
            **{"DJANGO_SETTINGS_MODULE": "mysite.settings"} | variables,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return [Answer(*each) for each in json.loads(done.stdout.splitlines()[-1])]


def started(environment: Environment, folder: Path) -> Project:
    """A new project with an app `shop`, whose DEBUG is off if the variable DEBUG is 0."""
    for command in (("startproject", "mysite", "."), ("startapp", "shop")):
        done = environment.run("django-admin", *command, cwd=folder)
        assert done.returncode == 0, done.stderr
    project = Project(environment, folder)
    project.add("mysite/settings.py", SETTINGS)
    (folder / "shop/models.py").write_text(MODELS)
    (folder / "shop/reports.py").write_text(REPORTS)
    return project


SETTINGS = """
import os
DEBUG = os.environ.get("DEBUG") != "0"
ALLOWED_HOSTS = ["localhost"]
STATIC_ROOT = BASE_DIR / "static"
INSTALLED_APPS += ["shop"]
"""
MODELS = """
from django.db import models


class Order(models.Model):
    customer = models.CharField(max_length=100)
    placed = models.DateTimeField()
    total = models.DecimalField(max_digits=9, decimal_places=2)
"""
REPORTS = """
import reports
from reports import Column, filters
from reports.expressions import Count, Sum
from shop.models import Order


@reports.register
class Orders(reports.Report):
    queryset = Order.objects.all()
    customer = Column("customer")
    placed = Column("placed")
    total = Column("total")
    since = filters.Minimum("total")

    class Meta:
        permission = None


@reports.register
class Customers(reports.Report):
    queryset = Order.objects.all()
    group_by = {"customer": "customer"}
    orders = Column(Count("pk"))
    total = Column(Sum("total"))
"""
