"""The conversions of Cast from text: the number, date or UUID that it contains, or NULL."""

from typing import Any

from reports.expressions.conversion.between_types import Conversion, ToDecimal, ToInteger

# Valid texts, as regular expressions that PostgreSQL, MySQL (ICU) and MariaDB (PCRE) read in the
# same way: without classes such as \d, which matches digits of every script. Numbers are limited,
# because PostgreSQL reads only so many digits.
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


# PostgreSQL evaluates a constant while it plans, whatever condition protects it, unless it depends
# on the statement's time.
READ = "(CASE WHEN NOW() IS NOT NULL THEN {x} END)::{kind}"
# Most texts have the value's own form, and need no regular expression.
POSTGRESQL_16 = (
    "CASE WHEN pg_input_is_valid({x}, '{kind}') THEN"
    f" CASE WHEN ({READ})::text = {{x}} OR {POSTGRESQL_READS} THEN {READ} END END"
)


class TextToInteger(ToInteger):
    """The integer in a text."""

    postgresql = (
        f"CASE WHEN {POSTGRESQL_READS} THEN"
        " CASE WHEN ({x})::numeric BETWEEN {low} AND {high} THEN ({x})::{kind} END END"
    )
    postgresql_16 = POSTGRESQL_16
    mysql = (
        "CASE WHEN {x} REGEXP '^[+-]?[0-9]{{1,{few}}}{end}' THEN CAST({x} AS SIGNED)"
        # A cast to a decimal that is too small is an error there: see cursor.py.
        f" WHEN {MYSQL_READS} THEN CASE WHEN ABS(CAST({{x}} AS DOUBLE)) < 1e19 THEN"
        " CASE WHEN CAST({x} AS DECIMAL(65)) BETWEEN {low} AND {high}"
        " THEN CAST({x} AS SIGNED) END END END"
    )
    sqlite_once = "isoline_text_integer({x}, {low}, {high})"
    sqlite = (
        "CASE WHEN CAST(CAST(SUBSTR({x}, 1, {few}) AS INTEGER) AS TEXT) = {x}"
        f" THEN CAST({{x}} AS INTEGER) ELSE {sqlite_once} END"
    )

    def names(self) -> dict[str, Any]:
        """Returns the names, with `few`: as many digits as the type can hold whatever they are."""
        names = super().names()
        return names | {"pattern": INTEGER, "few": len(str(names["high"])) - 1}


class TextToDecimal(ToDecimal):
    """The number in a text, rounded half up to the field's places."""

    postgresql = f"CASE WHEN {POSTGRESQL_READS} THEN {ToDecimal.postgresql} END"
    postgresql_16 = f"CASE WHEN {{x}} <> 'NaN' THEN {POSTGRESQL_16} END"
    mysql = (
        f"CASE WHEN {MYSQL_READS} THEN"
        " CASE WHEN ABS(CAST({x} AS DOUBLE)) < {limit}0 THEN"
        " CASE WHEN ABS(CAST({x} AS DECIMAL(65, {places}))) < {limit}"
        " THEN CAST({x} AS DECIMAL(65, {places})) END END END"
    )
    sqlite_once = "CAST(isoline_text_decimal({x}, {digits}, {places}) AS NUMERIC)"
    sqlite = (
        "CASE WHEN PRINTF('%%.{places}f', CAST(SUBSTR({x}, 1, {digits}) AS REAL)) = {x}"
        f" THEN CAST({{x}} AS NUMERIC) ELSE {sqlite_once} END"
    )

    def names(self) -> dict[str, Any]:
        names = super().names()
        kind = f"numeric({names['digits']}, {names['places']})"
        return names | {"pattern": NUMBER, "kind": kind}


class TextToFloat(Conversion):
    """The number in a text, as a float."""

    postgresql = f"CASE WHEN {POSTGRESQL_READS} THEN ({{x}})::float8 END"
    mysql = f"CASE WHEN {MYSQL_READS} THEN CAST({{x}} AS DOUBLE) END"
    sqlite = "isoline_text_float({x})"

    def names(self) -> dict[str, Any]:
        return {"pattern": NUMBER}


class TextToDate(Conversion):
    """The day in a text, as YYYY-MM-DD."""

    postgresql = "CASE WHEN {x} ~ '^{pattern}{end}' THEN ({x})::date END"
    postgresql_16 = (
        "CASE WHEN {x} LIKE '____-__-__' AND pg_input_is_valid({x}, 'date') THEN"
        " CASE WHEN ({x})::date::text = {x} THEN ({x})::date END END"
    )
    mysql = "CASE WHEN {x} REGEXP '^{pattern}{end}' THEN CAST({x} AS DATE) END"
    # DATE() returns an existing day in exactly this form.
    sqlite = "CASE WHEN DATE({x}) = {x} AND {x} >= '0001-01-01' THEN {x} END"

    def names(self) -> dict[str, Any]:
        return {"pattern": DATE}


class TextToUUID(Conversion):
    """The UUID in a text, with all four hyphens or none."""

    postgresql = "CASE WHEN {x} ~ '^{pattern}{end}' THEN ({x})::uuid END"
    # A shorter or longer text has braces, or hyphens elsewhere.
    postgresql_16 = (
        "(CASE WHEN pg_input_is_valid({x}, 'uuid')"
        " AND ({x} LIKE '________-____-____-____-____________' OR LENGTH({x}) = 32) THEN {x} END)"
        "::uuid"
    )
    # A UUID in braces is valid there too.
    mysql = (
        "CASE WHEN IS_UUID({x}) AND CHAR_LENGTH({x}) <= 36 THEN LOWER(REPLACE({x}, '-', '')) END"
    )
    mariadb = "CASE WHEN {x} REGEXP '^{pattern}{end}' THEN CAST({x} AS UUID) END"
    sqlite = "isoline_text_uuid({x})"

    def names(self) -> dict[str, Any]:
        return {"pattern": UUID}
