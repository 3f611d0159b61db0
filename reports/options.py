"""The options of a report's `Meta`."""

from dataclasses import dataclass
from typing import Any

from reports.declaration import STATED
from reports.errors import DeclarationError

MAX_PAGE_SIZE = 1000
STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a report's `Meta`.

    ordering    column ids, "-" before one for descending; ties are ordered by key
    permission  "app.codename"; None for everyone; staff only when it is not given
    databases   engines (postgis, mysql, mariadb, spatialite) that may answer; all when empty
    page_size   rows on a page, 1,000 at most
    version     of the declaration, recorded with exports: change it when a figure's meaning changes
    totals      whether the last row shows each aggregate over all rows
    fill        keys that are days or longer periods, whose missing periods are added
    """

    ordering: tuple[str, ...] = ()
    permission: str | None = STAFF
    databases: tuple[str, ...] = ()
    page_size: int = 100
    version: str = "1"
    totals: bool = False
    fill: tuple[str, ...] = ()


NAMES = (*Options.__dataclass_fields__, *STATED)


def options(cls: type) -> Options:
    """Returns the options of a report: the attributes of its Meta, inherited as in Python.

    The permission is inherited from a base report even where its Meta is not; see `_permission`.
    Raises DeclarationError.
    """
    meta = getattr(cls, "Meta", object)
    given = {name: getattr(meta, name) for name in dir(meta) if not name.startswith("_")}
    if unknown := sorted(given.keys() - set(NAMES)):
        raise DeclarationError(
            f"{cls.__name__}.Meta has no {', '.join(unknown)}; it takes {', '.join(NAMES)}."
        )
    fields = {name: given[name] for name in given.keys() - set(STATED)}
    for name in fields.keys() & {"ordering", "databases", "fill"}:
        fields[name] = _names(cls, name, fields[name])
    read = Options(**fields | {"permission": _permission(cls)})
    if not 1 <= read.page_size <= MAX_PAGE_SIZE:
        raise DeclarationError(f"{cls.__name__}.Meta.page_size must be from 1 to {MAX_PAGE_SIZE}.")
    return read


def _names(cls: type, name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise DeclarationError(f"{cls.__name__}.Meta.{name} is {value!r}; write a list of names.")
    return tuple(value)


def _permission(cls: type) -> str | None:
    """Returns the permission that a class states, or else the strictest of its bases.

    A subclass that states none is therefore never open to more people than its bases. Raises
    DeclarationError where two bases have permissions and neither includes the other.
    """
    own: Any = vars(cls).get("Meta", object)
    source = _source(own)
    if source is not None and source not in _metas_of_bases(cls):
        return _checked(cls, own.permission)
    inherited = _of_bases(cls)
    closed = sorted(inherited - {None})
    if len(closed) > 1:
        raise DeclarationError(
            f"{cls.__name__} inherits the permissions {' and '.join(map(repr, closed))}: set one"
            " in its Meta."
        )
    if closed:
        return _checked(cls, closed[0])
    return None if inherited else STAFF


def _checked(cls: type, permission: Any) -> str | None:
    if permission is None or isinstance(permission, str):
        return permission
    raise DeclarationError(
        f'{cls.__name__}.Meta.permission is {permission!r}; write "app.codename", or None for'
        " everyone."
    )


def _of_bases(cls: type) -> set[Any]:
    """Returns the permissions of the reports and mixins among the bases of a class."""
    found = set()
    for base in cls.__bases__:
        meta: Any = getattr(base, "Meta", object)
        if isinstance(read := getattr(base, "options", None), Options):
            found.add(read.permission)
        elif _source(meta):
            found.add(meta.permission)
    return found


def _metas_of_bases(cls: type) -> set[type]:
    """Returns every class from which a base's Meta is made."""
    metas = (vars(base).get("Meta", object) for base in cls.__mro__[1:])
    return {each for meta in metas for each in meta.__mro__}


def _source(meta: Any) -> type | None:
    """Returns the class that defines a Meta's permission."""
    return next((each for each in meta.__mro__ if "permission" in vars(each)), None)
