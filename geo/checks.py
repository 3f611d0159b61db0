"""System checks of databases that an older Isoline made, and of the system libraries."""

import ctypes
from collections.abc import Collection
from ctypes.util import find_library
from typing import Any

from django.conf import settings
from django.contrib.gis.gdal import gdal_version
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from geo.backends.compat import geos_version

# The first versions without the endless loops, aborts and network access of older ones.
FLOORS = {"GDAL": (3, 9), "GEOS": (3, 13), "PROJ": (9, 6)}


class _ProjInfo(ctypes.Structure):
    # The beginning of PJ_INFO in proj.h. Three pointers and two numbers follow.
    _fields_ = (
        ("major", ctypes.c_int),
        ("minor", ctypes.c_int),
        ("patch", ctypes.c_int),
        ("rest", ctypes.c_void_p * 6),
    )


# Migrations of a checkout from before 0.1.0, when the apps had other labels.
OLDER = {("geo", "0002_shared_areas"), ("reports", "0001_initial")}


def check_origin(databases: Collection[str] | None = None, **_: Any) -> list[CheckMessage]:
    """E010: a checkout from before 0.1.0 made this database."""
    return [
        Error(
            f"Database {alias!r} was made by a checkout of Isoline from before 0.1.0.",
            hint="Create a new database, then run migrate, loadworld and loadflights in it.",
            obj=alias,
            id="geo.E010",
        )
        for alias in databases or ()
        if MigrationRecorder(connections[alias]).applied_migrations().keys() >= OLDER
    ]


def check_settings(**_: Any) -> list[CheckMessage]:
    """E011: a setting has the name that it had in 0.1.0."""
    if not hasattr(settings, "RECHECK_LIMITS"):
        return []
    return [Error("The setting RECHECK_LIMITS is now REFINE_LIMITS: rename it.", id="geo.E011")]


def versions() -> dict[str, tuple[int, ...]]:
    """Returns the versions of the libraries in use, without those that cannot be read."""
    gdal = gdal_version().decode().split(".")[:3]
    found = {
        "GDAL": tuple(int("".join(filter(str.isdigit, part))) for part in gdal),
        "GEOS": geos_version(),
    }
    if library := find_library("proj"):
        proj_info = ctypes.CDLL(library).proj_info
        proj_info.restype = _ProjInfo
        info = proj_info()
        found["PROJ"] = (info.major, info.minor, info.patch)
    return found


def check_libraries(**_: Any) -> list[CheckMessage]:
    """W002, with `check --deploy`: a library is older than its minimum version."""
    return [
        CheckWarning(
            f"{name} is {_dotted(version)}, older than {_dotted(FLOORS[name])}: a crafted geometry"
            " may crash or hang it.",
            hint="Do not accept geometries from untrusted users, or upgrade the operating system.",
            id="geo.W002",
        )
        for name, version in versions().items()
        if version < FLOORS[name]
    ]


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
