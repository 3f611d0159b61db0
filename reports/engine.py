"""A report and its parameters, as one SQL statement in total order.

`Statement` is what every path asks: a page takes slices of it, a download, a command and a
comparison stream its rows.
"""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core import signing
from django.core.exceptions import FieldError
from django.db import DatabaseError
from django.db.models import F, OrderBy, Q, QuerySet

from geo.backends.engine import engine
from geo.backends.recheck import TooManyToRecheck
from reports import portability, shown
from reports.canonical import Kind, kind_of
from reports.columns import Column, Geometry, Key
from reports.errors import DeclarationError, NotPortable, ParameterError, StatementFailed
from reports.expressions.aggregates import Count, GroupKey
from reports.expressions.declared import Declared
from reports.expressions.geometries import demand_shown, is_geometry, refuse_order
from reports.expressions.labels import Label, depends
from reports.expressions.order import ByAlias, ByValue
from reports.expressions.rounding import SortKey, comparable_value, needs_sort_key
from reports.report import Report
from reports.watch import Watch

CHUNK_ROWS = 2000
# An outline may have a megabyte.
CHUNK_GEOMETRIES = 50
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

    @property
    def place(self) -> str:
        """The alias under which a filter compares it, where that is another."""
        return f"{self.alias}_place"


class Statement:
    """One report's question to one database. Building it asks the database nothing.

    Raises NotPortable when this database, or any, cannot answer truthfully.
    """

    def __init__(self, report: Report, values: dict[str, Any], database: str) -> None:
        self.report = report
        self.database = database
        self._refuse_other_engines()
        queryset = report.get_queryset(values).using(database)
        for filter_ in sorted(report.filters.values(), key=lambda each: each.is_last):
            queryset = filter_.apply(queryset, values)
        self._columns: list[ResultColumn] = []
        self._shown: list[str] = []
        self._aliases: dict[str, list[str]] = {}
        self._prepare(queryset)
        self._queryset = self._annotated(queryset.order_by())
        self._terms = list(self._order())

    @property
    def columns(self) -> Sequence[ResultColumn]:
        """The result's columns, group keys first."""
        return self._columns

    @property
    def shown(self) -> dict[str, Any]:
        """The expressions that the columns show, resolved, by the alias that each has here."""
        return {alias: self._annotation(alias) for alias in self._shown}

    @property
    def is_plain(self) -> bool:
        """Whether each object of the queryset is a row, and of a type that is proven."""
        query = self._queryset.query
        return not (
            self.report.keys or query.distinct or query.combinator or self._is_for_one_engine
        )

    def selecting(self, **expressions: Any) -> QuerySet[Any, Any]:
        """The rows of a plain statement in their order, of which these expressions are selected."""
        order = [self._by_value(term) for term in self._terms]
        queryset: QuerySet[Any, Any] = self._queryset.order_by(*order).annotate(**expressions)
        return queryset.values_list(*expressions)

    @cached_property
    def queryset(self) -> QuerySet[Any, Any]:
        """The statement: tuples of the shown values, then those of the order's keys.

        `canonical` makes a result row of one.
        """
        order = [self._order_by(term) for term in self._terms]
        return self._queryset.order_by(*order).values_list(*self._selected)

    def _order_by(self, term: _Term) -> OrderBy:
        if needs_sort_key(self._annotation(term.alias)):
            key = SortKey(F(term.alias))
            return OrderBy(key, descending=term.descending, nulls_last=True)
        return ByAlias(term.alias, descending=term.descending)

    def _by_value(self, term: _Term) -> OrderBy:
        """As `_order_by`, of a statement that does not select what it is ordered by."""
        value: Any = F(term.alias)
        if needs_sort_key(self._annotation(term.alias)):
            value = SortKey(value)
        return ByValue(value, descending=term.descending)

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

    def stream(self, watch: Watch | None = None) -> Generator[Row]:
        """Every row, canonical, in order, as of one moment, at flat memory.

        `watch` may stop it from another thread, and bounds it.

        Raises StatementFailed when the database does, NotPortable where GEOS would have to decide
        about more rows than RECHECK_LIMITS allows.
        """
        with self.snapshot(watch) as connection:
            compiler = self.queryset.query.get_compiler(connection=connection)
            for row in compiler.results_iter(
                tuple_expected=True, chunked_fetch=True, chunk_size=self._chunk_rows
            ):
                yield self.canonical(row)

    @contextmanager
    def snapshot(self, watch: Watch | None = None) -> Iterator[Any]:
        """The database's snapshot, watched; what it says within is said as `stream` says it."""
        database = engine(self.database)
        try:
            with watch.snapshot(database) if watch else database.snapshot() as connection:
                yield connection
        except TooManyToRecheck as error:
            raise NotPortable(f"{self.report.slug}: {error}") from error
        except DatabaseError as error:
            raise StatementFailed(
                f"Database {self.database!r} failed to answer {self.report.slug!r}"
                f" ({type(error).__name__})."
            ) from error

    @property
    def _chunk_rows(self) -> int:
        has_geometry = any(column.kind.name == "geometry" for column in self._columns)
        return CHUNK_GEOMETRIES if has_geometry else CHUNK_ROWS

    # Keyset: the page after a row is found by the row's own place in the order.

    @property
    def has_places(self) -> bool:
        """Whether the rows behind a place can be had: a window's would change with the filter."""
        return not any(
            annotation.contains_over_clause
            for annotation in self._queryset.query.annotations.values()
        )

    def token(self, row: Row) -> str:
        """A signed text for the place of a row of `queryset`; "" where there are no places."""
        if not self.has_places:
            return ""
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
            if not self.has_places:
                raise signing.BadSignature
            places = signing.loads(token, salt=self._salt, serializer=_PlaceSerializer)
        except signing.BadSignature:
            raise ParameterError(
                {"after": ["This link to a later page is not valid here: begin at the first page."]}
            ) from None
        queryset: QuerySet[Any, Any] = self.queryset.alias(**self._places)
        behind, level = Q(), Q()
        for term, place in zip(self._terms, places, strict=True):
            name = term.place if term.place in self._places else term.alias
            if place is None:  # NULLs are last: nothing is behind them
                level &= Q((f"{name}__isnull", True))
                continue
            value = comparable_value(self._annotation(term.alias), place)
            comparison = "lt" if term.descending else "gt"
            further = Q((f"{name}__{comparison}", value)) | Q((f"{name}__isnull", True))
            behind |= level & further
            level &= Q((name, value))
        return queryset.filter(behind) if behind else queryset.none()

    @cached_property
    def _places(self) -> dict[str, Any]:
        """The keys of the order that a filter must name otherwise than by their alias.

        Where the order mixes groups and aggregates that is all the groups', in the form that HAVING
        takes; a label is filtered as what it is a label of.
        """
        annotations = {term: self._annotation(term.alias) for term in self._terms}
        groups = {
            term
            for term, annotation in annotations.items()
            if isinstance(annotation, Label) or not annotation.contains_aggregate
        }
        is_having = len(groups) < len(annotations)
        places: dict[str, Any] = {}
        for term, annotation in annotations.items():
            place: Any = F(annotation.alias if isinstance(annotation, Label) else term.alias)
            if is_having and term in groups:
                place = GroupKey(term.alias)
            if needs_sort_key(annotation):
                place = SortKey(place)
            if place != F(term.alias):
                places[term.place] = place
        return places

    def _annotation(self, alias: str) -> Any:
        return self._queryset.query.annotations[alias]

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

    @property
    def _is_for_one_engine(self) -> bool:
        """Nothing can differ then: the author may use what that engine alone has."""
        return len(self.report.options.databases) == 1

    def _portable(self, expression: Any) -> Any:
        shown.check(expression)
        return expression if self._is_for_one_engine else portability.portable(expression)

    def _prepare(self, queryset: QuerySet[Any]) -> None:
        try:
            shown.check_query(queryset.query)
            if not self._is_for_one_engine:
                portability.refuse_slice(queryset.query)
                portability.prepare(queryset.query)
        except NotPortable as error:
            raise NotPortable(f"{self.report.slug}.queryset: {error}") from error

    def _annotated(self, queryset: QuerySet[Any]) -> QuerySet[Any, Any]:
        """The queryset with an alias of ours for every column, grouped by the keys."""
        labels: Mapping[str, Label] = {}
        if self.report.keys:
            queryset, labels = self._grouped(queryset)
        for number, (name, column) in enumerate(self.report.columns.items()):
            expression = labels.get(name, column.expression)
            queryset, alias = self._add(queryset, f"c{number}", expression, column)
            self._aliases[name] = [alias]
            self._show(queryset, name, column, alias)
        return queryset

    def _grouped(self, queryset: QuerySet[Any]) -> tuple[QuerySet[Any, Any], Mapping[str, Label]]:
        """The queryset grouped, and what stands for columns that a group has but one value of."""
        groups: list[str] = []
        labels: dict[str, Label] = {}
        for number, (name, key) in enumerate(self.report.keys.items()):
            queryset, alias = self._add(queryset, f"k{number}", key.expression, key)
            self._refuse_order(queryset, name, alias, "grouped")
            groups.append(alias)
            self._aliases[name] = [alias]
            if key.shows:
                queryset, label = self._add(queryset, f"s{number}", F(key.shows), key)
                self._refuse_order(queryset, name, label, "ordered")
                annotations = queryset.query.annotations
                if depends(queryset.query, annotations[label], annotations[alias]):
                    labels[f"l{number}"] = Label(label)
                    label = f"l{number}"
                else:
                    groups.append(label)
                self._aliases[name].insert(0, label)
        queryset, of_columns = self._geometries(queryset, groups)
        # The count makes groups of them where no column is an aggregate.
        queryset = queryset.values(*groups).annotate(**labels).alias(g=Count("pk"))
        for name, key in self.report.keys.items():
            self._show(queryset, name, key, self._aliases[name][0])
        return queryset, of_columns

    def _geometries(
        self, queryset: QuerySet[Any, Any], groups: Sequence[str]
    ) -> tuple[QuerySet[Any, Any], Mapping[str, Label]]:
        """The queryset with aliases for geometries that depend on a group, and their labels."""
        labels: dict[str, Label] = {}
        for number, (name, column) in enumerate(self.report.columns.items()):
            if not isinstance(column.expression, F):
                continue
            found, alias = self._add(queryset, f"g{number}", column.expression, column)
            query, annotations = found.query, found.query.annotations
            if is_geometry(annotations[alias]) and any(
                depends(query, annotations[alias], annotations[group]) for group in groups
            ):
                queryset, labels[name] = found, Label(alias)
        return queryset, labels

    def _add(
        self, queryset: QuerySet[Any], alias: str, expression: Any, column: Column
    ) -> tuple[QuerySet[Any], str]:
        groups = () if isinstance(column, Key) else self._groups
        declared = Declared(expression, column.places, self._portable, groups)
        with self._named(column.name):
            return queryset.annotate(**{alias: declared}), alias

    def _show(self, queryset: QuerySet[Any], name: str, column: Column, alias: str) -> None:
        annotation = queryset.query.annotations[alias]
        field = annotation.output_field
        self._refuse_inexact(field, name)
        with self._named(name):
            if is_geometry(annotation):
                demand_shown(
                    queryset.query,
                    annotation,
                    is_grouped=bool(self.report.keys),
                    is_portable=not self._is_for_one_engine,
                )
            elif isinstance(column, Geometry):
                raise DeclarationError(f"This is a {type(field).__name__}: declare a Column.")
            kind = kind_of(field, column.places)
        self._shown.append(alias)
        self._columns.append(
            ResultColumn(id=name, label=str(column.label), unit=str(column.unit), kind=kind)
        )

    @property
    def _groups(self) -> list[str]:
        """The aliases of the keys that a report groups by."""
        return [f"k{number}" for number in range(len(self.report.keys))]

    @contextmanager
    def _named(self, name: str) -> Iterator[None]:
        """Errors within say of which column they speak."""
        try:
            yield
        except (NotPortable, DeclarationError) as error:
            raise type(error)(f"{self.report.slug}.{name}: {error}") from error
        except FieldError as error:
            raise DeclarationError(f"{self.report.slug}.{name}: {error}") from error

    def _refuse_order(self, queryset: QuerySet[Any, Any], name: str, alias: str, done: str) -> None:
        annotation = queryset.query.annotations[alias]
        with self._named(name):
            shown.refuse(annotation, f"{done} by")
            refuse_order(annotation, done)

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
                self._refuse_order(self._queryset, name, alias, "ordered")
                used.add(alias)
                yield _Term(alias, descending)
        if not self.report.keys:
            self._queryset = self._queryset.annotate(k=F("pk"))
            yield _Term("k")
        for name in self.report.keys:
            yield from (_Term(alias) for alias in self._aliases[name] if alias not in used)


class _PlaceSerializer:
    """The values of a place, exactly: decimals and dates as text, which SQL compares typed."""

    def dumps(self, places: list[Any]) -> bytes:
        return json.dumps(places, default=str, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)
