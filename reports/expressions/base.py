"""What portable expressions share: a mark, type checks, and exact arithmetic."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Self, Unpack

from django.db.models import (
    BigIntegerField,
    DateField,
    DateTimeField,
    DecimalField,
    DurationField,
    Expression,
    Field,
    FloatField,
    IntegerField,
    OuterRef,
    TextField,
    TimeField,
    Value,
)
from django.db.models.expressions import (
    BaseExpression,
    Case,
    CombinedExpression,
    DurationExpression,
    TemporalSubtraction,
)
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, ModelField, Sql
from geo.backends.spatialite.functions.decimals import EXACT_DIGITS
from reports import compat
from reports.compat import Resolving
from reports.errors import DeclarationError, NotPortable
from reports.expressions.exact import WIDE, WideDecimalField, WideIntegerField, composed
from reports.values.kinds import TEXT_FIELDS


class Portable(Expression):
    """Mixin: an expression that is proven to give the same value on every database.

    Other expressions are refused (reports/portability/rewrite.py), unless they are Django's own and
    need no change. The proof is in tests/conformance.

    It takes every argument that Django's class of the same name takes. `output_field=` converts to
    another type of number, and is checked (reports/expressions/conversion/output_field.py);
    arguments that would change the SQL (`template=`, `function=`) are refused.

    Django's hooks whose contract is not documented are overridden here alone: subclasses extend
    `resolved`.
    """

    is_portable = True
    wanted_field: ModelField | None = None

    def __init__(
        self, *expressions: object, output_field: object = None, **options: object
    ) -> None:
        above: Any = super()  # the class of Django's beside this mixin
        above.__init__(*expressions, **options)
        name = type(self).__name__
        if extra := getattr(self, "extra", None):
            raise DeclarationError(
                f"{name}({next(iter(extra))}=...) would change its SQL, which each database reads"
                " in its own way. Leave it out."
            )
        if output_field is not None and not isinstance(output_field, Field):
            raise DeclarationError(
                f"{name}'s output_field= is a field, such as DecimalField(max_digits=12,"
                f" decimal_places=2), not {output_field!r}."
            )
        self.wanted_field = output_field

    @property
    def identity(self) -> tuple[object, ...]:
        """Returns what decides equality, with the sources that resolving and windows replace."""
        above: Any = super()
        return (*above.identity, *self.get_source_expressions())

    def get_group_by_cols(self) -> list[BaseExpression]:
        """Returns the columns within a window, for an expression that contains windows."""
        if not self.contains_over_clause:
            return super().get_group_by_cols()
        sources = filter(None, self.get_source_expressions())
        return [column for source in sources for column in source.get_group_by_cols()]

    def _resolve_output_field(self) -> ModelField | None:
        return self.inferred_field()

    def inferred_field(self) -> ModelField | None:
        """Returns the type that the sources give it; None if they have none."""
        field: ModelField | None
        field = super()._resolve_output_field()  # type: ignore[misc]  # the stubs lack it
        return field

    def resolve_expression(  # type: ignore[override]  # what it gives may be of another class
        self,
        query: Query | None = None,
        allow_joins: bool = True,
        reuse: set[str] | None = None,
        summarize: bool = False,
        for_save: bool = False,
    ) -> Expression:
        context = Resolving(
            allow_joins=allow_joins, reuse=reuse, summarize=summarize, for_save=for_save
        )
        if any(isinstance(part, OuterRef) for part in self.flatten()):
            # Types are known when the outer query resolves the sub-query again.
            return Portable.resolved(self, query, **context)
        found = self.resolved(query, **context)
        if self.wanted_field is None:
            return found
        from reports.expressions.conversion.output_field import of_type

        if isinstance(found, Portable):
            found.wanted_field = None  # it may be resolved again
        return of_type(found, self.wanted_field)

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        """Returns the resolved expression, of its natural type."""
        # Made exact before resolving, because resolving may ask for its type.
        copy: Any = self.copy()
        copy.set_source_expressions([exact(s) for s in self.get_source_expressions()])
        resolved: Expression = super(Portable, copy).resolve_expression(query, **context)
        return settled(resolved) if isinstance(resolved, Portable) else resolved


class RoundedOnce(Portable):
    """Mixin: an exact result is rounded to `places`, which a report's column may set.

    `places` is a keyword of the constructor, or comes from `output_field=DecimalField(...)`.
    `scale` is None if the result is a float.
    """

    places: Any  # an integer, once the column has set it
    scale: int | None

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        copy = self
        wanted = self.wanted_field
        if self.places is None and isinstance(wanted, DecimalField):
            copy = self.copy()
            copy.places = wanted.decimal_places
        return super(RoundedOnce, copy).resolved(query, **context)

    def rounded(self, places: int) -> Self:
        """The same, rounded to `places`."""
        args, kwargs = compat.written_arguments(self)
        return type(self)(*args, **(kwargs | {"places": places}))

    def inferred_field(self) -> ModelField | None:
        if self.scale is None:
            return FloatField()
        if self.places is None:
            name = type(self).__name__
            raise DeclarationError(
                f"{name} needs its decimal places: Column({name}(...), places=1), or"
                f" {name}(..., places=1)."
            )
        return WideDecimalField(self.places)


class OfGivenType(Portable):
    """Mixin: an expression of ours whose type is its `output_field`."""

    def __init__(
        self, *expressions: object, output_field: object = None, **options: object
    ) -> None:
        super().__init__(*expressions, **options)
        if output_field is not None:
            self.output_field = output_field


def require(
    expression: BaseExpression, source: BaseExpression, *fields: type[ModelField]
) -> ModelField:
    """Returns the output field of a resolved `source`. Raises NotPortable if not of `fields`."""
    field: ModelField = source.output_field
    if isinstance(field, fields) and not isinstance(field, _others(fields)):
        return field
    raise NotPortable(
        f"{type(expression).__name__} takes a {listed(each.__name__ for each in fields)},"
        f" not a {type(field).__name__}."
    )


def _others(fields: Iterable[type[ModelField]]) -> tuple[type, ...]:
    """Returns subclasses to exclude: a DateTimeField is a DateField in Python only."""
    fields = tuple(fields)
    return (DateTimeField,) if DateField in fields and DateTimeField not in fields else ()


def listed(names: Iterable[str]) -> str:
    """Returns `a, b or c`."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


EXACT = (CombinedExpression.ADD, CombinedExpression.SUB, CombinedExpression.MUL)
INSTEAD = {
    CombinedExpression.DIV: "reports.expressions.Quotient or IntegerDivision",
    CombinedExpression.MOD: "reports.expressions.Mod",
    CombinedExpression.POW: "reports.expressions.Power",
}


def exact(expression: object) -> Any:
    """Returns the expression with Arithmetic instead of Django's `+`, `-` and `*`.

    Raises NotPortable for operators without an equivalent, such as those of dates.
    """
    if not isinstance(expression, BaseExpression) or isinstance(expression, Portable):
        return expression
    if not isinstance(expression, CombinedExpression):
        sources = expression.get_source_expressions()
        found = [exact(source) for source in sources]
        if all(new is old for new, old in zip(found, sources, strict=True)):
            return expression
        copy: Any = expression.copy()
        copy.set_source_expressions(found)
        return copy
    if type(expression) is CombinedExpression and expression.connector in EXACT:
        return Arithmetic(expression.lhs, expression.connector, expression.rhs)
    instead = INSTEAD.get(expression.connector, "reports.expressions.Shifted or DurationBetween")
    raise NotPortable(
        f"Databases give different results for {expression.connector}; use {instead}."
    )


def settled(expression: object) -> Any:
    """Returns the resolved expression with the full number of places of literals and branches.

    Django gives a decimal literal none, and a Case those of its first branch.
    """
    if not isinstance(expression, BaseExpression):
        return expression
    if isinstance(expression, Value):
        return _settled_value(expression)
    sources = expression.get_source_expressions()
    # A Portable has settled its own sources already.
    found = [s if isinstance(s, Portable) else settled(s) for s in sources]
    if any(new is not old for new, old in zip(found, sources, strict=True)):
        copy: Any = expression.copy()
        copy.set_source_expressions(found)
        expression = copy
    return _settled_case(expression) if isinstance(expression, Case) else expression


def _settled_value(value: Any) -> Any:
    if not isinstance(value.value, Decimal) or value.output_field.decimal_places is not None:
        return value
    copy = value.copy()
    places = max(0, -int(value.value.as_tuple().exponent))
    copy.output_field = DecimalField(max_digits=None, decimal_places=places)
    return copy


def _settled_case(case: Any) -> Any:
    results = [*(when.result for when in case.cases), case.default]
    fields = [compat.output_field(result) for result in results]
    common = _common_field([field for field in fields if field is not None])
    declared = compat.declared_field(case) or common
    if common is None or isinstance(declared, TEXT_FIELDS) != isinstance(common, TEXT_FIELDS):
        return case  # refused later if it is of another kind
    copy = case.copy()
    copy.output_field = common
    return copy


def _common_field(fields: list[ModelField]) -> ModelField | None:
    """Returns the common type of texts or of numbers; None if one type suffices."""
    if all(isinstance(field, TEXT_FIELDS) for field in fields):
        return TextField() if len({type(field) for field in fields}) > 1 else None
    if not all(isinstance(field, IntegerField | DecimalField | FloatField) for field in fields):
        return None
    if any(isinstance(field, FloatField) for field in fields):
        return FloatField()
    is_wide = any(isinstance(field, WIDE) for field in fields)
    places = [field.decimal_places for field in fields if isinstance(field, DecimalField)]
    if None in places:
        return None
    if places:
        most = max(place for place in places if place is not None)
        return (
            WideDecimalField(most)
            if is_wide
            else DecimalField(max_digits=None, decimal_places=most)
        )
    return WideIntegerField() if is_wide else BigIntegerField()


def _temporal(lhs: Any, rhs: Any, connector: str) -> CombinedExpression | None:
    """What Django makes of moments and durations, which is looked at where it stands."""
    kinds = [compat.output_field(each) for each in (lhs, rhs)]
    durations = [isinstance(kind, DurationField) for kind in kinds]
    if durations[0] != durations[1]:
        return DurationExpression(lhs, connector, rhs)
    are_moments = all(isinstance(kind, DateField | TimeField) for kind in kinds)
    if are_moments and connector == CombinedExpression.SUB and type(kinds[0]) is type(kinds[1]):
        return TemporalSubtraction(lhs, rhs)
    return None


# Steps of one calculation that SQLite does in SQL; longer ones are done in Python.
NATIVE_STEPS = 2


class Arithmetic(Portable, Expression):
    """The exact sum, difference or product of two integers or decimals; NULL if either is.

    It replaces `+`, `-` and `*` of the author. A result that the database cannot hold (integers
    past 64 bits, or more than 15 digits on SQLite) is an error of the statement. If either operand
    is a float, so is the result.
    """

    def __init__(self, lhs: object, connector: str, rhs: object) -> None:
        super().__init__()
        self.operands = [exact(lhs), exact(rhs)]
        self.connector = connector

    def get_source_expressions(self) -> list[BaseExpression]:
        return self.operands

    def set_source_expressions(self, exprs: Any) -> None:
        self.operands = list(exprs)

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        assert isinstance(resolved, Arithmetic)
        lhs, rhs = resolved.operands
        if (temporal := _temporal(lhs, rhs, self.connector)) is not None:
            return temporal
        _ = resolved.output_field  # refused here, not at a later use
        return resolved

    def inferred_field(self) -> ModelField | None:
        fields = [self._number(operand) for operand in self.operands]
        if any(isinstance(field, FloatField) for field in fields):
            return FloatField()
        is_wide = any(isinstance(field, WIDE) for field in fields)
        if all(isinstance(field, IntegerField) for field in fields):
            return WideIntegerField() if is_wide else BigIntegerField()
        first, second = (getattr(field, "decimal_places", 0) for field in fields)
        places = first + second if self.connector == "*" else max(first, second)
        if is_wide:
            return WideDecimalField(places)
        return DecimalField(max_digits=None, decimal_places=places)

    def _number(self, operand: BaseExpression) -> Any:
        field = operand.output_field
        if isinstance(field, IntegerField | FloatField):
            return field
        if isinstance(field, DecimalField) and field.decimal_places is not None:
            return field
        raise NotPortable(
            f"{self.connector} takes integers, floats and decimals of declared places, not a"
            f" {type(field).__name__}. For dates and durations see reports.expressions.Shifted and"
            " DurationBetween, for texts Concat."
        )

    def as_sql(self, compiler: Compiler, connection: Connection) -> Sql:
        return composed(self, compiler, f"({{0}} {self.connector} {{1}})")

    def as_postgresql(self, compiler: Compiler, connection: Connection) -> Sql:
        if type(self.output_field) is BigIntegerField:  # of two small integers too
            return composed(self, compiler, f"(({{0}})::bigint {self.connector} {{1}})")
        return self.as_sql(compiler, connection)

    def as_sqlite(self, compiler: Compiler, connection: Connection) -> Sql:
        field = self.output_field
        if isinstance(field, FloatField):
            return self.as_sql(compiler, connection)
        places = getattr(field, "decimal_places", 0)
        if isinstance(field, WIDE):  # TEXT may be among the operands
            template = f"isoline_combine({{0}}, '{self.connector}', {{1}}, {places})"
            return composed(self, compiler, template)
        if not places:
            return self._integer_of_sqlite(compiler)
        # With exact operands, native arithmetic is off by less than half a unit. Errors of several
        # steps may add up, and each step repeats the previous ones three times.
        if places > EXACT_DIGITS or self.steps > NATIVE_STEPS:
            template = "isoline_exact({0}, {places})"
        else:
            template = (
                "CASE WHEN ABS({0}) < 1e{whole} THEN CAST(ROUND({0} * 1e{places}) AS INTEGER)"
                " / 1e{places} ELSE isoline_exact({0}, {places}) END"
            )
        sql, params = self.as_sql(compiler, connection)
        filled = template.format(sql, places=places, whole=EXACT_DIGITS - places)
        return f"CAST({filled} AS NUMERIC)", params * template.count("{0}")

    @property
    def steps(self) -> int:
        """Returns how deeply calculations are nested."""
        inner = (each.steps for each in self.operands if isinstance(each, Arithmetic))
        return 1 + max(inner, default=0)

    def _integer_of_sqlite(self, compiler: Compiler) -> Sql:
        """Converts the result, because an integer past 63 bits becomes a REAL."""
        sql, params = self.plain_sql(compiler)
        exact = f"CASE typeof({sql}) WHEN 'real' THEN isoline_exact({sql}, 0) ELSE {sql} END"
        return exact, params * 3

    def plain_sql(self, compiler: Compiler) -> Sql:
        """Returns SQL without a check of the result, for an operand of integer arithmetic."""
        (lhs, lhs_params), (rhs, rhs_params) = (
            each.plain_sql(compiler) if isinstance(each, Arithmetic) else compiler.compile(each)
            for each in self.operands
        )
        return f"({lhs} {self.connector} {rhs})", (*lhs_params, *rhs_params)
