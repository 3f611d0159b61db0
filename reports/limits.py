"""What an operator decides about exports and pages.

EXPORT_LIMITS, EXPORT_DELIVERY, EXPORT_RECORDS and PAGE_LIMITS in the settings.
"""

from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from geo.limits import in_force

MODES = ("auto", "stream", "spool")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLimits:
    """What an export may take; the setting EXPORT_LIMITS, a dict, has others. None: no limit.

    max_concurrent_per_user   downloads of one user that may run at a time
    max_concurrent            downloads of everybody that may run at a time
    rows               rows of one export
    bytes              bytes of one export, as they are written
    seconds            of a whole export
    statement_seconds  until the database has the first rows, and from some to the next
    """

    max_concurrent_per_user: int | None = 2
    max_concurrent: int | None = 8
    rows: int | None = None
    bytes: int | None = None
    seconds: float | None = 30 * 60
    statement_seconds: float | None = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLimits:
    """What a page of a report may take; the setting PAGE_LIMITS has others. None: no limit.

    statement_seconds  of each of its statements, of which it has a few
    """

    statement_seconds: float | None = 5


def export_limits() -> ExportLimits:
    """The limits in force. Raises ImproperlyConfigured for a name that is none of them."""
    return in_force(ExportLimits, "EXPORT_LIMITS")


def page_limits() -> PageLimits:
    """The limits in force. Raises ImproperlyConfigured for a name that is none of them."""
    return in_force(PageLimits, "PAGE_LIMITS")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsKept:
    """How long the records of exports are kept; the setting EXPORT_RECORDS, a dict, has another.

    days  since an export ended
    """

    days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How a download reaches its reader; the setting EXPORT_DELIVERY, a dict, has another way.

    mode  stream: sent while it is made; spool: made in a temporary file first, then sent with its
          length; auto: streamed where the server is known to break off a stream that fails
    """

    mode: str = "auto"

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ImproperlyConfigured(
                f"EXPORT_DELIVERY['mode'] is {self.mode!r}: write one of {', '.join(MODES)}."
            )


def delivery() -> Delivery:
    """Return what is in force. Raises ImproperlyConfigured for another name or mode."""
    return in_force(Delivery, "EXPORT_DELIVERY")


def records_kept() -> RecordsKept:
    """What is in force. Raises ImproperlyConfigured for a name that is none."""
    return in_force(RecordsKept, "EXPORT_RECORDS")
