"""The features of MySQL and MariaDB."""

from django.contrib.gis.db.backends.mysql import features

from geo.backends.features import FeaturesMixin


class DatabaseFeatures(FeaturesMixin, features.DatabaseFeatures):
    # Whether Q(...) ^ Q(...) means the same as on other databases. XOR of a NULL is NULL here:
    # Django writes it out, as it does for databases without XOR.
    supports_logical_xor = False
