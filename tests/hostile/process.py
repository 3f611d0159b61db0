"""A process of its own that exports the million rows.

peak FIRST FORMAT      encode the rows from that number on; print its peak memory in KiB
export ARGS            `manage.py exportreport ARGS`
interrupted DIR ARGS   the same, every statement interrupted from within once the file that is
                       being written in DIR has passed 1 MB: for databases without a server
"""

import sys
from pathlib import Path
from typing import Any

import django
from django.core.management import execute_from_command_line
from django.db.backends.signals import connection_created

HALF_WAY = 1_000_000  # bytes


def is_half_way(folder: Path) -> bool:
    """Whether an unfinished file in the folder has passed 1 MB."""
    return any(path.stat().st_size > HALF_WAY for path in folder.glob(".*.part"))


def peak(first: str, name: str) -> None:
    """Encode, throw the bytes away, print what this process needed at its most."""
    from reports.exports.pipeline import ExportPipeline
    from reports.formats import FORMATS
    from reports.queries.statement import Statement
    from tests.hostile.million import Million

    statement = Statement(Million(), {"at_least": int(first)}, "default")
    for _ in ExportPipeline(statement, FORMATS[name]).pieces():
        pass
    # Not getrusage, whose ru_maxrss begins with that of the parent.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def interrupt_half_way(folder: Path) -> None:
    """Let each connection ask, now and then, whether it is time to fail."""

    def watch(connection: Any, **_: object) -> None:
        connection.connection.set_progress_handler(lambda: is_half_way(folder), 100_000)

    connection_created.connect(watch, weak=False)


if __name__ == "__main__":
    django.setup()
    from reports import registry
    from tests.hostile.million import BrokenMillion, Million

    registry.register(Million)
    registry.register(BrokenMillion)
    match sys.argv[1:]:
        case ["peak", first, name]:
            peak(first, name)
        case ["interrupted", folder, *arguments]:
            interrupt_half_way(Path(folder))
            execute_from_command_line(["manage.py", "exportreport", *arguments])
        case ["export", *arguments]:
            execute_from_command_line(["manage.py", "exportreport", *arguments])
