"""Checks of a user's geometry before GDAL, GEOS or a database sees it."""

from geo.input.geometry import geometry
from geo.input.refusal import GeometryRefused

__all__ = ["GeometryRefused", "geometry"]
