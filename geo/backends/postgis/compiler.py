"""Compilers for PostgreSQL with PostGIS that first read what the SQL depends on (../reads.py)."""

from django.db.backends.postgresql import compiler

from geo.backends.reads import ReadsFirst, UpdateReadsFirst


class SQLCompiler(ReadsFirst, compiler.SQLCompiler):
    pass


class SQLInsertCompiler(ReadsFirst, compiler.SQLInsertCompiler):
    pass


class SQLDeleteCompiler(ReadsFirst, compiler.SQLDeleteCompiler):
    pass


class SQLUpdateCompiler(UpdateReadsFirst, compiler.SQLUpdateCompiler):
    pass


class SQLAggregateCompiler(ReadsFirst, compiler.SQLAggregateCompiler):
    pass
