"""Which spatial lookups mean the same on every engine, and why others are refused."""

from typing import Any

from django.contrib.gis.db.models.lookups import GISLookup
from django.contrib.gis.geos import GEOSGeometry
from django.db.models.expressions import Col, ResolvedOuterRef

from geo.backends import predicates
from geo.backends.compat import band_of
from geo.backends.predicates import LOOKUPS as LOOKUPS


def refusal(lookup: GISLookup) -> str | None:
    """Returns why one of LOOKUPS is refused, None if every engine can answer it."""
    if getattr(lookup.lhs.output_field, "geography", False):
        return (
            "A geography column is measured on the spheroid, and only PostGIS has one. Use a"
            " geometry column."
        )
    if band_of(lookup):
        return (
            f"The lookup {lookup.lookup_name!r} does not take a second value: rasters are not"
            " supported."
        )
    for side in (lookup.lhs, lookup.rhs):
        if not isinstance(side, GEOSGeometry | Col | ResolvedOuterRef):
            return (
                f"The lookup {lookup.lookup_name!r} compares columns and geometries, and"
                f" {type(side).__name__} is neither. Store it in a column of its own."
            )
    given, column = _srid(lookup.rhs), lookup.lhs.output_field.srid
    if given != column:
        return (
            f"The lookup {lookup.lookup_name!r} compares SRID {column} with SRID {given}, which"
            " each database transforms by its own tables. Transform the geometry first."
        )
    return predicates.refusal(str(lookup.lookup_name), lookup.lhs, lookup.rhs)


def exactly(lookup: GISLookup) -> GISLookup:
    """Returns a copy that an engine refuses unless it answers it as every other does."""
    copy: Any = lookup.copy()
    copy.is_exact = True
    exact: GISLookup = copy
    return exact


def _srid(side: Any) -> int | None:
    srid: int | None = side.output_field.srid if hasattr(side, "output_field") else side.srid
    return srid
