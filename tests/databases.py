"""The three servers that stay up until they are taken down: script/databases.

Each is a container ``isoline-<name>`` on a volume of the same name, migrated and loaded.
"""

import argparse
import fcntl
import os
import subprocess
import sys
from contextlib import suppress
from functools import partial

from docker.errors import NotFound

from tests.servers import (
    KEPT,
    KINDS,
    NAMES,
    ROOT,
    Name,
    ServerError,
    engine,
    filled,
    locked,
    start,
    url_of,
)


def load(name: Name, url: str) -> None:
    """Migrate a database and load the sample data."""
    environment = os.environ | {f"DATABASE_{name.upper()}_URL": url}
    for command in ("migrate", "loadworld", "loadflights"):
        arguments = [sys.executable, "manage.py", command, "--database", name]
        if subprocess.run(arguments, cwd=ROOT, env=environment, check=False).returncode:
            raise ServerError(f"manage.py {command} failed on {name}.")


def up() -> None:
    """Start the three servers, those that are not up yet."""
    with locked("up", fcntl.LOCK_EX):
        for name in NAMES:
            if _kept_port(name):
                _say(f"{name} is up.")
                continue
            _say(f"{name}: starting")
            kept = f"isoline-{name}"
            with suppress(NotFound):
                engine().containers.get(kept).remove(force=True)
            filled(name, kept, {KEPT: "yes"}, partial(load, name))
            server = start(name, volume=kept, kept_as=kept)
            _say(f"{name} is up: {server.version}")


def down() -> None:
    """Remove the three servers and their data."""
    for container in engine().containers.list(all=True, filters={"label": [KEPT]}):
        container.remove(force=True, v=True)
    for volume in engine().volumes.list(filters={"label": [KEPT]}):
        volume.remove()
    _say("the databases are down, their data removed.")


def env() -> None:
    """Print the servers' addresses as shell commands."""
    ports = {name: _kept_port(name) for name in NAMES}
    lines = [
        f"export DATABASE_{name.upper()}_URL={url_of(name, port)}"
        for name, port in ports.items()
        if port
    ]
    if len(lines) < len(NAMES):
        missing = " and ".join(name for name in NAMES if not ports[name])
        raise ServerError(f"Not up: {missing}. Run script/databases up.")
    print(*lines, sep="\n")


def _kept_port(name: Name) -> int | None:
    """The port of a server which ``up`` started, while it runs."""
    try:
        container = engine().containers.get(f"isoline-{name}")
    except NotFound:
        return None
    if container.status != "running":  # one that its engine left behind has its old port still
        return None
    published = container.ports.get(f"{KINDS[name].port}/tcp")
    return int(published[0]["HostPort"]) if published else None


def _say(line: str) -> None:
    print(f"databases: {line}", file=sys.stderr, flush=True)


def main() -> int:
    """Run one of the commands of script/databases; 1 when it could not be done."""
    commands = {command.__name__: command for command in (up, down, env)}
    parser = argparse.ArgumentParser(prog="script/databases")
    parser.add_argument("command", choices=commands)
    try:
        commands[parser.parse_args().command]()
    except ServerError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        _say("interrupted.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
