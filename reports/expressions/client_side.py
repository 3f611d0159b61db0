"""Expressions that are computed in Python, once for each row, while rows stream.

Databases disagree about measures and shapes, so they are asked only for the geometries: the SQL of
a ClientSideExpression packs its inputs into one text, and its database converter computes the
answer with GEOS or with the formulas of `geo`. The answer is therefore the same on every database.
No database has it, so it can only be shown: `reports/portability/client_side.py` refuses the rest.
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Protocol, Unpack

from django.contrib.gis.db.models import GeometryCollectionField, GeometryField, PointField
from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.db import DataError
from django.db.models import Aggregate, Expression, F, Func, TextField
from django.db.models.expressions import BaseExpression, Col
from django.db.models.sql import Query

from geo.backends.compat import Compiler, Connection, ModelField, Sql
from reports import compat
from reports.compat import Resolving
from reports.errors import DeclarationError, NotPortable
from reports.expressions.base import OfGivenType, Portable, listed
from reports.expressions.functional_dependency import depends

SRID = 4326
# Between the inputs of one value, which consist of hexadecimal digits and commas.
SEPARATOR = ";"


class Leaf(Protocol):
    """An expression whose SQL is a text of hexadecimal digits, and the reader of that text."""

    def read(self, text: str) -> Any: ...


def geometry_of(digits: str) -> GEOSGeometry:
    """Returns the geometry of hexadecimal well-known binary from our own database."""
    # Without the limit of nested collections, which is for strangers' geometries.
    wkb = memoryview(bytes.fromhex(digits))
    return GEOSGeometry(wkb, srid=SRID, max_geom_collections=None)


class Packed(Portable, Func):
    """A geometry of SRID 4326 as hexadecimal well-known binary, without loss.

    If the source is a ClientSideExpression, resolving returns that. Raises NotPortable for other
    types, SRIDs and dimensions.
    """

    arity = 1
    output_field = TextField()

    def __init__(self, expression: object, asked_by: str = "", takes: Sequence[Any] = ()) -> None:
        super().__init__(expression)
        self.asked_by = asked_by
        self.takes = takes

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        (source,) = resolved.get_source_expressions()
        demand_geometry(self.asked_by, source, self.takes)
        return source if isinstance(source, ClientSideExpression) else resolved

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        template = "ENCODE(ST_AsBinary(%(expressions)s), 'hex')"
        return self.as_sql(compiler, connection, template=template)

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        return self.as_sql(compiler, connection, template="HEX(ST_AsBinary(%(expressions)s))")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # HEX of NULL is an empty text.
        template = "NULLIF(HEX(AsBinary(%(expressions)s)), '')"
        return self.as_sql(compiler, connection, template=template)

    def read(self, text: str) -> GEOSGeometry:
        return geometry_of(text)


def demand_geometry(name: str, source: BaseExpression, takes: Sequence[Any] = ()) -> None:
    """Raises NotPortable unless `source` is a planar geometry of SRID 4326 and of these types.

    If its field allows any type, each row is checked.
    """
    field: Any = compat.output_field(source)
    holds_any = type(field) in (GeometryField, GeometryCollectionField)
    demand_field(name, field, () if holds_any else takes)


def demand_field(name: str, field: Any, takes: Sequence[Any] = ()) -> None:
    """Raises NotPortable unless a field is of planar geometries of SRID 4326 and these types."""
    types = tuple(takes) or (GeometryField,)
    if not isinstance(field, types) or field.srid != SRID or field.geography:
        wanted = listed(kind.__name__ for kind in types)
        raise NotPortable(f"{name} takes a {wanted} of SRID {SRID}, not {_named(field)}.")
    if field.dim != 2:
        raise NotPortable(
            f"{name} takes a geometry of two dimensions, and {_named(field)} has {field.dim}: MySQL"
            " and MariaDB store neither Z nor M. Store the height in a column of its own."
        )


def _named(field: ModelField) -> str:
    if not isinstance(field, GeometryField):
        return f"a {type(field).__name__}"
    kind = f"{'geography ' if field.geography else ''}{type(field).__name__}"
    return f"a {kind} of SRID {field.srid}"


class Given(OfGivenType, Expression):
    """A geometry that the author wrote; no database reads it."""

    def __init__(self, geometry: GEOSGeometry, asked_by: str) -> None:
        if geometry.srid not in (None, SRID):
            raise DeclarationError(
                f"{asked_by} takes geometries of SRID {SRID}, not {geometry.srid}."
            )
        if geometry.hasz:
            raise DeclarationError(f"{asked_by} takes geometries of two dimensions, without Z.")
        field = PointField if geometry.geom_type == "Point" else GeometryField
        super().__init__(output_field=field(srid=SRID))
        self.geometry = geometry.clone()
        self.geometry.srid = SRID

    def get_group_by_cols(self) -> list[Any]:
        return []


class ClientSideExpression(Portable, Func):
    """Base class: `compute` returns the value for its inputs, which are geometries.

    An input is a field's name, an expression, a geometry, or another ClientSideExpression. The
    value is NULL if an input is NULL or `compute` returns None. A row for which GEOS or PROJ fails
    is an error of the statement (DataError).
    """

    is_client_side = True
    gives_geometry = True  # if its output field is of geometries
    # Types of the inputs; if empty, any geometry.
    takes: ClassVar[Sequence[Any]] = ()

    def __init__(self, *inputs: object, **options: object) -> None:
        super().__init__(*(self._input(each) for each in inputs), **options)

    def compute(self, *inputs: Any) -> Any:
        """Returns the value. No input is None."""
        raise NotImplementedError

    def _input(self, given: object) -> Any:
        name = type(self).__name__
        if isinstance(given, GEOSGeometry):
            return Given(given, name)
        if isinstance(given, Given) or hasattr(given, "read"):
            return given
        return Packed(F(given) if isinstance(given, str) else given, name, self.takes)

    def resolved(self, query: Query | None = None, **context: Unpack[Resolving]) -> Expression:
        resolved = super().resolved(query, **context)
        assert isinstance(resolved, ClientSideExpression)
        if not any(True for _ in resolved.leaves()):
            raise DeclarationError(f"{type(self).__name__} takes at least one column.")
        return resolved

    def leaves(self) -> Iterator[Any]:
        """Returns the expressions whose values the packed text has, in its order."""
        for source in self.get_source_expressions():
            if isinstance(source, ClientSideExpression):
                yield from source.leaves()
            elif not isinstance(source, Given):
                yield source

    def value(self, found: Iterator[Any]) -> Any:
        """Returns the value, given the values of the leaves in order."""
        inputs = [_input_of(source, found) for source in self.get_source_expressions()]
        return None if any(each is None for each in inputs) else self.compute(*inputs)

    def _compiled(self, compiler: Compiler) -> list[Sql]:
        """Returns the parts of the packed text; another such expression is packed in itself."""
        sources = self.get_source_expressions()
        return [compiler.compile(each) for each in sources if not isinstance(each, Given)]

    def as_sql(self, compiler: Compiler, connection: Connection, *_: object, **__: object) -> Sql:
        compiled = self._compiled(compiler)
        sql = f" || '{SEPARATOR}' || ".join(f"({each})" for each, _ in compiled)
        return f"({sql})", tuple(value for _, params in compiled for value in params)

    def as_mysql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        compiled = self._compiled(compiler)
        sql = f", '{SEPARATOR}', ".join(each for each, _ in compiled)
        return f"CONCAT({sql})", tuple(value for _, params in compiled for value in params)

    def select_format(self, compiler: Compiler, sql: str, params: Any) -> Sql:
        return sql, params  # a text, even if the value is a geometry

    def get_db_converters(self, connection: Connection) -> list[Any]:
        leaves = list(self.leaves())

        def converted(text: str | None, *_: object) -> Any:
            if text is None:
                return None
            found = zip(leaves, text.split(SEPARATOR), strict=True)
            try:
                return self.value(leaf.read(one) for leaf, one in found)
            except (GEOSException, GDALException) as error:
                raise DataError(f"{type(self).__name__} has no value: {error}") from error

        return [converted]

    def of_group(self, query: Query, keys: Sequence[Any]) -> Any:
        """Returns the same for a group: inputs that are not aggregates must depend on a key.

        Raises NotPortable if they do not.
        """
        found = []
        for source in self.get_source_expressions():
            if isinstance(source, ClientSideExpression):
                found.append(source.of_group(query, keys))
            elif isinstance(source, Given) or source.contains_aggregate:
                found.append(source)
            elif isinstance(source, Packed) and _is_told(query, source, keys):
                found.append(_OfGroup(source))
            else:
                raise NotPortable(
                    f"{type(self).__name__} in a group takes an aggregate (Collect, Union, Extent"
                    " or MakeLine), or a geometry of the row that the group's key tells."
                )
        copy = self.copy()
        copy.set_source_expressions(found)
        return copy


class DerivedValue(OfGivenType, ClientSideExpression):
    """A value whose packed text a derived table selects: `column`."""

    def __init__(self, column: Expression, source: ClientSideExpression) -> None:
        super(ClientSideExpression, self).__init__(column, output_field=source.output_field)
        self.source = source

    def leaves(self) -> Iterator[Leaf]:
        return self.source.leaves()

    def value(self, found: Iterator[object]) -> object:
        return self.source.value(found)


def _is_told(query: Query, packed: BaseExpression, keys: Sequence[Any]) -> bool:
    """Whether one of a group's keys determines the row of a geometry, whose table has a key."""
    (column,) = packed.get_source_expressions()
    return any(depends(query, column, key) for key in keys) and bool(
        column.target.model._meta.pk.column
    )


def _input_of(source: BaseExpression, found: Iterator[Any]) -> Any:
    if isinstance(source, ClientSideExpression):
        return source.value(found)
    return source.geometry if isinstance(source, Given) else next(found)


class _OfGroup(Portable, Aggregate):
    """The packed geometry that a group's rows share, read once for the group by its row's key.

    Servers that carry it through the grouping with every row take minutes for large geometries.
    SQLite, which allows no aggregate in a sub-query, takes any row's.
    """

    arity = 1
    output_field = TextField()
    ignores_duplicates = True

    def read(self, text: str) -> GEOSGeometry:
        return geometry_of(text)

    def as_sql(
        self,
        compiler: Compiler,
        connection: Connection,
        *_: object,
        any_of: str = "MIN({})",
        **__: object,
    ) -> Sql:
        packed = self.get_source_expressions()[0]
        (column,) = packed.get_source_expressions()
        row, options = "isoline_row", column.target.model._meta
        copy = packed.copy()
        copy.set_source_expressions([Col(row, column.target)])
        geometry, params = compiler.compile(copy)
        key, _none = compiler.compile(Col(column.alias, options.pk))
        own_key, _none = compiler.compile(Col(row, options.pk))
        table = connection.ops.quote_name(options.db_table)
        sql = f"SELECT {geometry} FROM {table} {row} WHERE {own_key} = {any_of.format(key)}"  # noqa: S608 -- names are quoted
        return f"({sql})", params

    def as_postgresql(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        # UUIDs have no MIN.
        return self.as_sql(compiler, connection, any_of="(ARRAY_AGG({}))[1]")

    def as_sqlite(self, compiler: Compiler, connection: Connection, **_: object) -> Sql:
        sql, params = compiler.compile(self.get_source_expressions()[0])
        return sql, params
