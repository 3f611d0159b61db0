"""What people export with otherwise; script/bench installs it in var/bench. Each runs once."""

import csv
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from django.db import connection

from tests.fixtures.served import free_port, wait_for_port
from tests.hostile.models import Sale
from tests.servers import ROOT

FOLDER = ROOT / "var/bench"
DATASETTE = FOLDER / "datasette/bin/datasette"
# The packages beside ours, for a process that is to have both.
IMPORT_EXPORT = FOLDER / "import-export"


def datasette(folder: Path, file: Path) -> float:
    """The seconds of Datasette's CSV of the whole table over HTTP; its start is not counted."""
    table = Sale._meta.db_table
    copy = folder / "sales.db"
    _copy(table, copy)
    port = free_port()
    command = [DATASETTE, "serve", copy, "--port", str(port), "--setting", "max_csv_mb", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(process, port)
        address = f"http://127.0.0.1:{port}/sales/{table}.csv?_stream=on&_size=max"
        begun = time.perf_counter()
        subprocess.run(["curl", "--silent", "--fail", "--output", file, address], check=True)
        return time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait(30)


def rows(file: Path) -> int:
    """The rows of a CSV file with a head: Datasette writes its errors into the file."""
    with file.open(newline="") as text:
        return sum(1 for _ in csv.reader(text)) - 1


def _copy(table: str, path: Path) -> None:
    """The table in a file without SpatiaLite's, which Datasette would not open."""
    with closing(sqlite3.connect(path)) as copy:
        copy.execute("ATTACH ? AS whole", [connection.settings_dict["NAME"]])
        (sql,) = copy.execute(
            "SELECT sql FROM whole.sqlite_master WHERE name = ?", [table]
        ).fetchone()
        copy.execute(sql)
        copy.execute(f"INSERT INTO main.{table} SELECT * FROM whole.{table}")
        copy.commit()


def versions() -> str:
    """What is compared with."""
    return (FOLDER / "versions").read_text().strip().replace("==", " ")
