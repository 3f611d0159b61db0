"""The features of SQLite with SpatiaLite."""

from django.contrib.gis.db.backends.spatialite import features

from geo.backends.spatialite.functions.decimals import EXACT_DIGITS


class DatabaseFeatures(features.DatabaseFeatures):
    # Digits of a decimal that survive storage. Decimals are stored as 64-bit floats.
    exact_decimal_digits = EXACT_DIGITS
    # Whether a join of points to areas uses the index and agrees with GEOS. No index spans two
    # tables.
    joins_points_to_areas = False
    # Whether ALTER TABLE ... DROP COLUMN works. It fails with SpatiaLite 5.0's triggers: SQLite
    # checks the whole schema. Django then rebuilds the table instead.
    can_alter_table_drop_column = False
