"""The features of MySQL and MariaDB."""

from django.contrib.gis.db.backends.mysql import features


class DatabaseFeatures(features.DatabaseFeatures):
    # Digits of a decimal that survive storage. None: as many as are declared.
    exact_decimal_digits = None
    # Whether a join of points to areas uses the index and agrees with GEOS. Boundaries are wrong
    # (predicates.py).
    joins_points_to_areas = False
    # Whether Q(...) ^ Q(...) means the same as on other databases. XOR of a NULL is NULL here:
    # Django writes it out, as it does for databases without XOR.
    supports_logical_xor = False
