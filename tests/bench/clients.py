"""Each database's own bulk client, writing an author's statement to a file.

A server's client runs in a container of the server's image, so that it is of the server's version:
in the host's network, over the same port that Isoline uses, without TLS (which Isoline does not
use here either), and it writes to a folder of the host.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

from tests import servers

MYSQL = (
    *("--host={HOST}", "--port={PORT}", "--user={USER}"),
    *("--default-character-set=utf8mb4", "--quick", "--batch", "{NAME}"),
)
MYSQL_BATCH = 'exec "$0" "${@:3}" --execute="$1" >"$2"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client's program.

    script     what bash runs: `$1` is the statement, `$2` the file, the arguments follow
    arguments  of the program, where the connection's settings are filled in
    password   the environment variable that it reads the password from
    """

    name: str
    program: str
    script: str
    arguments: tuple[str, ...] = ()
    password: str = ""


CLIENTS = {
    "spatialite": Client(
        name="sqlite3 -csv",
        program="sqlite3",
        script='exec "$0" -csv "${@:3}" "$1" >"$2"',
        arguments=("{NAME}",),
    ),
    "postgis": Client(
        name="psql \\copy",
        program="psql",
        script='exec "$0" "${@:3}" --command="\\\\copy ($1) to \'$2\' csv"',
        arguments=(
            *("--no-psqlrc", "--quiet", "--host={HOST}", "--port={PORT}"),
            *("--username={USER}", "--dbname={NAME}"),
        ),
        password="PGPASSWORD",
    ),
    "mysql": Client(
        name="mysql --quick --batch",
        program="mysql",
        script=MYSQL_BATCH,
        arguments=("--no-defaults", "--ssl-mode=DISABLED", "--get-server-public-key", *MYSQL),
        password="MYSQL_PWD",
    ),
    "mariadb": Client(
        name="mariadb --quick --batch",
        program="mariadb",
        script=MYSQL_BATCH,
        arguments=("--no-defaults", "--skip-ssl", *MYSQL),
        password="MYSQL_PWD",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A client that is ready to run."""

    client: Client
    prefix: tuple[str, ...] = field(default=())

    def seconds(self, statement: str, file: Path) -> float:
        """What writing the statement's rows to the file took, from start to exit."""
        settings = connection.settings_dict
        arguments = [argument.format(**settings) for argument in self.client.arguments]
        command = ["bash", "-c", self.client.script, self.client.program, statement, str(file)]
        variables = {self.client.password: settings["PASSWORD"]} if self.client.password else {}
        begun = time.perf_counter()
        subprocess.run([*self.prefix, *command, *arguments], env=os.environ | variables, check=True)
        return time.perf_counter() - begun

    @property
    def version(self) -> str:
        """What the program says of itself."""
        command = [*self.prefix, self.client.program, "--version"]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


@contextmanager
def running(database: str, folder: Path) -> Iterator[Runner]:
    """The client of a database, which may write to the folder."""
    client = CLIENTS[database]
    if database == "spatialite":
        assert shutil.which(client.program), "script/bench export installs sqlite3"
        yield Runner(client=client)
        return
    image = servers.image(next(name for name in servers.NAMES if name == database))
    container = servers.engine().containers.run(
        image,
        ["infinity"],
        entrypoint="sleep",
        user=f"{os.getuid()}:{os.getgid()}",
        network_mode="host",
        volumes={str(folder): {"bind": str(folder), "mode": "rw"}},
        labels={servers.OWNER: servers.OWNED_BY},
        detach=True,
        remove=True,
        init=True,
    )
    try:
        prefix = ("docker", "exec", "--env", client.password, container.id)
        yield Runner(client=client, prefix=prefix)
    finally:
        container.remove(force=True)
