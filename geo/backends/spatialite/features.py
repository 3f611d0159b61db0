"""The features of SQLite with SpatiaLite."""

from django.contrib.gis.db.backends.spatialite import features

from geo.backends.features import FeaturesMixin
from geo.backends.spatialite.functions.decimals import EXACT_DIGITS


class DatabaseFeatures(FeaturesMixin, features.DatabaseFeatures):
    exact_decimal_digits = EXACT_DIGITS  # decimals are stored as 64-bit floats
    # Whether ALTER TABLE ... DROP COLUMN works. It fails with SpatiaLite 5.0's triggers: SQLite
    # checks the whole schema. Django then rebuilds the table instead.
    can_alter_table_drop_column = False
