"""Spatial functions that give the same answer on every database."""

from typing import Any

from django.contrib.gis.db.models import functions
from django.contrib.gis.db.models.fields import BaseSpatialField
from django.contrib.gis.db.models.lookups import BBOverlapsLookup

from geo.backends.compat import Compiler, Connection, Sql


class GeometryType(functions.GeometryType):
    """The OGC name of a geometry's type in capitals, such as MULTIPOLYGON."""

    is_portable = True  # the mark of proven expressions in reports.expressions

    def as_mysql(self, compiler: Compiler, connection: Connection, **extra: Any) -> Sql:
        sql, params = self.as_sql(compiler, connection, **extra)
        # Only MySQL shortens this name.
        return f"REPLACE({sql}, 'GEOMCOLLECTION', 'GEOMETRYCOLLECTION')", params


class BboxCandidates(BBOverlapsLookup):
    """`field__bbox_candidates=shape`: at least all whose envelope meets a box of the shape
    (spherical/bbox).

    As an index tells it, for a condition that decides about each row besides.
    """

    lookup_name = "bbox_candidates"
    is_portable = True


# Replaces Django's for the lookup `geom_type`.
BaseSpatialField.register_lookup(GeometryType)
BaseSpatialField.register_lookup(BboxCandidates)
