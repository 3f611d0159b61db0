"""What the engines differ in, for those who compile SQL."""

from django.db.backends.base.features import BaseDatabaseFeatures


class FeaturesMixin(BaseDatabaseFeatures):
    """Adds features of Isoline's to a DatabaseFeatures class."""

    # How many digits of a decimal survive storage? None: as many as are declared.
    exact_decimal_digits: int | None = None
    # Does a join of points to areas use the index, and agree with GEOS?
    joins_points_to_areas = False
