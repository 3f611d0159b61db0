"""A process of its own that makes one file, and prints what it took as JSON.

ours FORMAT FIRST FILE   Isoline's export of the rows from that key on, in the default dialect
django FILE              `values_list` and `iterator`, written by csv.writer
import-export FIRST FILE django-import-export's resource of the rows from that key on

The seconds do not count the start of the process, its imports and settings; the connection to the
database they do. Memory is what was needed above the started process, to which the library that a
format is written by belongs, as it does in a server.
"""

import csv
import json
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import django

LIBRARIES = {"parquet": "pyarrow.parquet", "xlsx": "xlsxwriter"}


class Clock:
    """Of one export: seconds, seconds to its first piece, bytes of memory above the start."""

    def __init__(self) -> None:
        self._memory = _status("VmRSS")
        self._begun = time.perf_counter()
        self.first = 0.0

    def begun(self) -> None:
        """The first piece is there."""
        self.first = time.perf_counter() - self._begun

    def print(self, **facts: object) -> None:
        """Everything, and the facts."""
        seconds = time.perf_counter() - self._begun
        memory = 1024 * (_status("VmHWM") - self._memory)
        print(json.dumps({"seconds": seconds, "first": self.first, "memory": memory, **facts}))


def _status(name: str) -> int:
    # Not getrusage, whose ru_maxrss begins with that of the parent.
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def ours(name: str, first: str, file: str) -> None:
    """As `exportreport` does it: hashed, synced, renamed."""
    from reports.exports.pipeline import ExportPipeline, write_file
    from reports.formats import FORMATS
    from tests.bench.sales import statement

    format_ = FORMATS[name]
    if name in LIBRARIES:
        import_module(LIBRARIES[name])
    clock = Clock()
    export = ExportPipeline(statement(format_, int(first)), format_)
    assert name != "csv" or not export.row_by_row, export.row_by_row

    def pieces() -> Iterator[bytes]:
        for number, piece in enumerate(export.pieces()):
            if not number:
                clock.begun()
            yield piece

    write_file(Path(file), pieces())
    clock.print(rows=export.rows, sha256=export.sha256)


def by_django(file: str) -> None:
    """As many a project does it."""
    from tests.bench.sales import COLUMNS
    from tests.hostile.models import Sale

    clock = Clock()
    with Path(file).open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(COLUMNS)
        for row in Sale.objects.order_by("pk").values_list(*COLUMNS).iterator(chunk_size=2000):
            writer.writerow(row)
    clock.print()


def by_import_export(first: str, file: str) -> None:
    """A resource over the model; the file is in memory first, as the library has it."""
    from import_export import resources

    from tests.bench.sales import COLUMNS
    from tests.hostile.models import Sale

    class SaleResource(resources.ModelResource):  # type: ignore[misc]
        class Meta:
            model = Sale
            fields = COLUMNS

    clock = Clock()
    rows = Sale.objects.filter(pk__gte=int(first)).order_by("pk")
    Path(file).write_text(SaleResource().export(rows).csv, newline="")
    clock.print()


WAYS: dict[str, Callable[..., None]] = {
    "ours": ours,
    "django": by_django,
    "import-export": by_import_export,
}

if __name__ == "__main__":
    django.setup()
    WAYS[sys.argv[1]](*sys.argv[2:])
