"""The gate that a geometry of a user passes before GDAL, GEOS or a database sees it."""

from geo.gate.gate import geometry
from geo.gate.refusal import GeometryRefused

__all__ = ["GeometryRefused", "geometry"]
