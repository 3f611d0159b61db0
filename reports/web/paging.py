"""One page of a report's rows: by its number up to page 1,000, by its cursor from there on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.paginator import AsyncPaginator, EmptyPage
from django.db import DatabaseError, connections
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from geo.backends.wrapper import database_wrapper
from reports.errors import LimitReached, NotFound
from reports.limits import page_limits
from reports.queries.result import Row
from reports.queries.statement import Statement
from reports.web import query


class MissingPageError(NotFound):
    """The report ends before this page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of canonical rows, and its links.

    count    rows of the whole report
    number   this page's, None where it was found by its cursor
    last     the number of the last page there is
    start    the number of the first row here; None without a page number
    links    numbers to offer, None for a gap
    cursor    behind which the next page begins, where that page has no number
    """

    rows: Sequence[Row]
    count: int
    last: int
    number: int | None = None
    start: int | None = None
    links: Sequence[int | None] = ()
    cursor: str = ""

    @property
    def start_text(self) -> str:
        """Returns the number of the first row here, formatted."""
        return _grouped(self.start or 1)

    @property
    def end_text(self) -> str:
        """Returns the number of the last row here, formatted."""
        return _grouped((self.start or 1) + len(self.rows) - 1)

    @property
    def previous(self) -> int | None:
        """Returns the number of the previous page, None if it has none."""
        return self.number - 1 if self.number and self.number > 1 else None

    @property
    def next(self) -> int | None:
        """Returns the number of the next page, None if it has none."""
        if self.number is None or self.number >= min(self.last, query.LAST_NUMBERED_PAGE):
            return None
        return self.number + 1

    @property
    def hides_rows(self) -> bool:
        """Whether rows follow that no page can show: this one is the last with a number."""
        is_last = self.number == query.LAST_NUMBERED_PAGE and not self.cursor
        return is_last and self.last > query.LAST_NUMBERED_PAGE


@contextmanager
def in_time(statement: Statement) -> Iterator[None]:
    """Limits the statements of a page to PAGE_LIMITS within the block. Raises LimitReached."""
    seconds = page_limits().statement_seconds
    database = database_wrapper(statement.database)
    try:
        with database.limited(seconds):
            yield
    except DatabaseError as error:
        if seconds is None or not database.is_over_time(error):
            raise
        sentence = _(
            "The database took too long for this page: narrow the report by its parameters."
        )
        raise LimitReached("statement_seconds", seconds, sentence, "PAGE_LIMITS") from error


class PageReader:
    """Reads one page of a statement, by its number or by the cursor that it follows.

    `read` is for the event loop; everything else is for the thread of the connections.

    rows   of the page, as the statement's queryset has them
    count  rows of the whole report
    last   the number of the last page
    links  as Django's get_elided_page_range has them
    """

    def __init__(self, statement: Statement, *, number: int, after: str | None) -> None:
        """Builds the queries. Raises ParameterError for a cursor that is not one of ours."""
        self.statement = statement
        self.number = number
        self.per_page = statement.report.options.page_size
        # Building the queryset may ask the server for its version.
        self.queryset = statement.queryset
        # One row more than is shown tells whether there is a next page.
        self.following = None if after is None else statement.after(after)[: self.per_page + 1]
        self.rows: Sequence[Row] = ()
        self.count = self.last = 0
        self.links: Sequence[Any] = ()

    async def read(self) -> None:
        """Reads the count and the rows, each in a hop. Raises MissingPageError after the last."""
        paginator = AsyncPaginator(self.queryset, self.per_page)
        if self.following is not None:
            self.rows = [row async for row in self.following]
        self.count, self.last = await paginator.acount(), await paginator.anum_pages()
        if self.following is None:
            try:
                page = await paginator.apage(self.number)
            except EmptyPage as error:
                raise self.missing() from error
            self.rows = await page.aget_object_list()
            # The stubs take the asynchronous generator for a coroutine.
            links: Any = paginator.aget_elided_page_range(self.number, on_each_side=2, on_ends=1)
            self.links = [link async for link in links]

    def missing(self) -> MissingPageError:
        """Returns the error that says which pages there are."""
        sentence = ngettext(
            "There is no page %(number)s: the report has %(last)s page.",
            "There is no page %(number)s: the report has %(last)s pages.",
            self.last,
        )
        words = {"number": _grouped(self.number), "last": _grouped(self.last)}
        return MissingPageError(sentence % words)

    def page(self) -> Page:
        """Returns the page that was read."""
        rows = self.rows[: self.per_page]
        if self.following is not None:
            number, has_cursor = None, len(self.rows) > self.per_page
        else:
            number = self.number
            has_cursor = number == query.LAST_NUMBERED_PAGE and number < self.last
        return Page(
            rows=[self.statement.canonical(row) for row in rows],
            count=self.count,
            last=self.last,
            number=number,
            start=(number - 1) * self.per_page + 1 if number and rows else None,
            links=[
                each if isinstance(each, int) else None
                for each in self.links
                if not isinstance(each, int) or each <= query.LAST_NUMBERED_PAGE
            ],
            cursor=self.statement.cursor(rows[-1]) if has_cursor else "",
        )

    def totals(self) -> Row:
        """Reads the row of totals."""
        return self.statement.totals(connections[self.statement.database])


def row_count(count: int) -> str:
    """Returns the number of rows, in words."""
    return ngettext("%s row", "%s rows", count) % _grouped(count)


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)
