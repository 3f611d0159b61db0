"""Geometries."""

from types import ModuleType
from typing import Self

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import GEOSException, GEOSGeometry

from geo.backends.compat import ModelField
from geo.formats.geojson import geojson
from geo.formats.wkt import wkt
from reports.errors import DeclarationError, StatementFailed
from reports.values.base import PRECISION, Kind
from reports.values.page_texts import shape

# Longitude and latitude in degrees.
DEGREES = 4326
# Decimal places that a float in degrees has.
FINEST_PRECISION = 15


class Geometry(Kind[GEOSGeometry, GEOSGeometry]):
    """A geometry of two dimensions, as well-known text."""

    name = noun = "geometry"
    fields = (GeometryField,)
    python = GEOSGeometry

    def __init__(self, srid: int, precision: int) -> None:
        if not 0 <= precision <= FINEST_PRECISION:
            raise DeclarationError(f"A coordinate has 0 to {FINEST_PRECISION} decimal places.")
        self.srid: int = srid
        self.precision = precision

    @classmethod
    def of(cls, field: ModelField, places: int | None) -> Self:
        assert isinstance(field, GeometryField)  # the type of `fields`
        if field.geography:
            raise DeclarationError(
                "A geography cannot be shown: declare the field without geography=."
            )
        if field.dim != 2:
            raise DeclarationError(
                f"A geometry of {field.dim} dimensions cannot be shown: MySQL and MariaDB have but"
                " two."
            )
        return cls(field.srid, PRECISION if places is None else places)

    def value(self, given: GEOSGeometry) -> GEOSGeometry:
        return given

    def text(self, value: GEOSGeometry) -> str:
        return wkt(value, self.precision)

    def json(self, value: GEOSGeometry) -> str:
        if self.srid != DEGREES:
            return super().json(value)
        try:
            return geojson(value, self.precision)
        except GEOSException as error:
            raise StatementFailed(
                "A polygon that crosses the antimeridian is invalid, and cannot be cut there for"
                f" GeoJSON ({error}). Use CSV, which does not cut it."
            ) from error

    def shown(self, value: GEOSGeometry) -> str:
        return shape(value, self.precision, is_in_degrees=self.srid == DEGREES)

    def arrow(self, pyarrow: ModuleType) -> object:
        return pyarrow.binary()
