"""Text lookups that compare by code point, without wildcards.

They can be used in filter(), Q, When and `filter=`, like Django's lookups, and replace those when a
report says `name__contains="..."`.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import BooleanField, Expression, ForeignKey, TextField, Value, lookups
from django.db.models.expressions import BaseExpression
from django.db.models.fields import related_lookups
from django.db.models.lookups import Lookup

from geo.backends.compat import Compiler, Connection, Sql
from geo.backends.letters import LOWER
from reports import compat
from reports.errors import DeclarationError
from reports.expressions.text.case import Lower
from reports.expressions.text.code_point import CodePoint, TextFunction, literal
from reports.values.kinds import TEXT_FIELDS

# SQLite's patterns have at most 50,000 bytes; a letter takes four.
LONGEST_GLOB = 10_000


class _TextLookup(TextFunction):
    """Whether a text contains another at some place; NULL if either is NULL.

    `lhs` is an expression or a column's name, `rhs` an expression or a literal string. Templates
    may use `{2}` for a literal rhs: the pattern for LIKE.
    """

    texts = 2
    arity = 2
    is_code_point = False
    output_field = BooleanField()
    pattern = "{any}{needle}{any}"

    def __init__(self, lhs: object, rhs: object) -> None:
        if rhs is None:
            raise DeclarationError(f"{type(self).__name__} cannot look for None: use isnull.")
        super().__init__(lhs, Value(rhs) if isinstance(rhs, str) else rhs)

    @property
    def needle(self) -> str | None:
        """Returns the searched text if it is a literal."""
        return literal(self.source_expressions[1])

    def operands(self, connection: Connection) -> list[BaseExpression]:
        sources = super().operands(connection)
        if self.needle is None:
            return sources
        needle = connection.ops.prep_for_like_query(self.needle)
        return [*sources, Value(self.pattern.format(any="%", needle=needle))]


class Contains(_TextLookup):
    """`Contains(lhs, rhs)`: whether lhs contains rhs. Every text contains the empty text."""

    sql = "(INSTR({0}, {1}) > 0)"
    sql_postgresql = "(STRPOS({0}, {1}) > 0)"


class StartsWith(_TextLookup):
    """`StartsWith(lhs, rhs)`: whether lhs begins with rhs, by case and accents."""

    pattern = "{needle}{any}"
    sql = "(LEFT({0}, CHAR_LENGTH({1})) = {1})"
    sql_sqlite = "(SUBSTR({0}, 1, LENGTH({1})) = {1})"

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        template = self.sql if self.needle is None else "({0} LIKE {2})"
        return self.as_sql(compiler, connection, template=template)


class EndsWith(StartsWith):
    """`EndsWith(lhs, rhs)`: whether lhs ends with rhs, by case and accents."""

    pattern = "{any}{needle}"
    sql = "(RIGHT({0}, CHAR_LENGTH({1})) = {1})"
    sql_sqlite = "(SUBSTR({0}, -LENGTH({1}), LENGTH({1})) = {1})"


class _CaseBlind(_TextLookup):
    """Compares both sides in lower case, as `Lower` returns it.

    For a literal rhs templates may use `{3}`, the text itself, and `{4}`, the pattern for GLOB.
    """

    def _text(self, operand: BaseExpression) -> BaseExpression:
        if (needle := literal(operand)) is not None:
            return CodePoint(Value(needle.translate(LOWER)))
        text = super()._text(operand)
        return text if isinstance(text, Lower) else Lower(text)

    def operands(self, connection: Connection) -> list[BaseExpression]:
        found = super().operands(connection)
        if self.needle is None:
            return found
        needle = "".join(
            f"[{letter}{letter.upper()}]" if letter.isalpha() or letter in "*?[" else letter
            for letter in self.needle
        )
        (text,) = found[0].get_source_expressions()
        return [*found, text, Value(self.pattern.format(any="*", needle=needle))]

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self.as_sql(compiler, connection, template=self._by_pattern())

    def _by_pattern(self) -> str:
        sql = self.sql_sqlite or self.sql
        needle = self.needle
        if needle is None or not needle.isascii() or "\0" in needle or len(needle) > LONGEST_GLOB:
            return sql
        # For ASCII without NUL, at which GLOB ends: LENGTH does too, but OCTET_LENGTH does not.
        return f"CASE WHEN OCTET_LENGTH({{3}}) = LENGTH({{3}}) THEN {{3}} GLOB {{4}} ELSE {sql} END"


class IContains(_CaseBlind, Contains):
    """`IContains(lhs, rhs)`: as Contains, ignoring case."""


class IStartsWith(_CaseBlind, StartsWith):
    """`IStartsWith(lhs, rhs)`: as StartsWith, ignoring case."""


class IEndsWith(_CaseBlind, EndsWith):
    """`IEndsWith(lhs, rhs)`: as EndsWith, ignoring case."""


class IExact(_CaseBlind):
    """`IExact(lhs, rhs)`: whether both texts are equal, ignoring case."""

    pattern = "{needle}"
    sql = "({0} = {1})"


PATTERNS: dict[type, Callable[[Any, Any], _TextLookup]] = {
    lookups.Contains: Contains,
    lookups.StartsWith: StartsWith,
    lookups.EndsWith: EndsWith,
    lookups.IContains: IContains,
    lookups.IStartsWith: IStartsWith,
    lookups.IEndsWith: IEndsWith,
    lookups.IExact: IExact,
}
# Django's classes for lookups of a relation's key.
COMPARISONS: dict[type, type[Lookup]] = {
    **{
        kind: kind
        for kind in (
            lookups.Exact,
            lookups.GreaterThan,
            lookups.GreaterThanOrEqual,
            lookups.LessThan,
            lookups.LessThanOrEqual,
            lookups.In,
            lookups.Range,
        )
    },
    related_lookups.RelatedExact: lookups.Exact,
    related_lookups.RelatedGreaterThan: lookups.GreaterThan,
    related_lookups.RelatedGreaterThanOrEqual: lookups.GreaterThanOrEqual,
    related_lookups.RelatedLessThan: lookups.LessThan,
    related_lookups.RelatedLessThanOrEqual: lookups.LessThanOrEqual,
    related_lookups.RelatedIn: lookups.In,
}
IS_NULL = (lookups.IsNull, related_lookups.RelatedIsNull)


def portable_lookup(lookup: Lookup) -> Expression | None:
    """Returns the equivalent of a resolved text lookup that matches the same rows everywhere.

    None if there is none, as for a regular expression, or if it is not of text.
    """
    lhs = lookup.lhs
    if not isinstance(_key_field(compat.output_field(lhs)), TEXT_FIELDS):
        return None
    kind = type(lookup)
    if kind in IS_NULL:
        return lookup
    if kind in PATTERNS:
        rhs = lookup.rhs if hasattr(lookup.rhs, "resolve_expression") else str(lookup.rhs)
        return PATTERNS[kind](lhs, rhs).resolve_expression()
    if kind in COMPARISONS:
        plain = compat.as_another(lookup, COMPARISONS[kind])
        plain.lhs = CodePoint(lhs, output_field=TextField())
        return plain
    return None


def _key_field(field: Any) -> Any:
    """Returns the field of the value that a relation's column holds."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    return field
