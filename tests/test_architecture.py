"""What the tree promises of itself."""

import ast
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
APPS = ("geo", "reports", "aviation")
VENDOR = re.compile(
    r"vendor|postgres|postgis|mysql|mariadb|sqlite|spatialite|oracle", re.IGNORECASE
)
# Modules of expressions: Django's way to differ is as_<vendor> and what these methods use.
EXPRESSIONS = (
    "reports/expressions/",
    "reports/exports/fastcsv/encoding.py",
)


def sources() -> list[Path]:
    """The apps' modules, the engines and the migrations left out."""
    return [
        path
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if not {"migrations", "backends"} & set(path.parts)
    ]


def identifiers(tree: ast.AST) -> set[str]:
    """Every name that the code uses or gives, strings and comments left out."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name) | ast.arg(arg=name):
                found.add(name)
            case ast.ImportFrom(module=str(module)) if not module.startswith(
                "geo.backends.wrapper"
            ):
                found.update(module.split("."))
            case ast.Import(names=names):
                found.update(part for alias in names for part in alias.name.split("."))
    return found


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_vendor_is_named_in_the_engines_and_in_expressions_alone(path: Path) -> None:
    if str(path.relative_to(ROOT)).startswith(EXPRESSIONS):
        return
    assert not {name for name in identifiers(ast.parse(path.read_text())) if VENDOR.search(name)}


def test_every_engine_has_the_same_modules() -> None:
    """Apart from what only one of them needs at all."""
    engines = [path for path in (ROOT / "geo/backends").iterdir() if (path / "base.py").exists()]
    shared = {"__init__", "base", "compiler", "features", "operations", "schema", "validation"}
    assert len(engines) == 3
    for engine in engines:
        assert shared <= {path.stem for path in engine.glob("*.py")}


def test_no_committed_file_names_a_host_of_a_registry_in_a_lock() -> None:
    for path in (ROOT / "requirements").iterdir():
        assert "://" not in path.read_text()


# What changes a process for all its threads: the umask, the environment, the locale, the decimal
# context, the time zone, the folder.
OF_THE_PROCESS = re.compile(
    r"os\.(umask|putenv|unsetenv|chdir|fchdir|environ\.(setdefault|update|pop|clear))"
    r"|locale\.setlocale|time\.tzset|decimal\.(getcontext|setcontext)|socket\.setdefaulttimeout"
    r"|warnings\.(simplefilter|filterwarnings|catch_warnings)|random\.seed|csv\.field_size_limit"
)


def changes_of_the_process(tree: ast.AST) -> list[str]:
    """What the code calls or assigns that is not its own, by its full name."""
    modules = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute() | ast.Name() as function):
                first, *others = ast.unparse(function).split(".")
                found.append(".".join([modules.get(first, first), *others]))
            case ast.Assign(targets=targets) | ast.Delete(targets=targets):
                found += [f"{ast.unparse(each)}=" for each in targets]
    return [name for name in found if OF_THE_PROCESS.fullmatch(name) or "os.environ[" in name]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_thread_changes_what_the_others_share(path: Path) -> None:
    assert changes_of_the_process(ast.parse(path.read_text())) == []


@pytest.mark.parametrize(
    "code",
    [
        "import os\nmask = os.umask(0)",
        "import os\nos.environ.setdefault('A', 'b')",
        "import os\nos.environ['A'] = 'b'",
        "import os\ndel os.environ['A']",
        "from os import umask\numask(0)",
        "from decimal import getcontext\ngetcontext().prec = 50",
        "import locale\nlocale.setlocale(locale.LC_ALL, '')",
        "import time\ntime.tzset()",
    ],
)
def test_a_change_of_the_process_is_found(code: str) -> None:
    assert changes_of_the_process(ast.parse(code))


# Where a test module lets an error pass: what passes is the answer itself, which a test judges.
LETS_PASS = {
    "conformance/test_intervals.py::later": "the oracle: there is no such year",
    "conformance/test_json.py::at": "the oracle: nothing stands there",
    "conformance/test_months.py::_earlier": "the oracle: there is no such year",
    "conformance/test_months.py::later_there": "the oracle: there is no such year",
    "conformance/test_numbers.py::maybe.value": "the oracle: Python has no value either",
    "conformance/test_numbers.py::test_power.oracle": "the oracle: Python has no value either",
    "conformance/test_substitutes.py::_later": "the oracle: there is no such year",
    "reports/test_manifests.py::read": "the end of what a terminal is sent",
    "reports/test_parameters.py::_meant": "the oracle: the text has no meaning",
    "web/test_exports.py::test_of_many_who_come_at_one_moment_so_many_are_let_in.come": (
        "the test counts those who are let in"
    ),
}


def errors_let_pass(tree: ast.AST, within: tuple[str, ...] = ()) -> set[str]:
    """The functions that catch an error and do nothing but go on, or that suppress it.

    In a test itself any `except` counts: `pytest.raises` says which error there has to be.
    """
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        inside = within
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                inside = (*within, name)
            case ast.ExceptHandler(body=body):
                is_idle = all(
                    isinstance(each, ast.Return | ast.Pass | ast.Continue | ast.Break)
                    for each in body
                )
                if is_idle or ".".join(within[-1:]).startswith("test_"):
                    found.add(".".join(within))
            case ast.Call(func=ast.Name(id="suppress") | ast.Attribute(attr="suppress")):
                found.add(".".join(within))
        found |= errors_let_pass(node, inside)
    return found


def test_no_test_is_content_with_any_error() -> None:
    """Such a test cannot fail. It says where the answer has to be right (tests/capabilities.py),
    and elsewhere is a strict expected failure with `raises=`, or names the error.
    """
    tests = ROOT / "tests"
    found = {
        f"{path.relative_to(tests)}::{name}"
        for path in tests.rglob("test_*.py")
        if "chaos" not in path.parts  # which breaks connections on purpose, and counts
        for name in errors_let_pass(ast.parse(path.read_text()))
    }
    assert found == LETS_PASS.keys()


@pytest.mark.parametrize(
    "code",
    [
        "try:\n  ask()\n except E:\n  return",
        "try:\n  ask()\n except E:\n  assert vendor() == 'a'",
        "try:\n  found = ask()\n except E as error:\n  note(error)\n else:\n  assert found",
        "for each in range(3):\n  try:\n   ask()\n  except (E, F):\n   continue",
        "with suppress(E):\n  ask()",
        "with contextlib.suppress(E):\n  ask()",
    ],
)
def test_a_test_that_is_content_with_any_error_is_found(code: str) -> None:
    assert errors_let_pass(ast.parse(f"def test_it():\n {code}")) == {"test_it"}
    assert not errors_let_pass(ast.parse("def test_it():\n with raises(E):\n  ask()"))


def test_requests_alone_compose_statements() -> None:
    """Page, file, command and comparison ask by a request; `available` tries a declaration."""
    composing = {
        str(path.relative_to(ROOT))
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Statement"
    }
    assert composing == {"reports/queries/request.py", "reports/queries/available.py"}


# Names of ours that code asks for by a string.
OWN_PRIVATE_NAMES = {"_source", "_error", "_body", "_kept"}
# What libraries do not document, or Python calls an implementation detail: each of these stands in
# a compat module, behind a function that says why.
UNDOCUMENTED = {
    *("mysql_is_mariadb", "mysql_version", "mysql_server_data", "pg_version", "compose_sql"),
    *("show_warnings", "warning_count", "rhs_params", "cast_db_type", "collapse_group_by", "refs"),
    *("currentframe", "f_back", "f_locals", "gunicorn.socket"),
    *("psycopg.errors.error_from_result", "django.contrib.gis.geos.libgeos.geos_version_tuple"),
    *(
        f"django.db.models.aggregates.{name}"
        for name in ("AggregateFilter", "AggregateOrderBy", "StringAggDelimiter")
    ),
}
# Private hooks that a class of ours has to override, or to call.
PRIVATE_HOOKS = {
    "_resolve_output_field": "reports/expressions/base.py",
    "_iter_column_sql": "geo/backends/postgis/schema.py",
}


def every_source() -> list[Path]:
    """The apps' modules with the engines, the migrations and the compat modules left out."""
    return [
        path
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and path.name != "compat.py"
    ]


def private_names_in_strings(tree: ast.AST) -> set[str]:
    """Names that begin with one underscore and are asked for by getattr, hasattr or setattr."""
    return {
        node.args[1].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("getattr", "hasattr", "setattr")
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
        and re.match(r"_[^_]", str(node.args[1].value))
    }


def undocumented_names(tree: ast.AST) -> set[str]:
    """What of UNDOCUMENTED the code names: attributes, imports and strings."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name):
                found.add(name)
            case ast.ImportFrom(module=str(module), names=names):
                found |= {f"{module}.{alias.name}" for alias in names}
            case ast.Constant(value=str(text)):
                found.add(text)
    return found & UNDOCUMENTED


def internal_imports(tree: ast.AST) -> set[str]:
    """Modules and names of other libraries that begin with an underscore."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                paths = [f"{module}.{alias.name}" for alias in names]
            case ast.Import(names=names):
                paths = [alias.name for alias in names]
            case _:
                continue
        found |= {path for path in paths if not path.startswith((*APPS, "settings"))}
    return {path for path in found if re.search(r"(?:^|\.)_[^_]", path)}


def private_names_of_self(tree: ast.AST) -> set[str]:
    """Private names that code asks of `self`, `cls` or `super()`."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and re.match(r"_[^_]", node.attr)
        and ast.unparse(node.value) in ("self", "cls", "super()")
    }


def private_names_given(tree: ast.AST) -> set[str]:
    """Private names that code gives to methods and attributes of its own."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.Attribute(attr=name, ctx=ast.Store()) | ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
    return found


@pytest.mark.parametrize("path", every_source(), ids=lambda path: str(path.relative_to(ROOT)))
def test_private_names_of_others_are_asked_for_in_compat_alone(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert private_names_in_strings(tree) <= OWN_PRIVATE_NAMES
    assert not undocumented_names(tree)
    assert not internal_imports(tree)


def test_private_hooks_of_others_are_known() -> None:
    trees = {path: ast.parse(path.read_text()) for path in every_source()}
    given = set().union(*map(private_names_given, trees.values())) - PRIVATE_HOOKS.keys()
    found = {
        name: str(path.relative_to(ROOT))
        for path, tree in trees.items()
        for name in private_names_of_self(tree) - given - {"_meta"}
    }
    assert found == PRIVATE_HOOKS


@pytest.mark.parametrize(
    ("find", "code", "name"),
    [
        (private_names_in_strings, "getattr(x, '_y', None)", "_y"),
        (undocumented_names, "x.pg_version", "pg_version"),
        (undocumented_names, "getattr(x, 'pg_version')", "pg_version"),
        (
            undocumented_names,
            "from psycopg.errors import error_from_result",
            "psycopg.errors.error_from_result",
        ),
        (internal_imports, "from django.a._b import c", "django.a._b.c"),
        (internal_imports, "import psycopg._x", "psycopg._x"),
        (private_names_of_self, "super()._y()", "_y"),
        (private_names_given, "self._y = 1", "_y"),
    ],
)
def test_a_private_name_is_found(find: Callable[[ast.AST], set[str]], code: str, name: str) -> None:
    assert find(ast.parse(code)) == {name}


# How often the type Any may occur: numbers that may only fall.
MOST_ANY = {"geo": 224, "reports": 749, "aviation": 10, "settings": 4}
WITHOUT_ANY = ("reports/portability/", "reports/queries/statement.py")


def test_types_say_what_they_are() -> None:
    found = Counter[str]()
    for app in MOST_ANY:
        for path in (ROOT / app).rglob("*.py"):
            number = len(re.findall(r"\bAny\b", path.read_text()))
            found[app] += number
            assert not (number and str(path.relative_to(ROOT)).startswith(WITHOUT_ANY)), path
    assert not found - Counter(MOST_ANY), "say what a value is"
