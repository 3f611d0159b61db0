"""Client-side expressions whose value for every row is computed before the statement runs."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import BooleanField, FloatField, IntegerField, TextField
from django.db.models.lookups import Lookup

from geo.backends.compat import ModelField
from reports.errors import NotPortable
from reports.expressions.client_side import ClientSideExpression
from reports.expressions.keyed_lookup import CompileCache, KeyedLookup, read
from reports.expressions.spatial.measures import IsEmpty, IsValid, NumDimensions
from reports.values.kinds import TEXT_FIELDS


class Materialized(KeyedLookup):
    """`Materialized("area", Area)`: a measure of a field, to filter, order, group and aggregate by.

    `make` takes the field's name and returns a client-side expression of it that gives a number, a
    truth value or a text: `Area`, `IsValid`, `GeoHash`, `lambda g: CoveredShare(g, box)`. The field
    may be of a related row. Raises NotPortable for any other expression.
    """

    def __init__(self, column: object, make: Callable[[str], Any]) -> None:
        super().__init__(column)
        self.make = make

    def inferred_field(self) -> ModelField | None:
        made = self.make(self.column.target.name)
        rows = self.column.target.model._base_manager.annotate(made=made)
        found = rows.query.annotations["made"]
        if not isinstance(found, ClientSideExpression):
            raise NotPortable(
                f"Materialized takes what is computed outside the database, and"
                f" {type(found).__name__} is SQL: use it as it is."
            )
        field = found.output_field
        for kind in (BooleanField, FloatField, IntegerField):
            if isinstance(field, kind):
                return kind()
        if isinstance(field, TEXT_FIELDS):
            return TextField()
        raise NotPortable(
            f"Materialized gives a number or a text, and {type(found).__name__} gives a"
            f" {type(field).__name__}."
        )

    def matches(self, asked: CompileCache) -> Iterator[tuple[Any, Any]]:
        made = self.make(self.column.target.name)
        for key, value in read(asked.rows(self.column), asked.connection, made):
            if value is not None:
                yield key, int(value) if isinstance(value, bool) else value


# Lookups that only some databases support, by name.
ASKED_OF_GEOS = {"isvalid": IsValid, "isempty": IsEmpty, "num_dimensions": NumDimensions}


def asked_of_geos(lookup: Lookup) -> Lookup:
    """Returns a lookup such as `area__isvalid=True` computed by GEOS, any other unchanged."""
    make = ASKED_OF_GEOS.get(getattr(lookup.lhs, "lookup_name", ""))
    if make is None:
        return lookup
    (column,) = lookup.lhs.get_source_expressions()
    copy = lookup.copy()
    copy.lhs = Materialized(column, make).resolve_expression()
    return copy
