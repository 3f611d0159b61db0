"""Tables on MySQL and MariaDB. Text compares by code point whatever the server's default is."""

from typing import TYPE_CHECKING, Any

from django.contrib.gis.db.backends.mysql import schema
from django.db.models import Model

if TYPE_CHECKING:
    from geo.backends.mysql.base import DatabaseWrapper


class DatabaseSchemaEditor(schema.MySQLGISSchemaEditor):
    connection: "DatabaseWrapper"

    def table_sql(self, model: type[Model]) -> tuple[str, list[Any]]:
        sql, params = super().table_sql(model)
        collation = self.connection.ops.code_point_collation
        return f"{sql} CHARACTER SET utf8mb4 COLLATE {collation}", params
