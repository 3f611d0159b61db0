"""Geometries as GeoJSON, WKT and WKB, the same bytes everywhere."""
