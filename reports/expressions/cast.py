"""Values as values of another type.

What the other type cannot hold is NULL, never an error of the statement and never a guess: a text
that is no number, a day that no month has, an integer past the type's limits.
"""

from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    Field,
    FloatField,
    Func,
    IntegerField,
    JSONField,
    TimeField,
    UUIDField,
)

from geo.backends.spatialite.functions.decimals import EXACT_DIGITS
from reports.errors import DeclarationError, NotPortable
from reports.expressions.base import Portable, listed
from reports.expressions.rounding import MOST_PLACES, Significant, needs_sort_key
from reports.expressions.text import TEXT_FIELDS, CodePoint

# Texts that are read, as regular expressions that PostgreSQL, MySQL (ICU) and MariaDB (PCRE) read
# alike: no class such as \d, which takes the digits of every script. A number has an end, because
# PostgreSQL reads only so many digits.
INTEGER = "[+-]?[0-9]+"
NUMBER = "[+-]?[0-9]+([.][0-9]+)?"
UUID = "([0-9A-Fa-f]{32}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})"
POSTGRESQL_READS = "{x} ~ '^{pattern}{end}' AND LENGTH({x}) <= 100"
MYSQL_READS = "{x} REGEXP '^{pattern}{end}' AND CHAR_LENGTH({x}) <= 100"
LEAP_YEAR = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
DATE = (
    "(?!0000)([0-9]{4}-("
    "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|"
    "(0[469]|11)-(0[1-9]|[12][0-9]|30)|"
    "02-(0[1-9]|1[0-9]|2[0-8])"
    f")|{LEAP_YEAR}-02-29)"
)


class Cast(Portable, Func):
    """`Cast(expression, output_field)`: the value as one of that type, NULL if it has none there.

    To an integer: from a number its integer part, from a boolean 1 or 0, from a text the one that
    it is: a sign perhaps, then digits 0-9 and nothing else, at most 100 characters. To a decimal:
    half up (away from zero) to its places; a text may have a point between digits. A float is taken
    as the decimal that it stands for, of 12 significant digits. To a boolean: from an integer
    whether it is not 0. To a date: from an instant its day in UTC, from a text `YYYY-MM-DD` a day
    that there is. To an instant: from a date its midnight in UTC. To a time: from an instant its
    time of day in UTC. To a UUID: from a text of 32 hexadecimal digits, with the four hyphens or
    none. To text: what AsText gives, cut to the field's `max_length`.

    Raises NotPortable for every other pair of types.
    """

    arity = 1

    def __init__(self, expression: Any, output_field: "Field[Any, Any]") -> None:
        super().__init__(expression, output_field=output_field)

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        (source,) = super().resolve_expression(*args, **kwargs).get_source_expressions()
        return cast(source, self.output_field)


def cast(source: Any, target: "Field[Any, Any]") -> Any:
    """A resolved expression as one of the type `target`."""
    have, want = kind_of(source.output_field), kind_of(target)
    if want == "text" and have:
        return _text(source, have, target)
    conversion = CONVERSIONS.get((have, want))
    if conversion is None:
        raise NotPortable(_refusal(source.output_field, have, target))
    if have == "text":
        source = CodePoint(source)
    if have == "float" and want in ("integer", "decimal"):
        source = Significant(source, target.decimal_places if want == "decimal" else None)
    return conversion(source, output_field=target)


def kind_of(field: Any) -> str:
    """What a field's values are to Cast, "" for what it does not take."""
    match field:
        case BooleanField():
            return "boolean"
        case IntegerField():
            return "integer"
        case DecimalField():
            return "decimal"
        case FloatField():
            return "float"
        case DateTimeField():
            return "instant"
        case DateField():
            return "date"
        case TimeField():
            return "time"
        case UUIDField():
            return "UUID"
    return "text" if isinstance(field, TEXT_FIELDS) else ""


def _refusal(field: Any, have: str, target: Any) -> str:
    wanted = [want for had, want in CONVERSIONS if had == have] + ["text"] * bool(have)
    if isinstance(field, JSONField):
        instead = "Read it with reports.expressions.JSONText, JSONInteger, JSONDecimal or"
        instead += " JSONBoolean."
    elif wanted:
        instead = f"From {'an' if have[0] in 'aeio' else 'a'} {have} it makes a {listed(wanted)}."
    else:
        instead = f"It takes a {listed(dict.fromkeys(had for had, _ in CONVERSIONS))}."
    return (
        f"Cast has no common way from a {type(field).__name__} to a {type(target).__name__}."
        f" {instead}"
    )


def _text(source: Any, have: str, target: Any) -> Any:
    from reports.expressions.astext import AsText

    text = source if have == "text" else AsText(source)
    length = getattr(target, "max_length", None)
    if length is None:
        return _Same(CodePoint(text), output_field=target)
    return _Cut(CodePoint(text), output_field=target)


class _Conversion(Portable, Func):
    """A template of SQL for each database, in which `{x}` is the source, as often as needed.

    Its other names are what `names` gives.
    """

    arity = 1
    postgresql: str
    mysql: str
    mariadb: str = ""
    sqlite: str

    @property
    def source(self) -> Any:
        """The one expression that is converted."""
        return self.get_source_expressions()[0]

    def names(self) -> dict[str, Any]:
        """What the templates may name."""
        return {}

    def _sql(self, compiler: Any, template: str, **names: Any) -> tuple[str, Any]:
        sql, params = compiler.compile(self.source)
        return template.format(x=sql, **names, **self.names()), (*params,) * template.count("{x}")

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        return self._sql(compiler, self.postgresql, end="$")

    def as_mysql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        # There $ stands before a line's end too. A backslash in a literal is written twice.
        is_mariadb = connection.mysql_is_mariadb and self.mariadb
        return self._sql(compiler, self.mariadb if is_mariadb else self.mysql, end="\\\\z")

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        return self._sql(compiler, self.sqlite)


class _Same(_Conversion):
    is_code_point = True
    postgresql = mysql = sqlite = "{x}"


class _Cut(_Conversion):
    is_code_point = True
    postgresql = mysql = "LEFT({x}, {length})"
    sqlite = "SUBSTR({x}, 1, {length})"

    def names(self) -> dict[str, Any]:
        return {"length": self.output_field.max_length}


# To integers


class _ToInteger(_Conversion):
    def __init__(self, *expressions: Any, output_field: Any) -> None:
        if type(output_field) not in (IntegerField, BigIntegerField):
            raise NotPortable(
                "Cast makes an integer of 32 or 64 bits, IntegerField() or BigIntegerField(), not"
                f" a {type(output_field).__name__}."
            )
        super().__init__(*expressions, output_field=output_field)

    def names(self) -> dict[str, Any]:
        bits = 63 if isinstance(self.output_field, BigIntegerField) else 31
        kind = "bigint" if bits == 63 else "integer"
        return {"low": -(2**bits), "high": 2**bits - 1, "kind": kind, "pattern": INTEGER}


class _IntegerToInteger(_ToInteger):
    postgresql = "CASE WHEN {x} BETWEEN {low} AND {high} THEN ({x})::{kind} END"
    mysql = sqlite = "CASE WHEN {x} BETWEEN {low} AND {high} THEN {x} END"

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        if needs_sort_key(self.source):  # it may be a text of more digits
            return self._sql(compiler, _DecimalToInteger.sqlite)
        return super().as_sqlite(compiler, connection)


class _DecimalToInteger(_ToInteger):
    postgresql = "CASE WHEN TRUNC({x}) BETWEEN {low} AND {high} THEN TRUNC({x})::{kind} END"
    mysql = (
        "CASE WHEN TRUNCATE({x}, 0) BETWEEN {low} AND {high}"
        " THEN CAST(TRUNCATE({x}, 0) AS SIGNED) END"
    )
    sqlite = "isoline_truncated({x}, {low}, {high})"


class _BooleanToInteger(_ToInteger):
    postgresql = "({x})::integer"
    mysql = "CAST({x} AS SIGNED)"
    sqlite = "({x})"


class _TextToInteger(_ToInteger):
    postgresql = (
        f"CASE WHEN {POSTGRESQL_READS} THEN"
        " CASE WHEN ({x})::numeric BETWEEN {low} AND {high} THEN ({x})::{kind} END END"
    )
    mysql = (
        # A cast to a decimal that is too small for a value is an error there: see cursor.py.
        f"CASE WHEN {MYSQL_READS} THEN CASE WHEN ABS(CAST({{x}} AS DOUBLE)) < 1e19 THEN"
        " CASE WHEN CAST({x} AS DECIMAL(65)) BETWEEN {low} AND {high}"
        " THEN CAST({x} AS SIGNED) END END END"
    )
    sqlite = "isoline_text_integer({x}, {low}, {high})"


# To decimals and floats


class _ToDecimal(_Conversion):
    postgresql = (
        "CASE WHEN ABS(ROUND(({x})::numeric, {places})) < {limit}"
        " THEN ROUND(({x})::numeric, {places}) END"
    )
    mysql = (
        "CASE WHEN ABS(ROUND({x}, {places})) < {limit} THEN CAST({x} AS DECIMAL(65, {places})) END"
    )
    sqlite = "CAST(isoline_rounded({x}, {digits}, {places}) AS NUMERIC)"

    def __init__(self, *expressions: Any, output_field: Any) -> None:
        digits, places = output_field.max_digits, output_field.decimal_places
        # Past 64 digits MySQL could not tell what is too large.
        if digits is None or places is None or not places <= digits <= 64 or places > MOST_PLACES:
            raise DeclarationError(
                "Cast to a decimal needs DecimalField(max_digits=..., decimal_places=...), of at"
                f" most 64 digits and {MOST_PLACES} places."
            )
        super().__init__(*expressions, output_field=output_field)

    def names(self) -> dict[str, Any]:
        digits, places = self.output_field.max_digits, self.output_field.decimal_places
        return {
            "digits": digits,
            "places": places,
            "limit": 10 ** (digits - places),
            "pattern": NUMBER,
        }

    def _sql(self, compiler: Any, template: str, **names: Any) -> tuple[str, Any]:
        if self.is_held:
            template = template.partition(" THEN ")[2].removesuffix(" END") or template
        return super()._sql(compiler, template, **names)

    @property
    def is_held(self) -> bool:
        """Whether no value of the source is too large."""
        have, want = self.source.output_field, self.output_field
        whole = want.max_digits - want.decimal_places
        if isinstance(have, IntegerField):
            return bool(whole >= (19 if isinstance(have, BigIntegerField) else 10))
        if not isinstance(have, DecimalField) or None in (have.max_digits, have.decimal_places):
            return False
        is_rounded = have.decimal_places > want.decimal_places
        return bool(whole >= have.max_digits - have.decimal_places + is_rounded)

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        if self.output_field.max_digits > EXACT_DIGITS:
            raise NotPortable(
                f"SQLite keeps {EXACT_DIGITS} digits of a decimal, and Cast is to make one of"
                f" {self.output_field.max_digits}."
            )
        return super().as_sqlite(compiler, connection)


class _IntegerToDecimal(_ToDecimal):
    sqlite = "CASE WHEN ABS({x}) < {limit} THEN {x} END"

    @property
    def is_held(self) -> bool:
        # A sum may be larger than its type says.
        return super().is_held and not needs_sort_key(self.source)

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        sql, params = super().as_sqlite(compiler, connection)
        return f"CAST({sql} AS NUMERIC)", params


class _DecimalToDecimal(_ToDecimal):
    # In units of the source's last place, which are integers.
    rounded = (
        "(CAST(ROUND({x} * {units}) AS INTEGER) * 2 + CASE WHEN {x} < 0 THEN -{unit} ELSE {unit}"
        " END) / (2 * {unit}) / {scale}.0"
    )

    def names(self) -> dict[str, Any]:
        have, want = self.source.output_field.decimal_places or 0, self.output_field.decimal_places
        unit = 10 ** max(have - want, 0)
        return super().names() | {"units": 10**have, "unit": unit, "scale": 10 ** min(have, want)}

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        digits = self.source.output_field.max_digits
        if not self.is_held or digits > EXACT_DIGITS or self.output_field.max_digits > EXACT_DIGITS:
            return super().as_sqlite(compiler, connection)
        return super(_ToDecimal, self)._sql(compiler, f"({self.rounded})")


class _TextToDecimal(_ToDecimal):
    postgresql = f"CASE WHEN {POSTGRESQL_READS} THEN {_ToDecimal.postgresql} END"
    mysql = (
        f"CASE WHEN {MYSQL_READS} THEN"
        " CASE WHEN ABS(CAST({x} AS DOUBLE)) < {limit}0 THEN"
        " CASE WHEN ABS(CAST({x} AS DECIMAL(65, {places}))) < {limit}"
        " THEN CAST({x} AS DECIMAL(65, {places})) END END END"
    )
    sqlite = "CAST(isoline_text_decimal({x}, {digits}, {places}) AS NUMERIC)"


class _NumberToFloat(_Conversion):
    postgresql = "({x})::float8"
    mysql = "CAST({x} AS DOUBLE)"
    sqlite = "CAST({x} AS REAL)"


class _TextToFloat(_Conversion):
    postgresql = f"CASE WHEN {POSTGRESQL_READS} THEN ({{x}})::float8 END"
    mysql = f"CASE WHEN {MYSQL_READS} THEN CAST({{x}} AS DOUBLE) END"
    sqlite = "isoline_text_float({x})"

    def names(self) -> dict[str, Any]:
        return {"pattern": NUMBER}


# To the rest


class _IntegerToBoolean(_Conversion):
    postgresql = mysql = sqlite = "({x} <> 0)"


class _TextToDate(_Conversion):
    postgresql = "CASE WHEN {x} ~ '^{pattern}{end}' THEN ({x})::date END"
    mysql = "CASE WHEN {x} REGEXP '^{pattern}{end}' THEN CAST({x} AS DATE) END"
    # DATE() gives a day that there is, in this very form.
    sqlite = "CASE WHEN DATE({x}) = {x} AND {x} >= '0001-01-01' THEN {x} END"

    def names(self) -> dict[str, Any]:
        return {"pattern": DATE}


class _InstantToDate(_Conversion):
    postgresql = "(({x}) AT TIME ZONE 'UTC')::date"
    mysql = "CAST({x} AS DATE)"
    sqlite = "SUBSTR({x}, 1, 10)"


class _InstantToTime(_Conversion):
    postgresql = "(({x}) AT TIME ZONE 'UTC')::time"
    mysql = "CAST({x} AS TIME(6))"
    sqlite = "SUBSTR({x}, 12)"


class _DateToInstant(_Conversion):
    postgresql = "(({x})::timestamp AT TIME ZONE 'UTC')"
    mysql = "CAST({x} AS DATETIME(6))"
    sqlite = "({x} || ' 00:00:00')"


class _TextToUUID(_Conversion):
    postgresql = "CASE WHEN {x} ~ '^{pattern}{end}' THEN ({x})::uuid END"
    mysql = "CASE WHEN {x} REGEXP '^{pattern}{end}' THEN LOWER(REPLACE({x}, '-', '')) END"
    mariadb = "CASE WHEN {x} REGEXP '^{pattern}{end}' THEN CAST({x} AS UUID) END"
    sqlite = "isoline_text_uuid({x})"

    def names(self) -> dict[str, Any]:
        return {"pattern": UUID}


CONVERSIONS: dict[tuple[str, str], type[_Conversion]] = {
    ("integer", "integer"): _IntegerToInteger,
    ("decimal", "integer"): _DecimalToInteger,
    ("float", "integer"): _DecimalToInteger,
    ("boolean", "integer"): _BooleanToInteger,
    ("text", "integer"): _TextToInteger,
    ("integer", "decimal"): _IntegerToDecimal,
    ("decimal", "decimal"): _DecimalToDecimal,
    ("float", "decimal"): _ToDecimal,
    ("text", "decimal"): _TextToDecimal,
    ("integer", "float"): _NumberToFloat,
    ("decimal", "float"): _NumberToFloat,
    ("float", "float"): _Same,
    ("text", "float"): _TextToFloat,
    ("integer", "boolean"): _IntegerToBoolean,
    ("boolean", "boolean"): _Same,
    ("text", "date"): _TextToDate,
    ("instant", "date"): _InstantToDate,
    ("date", "date"): _Same,
    ("date", "instant"): _DateToInstant,
    ("instant", "instant"): _Same,
    ("instant", "time"): _InstantToTime,
    ("time", "time"): _Same,
    ("text", "UUID"): _TextToUUID,
    ("UUID", "UUID"): _Same,
}
