"""The registered reports, found in every app's `reports.py` as the admin finds `admin.py`.

An author's mistake raises nothing here: it is kept as a Fault of the report or module, and the
other reports are still found.
"""

import re
import traceback
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext as _

from reports import compat
from reports.errors import BrokenReport, DeclarationError, Fault, UnknownReport, sentence
from reports.report import Report, slug

# Of a source file: the names of the classes that it registers.
REGISTERED = re.compile(
    r"^@(?:\w+\.)?register\b.*\n(?:@.*\n)*class (\w+)|^(?:\w+\.)?register\((\w+)\)", re.MULTILINE
)


class Registry:
    """Reports by slug, and what is wrong with those that are broken."""

    def __init__(self) -> None:
        self._reports: dict[str, Report] = {}
        self._faults: list[Fault] = []

    def register[R: type[Report]](self, cls: R) -> R:
        """Class decorator. A report that is declared wrongly is kept as broken, with its error."""
        try:
            self._add(cls)
        except Exception as error:  # noqa: BLE001 -- one report is not to take its module along
            self.keep(self.fault(cls, error))
        return cls

    def add(self, report: Report) -> None:
        """Add a report, such as one made of a ReportDefinition. Raises DeclarationError."""
        if report.slug in self._reports:
            raise DeclarationError(f"There is a report {report.slug!r} already: rename one.")
        self._reports[report.slug] = report

    def remove(self, slug: str) -> None:
        """Remove a report. Raises UnknownReport."""
        self.get(slug)
        self._reports.pop(slug, None)

    def clear(self) -> None:
        """Remove every report and every fault."""
        self._reports.clear()
        self._faults.clear()

    def get(self, slug: str) -> Report:
        """Return the report with this slug.

        Raises UnknownReport, and BrokenReport for a wrong declaration.
        """
        if report := self._reports.get(slug):
            return report
        for each in self._faults:
            if slug in each.slugs:
                raise BrokenReport(each)
        raise UnknownReport(_("There is no report “%s”.") % slug)

    def every(self) -> Iterator[Report]:
        """Yield all reports that are declared rightly, by slug."""
        return iter([self._reports[slug] for slug in sorted(self._reports)])

    def faults(self) -> list[Fault]:
        """Return what is wrong with the others, and with modules that cannot be imported."""
        return list(self._faults)

    def fault(self, cls: Any, error: Exception, identifier: str = "reports.E001") -> Fault:
        """Return what is wrong with a class that is declared as a report."""
        file, line = getattr(cls, "_source", ("", 0))
        slug = getattr(cls, "slug", "")
        other = self._reports.get(slug)
        return Fault(
            of=_path(cls),
            slugs=frozenset({slug} if slug and type(other) in (cls, type(None)) else ()),
            file=file,
            line=line,
            cause=sentence(error),
            id=identifier,
        )

    def keep(self, found: Fault) -> None:
        """Keep a fault, once."""
        if found not in self._faults:
            self._faults.append(found)

    def __contains__(self, slug: object) -> bool:
        return slug in self._reports

    def _add(self, cls: Any) -> None:
        if not (isinstance(cls, type) and issubclass(cls, Report)):
            raise DeclarationError(f"{cls!r} is not a Report: inherit from reports.Report.")
        other = self._reports.get(cls.slug)
        # The same declaration again is a module's second import.
        if other is not None and _declaration(type(other)) != _declaration(cls):
            raise DeclarationError(
                f"{_path(cls)} and {_path(type(other))} both have the slug {cls.slug!r}: rename"
                " one."
            )
        self._reports[cls.slug] = cls()


def _declaration(cls: Any) -> tuple[str, Any]:
    return _path(cls), cls._source


def _path(cls: Any) -> str:
    return f"{cls.__module__}.{cls.__qualname__}" if isinstance(cls, type) else repr(cls)


# The project's own.
default = Registry()
register, get, every = default.register, default.get, default.every
fault, faults = default.fault, default.faults


def autodiscover() -> None:
    """Imports the `reports` module of every installed app. A module that fails becomes a Fault."""
    for app in apps.get_app_configs():
        if app.module is None or not module_has_submodule(app.module, "reports"):
            continue
        try:
            import_module(f"{app.name}.reports")
        except Exception as error:  # noqa: BLE001 -- whatever an app's code raises
            default.keep(_fault_of_module(app, error))


def _fault_of_module(app: AppConfig, error: Exception) -> Fault:
    """Returns the fault of a module, with the last line of its own that was run."""
    module = f"{app.name}.reports"
    sources, of, file, line = _sources(module), module, "", 0
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename.startswith(app.path):
            file, line = frame.f_code.co_filename, number
            # In the body of a class this is the path of the class.
            of = ".".join((module, compat.class_of_body(frame))).rstrip(".")
    if isinstance(error, SyntaxError):
        file, line = error.filename or "", error.lineno or 0
    names = (name for source in sources for name in _registered(source))
    return Fault(
        of=of,
        slugs=frozenset(map(slug, names)).difference(report.slug for report in every()),
        file=file or next(iter(map(str, sources)), ""),
        line=line,
        cause=f"{module} cannot be imported: {sentence(error)}",
    )


def _sources(module: str) -> list[Path]:
    """Returns the source files of a module, or of a package and its modules."""
    spec = find_spec(module)
    assert spec is not None  # the app has it
    folders = spec.submodule_search_locations
    if folders is not None:
        return sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
    return [Path(spec.origin)] if spec.origin else []


def _registered(source: Path) -> list[str]:
    """Returns the names of the classes that a source file registers, judged by its text."""
    found = REGISTERED.findall(source.read_text(errors="replace"))
    return [decorated or called for decorated, called in found]
