"""Tables on PostgreSQL with PostGIS. Text compares by code point under every locale."""

from collections.abc import Iterator
from typing import Any

from django.contrib.gis.db.backends.postgis import schema
from django.db.models import Model

from geo.backends.compat import ModelField

TEXT_TYPES = ("varchar", "text")


class DatabaseSchemaEditor(schema.PostGISSchemaEditor):
    def _iter_column_sql(
        self,
        column_db_type: str,
        params: list[Any],
        model: type[Model],
        field: ModelField,
        field_db_params: dict[str, Any],
        include_default: bool,
    ) -> Iterator[str]:
        if column_db_type.startswith(TEXT_TYPES) and not field_db_params.get("collation"):
            field_db_params = field_db_params | {"collation": "C"}
        yield from super()._iter_column_sql(  # type: ignore[misc]  # the stubs lack it
            column_db_type, params, model, field, field_db_params, include_default
        )
