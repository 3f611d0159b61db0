"""What people read of a related object."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models.constants import LOOKUP_SEP

from reports.errors import DeclarationError


def label_path(model: Any, path: str) -> str:
    """For a path to a relation, the path to the related object's `name`; "" for any other.

    Of objects without a name that point here the key is shown. Raises DeclarationError for one
    without a name that is pointed to.
    """
    related = None
    for part in path.split(LOOKUP_SEP):
        if model is None:
            return ""
        try:
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        except FieldDoesNotExist:
            return ""  # a transform, or a mistake that is told where the path is resolved
        # `pk` and the name of the column are the key itself.
        is_key = part in ("pk", getattr(field, "attname", "")) and part != field.name
        model, related = field.related_model, not is_key and field.is_relation
    if not related or model is None:
        return ""
    if not any(each.name == "name" for each in model._meta.fields):
        if not (field.many_to_one or (field.one_to_one and field.concrete)):
            return ""
        raise DeclarationError(
            f"{path!r} is a relation, and {model.__name__} has no field `name` to show. Say which"
            f' to show, as in "{path}__...", or group by Key("{path}", shows="{path}__...").'
        )
    return f"{path}{LOOKUP_SEP}name"
