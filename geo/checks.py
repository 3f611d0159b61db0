"""System libraries below the versions that are safe for geometries of strangers."""

import ctypes
from ctypes.util import find_library
from typing import Any

from django.contrib.gis.gdal import gdal_version
from django.contrib.gis.geos.libgeos import geos_version_tuple
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning

# The first versions without the endless loops, aborts and network access known of older ones.
FLOORS = {"GDAL": (3, 9), "GEOS": (3, 13), "PROJ": (9, 6)}


class _ProjInfo(ctypes.Structure):
    # The beginning of PJ_INFO in proj.h; the rest of it is three pointers and two numbers.
    _fields_ = (
        ("major", ctypes.c_int),
        ("minor", ctypes.c_int),
        ("patch", ctypes.c_int),
        ("rest", ctypes.c_void_p * 6),
    )


def versions() -> dict[str, tuple[int, ...]]:
    """The versions of the libraries in use; one that cannot be asked is left out."""
    gdal = gdal_version().decode().split(".")[:3]
    found = {
        "GDAL": tuple(int("".join(filter(str.isdigit, part))) for part in gdal),
        "GEOS": tuple(geos_version_tuple()),
    }
    if library := find_library("proj"):
        proj_info = ctypes.CDLL(library).proj_info
        proj_info.restype = _ProjInfo
        info = proj_info()
        found["PROJ"] = (info.major, info.minor, info.patch)
    return found


def check_libraries(**_: Any) -> list[CheckMessage]:
    """W002, with `check --deploy`: a library older than its floor."""
    return [
        CheckWarning(
            f"{name} is {_dotted(version)}, older than {_dotted(FLOORS[name])}: a crafted geometry"
            " may crash or hang it.",
            hint="Accept no geometry from strangers, or use a newer release of the system.",
            id="geo.W002",
        )
        for name, version in versions().items()
        if version < FLOORS[name]
    ]


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
