"""`Statement`: a report and its parameters as one SQL statement in total order.

Every path asks a `Statement`: a page takes slices of it, a download, a command and a comparison
stream its rows.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

from django.db import DatabaseError
from django.db.models import F, OrderBy
from django.db.models.expressions import BaseExpression
from django.utils.translation import gettext as _

from geo.backends.compat import Connection, RowSet
from geo.backends.refine import TooManyCandidates
from geo.backends.wrapper import DatabaseWrapperMixin, database_wrapper
from reports.columns import Column
from reports.errors import DeclarationError, NotPortable, ParameterError, StatementFailed
from reports.expressions.order import ByAlias, ByValue
from reports.expressions.rounding import SortKey
from reports.queries.composition import Composition, Term
from reports.queries.keyset import Keyset
from reports.queries.parameters import Values
from reports.queries.result import ResultColumn, Row, Snapshots, Totals
from reports.queries.totals import TotalsQuery
from reports.report import Report
from reports.values.geometries import Geometry

CHUNK_ROWS = 2000
# An outline may have a megabyte.
CHUNK_GEOMETRIES = 50


class Statement:
    """A report's query on one database. Building it executes nothing.

    Raises NotPortable if this database, or any, would give a wrong answer.
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
        """Builds the statement.

        `user` sees the rows that `report.scope` allows; None sees every row. `sort` replaces
        Meta.ordering, and `columns` are the ids of the columns to show, if they are given.
        """
        self.report = report
        self.database = database
        self.composition = Composition(report, values, database, user, sort=sort, columns=columns)

    @property
    def columns(self) -> Sequence[ResultColumn]:
        """The result's columns, group keys first."""
        return self.composition.columns

    @property
    def shown(self) -> dict[str, BaseExpression]:
        """The expressions that the columns show, resolved, by the alias that each has here."""
        return {alias: self.composition.annotation(alias) for alias in self.composition.shown}

    @property
    def is_plain(self) -> bool:
        """Whether each object of the queryset is a row, and of a type that is proven."""
        query = self.composition.queryset.query
        return not (
            self.report.keys
            or self.composition.is_whole
            or self.composition.is_separated
            or self.composition.rows.is_derived
            or query.combinator
            or self.composition.is_for_one_engine
        )

    def selecting(self, **expressions: object) -> RowSet:
        """The rows of a plain statement in their order, of which these expressions are selected."""
        order = [self._by_value(term) for term in self.composition.terms]
        queryset: RowSet = self.composition.queryset.order_by(*order).annotate(**expressions)
        return queryset.values_list(*expressions)

    @cached_property
    def queryset(self) -> RowSet:
        """Returns the statement: tuples of the shown values, followed by those of the order's keys.

        `canonical` converts a tuple to a result row.
        """
        order = [self.order_by(term) for term in self.composition.terms]
        return self.composition.queryset.order_by(*order).values_list(*self.selected)

    def order_by(self, term: Term) -> OrderBy:
        """What a term of the order is in SQL, where the statement selects it."""
        if self.composition.needs_sort_key(term):
            key = SortKey(F(term.alias))
            return OrderBy(key, descending=term.descending, nulls_last=True)
        return ByAlias(term.alias, descending=term.descending)

    def _by_value(self, term: Term) -> OrderBy:
        """As `_order_by`, of a statement that does not select what it is ordered by."""
        value: F | SortKey = F(term.alias)
        if self.composition.needs_sort_key(term):
            value = SortKey(value)
        return ByValue(value, descending=term.descending)

    @cached_property
    def selected(self) -> list[str]:
        """The aliases of the values of a row of `queryset`."""
        return list(
            dict.fromkeys(
                [*self.composition.shown, *(term.alias for term in self.composition.terms)]
            )
        )

    def canonical(self, row: Row) -> Row:
        """Returns the canonical values of a row of `queryset`, None for NULL."""
        # The driver's row may be longer: zip ends with the shown columns.
        return tuple(
            None if value is None and not takes_null else convert(value)
            for (convert, takes_null), value in zip(self._converters, row, strict=False)
        )

    @cached_property
    def _converters(self) -> list[tuple[Callable[..., object], bool]]:
        return [(column.kind.value, column.kind.takes_null) for column in self.composition.columns]

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
            kind = column.kind(
                self.composition.annotation(self._key_alias), database_wrapper(self.database)
            )
        except DeclarationError:  # a key of several columns
            return None
        return ResultColumn(id="id", label="id", unit="", kind=kind)

    @property
    def _key_alias(self) -> str:
        aliases = self.composition.groups or self.composition.identity
        return aliases[0] if len(aliases) == 1 else ""

    def stream(
        self, watch: Snapshots | None = None, *, keyed: bool = False, totals: bool = False
    ) -> Generator[Row]:
        """Yields every row, canonical and in order, from one snapshot, in constant memory.

        `watch` limits the snapshot and may stop it from another thread. If `keyed`, the value of
        `key` follows those of the columns. With `totals` the last row is a Totals.

        Raises StatementFailed if the database fails, and NotPortable if GEOS would have to decide
        about more rows than REFINE_LIMITS allows.
        """
        with self.snapshot(watch) as connection:
            compiler = self.queryset.query.get_compiler(connection=connection)
            for row in compiler.results_iter(
                tuple_expected=True, chunked_fetch=True, chunk_size=self._chunk_rows
            ):
                yield (*self.canonical(row), self._key_of(row)) if keyed else self.canonical(row)
            if totals:
                yield Totals((*self.totals(connection), None) if keyed else self.totals(connection))

    def _key_of(self, row: Row) -> object:
        value = row[self.selected.index(self._key_alias)]
        return None if value is None or self.key is None else self.key.kind.value(value)

    @contextmanager
    def snapshot(self, watch: Snapshots | None = None) -> Iterator[DatabaseWrapperMixin]:
        """Opens the database's snapshot, watched. Raises what `stream` raises for its errors."""
        database = database_wrapper(self.database)
        try:
            with watch.snapshot(database) if watch else database.snapshot() as connection:
                yield connection
        except TooManyCandidates as error:
            raise NotPortable(f"{self.report.slug}: {error}") from error
        except DatabaseError as error:
            raise StatementFailed(
                f"Database {self.database!r} failed to answer {self.report.slug!r}"
                f" ({type(error).__name__})."
            ) from error

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

    @cached_property
    def _totals(self) -> TotalsQuery:
        return TotalsQuery(self.composition)

    @property
    def has_totals(self) -> bool:
        """Whether a column is an aggregate whose total has a meaning."""
        return self._totals.has_any

    def totals(self, connection: Connection) -> Row:
        """Return a canonical row of each aggregate over all rows, asked on this connection.

        None for a column without a meaningful total: a key, a single-row column, a window, and an
        aggregate that picks any value of a group.
        """
        return self.canonical(self._totals.row(connection))

    @property
    def _chunk_rows(self) -> int:
        has_geometry = any(isinstance(column.kind, Geometry) for column in self.composition.columns)
        return CHUNK_GEOMETRIES if has_geometry else CHUNK_ROWS

    @property
    def has_cursors(self) -> bool:
        """Whether the rows after a given one can be had: rows that are alike have one cursor."""
        return Keyset(self).is_possible

    def cursor(self, row: Row) -> str:
        """Return a signed text for a row of `queryset`; "" where there are no cursors."""
        return Keyset(self).cursor(row)

    def after(self, cursor: str) -> RowSet:
        """Return the rows after a cursor; raises ParameterError for one that is not ours."""
        return Keyset(self).after(cursor)
