"""The features of PostgreSQL with PostGIS."""

from django.contrib.gis.db.backends.postgis import features

from geo.backends.features import FeaturesMixin


class DatabaseFeatures(FeaturesMixin, features.DatabaseFeatures):
    joins_points_to_areas = True
