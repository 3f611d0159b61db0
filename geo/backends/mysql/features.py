"""What MySQL and MariaDB can do."""

from django.contrib.gis.db.backends.mysql import features


class DatabaseFeatures(features.DatabaseFeatures):
    # How many digits of a decimal survive storage? As many as are declared.
    exact_decimal_digits = None
    # Does it find the points within another table's areas as GEOS does, and by its index?
    # Boundaries are wrong (predicates.py).
    joins_points_to_areas = False
    # Does Q(...) ^ Q(...) mean what it does elsewhere? XOR of a NULL is NULL here: Django spells
    # it out, as it does where there is no XOR.
    supports_logical_xor = False
