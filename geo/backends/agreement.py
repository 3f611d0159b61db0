"""Which spatial lookups mean the same on every engine, and why another one is refused."""

from typing import Any

from geo.backends.mysql.predicates import MARIADB, MYSQL
from geo.backends.spatialite.predicates import PREDICATES as SPATIALITE

# PostGIS refuses nothing that these allow.
EVERY = (MYSQL, MARIADB, SPATIALITE)
# Names of the lookups that compare two geometries alike everywhere.
LOOKUPS = frozenset(SPATIALITE.templates)


def refusal(lookup: Any) -> str | None:
    """Why one of LOOKUPS cannot be asked of every engine, None where it can."""
    if getattr(lookup.lhs.output_field, "geography", False):
        return (
            "A geography column is measured on the spheroid, and PostGIS alone has any. Use a"
            " geometry column."
        )
    if lookup.rhs_params:
        return f"The lookup {lookup.lookup_name!r} takes no second value: rasters are refused."
    given, column = _srid(lookup.rhs), lookup.lhs.output_field.srid
    if given != column:
        return (
            f"The lookup {lookup.lookup_name!r} compares SRID {column} with SRID {given}, which"
            " each database transforms by its own tables. Transform the geometry first."
        )
    words = (each.refusal(lookup.lookup_name, lookup.lhs, lookup.rhs) for each in EVERY)
    return next(filter(None, words), None)


def _srid(side: Any) -> int | None:
    srid: int | None = side.output_field.srid if hasattr(side, "output_field") else side.srid
    return srid
