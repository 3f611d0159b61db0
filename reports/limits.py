"""The limits that an operator sets on exports and pages.

EXPORT_LIMITS, EXPORT_DELIVERY, EXPORT_RECORDS and PAGE_LIMITS in the settings.
"""

from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from geo.limits import in_force

MODES = ("auto", "stream", "spool")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLimits:
    """Limits of exports. The setting EXPORT_LIMITS, a dict, overrides them. None: no limit.

    max_concurrent_per_user  downloads of one user that may run at a time
    max_concurrent           downloads of all users that may run at a time
    rows                     rows of one export
    bytes                    bytes of one export, before compression
    seconds                  duration of a whole export
    statement_seconds        time until the database returns the first rows, and between rows
    """

    max_concurrent_per_user: int | None = 2
    max_concurrent: int | None = 8
    rows: int | None = None
    bytes: int | None = None
    seconds: float | None = 30 * 60
    statement_seconds: float | None = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLimits:
    """Limits of a report's page. The setting PAGE_LIMITS overrides them. None: no limit.

    statement_seconds  duration of each of its few statements
    """

    statement_seconds: float | None = 5


def export_limits() -> ExportLimits:
    """Returns the limits in force. Raises ImproperlyConfigured for an unknown name."""
    return in_force(ExportLimits, "EXPORT_LIMITS")


def page_limits() -> PageLimits:
    """Returns the limits in force. Raises ImproperlyConfigured for an unknown name."""
    return in_force(PageLimits, "PAGE_LIMITS")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsKept:
    """How long export records are kept. The setting EXPORT_RECORDS, a dict, overrides it.

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
    """Returns the value in force. Raises ImproperlyConfigured for an unknown name."""
    return in_force(RecordsKept, "EXPORT_RECORDS")
