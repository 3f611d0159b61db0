"""Reads a report's query string: the page's own parameters, and the report's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import DEFAULT_DB_ALIAS
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from reports import installation
from reports.formats import OPTIONS, Format
from reports.queries.request import ReportRequest, key_of

# Later pages are found by cursor (`after`): an offset costs as much as the rows that it skips.
LAST_NUMBERED_PAGE = 1000
OF_BOTH = ("database", "sort", "columns", "totals")
OF_PAGES = (*OF_BOTH, "page", "after")
OF_DOWNLOADS = (*OF_BOTH, "dialect", *OPTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A parsed query string.

    own     the texts of the page's own parameters, one each
    given   the texts of the report's parameters, unchanged
    errors  what is wrong with the own ones, sentences by name
    """

    own: Mapping[str, str]
    given: Mapping[str, list[str]]
    errors: Mapping[str, list[str]]

    @property
    def database(self) -> str:
        """Returns the alias of the database to query; it exists."""
        return DEFAULT_DB_ALIAS if "database" in self.errors else self._database

    @property
    def _database(self) -> str:
        return self.own.get("database", DEFAULT_DB_ALIAS)

    @property
    def page(self) -> int:
        """Returns the number of the requested page."""
        return int(self.own.get("page", 1))

    @property
    def after(self) -> str | None:
        """Returns the cursor that the page follows, if it has no number."""
        return self.own.get("after")

    @property
    def dialect(self) -> str | None:
        """Returns the requested dialect, None for the format's default."""
        return self.own.get("dialect")

    @property
    def totals(self) -> bool:
        """Whether a download includes the totals. Pages always show them."""
        return "totals" in self.own

    @property
    def options(self) -> Mapping[str, str]:
        """Returns the texts of a format's options."""
        return {name: self.own[name] for name in OPTIONS if name in self.own}

    def request(
        self, slug: str, user: Any, format_: str = "", compression: str = ""
    ) -> ReportRequest:
        """Returns the request for a page, or for a file in a format."""
        return ReportRequest(
            slug=slug,
            parameters=self.given,
            database=self.database,
            user=key_of(user),
            sort=_listed(self.own.get("sort", "")),
            columns=_listed(self.own.get("columns", "")),
            totals=self.totals,
            page=1 if "page" in self.errors else self.page,
            after=self.own.get("after", ""),
            format=format_,
            dialect=self.dialect or "",
            options=self.options,
            compression=compression,
        )

    def to(self, **own: str | int) -> str:
        """Returns the query string of another page of the same request: "" or "?..."."""
        pairs = [(name, text) for name, texts in self.given.items() for text in texts]
        pairs += [(n, self.own[n]) for n in ("database", "sort", "columns") if n in self.own]
        if self.totals:
            pairs.append(("totals", "1"))
        pairs += [(name, str(value)) for name, value in own.items()]
        return f"?{urlencode(pairs)}" if pairs else ""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def of_page(query: QueryDict) -> Query:
    """Returns the query of a report's page."""
    taken = _take(query, OF_PAGES)
    errors = _errors(taken, query)
    if "page" in taken.own and (sentence := _page_error(taken.own["page"])):
        errors.setdefault("page", [sentence])
    if "page" in taken.own and "after" in taken.own:
        errors.setdefault("after", [_("Use either “page” or “after”, not both.")])
    return Query(own=taken.own, given=taken.given, errors=errors)


def of_download(query: QueryDict, format_: Format) -> Query:
    """Returns the query of a download in this format."""
    taken = _take(query, OF_DOWNLOADS)
    errors = _errors(taken, query)
    dialect = taken.own.get("dialect")
    if dialect is not None and dialect not in format_.dialects:
        errors.setdefault(
            "dialect",
            [
                _("%(format)s has no dialect '%(dialect)s'; it has %(there_are)s.")
                % {
                    "format": format_.name,
                    "dialect": dialect,
                    "there_are": ", ".join(format_.dialects),
                }
            ],
        )
    errors = format_.option_errors(taken.options) | errors
    return Query(own=taken.own, given=taken.given, errors=errors)


def _take(query: QueryDict, names: Iterable[str]) -> Query:
    lists = dict(query.lists())
    own = {name: lists.pop(name)[-1] for name in names if name in lists}
    return Query(own=own, given=lists, errors={})


def _errors(taken: Query, query: QueryDict) -> dict[str, list[str]]:
    errors = {}
    for name in taken.own:
        if (times := len(query.getlist(name))) > 1:
            errors[name] = [_("Given %s times: give it once.") % times]
    alias = taken.own.get("database", DEFAULT_DB_ALIAS)
    # Of `default` a system check says what is wrong, and so does the response.
    if alias not in (DEFAULT_DB_ALIAS, *installation.databases()):
        errors["database"] = [
            _("Unknown database '%(alias)s'. Databases: %(there_are)s.")
            % {"alias": alias, "there_are": ", ".join(installation.databases())}
        ]
    if taken.own.get("totals", "1") != "1":
        errors["totals"] = [_("Write totals=1 for a row of totals, or leave it out.")]
    return errors


def _page_error(text: str) -> str:
    """Returns what is wrong with a page number, "" if nothing."""
    # int() accepts more than digits, and refuses very long texts.
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        return _("“%s” is not the number of a page: use 1, 2, 3 and so on.") % text[:40]
    number = int(text)
    if number < 1:
        return _("The first page is number 1.")
    if number > LAST_NUMBERED_PAGE:
        return _("Page numbers end at %s: follow the link “Next” from there.") % (
            number_format(LAST_NUMBERED_PAGE, force_grouping=True)
        )
    return ""
