"""Tables on SQLite with SpatiaLite. A column without a collation compares by code point."""

from contextlib import suppress

from django.contrib.gis.db.backends.spatialite import schema
from django.db.models import Model

from geo.backends.compat import ModelField, remake_table
from geo.backends.spatialite import driver


class DatabaseSchemaEditor(schema.SpatialiteSchemaEditor):
    def remove_field(self, model: type[Model], field: ModelField) -> None:
        # DROP COLUMN checks the whole schema, and fails with SpatiaLite 5.0's triggers.
        if field.many_to_many or not field.db_parameters(connection=self.connection)["type"]:
            super().remove_field(model, field)
        else:
            remake_table(self, model, field)

    def quote_value(self, value: object) -> str:
        # Django asks the standard library's module, which has not the adapters of the driver.
        with suppress(driver.module().ProgrammingError):  # for a value that needs none
            value = driver.module().adapt(value)
        return str(super().quote_value(value))
