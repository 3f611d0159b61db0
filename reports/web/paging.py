"""One page of a report's rows: by its number up to page 1,000, by its cursor from there on."""

from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.core.paginator import AsyncPaginator, EmptyPage
from django.db import DatabaseError
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from geo.backends.wrapper import DatabaseWrapperMixin, database_wrapper
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


@asynccontextmanager
async def in_time(statement: Statement) -> AsyncIterator[None]:
    """Limits the statements of a page to PAGE_LIMITS within the block. Raises LimitReached."""
    seconds = page_limits().statement_seconds
    stack = ExitStack()
    database = await sync_to_async(_limited)(stack, statement.database, seconds)
    try:
        yield
    except DatabaseError as error:
        if seconds is None or not database.is_over_time(error):
            raise
        sentence = _(
            "The database took too long for this page: narrow the report by its parameters."
        )
        raise LimitReached("statement_seconds", seconds, sentence, "PAGE_LIMITS") from error
    finally:
        # In the thread of the connection.
        await sync_to_async(stack.close)()


def _limited(stack: ExitStack, alias: str, seconds: float | None) -> DatabaseWrapperMixin:
    database = database_wrapper(alias)
    stack.enter_context(database.limited(seconds))
    return database


async def numbered(statement: Statement, number: int) -> Page:
    """Returns the page of this number. Raises MissingPageError after the last."""
    paginator = await _paginator(statement)
    last = await paginator.anum_pages()
    try:
        page = await paginator.apage(number)
    except EmptyPage as error:
        raise MissingPageError(
            ngettext(
                "There is no page %(number)s: the report has %(last)s page.",
                "There is no page %(number)s: the report has %(last)s pages.",
                last,
            )
            % {"number": _grouped(number), "last": _grouped(last)}
        ) from error
    rows = await page.aget_object_list()
    ends_numbers = number == query.LAST_NUMBERED_PAGE and number < last
    return Page(
        rows=await _canonical(statement, rows),
        count=await paginator.acount(),
        last=last,
        number=number,
        start=(number - 1) * paginator.per_page + 1 if rows else None,
        links=[link async for link in _links(paginator, number)],
        cursor=await sync_to_async(statement.cursor)(rows[-1]) if ends_numbers else "",
    )


async def behind(statement: Statement, token: str) -> Page:
    """The page behind a cursor; raises ParameterError for a cursor that is not one of ours."""
    paginator = await _paginator(statement)
    queryset = await sync_to_async(statement.after)(token)
    # One row more than is shown tells whether there is a next page.
    rows = [row async for row in queryset[: paginator.per_page + 1]]
    more, rows = len(rows) > paginator.per_page, rows[: paginator.per_page]
    return Page(
        rows=await _canonical(statement, rows),
        count=await paginator.acount(),
        last=await paginator.anum_pages(),
        cursor=await sync_to_async(statement.cursor)(rows[-1]) if more else "",
    )


def row_count(count: int) -> str:
    """Returns the number of rows, in words."""
    return ngettext("%s row", "%s rows", count) % _grouped(count)


async def _paginator(statement: Statement) -> "AsyncPaginator[Any]":
    # Building the statement may ask the server for its version.
    queryset = await sync_to_async(lambda: statement.queryset)()
    return AsyncPaginator(queryset, statement.report.options.page_size)


async def _canonical(statement: Statement, rows: Sequence[Row]) -> list[Row]:
    return await sync_to_async(lambda: [statement.canonical(row) for row in rows])()


async def _links(paginator: "AsyncPaginator[Any]", number: int) -> AsyncIterator[int | None]:
    """Returns the numbers near this page and at the ends, up to the last that has a number."""
    # The stubs take the asynchronous generator for a coroutine.
    pages: Any = paginator.aget_elided_page_range(number, on_each_side=2, on_ends=1)
    async for link in pages:
        if not isinstance(link, int):
            yield None
        elif link <= query.LAST_NUMBERED_PAGE:
            yield link


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)
