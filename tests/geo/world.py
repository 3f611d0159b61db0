"""A small world in files, and functions that damage it."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path

from geo.loading import world

CSV_ROWS = 20
FEATURES = 20


def small_world(folder: Path) -> Path:
    """Every country, and the first few rows and features of the other files."""
    for name in world.WorldLoader.primary:
        source = gzip.decompress((world.FOLDER / name).read_bytes()).decode()
        if name.endswith(".geojson.gz"):
            collection = json.loads(source)
            collection["features"] = collection["features"][:FEATURES]
            source = json.dumps(collection, ensure_ascii=False)
        elif name != world.COUNTRIES:
            source = "".join(source.splitlines(keepends=True)[: CSV_ROWS + 1])
        write(folder / name, source)
    return folder


def write(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode()))


def edit(path: Path, change: Callable[[str], str]) -> None:
    write(path, change(gzip.decompress(path.read_bytes()).decode()))


def edit_cell(path: Path, line: int, column: str, value: str) -> None:
    """Changes one cell of a CSV file; the header is line 1."""
    text = gzip.decompress(path.read_bytes()).decode()
    rows = list(csv.reader(text.splitlines()))
    rows[line - 1][rows[0].index(column)] = value
    lines = (",".join(f'"{cell}"' for cell in row) for row in rows)
    write(path, "\n".join(lines) + "\n")


def edit_feature(path: Path, number: int, change: Callable[[dict], object]) -> None:
    """Changes one feature of a GeoJSON file; features are counted from 1."""
    collection = json.loads(gzip.decompress(path.read_bytes()))
    change(collection["features"][number - 1])
    write(path, json.dumps(collection))
