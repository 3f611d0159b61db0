"""What PostgreSQL with PostGIS can do."""

from django.contrib.gis.db.backends.postgis import features


class DatabaseFeatures(features.DatabaseFeatures):
    # How many digits of a decimal survive storage? As many as are declared.
    exact_decimal_digits = None
    # Does it find the points within another table's areas as GEOS does, and by its index?
    joins_points_to_areas = True
