"""Tables on PostgreSQL with PostGIS. Text compares by code point under every locale."""

from collections.abc import Iterator
from typing import Any

from django.contrib.gis.db.backends.postgis import schema

TEXT_TYPES = ("varchar", "text")


class DatabaseSchemaEditor(schema.PostGISSchemaEditor):
    def _iter_column_sql(
        self, column_db_type: str, params: Any, model: Any, field: Any, db_params: Any, default: Any
    ) -> Iterator[str]:
        if column_db_type.startswith(TEXT_TYPES) and not db_params.get("collation"):
            db_params = db_params | {"collation": "C"}
        yield from super()._iter_column_sql(
            column_db_type, params, model, field, db_params, default
        )
