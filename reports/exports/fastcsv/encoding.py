"""The expressions that a statement selects for rows in bulk (geo/backends/bulk.py)."""

from collections.abc import Callable, Sequence
from itertools import batched
from typing import Any

from django.db.models import (
    DecimalField,
    F,
    Func,
    TextField,
)
from django.db.models.expressions import Col

from geo.backends.bulk import END_OF_TEXT, TEXT
from geo.backends.compat import Compiler, Connection, Sql
from geo.backends.spatialite.functions.decimals import EXACT_DIGITS
from reports.expressions.columns import is_never_null
from reports.expressions.text.code_point import CodePoint, is_by_code_point
from reports.values.kinds import TEXT_FIELDS, kind_class

# SQLite's limit in every build.
MOST_ARGUMENTS = 100


def is_writable(field: Any) -> bool:
    """Whether an EncodedField of such a field contains all that its canonical text needs."""
    # Python computes such values.
    if hasattr(field, "from_db_value") or hasattr(field, "shown_by"):
        return False
    kind = kind_class(field)
    return kind is not None and bool(kind.code)


class EncodedField(Func):
    """`EncodedField(alias, places)`: the database's own text of a value, without loss.

    It is usually the value itself: making the canonical text costs the database more than it costs
    the reader of the rows. If a value is not of its column's type (a text where SQLite should have
    a number), its text does not have the type's form, so the reader must check the form.

    `places` are the decimal places that a number needs; it may have more.
    """

    arity = 1
    output_field = TextField()

    def __init__(self, alias: str, places: int) -> None:
        super().__init__(F(alias))
        self.places = places

    @property
    def source(self) -> Any:
        """Returns the value's expression."""
        (source,) = self.get_source_expressions()
        return source

    @property
    def bare(self) -> Any:
        """Returns the value's expression without the conversion to code point order."""
        source = self.source
        return source.get_source_expressions()[0] if isinstance(source, CodePoint) else source

    @property
    def is_text(self) -> bool:
        """Whether the value is text."""
        return isinstance(self.source.output_field, TEXT_FIELDS)

    def _written(self, compiler: Compiler, template: str) -> Sql:
        sql, params = compiler.compile(self.source)
        return template.format(x=sql, places=self.places), (*params,) * template.count("{x}")

    def as_sql(self, compiler: Compiler, connection: Connection, *_: object, **__: object) -> Sql:
        return self._written(compiler, "{x}")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        if isinstance(self.source.output_field, DecimalField):
            return self._decimal_of_sqlite(compiler)
        return self._written(compiler, "{x}")

    def _decimal_of_sqlite(self, compiler: Compiler) -> Sql:
        # SQLite's text of a float has 15 digits or more. Rounded to the places it is right unless
        # the value is about half-way between two results, which a column with no more places never
        # is.
        unit, digits = 10**self.places, EXACT_DIGITS - 1 - self.places
        is_near = f"ABS({{x}} * {unit}.0 - ROUND({{x}} * {unit}.0)) < 0.4 AND "
        field = self.bare.output_field
        if isinstance(self.bare, Col) and field.decimal_places <= self.places:
            is_near = ""
        template = (
            f"CASE WHEN {is_near}{{x}} BETWEEN -1e{digits} AND 1e{digits} THEN {{x}}"
            " WHEN TYPEOF({x}) = 'text' THEN {x}"
            " WHEN {x} IS NOT NULL THEN isoline_decimal_text({x}, {places}) END"
        )
        return self._written(compiler, template)


class EncodedRow(Func):
    """`EncodedRow(fields, separator)`: a row of EncodedField as one value, for MarkedRowFormat."""

    output_field = TextField()

    def __init__(self, fields: Sequence[EncodedField], separator: bytes) -> None:
        super().__init__(*fields)
        self.separator = separator

    def _parts(
        self,
        compiler: Compiler,
        literal: str,
        nullable: Callable[[list[str]], str],
        text: Callable[[EncodedField], str],
    ) -> tuple[list[str], list[object]]:
        """Returns the SQL of marks and fields, in order, and its parameters.

        `literal` is a template of bytes; `nullable` joins a nullable field to its marks, and gives
        '' for NULL; `text` is a template of the bytes of a field's text.
        """
        parts: list[str] = []
        params: list[object] = []
        mark = b""
        for field in self.get_source_expressions():
            sql, some = compiler.compile(field)
            is_marked = field.is_text and is_never_null(field.source, compiler.query)
            if field.is_text:
                sql = text(field).format(sql)
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

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        parts, params = self._parts(
            compiler,
            "0x{}",
            lambda some: f"IFNULL({_of_bytes(some)}, '')",
            lambda field: _in_utf8(field, connection),
        )
        return _of_bytes(parts), tuple(params)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        parts, params = self._parts(compiler, "x'{}'", " || ".join, lambda _: "{}")
        # CONCAT converts anything to text, and skips NULL.
        while True:
            parts = [f"CONCAT({', '.join(some)})" for some in batched(parts, MOST_ARGUMENTS)]
            if len(parts) == 1:
                return parts[0], tuple(params)


def _in_utf8(text: EncodedField, connection: Connection) -> str:
    """Returns a template for a text's UTF-8 bytes, whatever its character set and collation."""
    if is_by_code_point(text.bare, connection):
        return "{}"
    if text.bare is not text.source or isinstance(text.bare, Col):
        return "CAST({} AS BINARY)"
    return "CAST(CONVERT({} USING utf8mb4) AS BINARY)"


def _of_bytes(parts: Sequence[str]) -> str:
    # One binary part that is not a literal makes the result binary, to which no collation applies.
    return f"CONCAT(CAST('' AS BINARY), {', '.join(parts)})"
