"""What a statement selects where whole rows are to come as bytes (geo/backends/bulk.py)."""

from collections.abc import Callable, Sequence
from itertools import batched
from typing import Any

from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    F,
    Func,
    IntegerField,
    TextField,
    TimeField,
    UUIDField,
)
from django.db.models.expressions import Col

from geo.backends.bulk import END_OF_TEXT, TEXT
from geo.backends.spatialite.functions.decimals import EXACT_DIGITS
from reports.expressions.columns import is_never_null
from reports.expressions.exact import WIDE
from reports.expressions.text import TEXT_FIELDS, CodePoint

# As many as every SQLite takes.
MOST_ARGUMENTS = 100


def is_writable(field: Any) -> bool:
    """Whether OnWire has the canonical text of such a field, NULL and odd values apart."""
    if hasattr(field, "from_db_value"):  # what it makes of a value is Python's affair
        return False
    if isinstance(field, DecimalField):
        return not isinstance(field, WIDE)
    return isinstance(
        field, (*TEXT_FIELDS, IntegerField, BooleanField, DateField, TimeField, UUIDField)
    )


class OnWire(Func):
    """`OnWire(alias, places)`: the raw CSV text of a value, as the database can best write it.

    Of a value that its type does not promise (a text where SQLite was to have a number) it is
    something that has not the type's form: whoever reads it must look. `places` are the decimal
    places of a number.
    """

    arity = 1
    output_field = TextField()

    def __init__(self, alias: str, places: int) -> None:
        super().__init__(F(alias))
        self.places = places

    @property
    def source(self) -> Any:
        """The value."""
        (source,) = self.get_source_expressions()
        return source

    @property
    def is_text(self) -> bool:
        """Whether the value is a text."""
        return isinstance(self.source.output_field, TEXT_FIELDS)

    @property
    def is_column(self) -> bool:
        """Whether it is that of a column, in the character set that comparisons ask for."""
        return isinstance(self.source, CodePoint | Col)

    def _written(self, compiler: Any, template: str) -> tuple[str, Any]:
        sql, params = compiler.compile(self.source)
        return template.format(x=sql, places=self.places), (*params,) * template.count("{x}")

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        template = "{x}"
        match self.source.output_field:
            case BooleanField():
                template = "CASE {x} WHEN true THEN 'true' WHEN false THEN 'false' END"
            case DecimalField():  # to round what is round already takes four times as long
                template = "CASE WHEN SCALE({x}) = {places} THEN {x} ELSE ROUND({x}, {places}) END"
            case DateTimeField():
                template = (
                    "CASE WHEN ({x})::timestamptz(0) = {x}"
                    " THEN REPLACE((({x}) AT TIME ZONE 'UTC')::text, ' ', 'T') || 'Z' ELSE"
                    " TO_CHAR(({x}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') END"
                )
            case TimeField():
                template = (
                    "CASE WHEN ({x})::time(0) = {x} THEN ({x})::text"
                    " ELSE TO_CHAR(({x})::interval, 'HH24:MI:SS.US') END"
                )
        return self._written(compiler, template)

    def as_mysql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        template = "{x}"
        match self.source.output_field:
            case BooleanField():
                template = "ELT(({x} <> 0) + 1, 'false', 'true')"
            case DecimalField():
                template = "CAST({x} AS DECIMAL(65, {places}))"
            case DateTimeField():  # a day that is none is NULL to the driver as well
                template = (
                    "CASE WHEN TO_DAYS({x}) > 365 THEN"
                    " IF(MICROSECOND({x}) = 0, DATE_FORMAT({x}, '%%Y-%%m-%%dT%%H:%%i:%%sZ'),"
                    " DATE_FORMAT({x}, '%%Y-%%m-%%dT%%H:%%i:%%s.%%fZ')) END"
                )
            case DateField():
                template = "IF(TO_DAYS({x}) > 365, {x}, NULL)"
            case TimeField():
                template = (
                    "IF(MICROSECOND({x}) = 0, TIME_FORMAT({x}, '%%H:%%i:%%s'),"
                    " TIME_FORMAT({x}, '%%H:%%i:%%s.%%f'))"
                )
            case UUIDField() if connection.features.has_native_uuid_field:
                template = "CAST({x} AS CHAR(36))"  # beside it, '' would be no UUID, and NULL
            case UUIDField():
                for place in (9, 14, 19, 24):
                    template = f"INSERT({template}, {place}, 0, '-')"
        return self._written(compiler, template)

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        template = "{x}"
        match self.source.output_field:
            case BooleanField():
                template = "CASE {x} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE {x} END"
            case DecimalField():
                return self._decimal_of_sqlite(compiler)
            case DateTimeField():
                template = "REPLACE({x}, ' ', 'T') || 'Z'"
            case UUIDField():
                parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
                template = " || '-' || ".join(f"SUBSTR({{x}}, {at}, {n})" for at, n in parts)
        return self._written(compiler, template)

    def _decimal_of_sqlite(self, compiler: Any) -> tuple[str, Any]:
        # PRINTF rounds by the binary fraction: right for what is not about half-way between two.
        unit = 10**self.places
        template = (
            f"CASE WHEN TYPEOF({{x}}) = 'text' THEN {{x}}"
            f" WHEN ABS({{x}} * {unit}.0 - ROUND({{x}} * {unit}.0)) < 0.4"
            f" AND ABS({{x}}) < 1e{EXACT_DIGITS - self.places} THEN PRINTF('%%.{{places}}f', {{x}})"
            " WHEN {x} IS NOT NULL THEN isoline_decimal_text({x}, {places}) END"
        )
        return self._written(compiler, template)


class RowOnWire(Func):
    """`RowOnWire(fields, separator)`: a row of OnWire as one value, as MarkedWire has it."""

    output_field = TextField()

    def __init__(self, fields: Sequence[OnWire], separator: bytes) -> None:
        super().__init__(*fields)
        self.separator = separator

    def _parts(
        self,
        compiler: Any,
        literal: str,
        nullable: Callable[[list[str]], str],
        text: str,
        other: str,
    ) -> tuple[list[str], list[Any]]:
        """The SQL of marks and fields, one after the other, and its parameters.

        `literal`, `text` and `other` are templates of bytes, and of the bytes of a column's text
        and of another one; `nullable` joins a field that may be NULL with its marks, for nothing
        if it is.
        """
        parts: list[str] = []
        params: list[Any] = []
        mark = b""
        for field in self.get_source_expressions():
            sql, some = compiler.compile(field)
            is_marked = field.is_text and is_never_null(field.source, compiler.query)
            if field.is_text:
                sql = (text if field.is_column else other).format(sql)
            if field.is_text and not is_marked:
                begin, end = (literal.format(each.hex()) for each in (TEXT, END_OF_TEXT))
                sql = nullable([begin, sql, end])
            elif not is_never_null(field.source, compiler.query):
                sql = nullable([sql])
            mark += TEXT * is_marked
            parts += [literal.format(mark.hex())] * bool(mark) + [sql]
            params += some
            mark = END_OF_TEXT * is_marked + self.separator
        mark = mark.removesuffix(self.separator)
        return parts + [literal.format(mark.hex())] * bool(mark), params

    def as_mysql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        parts, params = self._parts(
            compiler,
            "0x{}",
            lambda some: f"IFNULL(CONCAT({', '.join(some)}), '')",
            # Bytes have no collation that has a say in what becomes of the marks.
            "CAST({} AS BINARY)",
            "CAST(CONVERT({} USING utf8mb4) AS BINARY)",
        )
        # One binary part makes the whole one of bytes.
        return f"CONCAT(CAST('' AS BINARY), {', '.join(parts)})", params

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, Any]:
        parts, params = self._parts(compiler, "x'{}'", " || ".join, "{}", "{}")
        # CONCAT makes a text of anything, and takes NULL for nothing.
        while True:
            parts = [f"CONCAT({', '.join(some)})" for some in batched(parts, MOST_ARGUMENTS)]
            if len(parts) == 1:
                return parts[0], params
