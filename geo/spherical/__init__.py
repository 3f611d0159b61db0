"""Geometry on the sphere and on the ellipsoid, in plain Python."""
