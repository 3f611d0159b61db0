"""The conversions of Cast from types other than text."""

from typing import Any

from django.db.models import BigIntegerField, DecimalField, Func, IntegerField

from geo.backends.compat import Compiler, Connection, Sql, is_mariadb, postgresql_server_version
from geo.backends.spatialite.functions.decimals import EXACT_DIGITS
from reports.errors import DeclarationError, NotPortable
from reports.expressions.base import OfGivenType
from reports.expressions.rounding import MOST_PLACES, needs_sort_key

# The first PostgreSQL that can check whether a type can read a text.
SOFT_INPUT = 160000


class Conversion(OfGivenType, Func):
    """A template of SQL for each database, in which `{x}` is the source, as often as needed.

    `names` returns the template's other names. `postgresql_16` is for that version and later ones,
    `sqlite_once` for a sub-query, which would be run each time that `{x}` occurs.
    """

    arity = 1
    postgresql: str
    postgresql_16: str = ""
    mysql: str
    mariadb: str = ""
    sqlite: str
    sqlite_once: str = ""

    @property
    def source(self) -> Any:
        """Returns the expression that is converted."""
        return self.get_source_expressions()[0]

    def names(self) -> dict[str, Any]:
        """Returns the names that the templates may use."""
        return {}

    def _sql(self, compiler: Compiler, template: str, **names: object) -> Sql:
        sql, params = compiler.compile(self.source)
        return template.format(x=sql, **names, **self.names()), (*params,) * template.count("{x}")

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        is_soft = postgresql_server_version(connection) >= SOFT_INPUT and self.postgresql_16
        return self._sql(compiler, self.postgresql_16 if is_soft else self.postgresql, end="$")

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # On these servers $ also matches before a line end. A backslash in a literal is doubled.
        of_mariadb = is_mariadb(connection) and self.mariadb
        return self._sql(compiler, self.mariadb if of_mariadb else self.mysql, end="\\\\z")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        is_once = self.sqlite_once and any(getattr(e, "subquery", False) for e in self.flatten())
        return self._sql(compiler, self.sqlite_once if is_once else self.sqlite)


class Same(Conversion):
    """The value itself."""

    is_code_point = True
    postgresql = mysql = sqlite = "{x}"


class Cut(Conversion):
    """The first code points of a text, as many as the field allows."""

    is_code_point = True
    postgresql = mysql = "LEFT({x}, {length})"
    sqlite = "SUBSTR({x}, 1, {length})"

    def names(self) -> dict[str, Any]:
        return {"length": self.output_field.max_length}


# To integers


class ToInteger(Conversion):
    """An integer of 32 or 64 bits, NULL beyond them. Raises NotPortable for other fields."""

    def __init__(self, *expressions: object, output_field: object) -> None:
        if type(output_field) not in (IntegerField, BigIntegerField):
            raise NotPortable(
                "Cast makes an integer of 32 or 64 bits, IntegerField() or BigIntegerField(), not"
                f" a {type(output_field).__name__}."
            )
        super().__init__(*expressions, output_field=output_field)

    def names(self) -> dict[str, Any]:
        bits = 63 if isinstance(self.output_field, BigIntegerField) else 31
        kind = "bigint" if bits == 63 else "integer"
        return {"low": -(2**bits), "high": 2**bits - 1, "kind": kind}


class IntegerToInteger(ToInteger):
    """An integer that the type can hold."""

    postgresql = "CASE WHEN {x} BETWEEN {low} AND {high} THEN ({x})::{kind} END"
    mysql = sqlite = "CASE WHEN {x} BETWEEN {low} AND {high} THEN {x} END"


class DecimalToInteger(ToInteger):
    """The integer part."""

    postgresql = "CASE WHEN TRUNC({x}) BETWEEN {low} AND {high} THEN TRUNC({x})::{kind} END"
    mysql = (
        "CASE WHEN TRUNCATE({x}, 0) BETWEEN {low} AND {high}"
        " THEN CAST(TRUNCATE({x}, 0) AS SIGNED) END"
    )
    sqlite = "isoline_truncated({x}, {low}, {high})"


class BooleanToInteger(ToInteger):
    """1 or 0."""

    postgresql = "({x})::integer"
    mysql = "CAST({x} AS SIGNED)"
    sqlite = "({x})"


# To decimals and floats


class ToDecimal(Conversion):
    """A number rounded half up (away from zero) to the field's places, NULL if it is too large."""

    postgresql = (
        "CASE WHEN ABS(ROUND(({x})::numeric, {places})) < {limit}"
        " THEN ROUND(({x})::numeric, {places}) END"
    )
    mysql = (
        "CASE WHEN ABS(ROUND({x}, {places})) < {limit} THEN CAST({x} AS DECIMAL(65, {places})) END"
    )
    sqlite = "CAST(isoline_rounded({x}, {digits}, {places}) AS NUMERIC)"

    def __init__(self, *expressions: object, output_field: Any) -> None:
        digits, places = output_field.max_digits, output_field.decimal_places
        # Beyond 64 digits MySQL could not find values that are too large.
        if digits is None or places is None or not places <= digits <= 64 or places > MOST_PLACES:
            raise DeclarationError(
                "Cast to a decimal needs DecimalField(max_digits=..., decimal_places=...), of at"
                f" most 64 digits and {MOST_PLACES} places."
            )
        super().__init__(*expressions, output_field=output_field)
        self.digits: int = digits
        self.places: int = places

    def names(self) -> dict[str, Any]:
        limit = 10 ** (self.digits - self.places)
        return {"digits": self.digits, "places": self.places, "limit": limit}

    def _sql(self, compiler: Compiler, template: str, **names: object) -> Sql:
        if self.is_held:
            template = template.partition(" THEN ")[2].removesuffix(" END") or template
        return super()._sql(compiler, template, **names)

    @property
    def is_held(self) -> bool:
        """Whether no value of the source can be too large."""
        have = self.source.output_field
        whole = self.digits - self.places
        if isinstance(have, IntegerField):
            return bool(whole >= (19 if isinstance(have, BigIntegerField) else 10))
        if not isinstance(have, DecimalField) or None in (have.max_digits, have.decimal_places):
            return False
        is_rounded = have.decimal_places > self.places
        return bool(whole >= have.max_digits - have.decimal_places + is_rounded)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if self.digits > EXACT_DIGITS:
            raise NotPortable(
                f"SQLite keeps {EXACT_DIGITS} digits of a decimal, and Cast is to make one of"
                f" {self.digits}."
            )
        return self._sql_in_units(compiler) or super().as_sqlite(compiler, connection)

    def _sql_in_units(self, compiler: Compiler) -> Sql | None:
        """Returns a faster form for SQLite, if the type of the value allows it."""
        return None


class IntegerToDecimal(ToDecimal):
    """A decimal from an integer."""

    sqlite = "CASE WHEN ABS({x}) < {limit} THEN {x} END"

    @property
    def is_held(self) -> bool:
        # A sum may be larger than its type.
        return super().is_held and not needs_sort_key(self.source)


class DecimalToDecimal(ToDecimal):
    """A decimal with other places."""

    # In units of the source's last place, which are integers.
    rounded = (
        "(CAST(ROUND({x} * {units}) AS INTEGER) * 2 + CASE WHEN {x} < 0 THEN -{unit} ELSE {unit}"
        " END) / (2 * {unit}) / {scale}.0"
    )

    def names(self) -> dict[str, Any]:
        have, want = self.source.output_field.decimal_places or 0, self.places
        unit = 10 ** max(have - want, 0)
        return super().names() | {"units": 10**have, "unit": unit, "scale": 10 ** min(have, want)}

    def _sql_in_units(self, compiler: Compiler) -> Sql | None:
        if not self.is_held or self.source.output_field.max_digits > EXACT_DIGITS:
            return None
        return super(ToDecimal, self)._sql(compiler, f"({self.rounded})")


class NumberToFloat(Conversion):
    """The nearest float."""

    postgresql = "({x})::float8"
    mysql = "CAST({x} AS DOUBLE)"
    sqlite = "CAST({x} AS REAL)"


# To the rest


class IntegerToBoolean(Conversion):
    """Whether an integer is not 0."""

    postgresql = mysql = sqlite = "({x} <> 0)"


class InstantToDate(Conversion):
    """The day in UTC."""

    postgresql = "(({x}) AT TIME ZONE 'UTC')::date"
    mysql = "CAST({x} AS DATE)"
    sqlite = "SUBSTR({x}, 1, 10)"


class InstantToTime(Conversion):
    """The time of day in UTC."""

    postgresql = "(({x}) AT TIME ZONE 'UTC')::time"
    mysql = "CAST({x} AS TIME(6))"
    sqlite = "SUBSTR({x}, 12)"


class DateToInstant(Conversion):
    """Midnight in UTC."""

    postgresql = "(({x})::timestamp AT TIME ZONE 'UTC')"
    mysql = "CAST({x} AS DATETIME(6))"
    sqlite = "({x} || ' 00:00:00')"
