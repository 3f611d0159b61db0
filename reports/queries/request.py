"""`ReportRequest`: one request for a report, the same for a page, a file, a command and a record.

A ReportRequest has only texts and names. It survives JSON, and gives the same bytes a day later, in
another process with another locale, as long as the rows are the same.
"""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone, translation

from geo.backends.wrapper import database_wrapper
from reports.errors import ParameterError, RequestRefused
from reports.permissions import anonymous, demand
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
    """A request for a report, as plain values.

    slug         of the report
    parameters   the texts given for each parameter, as in a query string
    database     the alias of the database to query
    user         the requesting user's primary key, as text; None if not signed in
    sees_all     whether no permission is checked and no row is left out (commands)
    language     of labels and messages, such as `en`
    time_zone    the current time zone's name
    now          the instant that relative periods such as last-90-days refer to
    sort         column ids, `-` before one for descending, instead of Meta.ordering
    columns      the ids of the columns to show, in this order; all if empty
    totals       whether a file ends with the row of totals
    page, after  the page: by number, or by the signed cursor that it follows
    format       the name of a file's format, "" for a page
    dialect, options, compression
                 how the file is written; the format's defaults if empty
    version      of this class; a request that is read from JSON must have the same
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
        """Returns the request as a JSON object."""
        return json.dumps(self.as_dict(), sort_keys=True, ensure_ascii=False)

    def as_dict(self) -> dict[str, Any]:
        """Returns the request as a dict of JSON values."""
        return asdict(self) | {"now": self.now.astimezone(UTC).isoformat()}

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Returns the request that `as_json` wrote. Raises RequestRefused."""
        try:
            found = json.loads(text)
        except ValueError as error:
            raise RequestRefused(f"A stored request is not JSON: {error}.") from error
        return cls.from_dict(found)

    @classmethod
    def from_dict(cls, found: object) -> Self:
        """Returns the request that `as_dict` returned. Raises RequestRefused."""
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
            raise RequestRefused(f"A stored request has missing or unknown fields: {wrong}.")
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
        """Activates the request's language and time zone within the block."""
        with translation.override(self.language), timezone.override(self.time_zone):
            yield

    def asked_by(self) -> Any:
        """Returns the requesting user, an anonymous one, or None, who sees all.

        Raises RequestRefused if the user does not exist any more.
        """
        if self.sees_all:
            return None
        if self.user is None:
            return anonymous()
        users = get_user_model()
        try:
            return users._default_manager.get(pk=self.user)
        except (users.DoesNotExist, ValueError, ValidationError):
            raise RequestRefused(
                f"The user {self.user!r} of a stored request of {self.slug!r} no longer exists."
            ) from None


def key_of(user: Any) -> str | None:
    """Returns the text that identifies a user in a request; None for an anonymous one."""
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
        """Returns the result. Raises ParameterError, NotPortable, DeclarationError."""
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
    """The result of a request: columns, lazy rows, and facts about both.

    given  the parameters' texts in force, and those that relative ones stand for
    """

    request: ReportRequest
    statement: Statement
    given: Texts

    @property
    def report(self) -> Report:
        """Returns the report."""
        return self.statement.report

    @property
    def columns(self) -> Sequence[ResultColumn]:
        """Returns the columns, keys first unless the request says otherwise."""
        return self.statement.columns

    def rows(self, watch: Snapshots | None = None) -> Generator[Row]:
        """Yields every row, read from one snapshot while they are taken; see Statement.stream."""
        return self.statement.stream(watch, totals=self.request.totals)

    @property
    def facts(self) -> dict[str, str]:
        """Returns the origin of the rows: the report, its version, the database and the server."""
        return {
            "report": self.report.slug,
            "version": self.report.options.version,
            "database": self.request.database,
            "server": database_wrapper(self.request.database).server_version,
        }


def bound(
    request: ReportRequest,
    *,
    user: object = None,
    report: Report | None = None,
    registry: Registry | None = None,
) -> BoundRequest:
    """Returns the request with its report and parameters read.

    `user` and `report` are the request's, for callers that have them and have checked that `user`
    may read `report`.

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


def run(request: ReportRequest, *, user: object = None, registry: Registry | None = None) -> Result:
    """Return the result of a request; its rows are read when they are taken.

    The report is one of the project's, or of another registry that is given.

    Raises what `bound` raises, ParameterError, NotPortable and DeclarationError.
    """
    return bound(request, user=user, registry=registry).result()
