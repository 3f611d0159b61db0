"""Lookups of our own, for other modules: a project's fields have none of them."""

from typing import Any

from django.contrib.gis.db.models.lookups import BBOverlapsLookup


class BboxCandidates(BBOverlapsLookup):
    """`BboxCandidates(F("field"), shape)`: at least all whose envelope meets a box of the shape
    (spherical/bbox).

    As an index tells it, for a condition that decides about each row besides.
    """

    lookup_name = "bbox_candidates"
    prepare_rhs = False  # the field is known later
    is_portable = True

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        resolved = super().resolve_expression(*args, **kwargs)
        resolved.rhs = resolved.lhs.output_field.get_prep_value(resolved.rhs)  # with its SRID
        return resolved
