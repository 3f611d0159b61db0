"""`AsText`: values as text, as in raw CSV."""

from typing import Unpack

from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    Expression,
    Func,
    IntegerField,
    TextField,
    TimeField,
    UUIDField,
)
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, ModelField, Sql
from reports.compat import Resolving
from reports.errors import NotPortable
from reports.expressions.base import Portable
from reports.values.kinds import TEXT_FIELDS


class AsText(Portable, Func):
    """`AsText(expression)`: the value as text, as in raw CSV; NULL stays NULL.

    Integers are digits; decimals have their declared places; truth values are `true` or `false`;
    dates, times and instants are ISO 8601, instants in UTC with a `Z`, with microseconds only if
    there are any; UUIDs are in lower case with dashes; text is unchanged. Raises NotPortable for
    anything else.
    """

    arity = 1
    output_field = TextField()

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        source: Expression
        (source,) = resolved.get_source_expressions()
        field = source.output_field
        if isinstance(field, TEXT_FIELDS):
            return source
        if not isinstance(
            field, IntegerField | DecimalField | BooleanField | DateField | TimeField | UUIDField
        ):
            raise NotPortable(
                f"A {type(field).__name__} has no text that is the same on every database. Take"
                " text, integers, decimals, truth values, dates, times or UUIDs of it."
            )
        if isinstance(field, DecimalField) and field.decimal_places is None:
            raise NotPortable(
                "A decimal without declared places has no text that is the same on every database."
                " Cast it to DecimalField(max_digits=..., decimal_places=...)."
            )
        return resolved

    @property
    def field(self) -> "ModelField":
        """Returns the type of the value."""
        field: ModelField = self.get_source_expressions()[0].output_field
        return field

    def _written(self, compiler: Compiler, connection: Connection, template: str) -> Sql:
        return super().as_sql(compiler, connection, template=template)

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        template = "(%(expressions)s)::text"
        match self.field:
            case DecimalField(decimal_places=places):
                template = f"ROUND((%(expressions)s)::numeric, {places})::text"
            case DateTimeField():
                template = _seconds(
                    "TO_CHAR((%(expressions)s)::timestamptz AT TIME ZONE 'UTC',"
                    " 'YYYY-MM-DD\"T\"HH24:MI:SS.US')",
                    " || 'Z'",
                )
            case DateField():
                template = "TO_CHAR((%(expressions)s)::timestamp, 'YYYY-MM-DD')"
            case TimeField():
                template = _seconds("TO_CHAR((%(expressions)s)::time::interval, 'HH24:MI:SS.US')")
        return self._written(compiler, connection, template)

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        template = "CAST(%(expressions)s AS CHAR)"
        match self.field:
            case BooleanField():
                template = "ELT(((%(expressions)s) <> 0) + 1, 'false', 'true')"
            case DecimalField(decimal_places=places):
                template = f"CAST(CAST(%(expressions)s AS DECIMAL(65, {places})) AS CHAR)"
            case DateTimeField():
                instant = _seconds(
                    "DATE_FORMAT(%(expressions)s, '%%%%Y-%%%%m-%%%%dT%%%%H:%%%%i:%%%%s.%%%%f')"
                )
                template = f"CONCAT({instant}, 'Z')"
            case DateField():
                template = "DATE_FORMAT(%(expressions)s, '%%%%Y-%%%%m-%%%%d')"
            case TimeField():
                template = _seconds("TIME_FORMAT(%(expressions)s, '%%%%H:%%%%i:%%%%s.%%%%f')")
            case UUIDField() if not connection.features.has_native_uuid_field:
                template = "%(expressions)s"
                for place in (9, 14, 19, 24):
                    template = f"INSERT({template}, {place}, 0, '-')"
        return self._written(compiler, connection, template)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        template = "CAST(%(expressions)s AS TEXT)"
        match self.field:
            case BooleanField():
                template = "CASE (%(expressions)s) <> 0 WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
            case DecimalField(decimal_places=places):
                template = f"isoline_decimal_text(%(expressions)s, {places})"
            case DateTimeField():
                template = _seconds("REPLACE(%(expressions)s, ' ', 'T')", " || 'Z'")
            case TimeField():
                template = _seconds("%(expressions)s")
            case UUIDField():
                template = "isoline_uuid_text(%(expressions)s)"
        return self._written(compiler, connection, template)


def _seconds(sql: str, rest: str = "") -> str:
    """Returns seconds with microseconds only if they are not zero."""
    return f"REPLACE({sql}, '.000000', ''){rest}"
