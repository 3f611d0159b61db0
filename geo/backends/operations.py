"""What every engine adds to Django's SQL."""

from django.db.backends.base.operations import BaseDatabaseOperations

from geo.backends.collation import CollationMixin
from geo.backends.compat import PlaceholdersMixin
from geo.backends.converters import ConvertersMixin
from geo.backends.keys import KeysMixin
from geo.backends.reads import ReadsMixin


class OperationsMixin(
    CollationMixin, ConvertersMixin, KeysMixin, PlaceholdersMixin, BaseDatabaseOperations
):
    """Adds methods of Isoline's to a DatabaseOperations class."""

    connection: ReadsMixin

    def has_spatial_index(self, table: str, column: str) -> bool:
        """Whether a column of a table has a spatial index, for an engine that must name it."""
        raise NotImplementedError
