"""Geometries of two dimensions, the only ones that MySQL and MariaDB store."""

from typing import Self

from django.contrib.gis.geos import GEOSGeometry
from django.db import NotSupportedError

from geo.backends.compat import geos_version
from geo.backends.predicates import WKBAdapter


class Adapter(WKBAdapter):
    """Well-known binary of longitude and latitude. Raises NotSupportedError for Z and M."""

    def __new__(cls, geometry: GEOSGeometry) -> Self:
        # GEOS before 3.12 does not know M, and takes it for Z.
        has_m = geos_version() >= (3, 12) and geometry.hasm
        if geometry.hasz or has_m:
            raise NotSupportedError(
                f"MySQL and MariaDB store neither Z nor M, and a {geometry.geom_type} with hasz or"
                " hasm was given: write longitude and latitude alone."
            )
        return super().__new__(cls, geometry)
