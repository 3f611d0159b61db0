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
