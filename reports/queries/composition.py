"""How a report becomes one query: its rows, columns, groups and total order.

The aliases of a query are ours: `k0` keys, `l0` labels, `c0` columns, or names like them where an
author has these.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from django.core.exceptions import FieldError
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import BaseExpression
from django.db.models.sql import Query
from django.utils.translation import gettext as _

from geo.backends.compat import ModelField, RowSet
from geo.backends.wrapper import database_wrapper
from reports.columns import Column, Geometry, Key
from reports.errors import DeclarationError, NotPortable, ParameterError
from reports.expressions.aggregates.general import Count
from reports.expressions.column_expression import Declared
from reports.expressions.functional_dependency import Label, depends
from reports.expressions.joins import joined_keys
from reports.expressions.of_report import in_report
from reports.expressions.rounding import needs_sort_key
from reports.expressions.spatial.placement import demand_shown, is_geometry, refuse_order
from reports.expressions.stored import Stored
from reports.expressions.temporal.dates import TruncBase
from reports.filters import DateRange
from reports.portability import client_side, rewrite
from reports.queries.derived import WholeQuery, names_taken, settle_group_by, unused
from reports.queries.fill import Fill, filled, kind_of_period
from reports.queries.parameters import Values, scoped
from reports.queries.result import ResultColumn
from reports.queries.rows import Rows, needs_derived_table, rows_of, tell_rows
from reports.queries.separate import (
    is_aggregate,
    own_joins,
    row_parts,
    separated,
    units_that_multiply,
)
from reports.relations import label_path
from reports.report import Report


@dataclass(frozen=True, slots=True)
class Term:
    """One key of the order: an alias in the statement, and its direction."""

    alias: str
    descending: bool = False

    @property
    def compared(self) -> str:
        """The alias under which a filter compares it, where that is another."""
        return f"{self.alias}_place"


class Composition:
    """A report and its parameters as a queryset in no order yet, and the terms of its order.

    queryset      annotated with all that is shown, grouped by and ordered by
    rows          what the queryset of the report yields, filtered
    columns       those of the result, keys first unless others were chosen
    shown         the alias of each column
    terms         the order, in which no two rows are level
    identity      the aliases of what tells the rows of an ungrouped report apart
    own_joins     the joins to many that are part of the rows
    is_whole      whether all rows are one group
    is_separated  whether aggregates are computed in tables of their own

    Raises NotPortable when this database, or any, cannot answer truthfully, DeclarationError for
    what the author has to change, and ParameterError for a sort or columns that there are not.
    """

    def __init__(
        self,
        report: Report,
        values: Values,
        database: str,
        user: object = None,
        *,
        sort: Sequence[str] = (),
        columns: Sequence[str] = (),
    ) -> None:
        """Compose the statement.

        `user` is who asks, and sees what `report.scope` leaves them; None sees every row. `sort`
        stands for Meta.ordering, and `columns` are the ids of those to show, where they are given.
        """
        self.report = report
        self.database = database
        self._refuse_other_engines()
        self._values = values
        self.columns: list[ResultColumn] = []
        self.shown: list[str] = []
        self.aliases: dict[str, list[str]] = {}
        self.identity: list[str] = []
        self.is_separated = False
        self.rows = self._filtered(scoped(report, values, database, user))
        self._taken = names_taken(self.rows.queryset.query)
        self.queryset = self._annotated(self.rows.queryset)
        self.own_joins = own_joins(self.rows.queryset.query, self.queryset.query)
        self.is_whole = not report.keys and is_aggregate(self.queryset.query, self.shown)
        self.terms = list(self._order(self._demanded_sort(sort) or report.options.ordering))
        self.queryset = self._without_multiplied_rows(self.queryset)
        self._choose(columns)

    def needs_sort_key(self, term: Term) -> bool:
        return needs_sort_key(self.annotation(term.alias))

    def annotation(self, alias: str) -> BaseExpression:
        return self.queryset.query.annotations[alias]

    def _refuse_other_engines(self) -> None:
        allowed = self.report.options.databases
        if allowed and (name := database_wrapper(self.database).engine_name) not in allowed:
            raise NotPortable(
                f"Report {self.report.slug!r} runs only on {', '.join(allowed)}, and"
                f" {self.database!r} is {name}."
            )

    @property
    def is_for_one_engine(self) -> bool:
        """Nothing can differ then: the author may use what that engine alone has."""
        return len(self.report.options.databases) == 1

    def _portable(self, expression: BaseExpression) -> BaseExpression:
        client_side.check(expression)
        return expression if self.is_for_one_engine else rewrite.portable(expression)

    def _filtered(self, queryset: QuerySet[Model]) -> Rows:
        """The rows of a queryset that the report's filters leave, made portable."""
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

    def _prepare(self, queryset: QuerySet[Model]) -> None:
        try:
            client_side.check_query(queryset.query)
            if not self.is_for_one_engine:
                rewrite.refuse_slice(queryset.query)
                rewrite.prepare(queryset.query)
        except NotPortable as error:
            raise NotPortable(f"{self.report.slug}.queryset: {error}") from error

    def _annotated(self, queryset: QuerySet[Model]) -> RowSet:
        """The queryset with an alias of ours for every column, grouped by the keys."""
        labels: Mapping[str, Label] = {}
        if self.report.keys:
            queryset, labels = self._grouped(queryset)
        for number, (name, column) in enumerate(self.report.columns.items()):
            expression = labels.get(name) or in_report(column.expression, self.report)
            key, expression = self._of_relation(queryset, name, expression)
            queryset, alias = self.add(queryset, f"c{number}", expression, column)
            self.aliases[name] = [alias]
            if self.report.keys:
                self._demand_one_value(queryset, name, alias)
            elif key is not None:
                queryset, behind = self.add(queryset, f"r{number}", key, column)
                self.aliases[name].append(behind)
            self._show(queryset, name, column, alias)
        if self.report.keys:
            settle_group_by(queryset.query)
        return queryset

    def _of_relation(
        self, queryset: QuerySet[Model], name: str, expression: object
    ) -> tuple[Any, Any]:
        """For a relation, its key and what is shown of it; for anything else None and itself."""
        query = queryset.query
        selected = getattr(query, "selected_names", ())
        path = getattr(expression, "name", "") if type(expression) is F else ""
        if not path or path in (*query.annotations, *selected):
            return None, expression
        with self._named(name):
            label = label_path(queryset.model, path)
        return (expression, F(label)) if label else (None, expression)

    def _demand_one_value(self, queryset: RowSet, name: str, alias: str) -> None:
        """Refuse a column of which the rows of a group may have several values."""
        query = queryset.query
        keys = [query.annotations[key] for key in self.groups]
        if is_geometry(query.annotations[alias]):
            return  # which `_show` refuses in words of its own
        if self.rows.is_derived and tell_rows(self.rows.identity, keys):
            return
        for part in row_parts(query.annotations[alias], keys):
            if not any(depends(query, part, key) for key in keys):
                raise DeclarationError(
                    f"{self.report.slug}.{name}: the rows of a group may differ in this column."
                    " Group by it as well, or use an aggregate, such as AnyValue or StringAgg."
                )

    def _grouped(self, queryset: QuerySet[Model]) -> tuple[RowSet, Mapping[str, Label]]:
        """The queryset grouped, and what stands for columns that a group has but one value of."""
        labels: dict[str, Label] = {}
        for number, (name, key) in enumerate(self.report.keys.items()):
            queryset, alias = self.add(queryset, f"k{number}", key.expression, key)
            self._refuse_order(queryset, name, alias, "grouped")
            self.aliases[name] = [alias]
            if key.shows:
                queryset, label = self.add(queryset, f"s{number}", F(key.shows), key)
                self._refuse_order(queryset, name, label, "ordered")
                self._demand_label(queryset, name, key, label)
                shown = self._alias(f"l{number}")
                labels[shown] = Label(label)
                self.aliases[name].insert(0, shown)
        queryset, of_columns = self._geometries(queryset, self.groups)
        # The count makes groups of them where no column is an aggregate.
        queryset = queryset.values(*self.groups).annotate(**labels)
        queryset = queryset.alias(**{self._alias("g"): Count("*")})
        for name, key in self.report.keys.items():
            self._show(queryset, name, key, self.aliases[name][0])
        return queryset, of_columns

    def _demand_label(self, queryset: RowSet, name: str, key: Key, label: str) -> None:
        query = queryset.query
        if not depends(query, query.annotations[label], query.annotations[self.aliases[name][0]]):
            raise DeclarationError(
                f"{self.report.slug}.{name}: shows={key.shows!r} does not depend on the key: a"
                f" group may have several. Group by {key.shows!r} as well, or show it in a column"
                " with an aggregate, such as AnyValue."
            )

    def _geometries(
        self, queryset: RowSet, groups: Sequence[str]
    ) -> tuple[RowSet, Mapping[str, Label]]:
        """The queryset with aliases for geometries that depend on a group, and their labels."""
        labels: dict[str, Label] = {}
        for number, (name, column) in enumerate(self.report.columns.items()):
            if not isinstance(column.expression, F):
                continue
            found, alias = self.add(queryset, f"g{number}", column.expression, column)
            query, annotations = found.query, found.query.annotations
            if is_geometry(annotations[alias]) and any(
                depends(query, annotations[alias], annotations[group]) for group in groups
            ):
                queryset, labels[name] = found, Label(alias)
        return queryset, labels

    def add(
        self, queryset: QuerySet[Model], alias: str, expression: Any, column: Column
    ) -> tuple[QuerySet[Model], str]:
        is_key = isinstance(column, Key)
        groups = () if is_key else self.groups
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
        """The name, or one like it that no field and no annotation of the author's has."""
        return unused(name, self._taken)

    def _show(self, queryset: QuerySet[Model], name: str, column: Column, alias: str) -> None:
        annotation = queryset.query.annotations[alias]
        field = annotation.output_field
        self._refuse_inexact(field, name)
        with self._named(name):
            if is_geometry(annotation):
                demand_shown(
                    queryset.query,
                    annotation,
                    is_grouped=bool(self.report.keys),
                    is_portable=not self.is_for_one_engine,
                )
            elif isinstance(column, Geometry):
                raise DeclarationError(f"This is a {type(field).__name__}: declare a Column.")
            kind = column.kind(annotation, database_wrapper(self.database))
        self.shown.append(alias)
        self.columns.append(
            ResultColumn(id=name, label=str(column.label), unit=str(column.unit), kind=kind)
        )

    @property
    def groups(self) -> list[str]:
        """The aliases of the keys that a report groups by."""
        return [self._alias(f"k{number}") for number in range(len(self.report.keys))]

    @contextmanager
    def _named(self, name: str) -> Iterator[None]:
        """Errors within say of which column they speak."""
        try:
            yield
        except (NotPortable, DeclarationError) as error:
            raise type(error)(f"{self.report.slug}.{name}: {error}") from error
        except FieldError as error:
            raise DeclarationError(f"{self.report.slug}.{name}: {error}") from error

    def _refuse_order(self, queryset: RowSet, name: str, alias: str, done: str) -> None:
        annotation = queryset.query.annotations[alias]
        with self._named(name):
            client_side.refuse(annotation, f"{done} by")
            refuse_order(annotation, done)

    def _refuse_inexact(self, field: ModelField, name: str) -> None:
        digits = database_wrapper(self.database).features.exact_decimal_digits
        declared = getattr(field, "max_digits", None)
        if digits is not None and declared is not None and declared > digits:
            raise NotPortable(
                f"{self.report.slug}.{name}: {self.database!r} keeps {digits} digits of a decimal,"
                f" and this column declares {declared}."
            )

    def _demanded_sort(self, sort: Sequence[str]) -> Sequence[str]:
        """The sort that a reader asks for; raises ParameterError."""
        names = [term.removeprefix("-") for term in sort]
        unknown = [name for name in names if name not in self.aliases]
        if unknown or len(set(names)) < len(names):
            sentence = _("Sort by the ids of columns, each once: %s.") % ", ".join(self.aliases)
            raise ParameterError({"sort": [sentence]})
        for name in names:
            try:
                for alias in self.aliases[name]:
                    self._refuse_order(self.queryset, name, alias, "ordered")
            except (DeclarationError, NotPortable) as error:
                raise ParameterError({"sort": [str(error)]}) from error
        return sort

    def _choose(self, columns: Sequence[str]) -> None:
        """Show these columns alone, in this order; raises ParameterError."""
        if not columns:
            return
        shown = {
            each.id: (alias, each) for alias, each in zip(self.shown, self.columns, strict=True)
        }
        if not set(columns) <= shown.keys() or len(set(columns)) < len(columns):
            sentence = _("Name the ids of columns, each once: %s.") % ", ".join(shown)
            raise ParameterError({"columns": [sentence]})
        self.shown = [shown[name][0] for name in columns]
        self.columns = [shown[name][1] for name in columns]

    def _order(self, ordering: Sequence[str]) -> Iterator[Term]:
        """The declared order, then every key: no two rows are level."""
        used = set()
        for declared in ordering:
            name, descending = declared.removeprefix("-"), declared.startswith("-")
            for alias in self.aliases[name]:
                self._refuse_order(self.queryset, name, alias, "ordered")
                used.add(alias)
                yield Term(alias, descending)
        if not (self.report.keys or self.is_whole):
            yield from map(Term, self._telling(used))
        for name in self.report.keys:
            yield from (Term(alias) for alias in self.aliases[name] if alias not in used)

    def _telling(self, used: Set[str]) -> Iterator[str]:
        """The aliases of what tells the objects of an ungrouped report apart."""
        joined = joined_keys(self.queryset.query, self.own_joins)
        for number, each in enumerate([*self.rows.identity, *joined]):
            alias = self._alias(f"k{number or ''}")
            self.queryset = self.queryset.annotate(**{alias: Stored(each)})
            self.identity.append(alias)
            yield alias
        if not self.has_reliable_key:
            for alias in self.shown:
                annotation = self.annotation(alias)
                if alias not in used and not is_geometry(annotation):
                    yield alias

    @property
    def has_reliable_key(self) -> bool:
        """Whether the primary key tells rows apart: of a view nobody has checked it."""
        return bool(self.queryset.model._meta.managed)

    def _without_multiplied_rows(self, queryset: RowSet) -> RowSet:
        """The queryset, each aggregate over the joins that it needs itself."""
        if self.is_whole:
            queryset = as_whole(queryset)
        shown = list(dict.fromkeys([*self.shown, *(term.alias for term in self.terms)]))
        keys = () if self.is_whole else self.groups or self.identity
        if fills := list(self._fills(queryset.query)):
            self.is_separated = True
            return filled(queryset, self.own_joins, shown=shown, keys=keys, fills=fills)
        if parts := units_that_multiply(queryset.query, self.own_joins):
            self.is_separated = True
            return separated(queryset, parts, shown=shown, keys=keys)
        return queryset

    def _fills(self, query: Query) -> Iterator[Fill]:
        """The keys whose missing periods are added."""
        for name in self.report.options.fill:
            alias = self.groups[list(self.report.keys).index(name)]
            with self._named(name):
                kind = kind_of_period(query.annotations[alias])
            first, last = self._bounds(self.report.keys[name])
            yield Fill(alias=alias, kind=kind, first=first, last=last)

    def _bounds(self, key: Key) -> tuple[date | None, date | None]:
        """The days between which filters keep what a key is a period of."""
        source, zone = key.expression, UTC
        if isinstance(source, TruncBase):
            (source,), zone = source.get_source_expressions(), source.tzinfo
        bounds = [
            filter_.bounds(self.rows.queryset, self._values, zone)
            for filter_ in self.report.filters.values()
            if isinstance(filter_, DateRange) and source == F(filter_.path)
        ]
        first = max((first for first, _ in bounds if first), default=None)
        return first, min((last for _, last in bounds if last), default=None)


def as_whole(queryset: RowSet) -> RowSet:
    """The queryset with all its rows as one group."""
    query = queryset.query.chain(WholeQuery)
    query.group_by = None
    query.default_cols = False
    return QuerySet(model=queryset.model, query=query, using=queryset.db)
