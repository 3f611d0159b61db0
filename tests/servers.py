"""The database servers of the suite: containers, and volumes that keep what was loaded once.

``start`` gives a running server, ``template`` a volume that holds loaded data, ``copy`` a fresh
copy of it. Whatever belongs to a run goes with it: at its end, at Ctrl-C, and, if it was killed,
when the next run begins. Runs side by side share templates and nothing else.
"""

import atexit
import fcntl
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast
from uuid import uuid4

import docker
import MySQLdb
import psycopg
from docker.errors import APIError, ContainerError, DockerException, NotFound
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

type Name = Literal["postgis", "mysql", "mariadb"]

NAMES: tuple[Name, ...] = ("postgis", "mysql", "mariadb")
ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
PASSWORD = "isoline"  # of throw-away servers that listen on this machine only
READY_WITHIN = 120.0  # seconds

# Labels: which database a volume or container is for; the process it goes with; the volume of a
# template; the container or volume of `up`.
DATABASE, OWNER, TEMPLATE, KEPT = (
    f"isoline.{word}" for word in ("database", "owner", "template", "kept")
)
COMPLETE = ".isoline-complete"  # a file in a volume, written when everything else is
OWNED_BY = f"{socket.gethostname()}:{os.getpid()}"
_HELD = ExitStack()  # the locks of the templates in use

# What testcontainers' own helper does for killed runs, _sweep does without another image.
testcontainers_config.ryuk_disabled = True


class ServerError(Exception):
    """A database server could not be started or filled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What differs between the three servers; the flags change no result that there is."""

    user: str
    port: int
    data: str
    environment: dict[str, str]
    flags: tuple[str, ...]
    version: str


KINDS: dict[Name, Kind] = {
    "postgis": Kind(
        user="isoline",
        port=5432,
        data="/var/lib/postgresql/data",
        environment={
            "POSTGRES_USER": "isoline",
            "POSTGRES_PASSWORD": PASSWORD,
            "POSTGRES_DB": "isoline",
        },
        flags=(
            *("-c", "fsync=off"),
            *("-c", "synchronous_commit=off"),
            *("-c", "full_page_writes=off"),
            *("-c", "shared_buffers=256MB"),
        ),
        version="SELECT current_setting('server_version') || ' PostGIS ' || postgis_lib_version()",
    ),
    "mysql": Kind(
        user="root",
        port=3306,
        data="/var/lib/mysql",
        environment={"MYSQL_ROOT_PASSWORD": PASSWORD, "MYSQL_DATABASE": "isoline"},
        flags=(
            "--skip-name-resolve",
            "--skip-log-bin",
            "--mysqlx=OFF",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-doublewrite=OFF",
            "--innodb-buffer-pool-size=256M",
        ),
        version="SELECT version()",
    ),
    "mariadb": Kind(
        user="root",
        port=3306,
        data="/var/lib/mysql",
        environment={"MARIADB_ROOT_PASSWORD": PASSWORD, "MARIADB_DATABASE": "isoline"},
        flags=(
            "--skip-name-resolve",
            "--max-allowed-packet=64M",  # as MySQL has it; MariaDB's 16 would end texts there
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-doublewrite=OFF",
            "--innodb-buffer-pool-size=256M",
        ),
        version="SELECT version()",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that answers, its database ``isoline`` empty or as its volume has it."""

    name: Name
    url: str
    version: str
    container: DockerContainer

    def stop(self) -> None:
        """Remove the container and, if ``copy`` made it, the volume.

        A volume that stays is left as a clean stop leaves it.
        """
        wrapped = self.container.get_wrapped_container()
        volumes = [mount["Name"] for mount in wrapped.attrs["Mounts"] if "Name" in mount]
        ours = [volume for volume in volumes if _goes_with_us(volume)]
        with suppress(NotFound):
            if volumes != ours:
                wrapped.stop(timeout=60)
            wrapped.remove(force=True, v=True)
        for volume in ours:
            _remove(volume)


@cache
def image(name: Name) -> str:
    """The image of a database, built first where it is missing."""
    command = [ROOT / "script" / "images", name]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if found.returncode:
        raise ServerError(f"There is no image of {name}: script/images says why.")
    return found.stdout.strip()


def start(name: Name, *, volume: str | None = None, kept_as: str | None = None) -> Server:
    """Start a server and wait until it lets us in.

    Without ``volume`` its data go with the container. ``kept_as`` names a container that
    outlives this process. Raises ServerError, with the end of the server's log.
    """
    _sweep(_is_dead)
    kind = KINDS[name]
    container = (
        DockerContainer(image(name), name=kept_as)
        .with_envs(**kind.environment)
        .with_command(list(kind.flags))
        .with_kwargs(
            labels={DATABASE: name, **({KEPT: "yes"} if kept_as else {OWNER: OWNED_BY})},
            mem_limit="2g",
            shm_size="256m",  # PostgreSQL's parallel queries outgrow the usual 64 MB
        )
    )
    if volume:
        container.with_volume_mapping(volume, kind.data, "rw")
    # testcontainers types a port as a number, docker takes the address it is published on too.
    cast("dict[str, Any]", container.ports)[f"{kind.port}/tcp"] = (HOST, None)
    try:
        container.start()
        return _ready(name, container)
    except BaseException:
        with suppress(NotFound):
            container.stop()
        raise


def _ready(name: Name, container: DockerContainer) -> Server:
    """Log in as often as it takes, as any client would: over TCP, from outside."""
    kind, wrapped = KINDS[name], container.get_wrapped_container()
    end = time.monotonic() + READY_WITHIN
    while True:
        try:
            port = int(container.get_docker_client().port(container.get_container_id(), kind.port))
            version = _login(name, port)
        except (ConnectionError, psycopg.OperationalError, MySQLdb.OperationalError) as error:
            wrapped.reload()
            stopped = wrapped.status in {"exited", "dead"}
            if stopped or time.monotonic() > end:
                what = "stopped by itself" if stopped else f"does not answer: {error}"
                log = wrapped.logs(tail=15).decode(errors="replace")
                raise ServerError(f"The {name} server {what}. Its log ends:\n{log}") from error
            time.sleep(0.1)
        else:
            return Server(name=name, url=url_of(name, port), version=version, container=container)


def url_of(name: Name, port: int) -> str:
    """The address of a server's database, as a DATABASE_URL has it."""
    return f"{name}://{KINDS[name].user}:{PASSWORD}@{HOST}:{port}/isoline"


def _login(name: Name, port: int) -> str:
    """The server's version, asked for over a connection of its own driver."""
    kind = KINDS[name]
    login: dict[str, Any] = {"host": HOST, "port": port, "user": kind.user, "password": PASSWORD}
    connection: Any
    if name == "postgis":
        connection = psycopg.connect(**login, dbname="isoline", autocommit=True)
    else:
        connection = MySQLdb.connect(**login, database="isoline")
    try:
        cursor = connection.cursor()
        if name == "postgis":
            cursor.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        cursor.execute(kind.version)
        return str(cursor.fetchone()[0])
    finally:
        connection.close()


# Volumes


def template(name: Name, key: str, fill: Callable[[str], None]) -> str:
    """The volume ``isoline-<name>-<key>``, which holds what ``fill(url)`` loads.

    It is filled once. Then this database's templates of other keys are removed, save those
    that another run holds. No run removes it as long as this process lives.
    """
    volume = f"isoline-{name}-{key}"
    _HELD.enter_context(locked(volume, fcntl.LOCK_SH))
    filled(name, volume, {TEMPLATE: "yes"}, fill)
    others = engine().volumes.list(filters={"label": [TEMPLATE, f"{DATABASE}={name}"]})
    for other in others:
        if other.name != volume:
            with (
                suppress(BlockingIOError, APIError),
                locked(other.name, fcntl.LOCK_EX | fcntl.LOCK_NB),
            ):
                other.remove()
    return volume


def copy(volume: str) -> str:
    """A fresh volume that holds what ``volume`` holds, and goes with this process."""
    name = cast("Name", engine().volumes.get(volume).attrs["Labels"][DATABASE])
    fresh = f"isoline-{name}-run-{uuid4().hex[:12]}"
    engine().volumes.create(fresh, labels={DATABASE: name, OWNER: OWNED_BY})
    _in_volumes(name, ["cp", "-a", "/from/.", "/to"], {volume: "/from", fresh: "/to"})
    return fresh


def filled(name: Name, volume: str, labels: dict[str, str], fill: Callable[[str], None]) -> None:
    """Fill a volume, unless it is complete; one process at a time, wholly or not at all."""
    with locked(f"{volume}.fill", fcntl.LOCK_EX):
        if _is_complete(name, volume):
            return
        _sweep(_is_dead)
        _remove(volume)
        engine().volumes.create(volume, labels={DATABASE: name, **labels})
        try:
            server = start(name, volume=volume)
            try:
                fill(server.url)
            finally:
                server.stop()
            _in_volumes(name, ["touch", f"/to/{COMPLETE}"], {volume: "/to"})
        except BaseException:
            _remove(volume)
            raise


def _is_complete(name: Name, volume: str) -> bool:
    try:
        engine().volumes.get(volume)
        _in_volumes(name, ["test", "-e", f"/to/{COMPLETE}"], {volume: "/to"})
    except (NotFound, ContainerError):
        return False
    return True


def _in_volumes(name: Name, command: list[str], mounts: dict[str, str]) -> None:
    """Run a command in a throw-away container, as root, with each volume mounted at its path."""
    engine().containers.run(
        image(name),
        command[1:],
        entrypoint=command[0],
        user="root",
        labels={OWNER: OWNED_BY},
        network_mode="none",
        remove=True,
        volumes={volume: {"bind": path, "mode": "rw"} for volume, path in mounts.items()},
    )


def _remove(volume: str) -> None:
    with suppress(NotFound):
        engine().volumes.get(volume).remove(force=True)


def _goes_with_us(volume: str) -> bool:
    try:
        return OWNER in (engine().volumes.get(volume).attrs["Labels"] or {})
    except NotFound:
        return False


# Who owns what


@contextmanager
def locked(name: str, how: int) -> Iterator[None]:
    """Hold a lock that the runs of this user on this machine share."""
    folder = Path(tempfile.gettempdir()) / f"isoline-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as file:
        fcntl.flock(file, how)
        yield


def _is_dead(owner: str) -> bool:
    host, _, pid = owner.rpartition(":")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it runs, as somebody else
    return False


def _sweep(is_gone: Callable[[str], bool]) -> None:
    """Remove the containers, then the volumes, whose owner is gone."""
    owned = engine().containers.list(all=True, filters={"label": [OWNER]}, ignore_removed=True)
    for container in owned:
        if is_gone(container.labels[OWNER]):
            with suppress(APIError):
                container.remove(force=True, v=True)
    for volume in engine().volumes.list(filters={"label": [OWNER]}):
        if is_gone(volume.attrs["Labels"][OWNER]):
            with suppress(APIError):
                volume.remove(force=True)


@cache
def engine() -> docker.DockerClient:
    """The Docker engine; from the first use on, nothing of ours outlives this process."""
    try:
        client = docker.from_env()
    except DockerException as error:
        raise ServerError("No Docker engine answers: run script/docker.") from error
    atexit.register(_HELD.close)
    atexit.register(_sweep, OWNED_BY.__eq__)
    return client
