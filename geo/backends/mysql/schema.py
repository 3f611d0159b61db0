"""Tables on MySQL and MariaDB. Text compares by code point whatever the server's default is."""

from typing import Any

from django.contrib.gis.db.backends.mysql import schema


class DatabaseSchemaEditor(schema.MySQLGISSchemaEditor):
    def table_sql(self, model: Any) -> tuple[str, Any]:
        sql, params = super().table_sql(model)
        collation = self.connection.ops.code_point_collation
        return f"{sql} CHARACTER SET utf8mb4 COLLATE {collation}", params
