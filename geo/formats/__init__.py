"""Geometries as GeoJSON, WKT and WKB, with the same bytes everywhere."""
