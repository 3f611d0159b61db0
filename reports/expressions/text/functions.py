"""Text functions, which count, compare and search code point by code point.

NULL in any operand gives NULL, except in Concat. Operands that are not text raise NotPortable.
"""

from typing import Unpack

from django.contrib.gis.db.models import GeometryField
from django.db.models import Expression, IntegerField, Value
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, Sql
from reports import compat
from reports.compat import Resolving
from reports.errors import DeclarationError
from reports.expressions.base import settled
from reports.expressions.conversion.to_text import AsText
from reports.expressions.spatial.measures import LineLength
from reports.expressions.text.code_point import TextFunction, literal

EMPTY, BLANK = Value(""), Value(" ")


class Left(TextFunction):
    """`Left(expression, length)`: the first code points; the whole text if it has fewer.

    A literal length below 0 is refused; one from a column counts as 0.
    """

    arity = 2
    least = (0,)
    sql = "LEFT({0}, {1})"
    sql_sqlite = "SUBSTR({0}, 1, {1})"

    def __init__(self, expression: object, length: object, **options: object) -> None:
        super().__init__(expression, length, **options)


class Right(Left):
    """`Right(expression, length)`: the last code points, as Left gives the first."""

    sql = "RIGHT({0}, {1})"
    sql_sqlite = "SUBSTR({0}, -{1}, {1})"


class Substr(TextFunction):
    """`Substr(expression, pos, length=None)`: the code points from `pos`, the first being 1.

    Without `length` it extends to the end; beyond the end it is ''. A literal position below 1 or
    length below 0 is refused; from a column they count as 1 and 0.
    """

    least = (1, 0)

    def __init__(
        self, expression: object, pos: object, length: object = None, **options: object
    ) -> None:
        super().__init__(expression, pos, *([] if length is None else [length]), **options)
        self.sql = f"SUBSTR({', '.join(f'{{{n}}}' for n in range(len(self.source_expressions)))})"


class Replace(TextFunction):
    """`Replace(expression, text, replacement=Value(""))`: each occurrence of `text` replaced.

    It works from left to right, and distinguishes case and accents. An empty `text` has no
    occurrence. As in Django, a plain string is a column: write `Value("...")` for a literal.
    """

    texts = 3
    arity = 3
    sql = "REPLACE({0}, {1}, {2})"

    def __init__(
        self, expression: object, text: object, replacement: object = EMPTY, **options: object
    ) -> None:
        super().__init__(expression, text, replacement, **options)

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # Some databases ignore a NULL replacement if there is nothing to replace.
        template = self.sql
        if literal(self.source_expressions[2]) is None:
            template = f"CASE WHEN {{2}} IS NOT NULL THEN {self.sql} END"
        return self.as_sql(compiler, connection, template=template)

    as_sqlite = as_mysql


class Trim(TextFunction):
    """`Trim(expression)`: without leading and trailing blanks (only U+0020)."""

    arity = 1
    sql = "TRIM({0})"


class LTrim(Trim):
    """`LTrim(expression)`: without leading blanks (U+0020)."""

    sql = "LTRIM({0})"


class RTrim(Trim):
    """`RTrim(expression)`: without trailing blanks (U+0020)."""

    sql = "RTRIM({0})"


class LPad(TextFunction):
    """`LPad(expression, length, fill_text=Value(" "))`: filled up, or cut, to `length`.

    It is filled on the left with the literal `fill_text`; a longer text keeps its first `length`
    code points. Lengths below 0 are treated as in Left.
    """

    arity = 3
    least = (0,)
    sql = "LPAD({0}, {1}, {2})"

    def __init__(
        self, expression: object, length: object, fill_text: object = BLANK, **options: object
    ) -> None:
        if not isinstance(fill_text, Value) or not isinstance(fill_text.value, str):
            raise DeclarationError(
                f'{type(self).__name__} fills with a literal, such as Value("0"), not with'
                f" {fill_text!r}."
            )
        if not fill_text.value:
            raise DeclarationError(f"{type(self).__name__} cannot fill with an empty text.")
        super().__init__(expression, length, fill_text, **options)

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        copy = self.copy()
        *operands, fill_text = self.get_source_expressions()
        copy.set_source_expressions(operands)
        resolved = super(LPad, copy).resolved(query, **context)
        resolved.set_source_expressions([*resolved.get_source_expressions(), self._text(fill_text)])
        return resolved


class RPad(LPad):
    """`RPad(expression, length, fill_text=Value(" "))`: as LPad, filled on the right."""

    sql = "RPAD({0}, {1}, {2})"


class Repeat(TextFunction):
    """`Repeat(expression, number)`: the text repeated.

    A literal number below 0 is refused; one from a column counts as 0. A result that the database
    cannot hold is an error of the statement.
    """

    arity = 2
    least = (0,)
    sql = "REPEAT({0}, {1})"

    def __init__(self, expression: object, number: object, **options: object) -> None:
        super().__init__(expression, number, **options)


class Reverse(TextFunction):
    """`Reverse(expression)`: its code points in reverse order.

    Characters of several code points (combining accents, flags) are taken apart.
    """

    arity = 1
    sql = "REVERSE({0})"


class Concat(TextFunction):
    """`Concat(*expressions)`: the texts joined; a NULL among them counts as ''.

    Other types are written as in `AsText`, which may refuse them.
    """

    def __init__(self, *expressions: object, **options: object) -> None:
        if len(expressions) < 2:
            raise DeclarationError("Concat takes two expressions or more.")
        super().__init__(*expressions, **options)
        self.texts = len(expressions)
        joined = [f"COALESCE({{{n}}}, '')" for n in range(self.texts)]
        self.sql = f"({' || '.join(joined)})"
        self.sql_mysql = f"CONCAT({', '.join(joined)})"

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        copy = self.copy()
        copy.set_source_expressions(
            [
                Value("")
                if isinstance(operand, Value) and operand.value is None
                else operand
                if isinstance(operand, Value) and isinstance(operand.value, str)
                else AsText(operand)
                for operand in self.get_source_expressions()
            ]
        )
        return super(Concat, copy).resolved(query, **context)


class _Counted(TextFunction):
    """An integer computed from texts."""

    is_code_point = False
    output_field = IntegerField()


class Length(_Counted):
    """`Length(expression)`: the code points of a text, or the metres of lines.

    For lines it is LineLength, which also takes `geodesic=True`; Django's `spheroid=True` is not
    the default here.
    """

    arity = 1
    sql = "LENGTH({0})"
    sql_mysql = "CHAR_LENGTH({0})"

    def __init__(
        self, expr1: object, spheroid: bool = False, *, geodesic: bool = False, **options: object
    ) -> None:
        super().__init__(expr1, **options)
        self.geodesic = geodesic or spheroid

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        (source,) = self.get_source_expressions()
        source = source.resolve_expression(query, **context)
        # Of a Case the branches may be texts of several types.
        if isinstance(compat.output_field(settled(source)), GeometryField):
            return LineLength(source, geodesic=self.geodesic).resolve_expression(query, **context)
        if self.geodesic:
            raise DeclarationError("Length(geodesic=True) takes lines, not a text.")
        return super().resolved(query, **context)


class StrIndex(_Counted):
    """`StrIndex(string, substring)`: the first position of the second in the first; 0 if none.

    Positions start at 1. Case and accents are distinguished. An empty text is found at 1.
    """

    texts = 2
    arity = 2
    sql = "INSTR({0}, {1})"
    sql_postgresql = "STRPOS({0}, {1})"

    def __init__(self, string: object, substring: object, **options: object) -> None:
        super().__init__(string, substring, **options)


class Ord(_Counted):
    """`Ord(expression)`: the number of the first code point; NULL for an empty text."""

    arity = 1
    sql_postgresql = "NULLIF(ASCII({0}), 0)"
    sql_mysql = "CAST(CONV(NULLIF(HEX(CONVERT(LEFT({0}, 1) USING utf32)), ''), 16, 10) AS SIGNED)"
    # SQLite's own UNICODE returns U+FFFD for code points at the end of a plane.
    sql_sqlite = "isoline_ord({0})"
