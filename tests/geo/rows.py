"""The content of tables, as digests."""

import hashlib
from collections.abc import Iterable

from django.db import models


def digest(model: type[models.Model]) -> str:
    """Returns the SHA-256 of a table's rows in the order of their keys, geometries as WKB."""
    summary = hashlib.sha256()
    names = [field.attname for field in model._meta.concrete_fields]
    for row in model._base_manager.order_by("pk").values_list(*names).iterator():
        values = [bytes(value.wkb) if hasattr(value, "wkb") else value for value in row]
        summary.update(repr(values).encode())
    return summary.hexdigest()


def digests(tables: Iterable[type[models.Model]]) -> dict[str, str]:
    return {model._meta.label: digest(model) for model in tables}


def counts(tables: Iterable[type[models.Model]]) -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in tables}


def delete_all(tables: Iterable[type[models.Model]]) -> None:
    """Deletes every row, referring rows first; needs a transaction to roll back."""
    for model in sorted(tables, key=lambda model: -_depth(model)):
        rows = model._base_manager.all()
        rows._raw_delete(rows.db)


def _depth(model: type[models.Model]) -> int:
    """Returns the number of tables below a model's, following its foreign keys."""
    keys = [field for field in model._meta.concrete_fields if field.is_relation]
    return max((_depth(key.related_model) + 1 for key in keys), default=0)
