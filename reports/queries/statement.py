"""`Statement`: a report and its parameters as one SQL statement in total order.

Everything that reads rows uses it: pages take slices; downloads, commands and comparisons stream.
"""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date
from functools import cached_property
from typing import Any, Protocol

from django.core import signing
from django.core.exceptions import FieldError
from django.db import DatabaseError
from django.db.models import F, OrderBy, Q, QuerySet
from django.utils.translation import gettext as _

from geo.backends.refine import TooManyToRecheck
from geo.backends.wrapper import database_wrapper
from reports.columns import Column, Geometry, Key
from reports.errors import DeclarationError, NotPortable, ParameterError, StatementFailed
from reports.expressions.aggregates.general import Count
from reports.expressions.column_expression import Declared
from reports.expressions.functional_dependency import Label, depends
from reports.expressions.joins import joined_keys
from reports.expressions.of_report import in_report
from reports.expressions.order import ByAlias, ByValue
from reports.expressions.rounding import SortKey, comparable_value, needs_sort_key
from reports.expressions.spatial.placement import demand_shown, is_geometry, refuse_order
from reports.expressions.stored import Stored
from reports.expressions.temporal.dates import TruncBase
from reports.filters import DateRange
from reports.portability import client_side, rewrite
from reports.queries.fill import Fill, filled, kind_of_period
from reports.queries.parameters import scoped
from reports.queries.rows import (
    Rows,
    WholeQuery,
    as_table,
    names_taken,
    needs_derived_table,
    rows_of,
    settle_group_by,
    tell_rows,
    unused,
)
from reports.queries.separate import (
    has_total,
    is_aggregate,
    own_joins,
    row_parts,
    separated,
    units_that_multiply,
)
from reports.relations import label_path
from reports.report import Report
from reports.values.canonical import Kind

CHUNK_ROWS = 2000
# An outline may have a megabyte.
CHUNK_GEOMETRIES = 50
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    """A column of a result: its name, and how its values are read and written."""

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
        """Returns the alias under which a filter compares the key, if that is another."""
        return f"{self.alias}_place"


class Snapshots(Protocol):
    """Opens the snapshot of a database wrapper; another thread may interrupt it."""

    def snapshot(self, database: Any) -> AbstractContextManager[Any]: ...


class Totals(tuple[Any, ...]):
    """The row of totals, which follows the other rows."""


class Statement:
    """A report's query on one database. Building it executes nothing.

    Raises NotPortable if this database, or any, would give a wrong answer.
    """

    def __init__(
        self,
        report: Report,
        values: dict[str, Any],
        database: str,
        user: Any = None,
        *,
        sort: Sequence[str] = (),
        columns: Sequence[str] = (),
    ) -> None:
        """Builds the statement.

        `user` sees the rows that `report.scope` allows; None sees every row. `sort` replaces
        Meta.ordering, and `columns` are the ids of the columns to show, if they are given.
        """
        self.report = report
        self.database = database
        self._refuse_other_engines()
        self._values = values
        self._columns: list[ResultColumn] = []
        self._shown: list[str] = []
        self._aliases: dict[str, list[str]] = {}
        self._identity: list[str] = []
        self._is_separated = False
        self._rows = self._filtered(scoped(report, values, database, user))
        self._taken = names_taken(self._rows.queryset.query)
        self._queryset = self._annotated(self._rows.queryset)
        self._own_joins = own_joins(self._rows.queryset.query, self._queryset.query)
        self._is_whole = not report.keys and is_aggregate(self._queryset.query, self._shown)
        self._terms = list(self._order(self._demanded_sort(sort) or report.options.ordering))
        self._queryset = self._without_multiplied_rows(self._queryset)
        self._choose(columns)

    @property
    def columns(self) -> Sequence[ResultColumn]:
        """Returns the result's columns, group keys first."""
        return self._columns

    @property
    def shown(self) -> dict[str, Any]:
        """Returns the resolved expressions of the shown columns, by alias in the statement."""
        return {alias: self._annotation(alias) for alias in self._shown}

    @property
    def is_plain(self) -> bool:
        """Whether each row is an object of the queryset, so that rows can be written in bulk."""
        query = self._queryset.query
        return not (
            self.report.keys
            or self._is_whole
            or self._is_separated
            or self._rows.is_derived
            or query.combinator
            or self._is_for_one_engine
        )

    def selecting(self, **expressions: Any) -> QuerySet[Any, Any]:
        """Returns the ordered rows of a plain statement with these expressions selected."""
        order = [self._by_value(term) for term in self._terms]
        queryset: QuerySet[Any, Any] = self._queryset.order_by(*order).annotate(**expressions)
        return queryset.values_list(*expressions)

    @cached_property
    def queryset(self) -> QuerySet[Any, Any]:
        """Returns the statement: tuples of the shown values, followed by those of the order's keys.

        `canonical` converts a tuple to a result row.
        """
        order = [self._order_by(term) for term in self._terms]
        return self._queryset.order_by(*order).values_list(*self._selected)

    def _order_by(self, term: _Term) -> OrderBy:
        if self._needs_sort_key(term):
            key = SortKey(F(term.alias))
            return OrderBy(key, descending=term.descending, nulls_last=True)
        return ByAlias(term.alias, descending=term.descending)

    def _by_value(self, term: _Term) -> OrderBy:
        """Returns the order of a statement that does not select what it is ordered by."""
        value: Any = F(term.alias)
        if self._needs_sort_key(term):
            value = SortKey(value)
        return ByValue(value, descending=term.descending)

    @cached_property
    def _selected(self) -> list[str]:
        return list(dict.fromkeys([*self._shown, *(term.alias for term in self._terms)]))

    def canonical(self, row: Row) -> Row:
        """Returns the canonical values of a row of `queryset`, None for NULL."""
        # The driver's row may be longer: zip ends with the shown columns.
        return tuple(
            None if value is None and not takes_null else convert(value)
            for (convert, takes_null), value in zip(self._converters, row, strict=False)
        )

    @cached_property
    def _converters(self) -> list[tuple[Callable[[Any], Any], bool]]:
        return [(column.kind.value, column.kind.takes_null) for column in self._columns]

    @cached_property
    def key(self) -> ResultColumn | None:
        """Returns the column that identifies a row, None if there is none.

        It is the primary key of an object, or a report's only group key. If the key shows another
        field, it is the key itself.
        """
        if not self._key_alias:
            return None
        places = next((key.places for key in self.report.keys.values()), None)
        column = Column("pk", places=places)
        try:
            kind = column.kind(self._annotation(self._key_alias), database_wrapper(self.database))
        except DeclarationError:  # a key of several columns
            return None
        return ResultColumn(id="id", label="id", unit="", kind=kind)

    @property
    def _key_alias(self) -> str:
        aliases = self._groups or self._identity
        return aliases[0] if len(aliases) == 1 else ""

    def stream(
        self, watch: Snapshots | None = None, *, keyed: bool = False, totals: bool = False
    ) -> Generator[Row]:
        """Yields every row, canonical and in order, from one snapshot, in constant memory.

        `watch` limits the snapshot and may stop it from another thread. If `keyed`, the value of
        `key` follows those of the columns. With `totals` the last row is a Totals.

        Raises StatementFailed if the database fails, and NotPortable if GEOS would have to decide
        about more rows than RECHECK_LIMITS allows.
        """
        with self.snapshot(watch) as connection:
            compiler = self.queryset.query.get_compiler(connection=connection)
            for row in compiler.results_iter(
                tuple_expected=True, chunked_fetch=True, chunk_size=self._chunk_rows
            ):
                yield (*self.canonical(row), self._key_of(row)) if keyed else self.canonical(row)
            if totals:
                yield Totals((*self.totals(connection), None) if keyed else self.totals(connection))

    def _key_of(self, row: Row) -> Any:
        value = row[self._selected.index(self._key_alias)]
        return None if value is None or self.key is None else self.key.kind.value(value)

    @contextmanager
    def snapshot(self, watch: Snapshots | None = None) -> Iterator[Any]:
        """Opens the database's snapshot, watched. Raises what `stream` raises for its errors."""
        database = database_wrapper(self.database)
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

    # Totals

    def check(self) -> None:
        """Raises DeclarationError for mistakes that building does not find. Executes nothing."""
        if self.report.options.totals and not self.has_totals:
            raise DeclarationError(
                f"{self.report.slug}: Meta.totals is set, and no column has a total: declare one"
                " that is an aggregate, or leave totals out."
            )

    def demand_totals(self) -> None:
        """Raises ParameterError for a report that declares no totals."""
        if not self.report.options.totals:
            raise ParameterError(
                {"totals": [_("This report has no totals: its Meta declares none.")]}
            )

    @property
    def has_totals(self) -> bool:
        """Whether any column is an aggregate with a meaningful total."""
        return any(self._totals[1])

    def totals(self, connection: Any) -> Row:
        """Returns a canonical row of each aggregate over all rows, read on a snapshot's connection.

        None for a column without a meaningful total: a key, a single-row column, a window, and an
        aggregate that picks any value of a group.
        """
        queryset, aliases = self._totals
        if not any(aliases):
            return (None,) * len(aliases)
        compiler = queryset.query.get_compiler(connection=connection)
        (found,) = compiler.results_iter(tuple_expected=True)
        values = iter(found)
        return self.canonical(tuple(next(values) if alias else None for alias in aliases))

    @cached_property
    def _totals(self) -> tuple[QuerySet[Any, Any], list[str | None]]:
        """Returns the query of the totals, and each shown column's alias in it or None."""
        queryset = self._rows.queryset
        for number, key in enumerate(self.report.keys.values()):
            # The keys' joins are part of the rows that are grouped.
            queryset, _alias = self._add(queryset, f"k{number}", key.expression, key)
        of_columns: dict[str, str] = {}
        for number, (name, column) in enumerate(self.report.columns.items()):
            expression = in_report(column.expression, self.report)
            found, alias = self._add(queryset, f"c{number}", expression, column)
            is_total = is_aggregate(found.query, [alias]) and has_total(found.query, alias)
            if is_total:
                queryset = found
                of_columns[name] = alias
        aliases = [of_columns.get(column.id) for column in self._columns]
        own = own_joins(self._rows.queryset.query, queryset.query)
        shown = [alias for alias in aliases if alias]
        queryset = _as_whole(queryset).values_list(*shown)
        if parts := units_that_multiply(queryset.query, own):
            queryset = separated(queryset, parts, shown=shown, keys=()).values_list(*shown)
        return queryset, aliases

    @property
    def _chunk_rows(self) -> int:
        has_geometry = any(column.kind.name == "geometry" for column in self._columns)
        return CHUNK_GEOMETRIES if has_geometry else CHUNK_ROWS

    # Keyset pagination: the next page begins after a row's own place in the order.

    @property
    def has_places(self) -> bool:
        """Whether later rows can be found by a place in the order.

        That needs a total order: rows with equal keys would have the same place.
        """
        return bool(self.report.keys) or self._is_whole or self._has_reliable_key

    def token(self, row: Row) -> str:
        """Returns the signed place of a row of `queryset`; "" if rows have no places."""
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
        """Returns the rows after the place of a token. Raises ParameterError for an invalid one."""
        try:
            if not self.has_places:
                raise signing.BadSignature
            places = signing.loads(token, salt=self._salt, serializer=_PlaceSerializer)
        except signing.BadSignature:
            raise ParameterError(
                {"after": ["This link to a later page is not valid here: begin at the first page."]}
            ) from None
        keys = {t.place: SortKey(F(t.alias)) for t in self._terms if self._needs_sort_key(t)}
        behind, level = Q(), Q()
        for term, place in zip(self._terms, places, strict=True):
            name = term.place if term.place in keys else term.alias
            if place is None:  # NULLs are last: no row follows in this key
                level &= Q((f"{name}__isnull", True))
                continue
            value = comparable_value(self._annotation(term.alias), place)
            comparison = "lt" if term.descending else "gt"
            further = Q((f"{name}__{comparison}", value)) | Q((f"{name}__isnull", True))
            behind |= level & further
            level &= Q((name, value))
        order = [self._order_by(term) for term in self._terms]
        rows = self._as_rows.alias(**keys).filter(behind) if behind else self._as_rows.none()
        found: QuerySet[Any, Any] = rows.order_by(*order).values_list(*self._selected)
        return found

    @property
    def _as_rows(self) -> QuerySet[Any, Any]:
        """Returns the statement's rows as a queryset that filters reduce without changing a row."""
        annotations = self._queryset.query.annotations
        if not any(
            annotations[alias].contains_aggregate or annotations[alias].contains_over_clause
            for alias in self._selected
        ):
            return self._queryset
        return as_table(self._queryset, self._selected)

    def _needs_sort_key(self, term: _Term) -> bool:
        return needs_sort_key(self._annotation(term.alias))

    def _annotation(self, alias: str) -> Any:
        return self._queryset.query.annotations[alias]

    @property
    def _salt(self) -> str:
        # The salt names the order: places of another order are invalid.
        order = ",".join(f"{'-' * term.descending}{term.alias}" for term in self._terms)
        return f"isoline.after.{self.report.slug}.{order}"

    # Building the statement

    def _refuse_other_engines(self) -> None:
        allowed = self.report.options.databases
        if allowed and (name := database_wrapper(self.database).engine_name) not in allowed:
            raise NotPortable(
                f"Report {self.report.slug!r} is for {', '.join(allowed)} alone, and"
                f" {self.database!r} is {name}."
            )

    @property
    def _is_for_one_engine(self) -> bool:
        """Whether one engine answers the report: its author may use all that this engine has."""
        return len(self.report.options.databases) == 1

    def _portable(self, expression: Any) -> Any:
        client_side.check(expression)
        return expression if self._is_for_one_engine else rewrite.portable(expression)

    def _filtered(self, queryset: QuerySet[Any]) -> Rows:
        """Returns the queryset's rows that the report's filters leave, made portable."""
        identity = None
        if needs_derived_table(queryset.query):
            self._prepare(queryset)
            queryset, identity = (rows := rows_of(queryset)).queryset, rows.identity
        for filter_ in sorted(self.report.filters.values(), key=lambda each: each.is_last):
            queryset = filter_.apply(queryset, self._values)
        self._prepare(queryset)
        if identity is None:
            return rows_of(queryset)
        return Rows(queryset=queryset, identity=identity, is_derived=True)

    def _prepare(self, queryset: QuerySet[Any]) -> None:
        try:
            client_side.check_query(queryset.query)
            if not self._is_for_one_engine:
                rewrite.refuse_slice(queryset.query)
                rewrite.prepare(queryset.query)
        except NotPortable as error:
            raise NotPortable(f"{self.report.slug}.queryset: {error}") from error

    def _annotated(self, queryset: QuerySet[Any]) -> QuerySet[Any, Any]:
        """Returns the queryset with an alias for every column, grouped by the keys."""
        labels: Mapping[str, Label] = {}
        if self.report.keys:
            queryset, labels = self._grouped(queryset)
        for number, (name, column) in enumerate(self.report.columns.items()):
            expression = labels.get(name) or in_report(column.expression, self.report)
            key, expression = self._of_relation(queryset, name, expression)
            queryset, alias = self._add(queryset, f"c{number}", expression, column)
            self._aliases[name] = [alias]
            if self.report.keys:
                self._demand_one_value(queryset, name, alias)
            elif key is not None:
                queryset, behind = self._add(queryset, f"r{number}", key, column)
                self._aliases[name].append(behind)
            self._show(queryset, name, column, alias)
        if self.report.keys:
            settle_group_by(queryset.query)
        return queryset

    def _of_relation(self, queryset: QuerySet[Any], name: str, expression: Any) -> tuple[Any, Any]:
        """Returns a relation's key and label; None and the expression itself for anything else."""
        query = queryset.query
        selected = getattr(query, "selected_names", ())
        path = getattr(expression, "name", "") if type(expression) is F else ""
        if not path or path in (*query.annotations, *selected):
            return None, expression
        with self._named(name):
            label = label_path(queryset.model, path)
        return (expression, F(label)) if label else (None, expression)

    def _demand_one_value(self, queryset: QuerySet[Any, Any], name: str, alias: str) -> None:
        """Raises DeclarationError for a column whose values may differ within a group."""
        query = queryset.query
        keys = [query.annotations[key] for key in self._groups]
        if is_geometry(query.annotations[alias]):
            return  # `_show` refuses it with a sentence of its own
        if self._rows.is_derived and tell_rows(self._rows.identity, keys):
            return
        for part in row_parts(query.annotations[alias], keys):
            if not any(depends(query, part, key) for key in keys):
                raise DeclarationError(
                    f"{self.report.slug}.{name}: the rows of a group may differ in this column."
                    " Group by it as well, or use an aggregate, such as AnyValue or StringAgg."
                )

    def _grouped(self, queryset: QuerySet[Any]) -> tuple[QuerySet[Any, Any], Mapping[str, Label]]:
        """Returns the grouped queryset, and labels for the columns that depend on a key."""
        labels: dict[str, Label] = {}
        for number, (name, key) in enumerate(self.report.keys.items()):
            queryset, alias = self._add(queryset, f"k{number}", key.expression, key)
            self._refuse_order(queryset, name, alias, "grouped")
            self._aliases[name] = [alias]
            if key.shows:
                queryset, label = self._add(queryset, f"s{number}", F(key.shows), key)
                self._refuse_order(queryset, name, label, "ordered")
                self._demand_label(queryset, name, key, label)
                shown = self._alias(f"l{number}")
                labels[shown] = Label(label)
                self._aliases[name].insert(0, shown)
        queryset, of_columns = self._geometries(queryset, self._groups)
        # The count makes Django group the rows where no column is an aggregate.
        queryset = queryset.values(*self._groups).annotate(**labels)
        queryset = queryset.alias(**{self._alias("g"): Count("*")})
        for name, key in self.report.keys.items():
            self._show(queryset, name, key, self._aliases[name][0])
        return queryset, of_columns

    def _demand_label(self, queryset: QuerySet[Any, Any], name: str, key: Key, label: str) -> None:
        query = queryset.query
        if not depends(query, query.annotations[label], query.annotations[self._aliases[name][0]]):
            raise DeclarationError(
                f"{self.report.slug}.{name}: shows={key.shows!r} does not depend on the key: a"
                f" group may have several. Group by {key.shows!r} as well, or show it in a column"
                " with an aggregate, such as AnyValue."
            )

    def _geometries(
        self, queryset: QuerySet[Any, Any], groups: Sequence[str]
    ) -> tuple[QuerySet[Any, Any], Mapping[str, Label]]:
        """Returns the queryset with aliases for geometries that depend on a key, and labels."""
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
        is_key = isinstance(column, Key)
        groups = () if is_key else self._groups
        declared = Declared(
            expression,
            column.places,
            self._portable,
            groups,
            is_key=is_key and expression is column.expression,
        )
        alias = self._alias(alias)
        with self._named(column.name):
            return queryset.annotate(**{alias: declared}), alias

    def _alias(self, name: str) -> str:
        """Returns the name, or a similar one that no field and no annotation has."""
        return unused(name, self._taken)

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
            kind = column.kind(annotation, database_wrapper(self.database))
        self._shown.append(alias)
        self._columns.append(
            ResultColumn(id=name, label=str(column.label), unit=str(column.unit), kind=kind)
        )

    @property
    def _groups(self) -> list[str]:
        """Returns the aliases of the report's group keys."""
        return [self._alias(f"k{number}") for number in range(len(self.report.keys))]

    @contextmanager
    def _named(self, name: str) -> Iterator[None]:
        """Adds the column to the text of errors that are raised within."""
        try:
            yield
        except (NotPortable, DeclarationError) as error:
            raise type(error)(f"{self.report.slug}.{name}: {error}") from error
        except FieldError as error:
            raise DeclarationError(f"{self.report.slug}.{name}: {error}") from error

    def _refuse_order(self, queryset: QuerySet[Any, Any], name: str, alias: str, done: str) -> None:
        annotation = queryset.query.annotations[alias]
        with self._named(name):
            client_side.refuse(annotation, f"{done} by")
            refuse_order(annotation, done)

    def _refuse_inexact(self, field: Any, name: str) -> None:
        digits = database_wrapper(self.database).features.exact_decimal_digits
        declared = getattr(field, "max_digits", None)
        if digits is not None and declared is not None and declared > digits:
            raise NotPortable(
                f"{self.report.slug}.{name}: {self.database!r} keeps {digits} digits of a decimal,"
                f" and this column declares {declared}."
            )

    def _demanded_sort(self, sort: Sequence[str]) -> Sequence[str]:
        """Returns the sort of the request. Raises ParameterError."""
        names = [term.removeprefix("-") for term in sort]
        unknown = [name for name in names if name not in self._aliases]
        if unknown or len(set(names)) < len(names):
            sentence = _("Sort by the ids of columns, each once: %s.") % ", ".join(self._aliases)
            raise ParameterError({"sort": [sentence]})
        for name in names:
            try:
                for alias in self._aliases[name]:
                    self._refuse_order(self._queryset, name, alias, "ordered")
            except (DeclarationError, NotPortable) as error:
                raise ParameterError({"sort": [str(error)]}) from error
        return sort

    def _choose(self, columns: Sequence[str]) -> None:
        """Shows only these columns, in this order. Raises ParameterError."""
        if not columns:
            return
        shown = {
            each.id: (alias, each) for alias, each in zip(self._shown, self._columns, strict=True)
        }
        if not set(columns) <= shown.keys() or len(set(columns)) < len(columns):
            sentence = _("Name the ids of columns, each once: %s.") % ", ".join(shown)
            raise ParameterError({"columns": [sentence]})
        self._shown = [shown[name][0] for name in columns]
        self._columns = [shown[name][1] for name in columns]

    def _order(self, ordering: Sequence[str]) -> Iterator[_Term]:
        """Yields the declared order, then every key, so that no two rows are equal."""
        used = set()
        for declared in ordering:
            name, descending = declared.removeprefix("-"), declared.startswith("-")
            for alias in self._aliases[name]:
                self._refuse_order(self._queryset, name, alias, "ordered")
                used.add(alias)
                yield _Term(alias, descending)
        if not (self.report.keys or self._is_whole):
            yield from map(_Term, self._telling(used))
        for name in self.report.keys:
            yield from (_Term(alias) for alias in self._aliases[name] if alias not in used)

    def _telling(self, used: Set[str]) -> Iterator[str]:
        """Yields the aliases that identify the objects of an ungrouped report."""
        joined = joined_keys(self._queryset.query, self._own_joins)
        for number, each in enumerate([*self._rows.identity, *joined]):
            alias = self._alias(f"k{number or ''}")
            self._queryset = self._queryset.annotate(**{alias: Stored(each)})
            self._identity.append(alias)
            yield alias
        if not self._has_reliable_key:
            for alias in self._shown:
                annotation = self._annotation(alias)
                if alias not in used and not is_geometry(annotation):
                    yield alias

    @property
    def _has_reliable_key(self) -> bool:
        """Whether the primary key is sure to identify rows. Nothing enforces that of a view."""
        return bool(self._queryset.model._meta.managed)

    def _without_multiplied_rows(self, queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        """Returns the queryset with each aggregate over only the joins that it needs."""
        if self._is_whole:
            queryset = _as_whole(queryset)
        shown = list(dict.fromkeys([*self._shown, *(term.alias for term in self._terms)]))
        keys = () if self._is_whole else self._groups or self._identity
        if fills := list(self._fills(queryset.query)):
            self._is_separated = True
            return filled(queryset, self._own_joins, shown=shown, keys=keys, fills=fills)
        if parts := units_that_multiply(queryset.query, self._own_joins):
            self._is_separated = True
            return separated(queryset, parts, shown=shown, keys=keys)
        return queryset

    def _fills(self, query: Any) -> Iterator[Fill]:
        """Yields the keys whose missing periods are added."""
        for name in self.report.options.fill:
            alias = self._groups[list(self.report.keys).index(name)]
            with self._named(name):
                kind = kind_of_period(query.annotations[alias])
            first, last = self._bounds(self.report.keys[name])
            yield Fill(alias=alias, kind=kind, first=first, last=last)

    def _bounds(self, key: Key) -> tuple[date | None, date | None]:
        """Returns the first and last day that filters allow for a key's period."""
        source, zone = key.expression, UTC
        if isinstance(source, TruncBase):
            (source,), zone = source.get_source_expressions(), source.tzinfo
        bounds = [
            filter_.bounds(self._rows.queryset, self._values, zone)
            for filter_ in self.report.filters.values()
            if isinstance(filter_, DateRange) and source == F(filter_.path)
        ]
        first = max((first for first, _ in bounds if first), default=None)
        return first, min((last for _, last in bounds if last), default=None)


def _as_whole(queryset: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Returns the queryset with all its rows as one group."""
    query = queryset.query.chain(WholeQuery)
    query.group_by = None
    query.default_cols = False
    return QuerySet(model=queryset.model, query=query, using=queryset.db)


class _PlaceSerializer:
    """Serializes a place exactly. Decimals and dates are text, which SQL compares by type."""

    def dumps(self, places: list[Any]) -> bytes:
        return json.dumps(places, default=str, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)
