"""What can go wrong with a report, as sentences for the person who asked for it."""

import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from geo.errors import IsolineError


class ReportError(IsolineError):
    """Base of all errors about reports."""


class DeclarationError(ReportError):
    """A report is declared in a way that cannot be meant. For its author, at start-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a report, or with a module of reports, and where.

    of     the dotted path of the class or of the module
    slugs  the reports that cannot be used because of it
    file   the source file, "" where it is unknown; `line` is 0 where it is unknown
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
        """The cause and the place."""
        place = f'File "{self.file}"' + (f", line {self.line}" if self.line else "")
        return f"{self.cause} ({place})" if self.file else self.cause


class BrokenReport(DeclarationError):
    """A report that cannot be used until its author has corrected it. `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(f"{fault.of} is broken: {fault}")


class NotFound(ReportError):
    """What was asked for by its name does not exist, or not for this user."""


class UnknownReport(NotFound):
    """No report has this slug."""


class PermissionRefused(ReportError):
    """This user may not read this report."""


class RequestRefused(ReportError):
    """A stored request that cannot be asked again: of another version, or of a user who is gone."""


class NotAcceptable(ReportError):
    """Nothing that there is would be accepted."""


class NotPortable(ReportError):
    """A database cannot answer this report truthfully, so that it is not asked."""


class FormatRefused(ReportError):
    """A report cannot be had in this format, whatever its rows."""


class FormatOverflow(ReportError):
    """A result has more than this format holds. It is refused there, never cut."""


class StatementFailed(ReportError):
    """A database failed to answer. The cause is chained; a page does not show it."""


class LimitReached(ReportError):
    """A report takes more than an operator allows: a limit of EXPORT_LIMITS or PAGE_LIMITS.

    `limit` is its name there.
    """

    def __init__(
        self, limit: str, value: float, sentence: str, setting: str = "EXPORT_LIMITS"
    ) -> None:
        """`sentence` says what was more; the limit, its value and the setting are added to it."""
        self.limit = limit
        super().__init__(f"{sentence} The limit is {value} ({setting}[{limit!r}]).")


class TooManyPeriods(LimitReached):
    """Meta.fill would add more rows than it may."""

    def __init__(self, rows: int, most: int) -> None:
        self.limit = "rows"
        ReportError.__init__(
            self,
            f"Meta.fill would add {rows:,} rows for periods without any, and {most:,} are the most."
            " Choose a shorter time or fewer groups by the parameters, or fill longer periods.",
        )


class TooManyAtOnce(LimitReached):
    """As many exports run as there may be: another will do later."""


class RowFailed(ReportError):
    """A row that cannot be written. The cause is chained; a page does not show it."""


class ReaderGone(ReportError):
    """Whoever asked for an export has left, so that it was ended."""


class ParameterError(ReportError):
    """Parameters that cannot be read, each with its sentences.

    `errors` maps a parameter's name to what is wrong with its value.
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
    """The id under which the log has an error, for people who may not read it: 12 hex digits.

    It is written there, behind its id, by whoever asks first.
    """
    error_id: str = getattr(error, "error_id", "")
    if not error_id:
        error_id = secrets.token_hex(6)
        setattr(error, "error_id", error_id)  # noqa: B010 -- exceptions declare no such attribute
        logger.error(f"Error %s: {message}", error_id, *args, exc_info=error)
    return error_id


@contextmanager
def survived(logger: logging.Logger, message: str, *args: object) -> Iterator[None]:
    """Log what is raised within, and go on: for a thread that all exports of a process need."""
    try:
        yield
    except BaseException as error:  # noqa: BLE001 -- whatever it is, the others go on
        # A handler of the log may fail as well.
        with suppress(BaseException):
            logged(logger, error, message, *args)
