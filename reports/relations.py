"""The text that stands for a related object."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models.constants import LOOKUP_SEP

from reports.errors import DeclarationError


def label_path(model: Any, path: str) -> str:
    """Returns the path to the `name` of the object at the end of a relation's path, else "".

    An object without a name that refers to this one is shown as its key. Raises DeclarationError
    for a path to an object without a name.
    """
    related = None
    for part in path.split(LOOKUP_SEP):
        if model is None:
            return ""
        try:
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        except FieldDoesNotExist:
            return ""  # a transform, or a mistake that is reported where the path is resolved
        # `pk` and the column's name stand for the key itself.
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
