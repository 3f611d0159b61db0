"""Literals whose type every database recognizes."""

from datetime import datetime, time

from django.db.models import Value

from geo.backends.compat import Compiler, Connection, Sql
from reports.expressions.base import OfGivenType


class Literal(OfGivenType, Value):
    """A literal date, time or instant. MySQL would take a bare one for text."""

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        sql, params = self.as_sql(compiler, connection)
        match self.value:
            case datetime():
                kind = "DATETIME(6)"
            case time():
                kind = "TIME(6)"
            case _:
                kind = "DATE"
        return f"CAST({sql} AS {kind})", params
