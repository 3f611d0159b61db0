"""What SQLite with SpatiaLite can do."""

from django.contrib.gis.db.backends.spatialite import features

from geo.backends.spatialite.functions.decimals import EXACT_DIGITS


class DatabaseFeatures(features.DatabaseFeatures):
    # How many digits of a decimal survive storage? Decimals are kept as 64-bit floats.
    exact_decimal_digits = EXACT_DIGITS
    # Does it find the points within another table's areas as GEOS does, and by its index?
    # Two tables have no index together.
    joins_points_to_areas = False
    # Does ALTER TABLE ... DROP COLUMN work? Not beside SpatiaLite 5.0's triggers: SQLite checks
    # the whole schema and gives up, so that Django remakes the table instead.
    can_alter_table_drop_column = False
