"""What can go wrong with a report, as sentences for the person who asked for it."""

import logging
import secrets
from collections.abc import Mapping, Sequence


class ReportError(Exception):
    """Base of all: its text names what was wrong, where, and what to do."""


class DeclarationError(ReportError):
    """A report is declared in a way that cannot be meant. For its author, at start-up."""


class UnknownReport(ReportError):
    """No report has this slug."""


class PermissionRefused(ReportError):
    """This user may not read this report."""


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
