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

from reports.errors import BrokenReport, DeclarationError, Fault, UnknownReport, sentence
from reports.report import Report, slug

_reports: dict[str, Report] = {}
_faults: list[Fault] = []
# Finds the names of the classes that a source file registers.
REGISTERED = re.compile(
    r"^@(?:\w+\.)?register\b.*\n(?:@.*\n)*class (\w+)|^(?:\w+\.)?register\((\w+)\)", re.MULTILINE
)


def register[R: type[Report]](cls: R) -> R:
    """Class decorator that registers a report. A wrong declaration is kept as a Fault."""
    try:
        _add(cls)
    except Exception as error:  # noqa: BLE001 -- one report must not break its module
        _keep(fault(cls, error))
    return cls


def _add(cls: Any) -> None:
    if not (isinstance(cls, type) and issubclass(cls, Report)):
        raise DeclarationError(f"{cls!r} is no Report: inherit from reports.Report.")
    other = _reports.get(cls.slug)
    # A module that is imported twice declares the same class again.
    if other is not None and _declaration(type(other)) != _declaration(cls):
        raise DeclarationError(
            f"{_path(cls)} and {_path(type(other))} both have the slug {cls.slug!r}: rename one."
        )
    _reports[cls.slug] = cls()


def _declaration(cls: Any) -> tuple[str, Any]:
    return _path(cls), cls._source


def _path(cls: Any) -> str:
    return f"{cls.__module__}.{cls.__qualname__}" if isinstance(cls, type) else repr(cls)


def _keep(found: Fault) -> None:
    if found not in _faults:
        _faults.append(found)


def fault(cls: Any, error: Exception, identifier: str = "reports.E001") -> Fault:
    """Returns the fault of a report class that raised this error."""
    file, line = getattr(cls, "_source", ("", 0))
    slug = getattr(cls, "slug", "")
    other = _reports.get(slug)
    return Fault(
        of=_path(cls),
        slugs=frozenset({slug} if slug and type(other) in (cls, type(None)) else ()),
        file=file,
        line=line,
        cause=sentence(error),
        id=identifier,
    )


def get(slug: str) -> Report:
    """Returns the report with this slug. Raises UnknownReport, BrokenReport if it has a fault."""
    if report := _reports.get(slug):
        return report
    for each in _faults:
        if slug in each.slugs:
            raise BrokenReport(each)
    raise UnknownReport(_("There is no report “%s”.") % slug)


def every() -> Iterator[Report]:
    """Returns the correctly declared reports, by slug."""
    return iter([_reports[slug] for slug in sorted(_reports)])


def faults() -> list[Fault]:
    """Returns the faults of the other reports, and of modules that cannot be imported."""
    return list(_faults)


def autodiscover() -> None:
    """Imports the `reports` module of every installed app. A module that fails becomes a Fault."""
    for app in apps.get_app_configs():
        if app.module is None or not module_has_submodule(app.module, "reports"):
            continue
        try:
            import_module(f"{app.name}.reports")
        except Exception as error:  # noqa: BLE001 -- whatever an app's code raises
            _keep(_fault_of_module(app, error))


def _fault_of_module(app: AppConfig, error: Exception) -> Fault:
    """Returns the fault of a module, with the last line of its own that was run."""
    module = f"{app.name}.reports"
    sources, of, file, line = _sources(module), module, "", 0
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename.startswith(app.path):
            file, line = frame.f_code.co_filename, number
            # In the body of a class this is the path of the class.
            of = ".".join((module, frame.f_locals.get("__qualname__", ""))).rstrip(".")
    if isinstance(error, SyntaxError):
        file, line = error.filename or "", error.lineno or 0
    names = (name for source in sources for name in _registered(source))
    return Fault(
        of=of,
        slugs=frozenset(map(slug, names)).difference(_reports),
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
