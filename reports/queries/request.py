"""One request for a report, the same for a page, a file, a command and a record.

A ReportRequest holds texts and names alone: it survives JSON, and asked again a day later, by
another process under another locale, it gives the same bytes while the rows are the same.
"""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone, translation

from geo.backends.wrapper import database_wrapper
from reports.errors import ParameterError, RequestRefused
from reports.permissions import demand
from reports.queries import available
from reports.queries.parameters import Given, ParametersForm, Texts, bind
from reports.queries.result import ResultColumn, Row, Snapshots
from reports.queries.statement import Statement
from reports.registry import Registry
from reports.report import Report

VERSION = 1


def _language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """What is asked for, as plain values.

    slug         of the report
    parameters   the texts given for each parameter, as in a query string
    database     the alias of the database to ask
    user         the primary key of who asks, as text; None for somebody who has not signed in
    sees_all     no user asks: no permission is checked, and no row left out (commands)
    language     of labels and messages, such as `en`
    time_zone    the current time zone's name
    now          the instant that relative periods such as last-90-days refer to
    sort         column ids, `-` before one for descending, in the place of Meta.ordering
    columns      the ids of the columns to show, in this order; all where there are none
    totals       whether a file ends with the row of totals
    page, after  which page: by number, or after a signed place
    format       the name of a format for a file, "" for a page
    dialect, options, compression
                 how the file is written; the format's defaults where they are empty
    version      of this class: that of a request that came through JSON must be the same
    """

    slug: str
    parameters: Given = field(default_factory=dict)
    database: str = DEFAULT_DB_ALIAS
    user: str | None = None
    sees_all: bool = False
    language: str = field(default_factory=_language)
    time_zone: str = field(default_factory=timezone.get_current_timezone_name)
    now: datetime = field(default_factory=timezone.now)
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    totals: bool = False
    page: int = 1
    after: str = ""
    format: str = ""
    dialect: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    compression: str = ""
    version: int = VERSION

    def as_json(self) -> str:
        """Return the request as a JSON object."""
        return json.dumps(self.as_dict(), sort_keys=True, ensure_ascii=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the request as what JSON knows."""
        return asdict(self) | {"now": self.now.astimezone(UTC).isoformat()}

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a request that `as_json` wrote. Raises RequestRefused, which says what is wrong."""
        try:
            found = json.loads(text)
        except ValueError as error:
            raise RequestRefused(f"A stored request is not JSON: {error}.") from error
        return cls.from_dict(found)

    @classmethod
    def from_dict(cls, found: Any) -> Self:
        """Read a request that `as_dict` gave. Raises RequestRefused."""
        if not isinstance(found, dict):
            raise RequestRefused("A stored request is not a JSON object.")
        if found.get("version") != VERSION:
            raise RequestRefused(
                f"A stored request of report {found.get('slug')!r} has version"
                f" {found.get('version')!r}, and this Isoline reads version {VERSION}: make the"
                " request again."
            )
        known = {each.name for each in fields(cls)}
        if found.keys() != known:
            wrong = ", ".join(sorted(map(repr, found.keys() ^ known)))
            raise RequestRefused(f"A stored request lacks, or has beside what it should: {wrong}.")
        try:
            return cls(
                **found
                | {
                    "now": datetime.fromisoformat(found["now"]),
                    "sort": tuple(found["sort"]),
                    "columns": tuple(found["columns"]),
                }
            )
        except (TypeError, ValueError) as error:
            raise RequestRefused(f"A stored request cannot be read: {error}.") from error

    @contextmanager
    def context(self) -> Iterator[None]:
        """Within it the request's language and time zone are the current ones."""
        with translation.override(self.language), timezone.override(self.time_zone):
            yield

    def asked_by(self) -> Any:
        """Return who asks: a user, an anonymous one, or None who sees all.

        Raises RequestRefused for a user that is there no more.
        """
        if self.sees_all:
            return None
        if self.user is None:
            return AnonymousUser()
        users = get_user_model()
        try:
            return users._default_manager.get(pk=self.user)
        except (users.DoesNotExist, ValueError, ValidationError):
            raise RequestRefused(
                f"The user {self.user!r} of a stored request of {self.slug!r} is gone."
            ) from None


def key_of(user: Any) -> str | None:
    """Return the text by which a request names a user; None for one who has not signed in."""
    return None if user is None or not user.is_authenticated else str(user.pk)


@dataclass(slots=True)
class BoundRequest:
    """A request whose report and parameters have been read.

    errors  what is wrong with the parameters, sentences by name
    """

    request: ReportRequest
    report: Report
    user: Any
    form: ParametersForm
    errors: Mapping[str, Sequence[str]]

    def result(self) -> "Result":
        """Return the result. Raises ParameterError, NotPortable, DeclarationError."""
        if self.errors:
            raise ParameterError(self.errors)
        request = self.request
        with request.context():
            statement = Statement(
                self.report,
                dict(self.form.cleaned_data),
                request.database,
                self.user,
                sort=request.sort,
                columns=request.columns,
            )
            if request.totals:
                statement.demand_totals()
            return Result(request=request, statement=statement, given=self.form.texts())


@dataclass(slots=True, kw_only=True)
class Result:
    """What a request found: columns, lazy rows, and facts about both.

    given  the texts of the parameters that are in force, with what relative ones stand for
    """

    request: ReportRequest
    statement: Statement
    given: Texts

    @property
    def report(self) -> Report:
        """The report."""
        return self.statement.report

    @property
    def columns(self) -> Sequence[ResultColumn]:
        """The columns, keys first unless the request says otherwise."""
        return self.statement.columns

    def rows(self, watch: Snapshots | None = None) -> Generator[Row]:
        """Yield every row, read from one snapshot as they are taken; as Statement.stream."""
        return self.statement.stream(watch, totals=self.request.totals)

    @property
    def facts(self) -> dict[str, str]:
        """What the rows are of: report, its version, database and server."""
        return {
            "report": self.report.slug,
            "version": self.report.options.version,
            "database": self.request.database,
            "server": database_wrapper(self.request.database).server_version,
        }


def bound(
    request: ReportRequest,
    *,
    user: Any = None,
    report: Report | None = None,
    registry: Registry | None = None,
) -> BoundRequest:
    """Read a request's parameters.

    `user` is the request's where it is at hand already, and `report` where it is and `user` may
    read it.

    Raises UnknownReport, BrokenReport, PermissionRefused, RequestRefused.
    """
    if user is None:
        user = request.asked_by()
    if report is None:
        report = registry.get(request.slug) if registry else available.get(request.slug)
        if user is not None:
            demand(report, user)
    with request.context():
        form, errors = bind(report, request.parameters, request.database, user, now=request.now)
    return BoundRequest(request, report, user, form, errors)


def run(request: ReportRequest, *, user: Any = None, registry: Registry | None = None) -> Result:
    """Return the result of a request; its rows are read when they are taken.

    The report is one of the project's, or of another registry that is given.

    Raises what `bound` raises, ParameterError, NotPortable and DeclarationError.
    """
    return bound(request, user=user, registry=registry).result()
