"""Aggregates of truth values."""

from django.db.models import BooleanField

from geo.backends.compat import Compiler, Connection, Sql
from reports.expressions.aggregates.general import OfType


class BoolAnd(OfType):
    """Whether all truth values of a group are true. Ignores NULLs; NULL for none."""

    name = "BoolAnd"
    ignores_duplicates = True
    function = "MIN"
    fields = (BooleanField,)
    output_field = BooleanField()

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self.as_sql(compiler, connection, function="BOOL_AND")


class BoolOr(OfType):
    """Whether any truth value of a group is true. Ignores NULLs; NULL for none."""

    name = "BoolOr"
    ignores_duplicates = True
    function = "MAX"
    fields = (BooleanField,)
    output_field = BooleanField()

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self.as_sql(compiler, connection, function="BOOL_OR")
