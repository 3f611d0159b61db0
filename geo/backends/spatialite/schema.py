"""Tables on SQLite with SpatiaLite. A column without a collation compares by code point."""

from django.contrib.gis.db.backends.spatialite import schema


class DatabaseSchemaEditor(schema.SpatialiteSchemaEditor):
    pass
