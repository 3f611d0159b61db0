"""The values at a path in a JSON document, by their JSON type.

A path is a key (`str`) or an index from 0 (`int`) for each step: `JSONText("data", "lines", 0,
"name")`. A key steps only into objects and an index only into arrays. A missing value, one of
another JSON type, and JSON's null read as NULL.

Numbers and keys are expected as Python's json module writes them: integers of 64 bits, floats of 17
digits. MySQL stores no others.
"""

import json
import re
from string import Formatter
from typing import Any, Unpack

from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    DecimalField,
    Expression,
    Func,
    IntegerField,
    JSONField,
    TextField,
)
from django.db.models.expressions import BaseExpression
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, Sql, is_mariadb
from geo.backends.spatialite.functions.decimals import EXACT_DIGITS
from reports.compat import Resolving
from reports.errors import DeclarationError, NotPortable
from reports.expressions.base import OfGivenType, require

type Part = Sql

GREATEST_INDEX = 2**31 - 1
# MariaDB finds a key that begins with a hyphen only if the path can name it without quotes.
HYPHENED = re.compile("-[A-Za-z0-9_-]*")


class _Read(OfGivenType, Func):
    """A template of SQL for each database.

    It may use `{document}`, and `{value}`, the value at the path (`{path}` for SQLite).
    """

    arity = 1
    postgresql: str
    mysql: str
    sqlite: str

    def __init__(self, expression: object, *path: str | int, **extra: object) -> None:
        super().__init__(expression, **extra)
        for step in path:
            _check(self, step)
        self.path = path

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        require(self, resolved.get_source_expressions()[0], JSONField)
        return resolved

    def names(self) -> dict[str, Any]:
        """Returns the template's other names."""
        return {}

    def _sql(self, template: str, **parts: Part) -> Part:
        sql, params, names = "", list[Any](), self.names()
        for literal, name, _, _ in Formatter().parse(template):
            sql += literal
            if name in parts:
                sql += parts[name][0]
                params += parts[name][1]
            elif name:
                sql += str(names[name])
        return sql, tuple(params)

    def _document(self, compiler: Compiler) -> Part:
        sql, params = compiler.compile(self.get_source_expressions()[0])
        return sql, tuple(params)

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Part:
        document = sql, params = self._document(compiler)
        for step in self.path:
            if step == 0:  # `-> 0` of a scalar is the scalar itself
                sql, params = (
                    f"(CASE WHEN jsonb_typeof({sql}) = 'array' THEN {sql} -> 0 END)",
                    (*params, *params),
                )
            elif isinstance(step, int):
                sql = f"({sql} -> {step})"
            else:
                sql, params = f"({sql} -> %s::text)", (*params, step)
        return self._sql(self.postgresql, document=document, value=(sql, params))

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Part:
        document = self._document(compiler)
        has_raw_keys = is_mariadb(connection)
        guards = [
            # On these servers $[0] of a value that is not an array is the value itself.
            self._sql(
                "JSON_TYPE({value}) = 'ARRAY'",
                value=_extract(document, self.path[:place], has_raw_keys),
            )
            for place, step in enumerate(self.path)
            if step == 0
        ]
        value = sql, params = _extract(document, self.path, has_raw_keys)
        if guards:
            tests = " AND ".join(test for test, _ in guards)
            value = (
                f"CASE WHEN {tests} THEN {sql} END",
                (*(param for _, guard in guards for param in guard), *params),
            )
        return self._sql(self.mysql, document=document, value=value)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Part:
        return self._sql(
            self.sqlite, document=self._document(compiler), path=("%s", (_path(self.path),))
        )


def _check(expression: BaseExpression, step: object) -> None:
    name = type(expression).__name__
    if isinstance(step, bool) or not isinstance(step, str | int):
        raise DeclarationError(
            f"{name} takes a path of keys (str) and indexes (int), as one argument each, not"
            f" {step!r}."
        )
    if isinstance(step, int) and not 0 <= step <= GREATEST_INDEX:
        raise NotPortable(
            f"{name} takes indexes from 0, not {step}: not every database counts from an array's"
            " end."
        )
    if isinstance(step, str) and step.startswith("-") and not HYPHENED.fullmatch(step):
        raise NotPortable(
            f"{name} cannot read the key {step!r}: MariaDB finds a key that begins with a hyphen"
            " only if it is of the letters A to Z and a to z, digits, hyphens and underscores."
        )
    if isinstance(step, str) and ("\0" in step or (not step.isprintable() and _is_broken(step))):
        raise NotPortable(f"{name} cannot read the key {step!r}: PostgreSQL has no such text.")


def _is_broken(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _path(path: tuple[str | int, ...], *, is_ascii: bool = True, is_mariadb: bool = False) -> str:
    """Returns the path in SQL, with keys as JSON strings."""
    found = "$"
    for step in path:
        if isinstance(step, int):
            found += f"[{step}]"
        elif is_mariadb and step.startswith("-"):
            found += f".{step}"
        else:
            found += f".{json.dumps(step, ensure_ascii=is_ascii)}"
    return found


def _extract(document: Part, path: tuple[str | int, ...], has_raw_keys: bool) -> Part:
    """Returns the value at the path; on MariaDB for both forms that a key may have."""
    sql, params = document
    paths = [_path(path, is_mariadb=has_raw_keys)]
    if has_raw_keys and (raw := _path(path, is_ascii=False, is_mariadb=True)) not in paths:
        paths.append(raw)
    found = [f"JSON_EXTRACT({sql}, %s)" for _ in paths]
    return (
        f"COALESCE({', '.join(found)})" if len(found) > 1 else found[0],
        tuple(param for each in paths for param in (*params, each)),
    )


class JSONText(_Read):
    """`JSONText(expression, *path)`: the string at the path; NULL for another JSON type."""

    output_field = TextField()
    postgresql = "CASE WHEN jsonb_typeof({value}) = 'string' THEN {value} #>> '{{}}' END"
    mysql = "CASE WHEN JSON_TYPE({value}) = 'STRING' THEN JSON_UNQUOTE({value}) END"
    sqlite = (
        "CASE WHEN JSON_TYPE({document}, {path}) = 'text' THEN JSON_EXTRACT({document}, {path}) END"
    )


MYSQL_NUMBER = "JSON_TYPE({value}) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL')"
MYSQL_DOUBLE = "CAST(JSON_UNQUOTE({value}) AS DOUBLE)"
SQLITE_NUMBER = "JSON_TYPE({document}, {path}) IN ('integer', 'real')"


class JSONInteger(_Read):
    """`JSONInteger(expression, *path)`: the integer at the path, of 64 bits.

    NULL for a value that is not a JSON number, not whole (1.0 and 1e2 are whole) or larger.
    """

    output_field = BigIntegerField()
    postgresql = (
        "CASE WHEN jsonb_typeof({value}) = 'number' THEN"
        " CASE WHEN ({value})::numeric = TRUNC(({value})::numeric)"
        " AND ({value})::numeric BETWEEN {low} AND {high} THEN ({value})::bigint END END"
    )
    # Converted to a decimal, a double could lose its fraction, or be too large.
    mysql = (
        f"CASE WHEN {MYSQL_NUMBER} THEN CASE WHEN {MYSQL_DOUBLE} = FLOOR({MYSQL_DOUBLE})"
        f" AND ABS({MYSQL_DOUBLE}) < 1e19 THEN"
        " CASE WHEN CAST(JSON_UNQUOTE({value}) AS DECIMAL(65)) BETWEEN {low} AND {high}"
        " THEN CAST(CAST(JSON_UNQUOTE({value}) AS DECIMAL(65)) AS SIGNED) END END END"
    )
    sqlite = f"CASE WHEN {SQLITE_NUMBER} THEN isoline_whole({{document}} -> {{path}}) END"

    def names(self) -> dict[str, Any]:
        return {"low": -(2**63), "high": 2**63 - 1}


class JSONDecimal(_Read):
    """`JSONDecimal(expression, *path, places=)`: the number there, rounded half up to `places`.

    NULL for a value that is not a JSON number, or has more than 15 digits with these places.
    """

    postgresql = (
        "CASE WHEN jsonb_typeof({value}) = 'number' THEN"
        " CASE WHEN ABS(ROUND(({value})::numeric, {places})) < {limit}"
        " THEN ROUND(({value})::numeric, {places}) END END"
    )
    mysql = (
        f"CASE WHEN {MYSQL_NUMBER} THEN CASE WHEN ABS({MYSQL_DOUBLE}) < {{limit}}0 THEN"
        " CASE WHEN ABS(CAST(JSON_UNQUOTE({value}) AS DECIMAL(65, {places}))) < {limit}"
        " THEN CAST(JSON_UNQUOTE({value}) AS DECIMAL(65, {places})) END END END"
    )
    sqlite = (
        f"CAST(CASE WHEN {SQLITE_NUMBER} THEN"
        " isoline_rounded({document} -> {path}, {digits}, {places}) END AS NUMERIC)"
    )

    def __init__(self, expression: object, *path: str | int, places: int) -> None:
        if not 0 <= places <= EXACT_DIGITS:
            raise DeclarationError(f"JSONDecimal takes 0 to {EXACT_DIGITS} places, not {places}.")
        self.places = places
        field = DecimalField(max_digits=EXACT_DIGITS, decimal_places=places)
        super().__init__(expression, *path, output_field=field)

    def names(self) -> dict[str, Any]:
        limit = 10 ** (EXACT_DIGITS - self.places)
        return {"digits": EXACT_DIGITS, "places": self.places, "limit": limit}


class JSONBoolean(_Read):
    """`JSONBoolean(expression, *path)`: the true or false at the path; NULL for another type."""

    output_field = BooleanField()
    postgresql = "CASE WHEN jsonb_typeof({value}) = 'boolean' THEN ({value})::boolean END"
    mysql = "CASE WHEN JSON_TYPE({value}) = 'BOOLEAN' THEN JSON_UNQUOTE({value}) = 'true' END"
    sqlite = "CASE JSON_TYPE({document}, {path}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"


class JSONType(_Read):
    """`JSONType(expression, *path)`: object, array, string, number, boolean or null.

    NULL if there is no value at the path, and for a document that is NULL.
    """

    output_field = CharField(max_length=7)
    postgresql = "jsonb_typeof({value})"
    mysql = (
        "CASE JSON_TYPE({value}) WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array'"
        " WHEN 'STRING' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null'"
        " WHEN 'INTEGER' THEN 'number' WHEN 'UNSIGNED INTEGER' THEN 'number'"
        " WHEN 'DOUBLE' THEN 'number' WHEN 'DECIMAL' THEN 'number' END"
    )
    sqlite = (
        "CASE JSON_TYPE({document}, {path}) WHEN 'text' THEN 'string' WHEN 'integer' THEN 'number'"
        " WHEN 'real' THEN 'number' WHEN 'true' THEN 'boolean' WHEN 'false' THEN 'boolean'"
        " ELSE JSON_TYPE({document}, {path}) END"
    )


class JSONHasKey(_Read):
    """`JSONHasKey(expression, *path)`: whether there is a value at the path, or JSON's null.

    NULL for a document that is NULL.
    """

    output_field = BooleanField()
    postgresql = mysql = "CASE WHEN {document} IS NOT NULL THEN {value} IS NOT NULL END"
    sqlite = "CASE WHEN {document} IS NOT NULL THEN JSON_TYPE({document}, {path}) IS NOT NULL END"

    def __init__(self, expression: object, key: str | int, *path: str | int) -> None:
        super().__init__(expression, key, *path)


class JSONLength(_Read):
    """`JSONLength(expression, *path)`: the length of the array at the path; else NULL."""

    output_field = IntegerField()
    postgresql = "CASE WHEN jsonb_typeof({value}) = 'array' THEN jsonb_array_length({value}) END"
    mysql = "CASE WHEN JSON_TYPE({value}) = 'ARRAY' THEN JSON_LENGTH({value}) END"
    sqlite = (
        "CASE WHEN JSON_TYPE({document}, {path}) = 'array'"
        " THEN JSON_ARRAY_LENGTH({document}, {path}) END"
    )
