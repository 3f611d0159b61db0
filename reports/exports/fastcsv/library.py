"""Compiles and loads csvrows.c, the compiled part of `rows.py`.

`python reports/exports/fastcsv/library.py` compiles it with the C compiler (`cc`, or the one that
CC names, with CFLAGS); script/setup and the build of a wheel do so. Without it exports are slower:
rows are written one by one.
"""

import ctypes
import hashlib
import os
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("csvrows.c")
FLAGS = (
    *("-std=c11", "-O3", "-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra"),
    *("-fstack-protector-strong", "-D_FORTIFY_SOURCE=2"),
    # For ELF linkers: tables are read-only once they are filled, and no stack is executable.
    *(("-Wl,-z,relro,-z,now,-z,noexecstack",) if sys.platform == "linux" else ()),
)


class Table(ctypes.Structure):
    """`struct table` of csvrows.c."""

    _fields_ = (
        ("columns", ctypes.c_size_t),
        ("kinds", ctypes.c_char_p),
        ("places", ctypes.POINTER(ctypes.c_size_t)),
        ("end", ctypes.c_char_p),
        ("end_size", ctypes.c_size_t),
        ("separator", ctypes.c_ubyte),
        ("is_marked", ctypes.c_ubyte),
        ("is_for_people", ctypes.c_ubyte),
    )


class Progress(ctypes.Structure):
    """`struct progress` of csvrows.c."""

    _fields_ = (
        ("read", ctypes.c_size_t),
        ("written", ctypes.c_size_t),
        ("rows", ctypes.c_size_t),
    )


# `isoline_layout` of csvrows.c: the version of the interface and the sizes of its structures.
LAYOUT = (1, ctypes.sizeof(Table), ctypes.sizeof(Progress))

# `enum outcome` of csvrows.c.
ALL_READ, ODD_ROW, NO_ROOM, NO_COLUMNS = range(4)


def path() -> Path:
    """Returns the path of the compiled file, which differs for each version of the source."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()
    return SOURCE.with_name(f"_csvrows-{digest[:12]}.so")


@cache
def load() -> ctypes.CDLL | None:
    """Returns the compiled functions; None if they are missing or have another interface."""
    try:
        found = ctypes.CDLL(str(path()))
        layout = tuple((ctypes.c_size_t * len(LAYOUT)).in_dll(found, "isoline_layout"))
    except (OSError, ValueError):
        return None
    if layout != LAYOUT:
        return None
    found.isoline_lines.argtypes = (
        ctypes.POINTER(Table),
        *(ctypes.c_char_p, ctypes.c_size_t),
        *(ctypes.c_void_p, ctypes.c_size_t),
        ctypes.POINTER(Progress),
    )
    return found


def build() -> None:
    """Compiles csvrows.c unless that has been done. Raises OSError or CalledProcessError."""
    target = path()
    if target.exists():
        return
    made = target.with_suffix(f".{os.getpid()}")
    compiler = shlex.split(os.environ.get("CC") or "cc")
    more = shlex.split(os.environ.get("CFLAGS", ""))
    try:
        subprocess.run([*compiler, *FLAGS, *more, "-o", str(made), str(SOURCE)], check=True)
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)
    for older in SOURCE.parent.glob("_csvrows-*.so"):
        if older != target:
            older.unlink()


if __name__ == "__main__":
    try:
        build()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"{SOURCE.name} could not be compiled: {error}")
