"""Aggregates of the bits of integers."""

from django.db.models import BigIntegerField, IntegerField

from geo.backends.compat import Compiler, Connection, Sql
from reports.expressions.aggregates.general import OfType


class _Bits(OfType):
    """A bitwise aggregate of integers in two's complement of 64 bits."""

    fields = (IntegerField,)
    output_field = BigIntegerField()
    window_compatible = False

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # The servers' own are unsigned, and give 0 or all ones without values.
        bits, params = self.as_sql(compiler, connection)
        count, count_params = self.as_sql(compiler, connection, function="COUNT")
        sql = f"CASE WHEN {count} > 0 THEN CAST({bits} AS SIGNED) END"
        return sql, (*count_params, *params)

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        function = f"isoline_{str(self.function).lower()}"
        return self.as_sql(compiler, connection, function=function)


class BitAnd(_Bits):
    """The bits that all integers of a group have. Ignores NULLs; NULL for none."""

    name = "BitAnd"
    ignores_duplicates = True
    function = "BIT_AND"


class BitOr(_Bits):
    """The bits that any integer of a group has. Ignores NULLs; NULL for none."""

    name = "BitOr"
    ignores_duplicates = True
    function = "BIT_OR"


class BitXor(_Bits):
    """The bits that an odd number of a group's integers has. Ignores NULLs; NULL for none."""

    name = "BitXor"
    function = "BIT_XOR"
