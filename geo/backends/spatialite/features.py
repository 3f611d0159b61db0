"""The features of SQLite with SpatiaLite."""

from django.contrib.gis.db.backends.spatialite import features

from geo.backends.features import FeaturesMixin
from geo.backends.spatialite.functions.decimals import EXACT_DIGITS


class DatabaseFeatures(FeaturesMixin, features.DatabaseFeatures):
    exact_decimal_digits = EXACT_DIGITS  # decimals are stored as 64-bit floats
