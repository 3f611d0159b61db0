"""The metadata of GeoParquet 1.1: https://geoparquet.org/releases/v1.1.0/."""

from collections.abc import Mapping
from typing import Any

from geo.formats.coordinates import shape
from geo.formats.wkb import wkb
from geo.wkb import parts
from reports.values.base import AnyKind

VERSION = "1.1.0"


class Geometries:
    """A column of geometries: its bytes, and its metadata once they have passed."""

    def __init__(self) -> None:
        self._kinds: set[str] = set()
        self._bounds: tuple[float, ...] = ()

    def binary(self, geometry: Any, kind: AnyKind) -> bytes:
        """Returns the geometry, rounded to the column's precision, as well-known binary."""
        found = shape(geometry, kind.precision)
        self._kinds.add(found.kind)
        binary = wkb(found)
        if places := parts(binary).positions:
            xs, ys = zip(*places, strict=True)
            west, south, east, north = self._bounds or (*places[0], *places[0])
            self._bounds = min(west, *xs), min(south, *ys), max(east, *xs), max(north, *ys)
        return binary

    @property
    def metadata(self) -> dict[str, Any]:
        """Returns the column's metadata. No `crs` means longitude and latitude, OGC:CRS84."""
        bounds = {"bbox": self._bounds} if self._bounds else {}
        return {"encoding": "WKB", "geometry_types": sorted(self._kinds)} | bounds


def metadata(columns: Mapping[str, Geometries]) -> dict[str, Any]:
    """Returns the metadata of a file with these geometry columns. The first is the primary one."""
    return {
        "version": VERSION,
        "primary_column": next(iter(columns)),
        "columns": {name: column.metadata for name, column in columns.items()},
    }
