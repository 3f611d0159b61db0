"""The features of PostgreSQL with PostGIS."""

from django.contrib.gis.db.backends.postgis import features


class DatabaseFeatures(features.DatabaseFeatures):
    # Digits of a decimal that survive storage. None: as many as are declared.
    exact_decimal_digits = None
    # Whether a join of points to areas uses the index and agrees with GEOS.
    joins_points_to_areas = True
