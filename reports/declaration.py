"""Reads the declaration of a report class and its bases, as Django reads a form's.

Columns and filters are removed from the class, so that one may be called `title` or `allows`
without replacing that attribute of the report. `body` returns the class body as it was written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reports.columns import Column, Key
from reports.errors import DeclarationError
from reports.filters import Filter

# Attributes of a report that may stand in Meta instead, if a column has the same name.
STATED = ("title", "description", "queryset", "group_by")
# Attributes that Isoline computes from a declaration.
MADE = ("slug", "options", "columns", "keys", "filters")
# Names in the query string that no report may use. Some are reserved for later.
RESERVED = frozenset(
    {
        *("page", "after", "database", "dialect", "separator", "line_end", "export"),
        *("sort", "columns", "rows", "view", "compare", "cursor", "lang", "totals"),
        "csrfmiddlewaretoken",
    }
)


def is_declared(value: Any) -> bool:
    """Whether a value in a class body is a column or a filter."""
    return isinstance(value, Column | Filter)


class Body(dict[str, Any]):
    """The names of a class body while it runs. Records which columns and filters are replaced."""

    def __init__(self) -> None:
        super().__init__()
        self.replaced: dict[str, tuple[Any, Any]] = {}

    def __setitem__(self, name: str, value: Any) -> None:
        before = self.get(name, value)
        if before is not value and (is_declared(before) or is_declared(value)):
            self.replaced.setdefault(name, (before, value))
        super().__setitem__(name, value)


def body(cls: type) -> Mapping[str, Any]:
    """Returns the names of a class body with their values, columns and filters included."""
    names: Mapping[str, Any] = vars(cls)
    written = names.get("_body")
    return written if isinstance(written, dict) else names


@dataclass(frozen=True, slots=True)
class Members:
    """The columns and filters of a class and its bases.

    removed  classes that remove an inherited name by setting it to None, with the name
    """

    columns: dict[str, Column] = field(default_factory=dict)
    filters: dict[str, Filter] = field(default_factory=dict)
    removed: set[tuple[type, str]] = field(default_factory=set)


def members(cls: type) -> Members:
    """Returns what a class and its bases declare; the first in the resolution order wins.

    A column and a filter with the same name are independent, and both stay.
    """
    found = Members()
    for base in reversed(cls.__mro__):
        for name, value in body(base).items():
            if isinstance(value, Column):
                found.columns[name] = value.named(name)
            elif isinstance(value, Filter):
                found.filters[name] = value.named(name)
            elif value is None and (name in found.columns or name in found.filters):
                found.columns.pop(name, None)
                found.filters.pop(name, None)
                found.removed.add((base, name))
    return found


def uncover(cls: type, found: Members) -> None:
    """Restores attributes of a class that columns of its mixins, or their removal, hide."""
    names = {*found.columns, *found.filters, *(name for _, name in found.removed)}
    for name in names.difference(STATED, MADE):
        owners = [base for base in cls.__mro__ if name in vars(base)]
        own = [
            vars(base)[name]
            for base in owners
            if not is_declared(vars(base)[name]) and (base, name) not in found.removed
        ]
        if own and own[0] is not vars(owners[0])[name]:
            setattr(cls, name, own[0])


def stated(cls: type, name: str, found: Members) -> tuple[Any, type]:
    """Returns the value of one of STATED, and the nearest class with it in its body or Meta.

    The value is None if no class has one. Raises DeclarationError if a class has it in both.
    """
    for base in cls.__mro__:
        meta, written = vars(base).get("Meta", object), body(base)
        is_in_body = (
            name in written and not is_declared(written[name]) and (base, name) not in found.removed
        )
        if is_in_body and name in vars(meta):
            raise DeclarationError(
                f"{base.__name__} has {name!r} both in its body and in its Meta: leave one out."
            )
        if is_in_body:
            return written[name], base
        if hasattr(meta, name):
            return getattr(meta, name), base
    return None, object


def removed_before(cls: type, owner: type) -> set[str]:
    """Returns the names that classes before `owner` in the resolution order set to None."""
    nearer = cls.__mro__[: cls.__mro__.index(owner)]
    return {name for base in nearer for name, value in body(base).items() if value is None}


def check_body(cls: type) -> None:
    """Raises DeclarationError if the body of a class contradicts itself."""
    written = body(cls)
    if isinstance(written, Body):
        for name, (before, after) in written.replaced.items():
            raise DeclarationError(
                f"{cls.__name__} declares {name!r} twice, as a {_kind(before)} and as a"
                f" {_kind(after)}: {_remedy(name, before, after)}"
            )
    for name, value in written.items():
        if isinstance(value, Key):
            raise DeclarationError(
                f"{cls.__name__}.{name} is a Key: put it into group_by, or make it a Column."
            )
        if isinstance(value, tuple) and any(map(is_declared, value)):
            raise DeclarationError(
                f"{cls.__name__}.{name} is a tuple: remove the comma after its declaration."
            )
        if name in MADE and value is not None and not is_declared(value):
            raise DeclarationError(
                f"{cls.__name__} sets {name!r}, which Isoline makes from the declaration."
                f" {'Rename the class' if name == 'slug' else 'Rename it'}."
            )


def check_parameters(cls: type, filters: Iterable[Filter]) -> None:
    """Raises DeclarationError for a parameter name that is reserved or belongs to two filters."""
    owners: dict[str, str] = {}
    for each in filters:
        for name in each.parameters:
            if name in RESERVED:
                raise DeclarationError(
                    f"{cls.__name__} has a filter {each.name!r} with the parameter {name!r}, a name"
                    " that every page uses. Rename the filter."
                )
            if name in owners:
                raise DeclarationError(
                    f"The filters {owners[name]!r} and {each.name!r} of {cls.__name__} both have"
                    f" the parameter {name!r}. Rename one."
                )
            owners[name] = each.name


def _kind(value: Any) -> str:
    return f"filter {type(value).__name__}" if isinstance(value, Filter) else type(value).__name__


def _remedy(name: str, before: Any, after: Any) -> str:
    if name in STATED and not (is_declared(before) and is_declared(after)):
        return f"write Meta.{name} for the report's own."
    return "rename one."
