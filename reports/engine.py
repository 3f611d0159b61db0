"""A report and its parameters, as one SQL statement in total order.

`Statement` is what every path asks: a page takes slices of it, a download, a command and a
comparison stream its rows.
"""

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core import signing
from django.db import DatabaseError
from django.db.models import F, FloatField, OrderBy, Q, QuerySet

from geo.backends.engine import engine
from reports import portability
from reports.canonical import Kind, kind_of
from reports.columns import Column
from reports.errors import DeclarationError, NotPortable, ParameterError, StatementFailed
from reports.expressions.aggregates import GroupKey
from reports.expressions.text import TEXT_FIELDS, CodePoint
from reports.report import Report

CHUNK_ROWS = 2000
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    """A column of a result: what it is called and how its values are read and written."""

    id: str
    label: str
    unit: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Term:
    """One key of the order: an alias in the statement, and its direction."""

    alias: str
    descending: bool = False


class Statement:
    """One report's question to one database. Building it asks the database nothing.

    Raises NotPortable when this database, or any, cannot answer truthfully.
    """

    def __init__(self, report: Report, values: dict[str, Any], database: str) -> None:
        self.report = report
        self.database = database
        self._refuse_other_engines()
        queryset = report.get_queryset(values).using(database)
        for filter_ in report.filters.values():
            queryset = filter_.apply(queryset, values)
        self._columns: list[ResultColumn] = []
        self._shown: list[str] = []
        self._aliases: dict[str, list[str]] = {}
        self._queryset = self._annotated(queryset.order_by())
        self._terms = list(self._order())

    @property
    def columns(self) -> Sequence[ResultColumn]:
        """The result's columns, group keys first."""
        return self._columns

    @cached_property
    def queryset(self) -> QuerySet[Any, Any]:
        """The statement: tuples of the shown values, then those of the order's keys.

        `canonical` makes a result row of one.
        """
        order = [
            OrderBy(F(term.alias), descending=term.descending, nulls_last=True)
            for term in self._terms
        ]
        return self._queryset.order_by(*order).values_list(*self._selected)

    @cached_property
    def _selected(self) -> list[str]:
        return list(dict.fromkeys([*self._shown, *(term.alias for term in self._terms)]))

    def canonical(self, row: Row) -> Row:
        """The canonical values of a row of `queryset`, None for NULL."""
        # The driver's row may be longer: zip ends with the shown columns.
        return tuple(
            None if value is None else convert(value)
            for convert, value in zip(self._converters, row, strict=False)
        )

    @cached_property
    def _converters(self) -> list[Callable[[Any], Any]]:
        return [column.kind.value for column in self._columns]

    def stream(self) -> Generator[Row]:
        """Every row, canonical, in order, as of one moment, at flat memory.

        Raises StatementFailed when the database does.
        """
        try:
            with engine(self.database).snapshot() as connection:
                compiler = self.queryset.query.get_compiler(connection=connection)
                for row in compiler.results_iter(
                    tuple_expected=True, chunked_fetch=True, chunk_size=CHUNK_ROWS
                ):
                    yield self.canonical(row)
        except DatabaseError as error:
            raise StatementFailed(
                f"Database {self.database!r} failed to answer {self.report.slug!r}"
                f" ({type(error).__name__})."
            ) from error

    # Keyset: the page after a row is found by the row's own place in the order.

    def token(self, row: Row) -> str:
        """A signed text for the place of a row of `queryset`."""
        places = dict(zip(self._selected, row, strict=True))
        return signing.dumps(
            [places[term.alias] for term in self._terms],
            salt=self._salt,
            serializer=_PlaceSerializer,
            compress=True,
        )

    def after(self, token: str) -> QuerySet[Any, Any]:
        """The rows behind the place of a token; raises ParameterError for one not of ours."""
        try:
            places = signing.loads(token, salt=self._salt, serializer=_PlaceSerializer)
        except signing.BadSignature:
            raise ParameterError(
                {"after": ["This link to a later page is not valid here: begin at the first page."]}
            ) from None
        queryset: QuerySet[Any, Any] = self.queryset.alias(**self._group_places)
        behind, level = Q(), Q()
        for term, place in zip(self._terms, places, strict=True):
            name = f"{term.alias}_place" if self._group_places else term.alias
            if place is None:  # NULLs are last: nothing is behind them
                level &= Q((f"{name}__isnull", True))
                continue
            comparison = "lt" if term.descending else "gt"
            further = Q((f"{name}__{comparison}", place)) | Q((f"{name}__isnull", True))
            behind |= level & further
            level &= Q((name, place))
        return queryset.filter(behind) if behind else queryset.none()

    @cached_property
    def _group_places(self) -> dict[str, Any]:
        """Where the order mixes keys and aggregates: all of it, in the form that HAVING takes."""
        annotations = self._queryset.query.annotations
        aggregates = {t.alias for t in self._terms if annotations[t.alias].contains_aggregate}
        if not aggregates:
            return {}
        return {
            f"{term.alias}_place": F(term.alias)
            if term.alias in aggregates
            else GroupKey(term.alias)
            for term in self._terms
        }

    @property
    def _salt(self) -> str:
        # A report whose order was changed reads none of its old places.
        order = ",".join(f"{'-' * term.descending}{term.alias}" for term in self._terms)
        return f"isoline.after.{self.report.slug}.{order}"

    # How the statement is made.

    def _refuse_other_engines(self) -> None:
        allowed = self.report.options.databases
        if allowed and (name := engine(self.database).engine_name) not in allowed:
            raise NotPortable(
                f"Report {self.report.slug!r} is for {', '.join(allowed)} alone, and"
                f" {self.database!r} is {name}."
            )

    def _annotated(self, queryset: QuerySet[Any]) -> QuerySet[Any, Any]:
        """The queryset with an alias of ours for every column, grouped by the keys."""
        grouped = bool(self.report.keys)
        for number, (name, key) in enumerate(self.report.keys.items()):
            queryset, alias = self._add(queryset, f"k{number}", key.expression, key)
            self._aliases[name] = [alias]
            if key.shows:
                queryset, label = self._add(queryset, f"l{number}", F(key.shows), key)
                self._aliases[name].insert(0, label)
            self._show(queryset, name, key, self._aliases[name][0])
        if grouped:
            keys = [alias for aliases in self._aliases.values() for alias in aliases]
            queryset = queryset.values(*keys)
        for number, (name, column) in enumerate(self.report.columns.items()):
            queryset, alias = self._add(queryset, f"c{number}", column.expression, column)
            self._aliases[name] = [alias]
            self._show(queryset, name, column, alias)
        return queryset

    def _add(
        self, queryset: QuerySet[Any], alias: str, expression: Any, column: Column
    ) -> tuple[QuerySet[Any], str]:
        try:
            resolved = expression.resolve_expression(queryset.query.clone(), allow_joins=True)
            portability.check(resolved)
            field = resolved.output_field
        except (NotPortable, DeclarationError) as error:
            raise type(error)(f"{self.report.slug}.{column.name}: {error}") from error
        if isinstance(field, TEXT_FIELDS) and not getattr(expression, "is_code_point", False):
            expression = CodePoint(expression)
        return queryset.annotate(**{alias: expression}), alias

    def _show(self, queryset: QuerySet[Any], name: str, column: Column, alias: str) -> None:
        field = queryset.query.annotations[alias].output_field
        self._refuse_inexact(field, name)
        try:
            kind = kind_of(field, column.places)
        except DeclarationError as error:
            raise DeclarationError(f"{self.report.slug}.{name}: {error}") from error
        self._shown.append(alias)
        self._columns.append(
            ResultColumn(id=name, label=str(column.label), unit=str(column.unit), kind=kind)
        )

    def _refuse_inexact(self, field: Any, name: str) -> None:
        digits = engine(self.database).features.exact_decimal_digits
        declared = getattr(field, "max_digits", None)
        if digits is not None and declared is not None and declared > digits:
            raise NotPortable(
                f"{self.report.slug}.{name}: {self.database!r} keeps {digits} digits of a decimal,"
                f" and this column declares {declared}."
            )

    def _order(self) -> Iterator[_Term]:
        """The declared order, then every key: no two rows are level."""
        used = set()
        for declared in self.report.options.ordering:
            name, descending = declared.removeprefix("-"), declared.startswith("-")
            for alias in self._aliases[name]:
                self._refuse_float_order(alias, name)
                used.add(alias)
                yield _Term(alias, descending)
        if not self.report.keys:
            self._queryset = self._queryset.annotate(k=F("pk"))
            yield _Term("k")
        for name in self.report.keys:
            yield from (_Term(alias) for alias in self._aliases[name] if alias not in used)

    def _refuse_float_order(self, alias: str, name: str) -> None:
        if isinstance(self._queryset.query.annotations[alias].output_field, FloatField):
            raise NotPortable(
                f"{self.report.slug}.Meta.ordering: {name!r} is a float, whose last bits differ"
                " between the databases. Order by a decimal, such as Round or Avg gives."
            )


class _PlaceSerializer:
    """The values of a place, exactly: decimals and dates as text, which SQL compares typed."""

    def dumps(self, places: list[Any]) -> bytes:
        return json.dumps(places, default=str, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)
