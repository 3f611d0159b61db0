"""What can go wrong with a report, as sentences for the person who asked for it."""

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


class ParameterError(ReportError):
    """Parameters that cannot be read, each with its sentences.

    `errors` maps a parameter's name to what is wrong with its value.
    """

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        self.errors = {name: tuple(sentences) for name, sentences in errors.items()}
        super().__init__(
            " ".join(f"{name}: {' '.join(texts)}" for name, texts in self.errors.items())
        )
