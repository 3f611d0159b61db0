"""The errors of reports. Their texts are sentences for the person who asked for the report."""

import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from geo.errors import IsolineError


class ReportError(IsolineError):
    """Base of all errors about reports."""


class DeclarationError(ReportError):
    """A report's declaration is wrong. Its author sees this at start-up."""


class Misconfigured(ReportError):
    """The project lacks something that reports need. Says which setting to change, and how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a report or with a module of reports, and where.

    of     the dotted path of the class or of the module
    slugs  the reports that cannot be used because of it
    file   the source file, "" if unknown; `line` is 0 if unknown
    cause  the error as a sentence
    id     of the system check that reports it
    """

    of: str
    slugs: frozenset[str]
    file: str
    line: int
    cause: str
    id: str = "reports.E001"

    def __str__(self) -> str:
        """Returns the cause and the place."""
        place = f'File "{self.file}"' + (f", line {self.line}" if self.line else "")
        return f"{self.cause} ({place})" if self.file else self.cause


class BrokenReport(DeclarationError):
    """A report cannot be used until its author has corrected it. `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(f"{fault.of} is broken: {fault}")


class NotFound(ReportError):
    """The named thing does not exist, or this user may not know that it does."""


class UnknownReport(NotFound):
    """No report has this slug."""


class PermissionRefused(ReportError):
    """This user may not read this report."""


class RequestRefused(ReportError):
    """A stored request cannot be run again: its version is old, or its user was deleted."""


class NotAcceptable(ReportError):
    """The client's `Accept` excludes every format there is."""


class NotPortable(ReportError):
    """A database would give a wrong answer to this report, so it is not asked."""


class FormatRefused(ReportError):
    """This format cannot hold the report, whatever its rows are."""


class FormatOverflow(ReportError):
    """A result is larger than the format allows. It is refused, never truncated."""


class StatementFailed(ReportError):
    """The database failed. The cause is chained; pages do not show it."""


class LimitReached(ReportError):
    """A report exceeds a limit of EXPORT_LIMITS or PAGE_LIMITS.

    `limit` is the limit's name there.
    """

    def __init__(
        self, limit: str, value: float, sentence: str, setting: str = "EXPORT_LIMITS"
    ) -> None:
        """`sentence` says what exceeded the limit; the limit, value and setting are added."""
        self.limit = limit
        super().__init__(f"{sentence} The limit is {value} ({setting}[{limit!r}]).")


class TooManyPeriods(LimitReached):
    """Meta.fill would add more rows than its limit allows."""

    def __init__(self, rows: int, most: int) -> None:
        self.limit = "rows"
        ReportError.__init__(
            self,
            f"Meta.fill would add {rows:,} rows for periods without rows; the limit is {most:,}."
            " Choose a shorter time or fewer groups by the parameters, or fill longer periods.",
        )


class TooManyAtOnce(LimitReached):
    """The maximum number of exports is running. Trying again later helps."""


class RowFailed(ReportError):
    """A row cannot be written. The cause is chained; pages do not show it."""


class ReaderGone(ReportError):
    """The export was stopped because its reader disconnected."""


class ParameterError(ReportError):
    """Parameters cannot be read.

    `errors` maps a parameter's name to the sentences that say what is wrong with its value.
    """

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        self.errors = {name: tuple(sentences) for name, sentences in errors.items()}
        super().__init__(
            " ".join(f"{name}: {' '.join(texts)}" for name, texts in self.errors.items())
        )


def sentence(error: BaseException) -> str:
    """An error's text, for an author: with its type unless it is one of ours."""
    return str(error) if isinstance(error, IsolineError) else f"{type(error).__name__}: {error}"


def logged(logger: logging.Logger, error: BaseException, message: str, *args: object) -> str:
    """Returns the id of an error in the log: 12 hex digits, for people who may not read the error.

    The first call for an error logs it under a new id; later calls return the same id.
    """
    error_id: str = getattr(error, "error_id", "")
    if not error_id:
        error_id = secrets.token_hex(6)
        setattr(error, "error_id", error_id)  # noqa: B010 -- exceptions declare no such attribute
        logger.error(f"Error %s: {message}", error_id, *args, exc_info=error)
    return error_id


@contextmanager
def survived(logger: logging.Logger, message: str, *args: object) -> Iterator[None]:
    """Logs what is raised within, and goes on. For a thread that all exports of a process share."""
    try:
        yield
    except BaseException as error:  # noqa: BLE001 -- whatever it is, the others go on
        # A log handler may fail as well.
        with suppress(BaseException):
            logged(logger, error, message, *args)
